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

static int insert_row(struct history *history, const struct history_blessing *blessing,
                      const struct history_run *run, int64_t cell)
{
    /* In the order of SELECT_BLESSINGS. */
    const struct value marked[BLESSING_MARKED] = {
        value_text(run->id),
        value_text(run->machine),
        value_text(blessing->cell),
        value_text(blessing->reason),
        value_integer(blessing->time_s),
        value_integer(blessing->cell != NULL && blessing->is_gone),
    };
    const struct value values[] = {
        value_text(run->machine),
        blessing->cell != NULL ? value_integer(cell) : value_text(NULL),
        value_integer(run->sequence),
        value_text(blessing->reason),
        value_integer(blessing->time_s),
        value_integer(mark_of(0, marked, BLESSING_MARKED)),
    };
    int error =
        store_query(history,
                    "INSERT INTO bench_blessing (machine, cell, run, reason, time_s, mark) VALUES"
                    " ((SELECT id FROM bench_machine WHERE key = $1), $2, $3, $4, $5, $6)",
                    values, sizeof values / sizeof values[0], NULL, NULL);
    return error == 0 ? machine_change(history, &(struct machine_change){run->machine, 0, 0, 1})
                      : error;
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
    if (error == 0)
        error = insert_row(history, blessing, run, cell);
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

    if (!row_is(columns, "tt?tiii") || columns[0].length != HISTORY_ID ||
        !mark_fits(&columns[BLESSING_MARK], 0, columns, BLESSING_MARKED))
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
                                          .date_s = columns[BLESSING_DATE].integer};
    memcpy(blessing->run, columns[0].bytes, HISTORY_ID);
    return list->arena.error;
}

int history_blessings(struct history *history, const char *machine,
                      struct history_blessings *blessings)
{
    const struct value wanted = value_text(machine);
    int64_t kept = 0;

    *blessings = (struct history_blessings){0};
    int error = history_begin(history);
    if (error != 0)
        return error;
    error = store_query(history, SELECT_BLESSINGS "WHERE m.key = $1 OR $1 IS NULL ORDER BY b.seq",
                        &wanted, 1, take_blessing, blessings);
    if (error == 0)
        error = store_integer(history,
                              "SELECT CAST(coalesce(sum(blessings), 0) AS BIGINT)"
                              " FROM bench_machine WHERE key = $1 OR $1 IS NULL",
                              &wanted, 1, &kept);
    if (error == 0 && kept != (int64_t)blessings->count)
        error = -EUCLEAN;
    if (error == -EUCLEAN)
        store_problem(history, "machine %s: an accepted change is not what was kept",
                      machine != NULL ? machine : "unknown");
    error = history_end(history, error);
    if (error != 0)
        history_blessings_free(blessings);
    return error;
}

void history_blessings_free(struct history_blessings *blessings)
{
    arena_free(&blessings->arena);
    *blessings = (struct history_blessings){0};
}
