/* SPDX-License-Identifier: Apache-2.0 */
/* Changes that were accepted. */
#include "src/base/utf8.h"
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* One that the run has; of one that is gone: does not have. */
static int find_cell(struct history *history, const struct history_blessing *blessing, int64_t run,
                     int64_t *id)
{
    const char *sql =
        "SELECT id FROM bench_cell c WHERE name = $1 AND EXISTS"
        " (SELECT 1 FROM bench_value v WHERE v.cell = c.id AND v.run = $2)";
    const char *sql_gone =
        "SELECT id FROM bench_cell c WHERE name = $1 AND NOT EXISTS"
        " (SELECT 1 FROM bench_value v WHERE v.cell = c.id AND v.run = $2)";
    int error =
        store_integer(history, blessing->is_gone ? sql_gone : sql,
                      (struct value[]){value_text(blessing->cell), value_integer(run)}, 2, id);
    return error == -ENODATA ? -ESRCH : error;
}

static int insert_blessing(struct history *history, void *data)
{
    const struct history_blessing *blessing = data;
    struct history_runs found;
    int64_t cell = 0;

    int error = history_find(history, blessing->run, &found);
    if (error != 0)
        return error;
    const struct history_run *run = found.runs;
    if (blessing->machine != NULL && strcmp(blessing->machine, run->machine) != 0)
        error = -ENXIO;
    if (error == 0 && blessing->cell != NULL)
        error = find_cell(history, blessing, run->sequence, &cell);
    const struct value values[] = {
        value_text(run->machine),
        blessing->cell != NULL ? value_integer(cell) : value_text(NULL),
        value_integer(run->sequence),
        value_text(blessing->reason),
        value_integer(blessing->time_s),
    };
    if (error == 0)
        error = store_query(history,
                            "INSERT INTO bench_blessing (machine, cell, run, reason, time_s) VALUES"
                            " ((SELECT id FROM bench_machine WHERE key = $1), $2, $3, $4, $5)",
                            values, 5, NULL, NULL);
    history_runs_free(&found);
    return error;
}

int history_bless(struct history *history, const struct history_blessing *blessing)
{
    struct history_blessing clean = *blessing;
    char *reason;

    if (blessing->reason == NULL || blessing->reason[strspn(blessing->reason, " \t\n")] == '\0' ||
        (blessing->is_gone && blessing->cell == NULL))
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

static int take_blessing(void *data, const struct value *columns)
{
    struct history_blessings *list = data;

    if (!row_is(columns, "tt?tiii") || columns[0].length != HISTORY_ID)
        return -EUCLEAN;
    struct history_blessing *blessing =
        arena_append(&list->arena, &list->blessings, &list->count, sizeof *blessing);
    if (blessing == NULL)
        return -ENOMEM;
    *blessing = (struct history_blessing){.machine = row_text(&columns[1], &list->arena),
                                          .cell = row_text(&columns[2], &list->arena),
                                          .reason = row_text(&columns[3], &list->arena),
                                          .time_s = columns[4].integer,
                                          .is_gone = columns[5].integer != 0,
                                          .date_s = columns[6].integer};
    memcpy(blessing->run, columns[0].bytes, HISTORY_ID);
    return list->arena.error;
}

int history_blessings(struct history *history, const char *machine,
                      struct history_blessings *blessings)
{
    *blessings = (struct history_blessings){0};
    int error = store_query(history,
                            "SELECT r.id, m.key, c.name, b.reason, b.time_s,"
                            " CASE WHEN b.cell IS NOT NULL AND v.run IS NULL THEN 1 ELSE 0 END,"
                            " r.date_s FROM bench_blessing b"
                            " JOIN bench_run r ON r.seq = b.run"
                            " JOIN bench_machine m ON m.id = b.machine"
                            " LEFT JOIN bench_cell c ON c.id = b.cell"
                            " LEFT JOIN bench_value v ON v.run = b.run AND v.cell = b.cell"
                            " WHERE m.key = $1 OR $1 IS NULL ORDER BY b.seq",
                            (struct value[]){value_text(machine)}, 1, take_blessing, blessings);
    if (error != 0)
        history_blessings_free(blessings);
    return error;
}

void history_blessings_free(struct history_blessings *blessings)
{
    arena_free(&blessings->arena);
    *blessings = (struct history_blessings){0};
}
