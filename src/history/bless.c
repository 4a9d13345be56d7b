/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that were accepted. */
#include "list.h"
#include "src/base/arena.h"
#include "src/base/array.h"
#include "src/base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int find_cell(struct history *history, const char *cell, int64_t run, int64_t *id)
{
    int error = store_integer(history,
                              "SELECT c.id FROM bench_cell c JOIN bench_value v ON v.cell = c.id"
                              " WHERE c.name = $1 AND v.run = $2",
                              (struct value[]){value_text(cell), value_integer(run)}, 2, id);
    return error == -ENODATA ? -ESRCH : error;
}

static int check_machine(struct history *history, const char *machine, int64_t of_run)
{
    int64_t id;
    int error = store_integer(history, "SELECT id FROM bench_machine WHERE key = $1",
                              (struct value[]){value_text(machine)}, 1, &id);
    return error == -ENODATA || (error == 0 && id != of_run) ? -ENXIO : error;
}

static int insert_blessing(struct history *history, void *data)
{
    const struct history_blessing *blessing = data;
    struct list_match match;
    int64_t cell = 0;

    int error = list_match(history, blessing->run, &match);
    if (error == 0 && blessing->machine != NULL)
        error = check_machine(history, blessing->machine, match.machine);
    if (error == 0 && blessing->cell != NULL)
        error = find_cell(history, blessing->cell, match.run, &cell);
    if (error != 0)
        return error;
    const struct value values[] = {
        value_integer(match.machine),
        blessing->cell != NULL ? value_integer(cell) : value_text(NULL),
        value_integer(match.run),
        value_text(blessing->reason),
        value_integer(blessing->time_s),
    };
    return store_query(history,
                       "INSERT INTO bench_blessing (machine, cell, run, reason, time_s)"
                       " VALUES ($1, $2, $3, $4, $5)",
                       values, 5, NULL, NULL);
}

int history_bless(struct history *history, const struct history_blessing *blessing)
{
    struct history_blessing clean = *blessing;
    char *reason;

    if (blessing->reason == NULL || blessing->reason[strspn(blessing->reason, " \t\n")] == '\0')
        return -EINVAL;
    reason = strdup(blessing->reason);
    if (reason == NULL)
        return -ENOMEM;
    utf8_clean(reason);
    clean.reason = reason;
    int error = store_write(history, insert_blessing, &clean);
    free(reason);
    return error;
}

struct reading {
    struct arena arena;
    struct history_blessings *list;
};

static char *copy(struct reading *reading, const struct value *column)
{
    return arena_copy(&reading->arena, column->bytes, column->length);
}

static int take_blessing(void *data, const struct value *columns)
{
    struct reading *reading = data;
    struct history_blessings *list = reading->list;

    if (columns[0].kind != VALUE_TEXT || columns[0].length != HISTORY_ID ||
        columns[1].kind != VALUE_TEXT || columns[3].kind != VALUE_TEXT)
        return -EUCLEAN;
    struct history_blessing *larger = array_grow(list->blessings, list->count, sizeof *larger);
    if (larger == NULL)
        return -ENOMEM;
    list->blessings = larger;
    struct history_blessing *blessing = &larger[list->count];
    *blessing = (struct history_blessing){
        .machine = copy(reading, &columns[1]),
        .cell = columns[2].kind == VALUE_TEXT ? copy(reading, &columns[2]) : NULL,
        .reason = copy(reading, &columns[3]),
        .time_s = columns[4].integer};
    memcpy(blessing->run, columns[0].bytes, HISTORY_ID);
    list->count++;
    return blessing->machine == NULL || blessing->reason == NULL ||
                   (columns[2].kind == VALUE_TEXT && blessing->cell == NULL)
               ? -ENOMEM
               : 0;
}

#define BLESSINGS                                                                                  \
    "SELECT r.id, m.key, c.name, b.reason, b.time_s FROM bench_blessing b"                         \
    " JOIN bench_run r ON r.seq = b.run JOIN bench_machine m ON m.id = b.machine"                  \
    " LEFT JOIN bench_cell c ON c.id = b.cell"

int history_blessings(struct history *history, const char *machine,
                      struct history_blessings *blessings)
{
    struct reading reading = {.list = blessings};
    const struct value key[] = {value_text(machine)};

    *blessings = (struct history_blessings){0};
    int error = store_query(history,
                            machine != NULL ? BLESSINGS " WHERE m.key = $1 ORDER BY b.seq"
                                            : BLESSINGS " ORDER BY b.seq",
                            key, machine != NULL, take_blessing, &reading);
    blessings->texts = reading.arena.newest;
    if (error != 0)
        history_blessings_free(blessings);
    return error;
}

void history_blessings_free(struct history_blessings *blessings)
{
    struct arena arena = {blessings->texts};

    arena_free(&arena);
    free(blessings->blessings);
    *blessings = (struct history_blessings){0};
}
