/* SPDX-License-Identifier: Apache-2.0 */
/* The marks of what was added before there were any. It is taken as it is: bench_results verify
 * compares it with the texts. What is seen to be damaged gets no mark. */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BATCH = 100, MARK_COLUMNS = 3 };

struct marked {
    int64_t key, mark; /* sequence or cell */
    int64_t cells;     /* of a run */
    char id[HISTORY_ID + 1];
};

struct marking {
    struct arena arena;
    struct marked *rows;
    size_t count;
    uint64_t run_hash;
};

static struct marked *append(struct marking *marking, int64_t key)
{
    struct marked *row =
        arena_append(&marking->arena, &marking->rows, &marking->count, sizeof *row);
    if (row != NULL)
        row->key = key;
    return row;
}

static int take_run(void *data, const struct value *columns)
{
    if (!row_is(columns, "iti") || columns[1].length != HISTORY_ID)
        return 0;
    struct marked *run = append(data, columns[0].integer);
    if (run == NULL)
        return -ENOMEM;
    run->cells = columns[2].integer;
    memcpy(run->id, columns[1].bytes, HISTORY_ID);
    return 0;
}

static int take_value(void *data, const struct value *columns)
{
    struct marking *marking = data;

    if (!row_is(columns, "it"))
        return 0;
    struct marked *cell = append(marking, columns[0].integer);
    if (cell == NULL)
        return -ENOMEM;
    cell->mark = mark_of(mark_join(marking->run_hash, mark_hash_text(columns[1].bytes)),
                         columns + 2, VALUE_MARKED);
    return 0;
}

static int take_run_mark(void *data, const struct value *columns)
{
    struct value *mark = data;

    if (row_is(columns, "itiit??iiitti"))
        *mark = value_integer(mark_of(0, columns + RUN_MARKED, RUN_MARK - RUN_MARKED));
    return 0;
}

static int take_blessing(void *data, const struct value *columns)
{
    struct marked *blessing = append(data, columns[BLESSING_SEQUENCE].integer);

    if (blessing == NULL)
        return -ENOMEM;
    blessing->mark = mark_of(0, columns, BLESSING_MARKED);
    return 0;
}

static int keep_values(struct history *history, const struct marking *cells, int64_t run)
{
    static const struct row_statement statement = {
        "WITH given (run, cell, mark) AS (VALUES", "(?, ?, ?)",
        ") UPDATE bench_value SET mark = g.mark FROM given g"
        " WHERE bench_value.run = g.run AND bench_value.cell = g.cell",
        NULL};
    struct value values[BATCH * MARK_COLUMNS];
    int error = 0;

    for (size_t at = 0; error == 0 && at < cells->count; at += BATCH) {
        size_t count = cells->count - at < BATCH ? cells->count - at : BATCH;
        for (size_t i = 0; i < count; i++) {
            values[i * MARK_COLUMNS] = value_integer(run);
            values[i * MARK_COLUMNS + 1] = value_integer(cells->rows[at + i].key);
            values[i * MARK_COLUMNS + 2] = value_integer(cells->rows[at + i].mark);
        }
        error = store_rows(history, &statement, count, values, NULL);
    }
    return error;
}

static int keep_list(struct history *history, const struct marked *run, struct marking *cells)
{
    int64_t *ids = arena_array(&cells->arena, cells->count, sizeof *ids), list = 0;

    for (size_t i = 0; ids != NULL && i < cells->count; i++)
        ids[i] = cells->rows[i].key;
    int error = ids == NULL ? -ENOMEM : cell_list_keep(history, ids, cells->count, &list);
    if (error == 0)
        error = store_query(history, "UPDATE bench_run SET cell_list = $1 WHERE seq = $2",
                            (struct value[]){value_integer(list), value_integer(run->key)}, 2, NULL,
                            NULL);
    return error;
}

static int mark_run(struct history *history, const struct marked *run)
{
    struct marking cells = {.run_hash = mark_hash_text(run->id)};
    struct value parameters[2] = {value_integer(run->key)}, mark = {.kind = VALUE_NULL};
    int error =
        store_query(history,
                    "SELECT v.cell, c.name, v.location_ns, v.pace_ns, v.samples, v.errors FROM"
                    " bench_value v JOIN bench_cell c ON c.id = v.cell WHERE v.run = $1"
                    " ORDER BY v.cell",
                    parameters, 1, take_value, &cells);
    if (error == 0)
        error = keep_values(history, &cells, run->key);
    if (error == 0 && (int64_t)cells.count == run->cells)
        error = keep_list(history, run, &cells);
    if (error == 0)
        error = store_query(history, SELECT_RUNS "WHERE r.seq = $1", parameters, 1, take_run_mark,
                            &mark);
    parameters[1] = parameters[0];
    parameters[0] = mark;
    if (error == 0 && mark.kind == VALUE_INTEGER)
        error = store_query(history, "UPDATE bench_run SET mark = $1 WHERE seq = $2", parameters, 2,
                            NULL, NULL);
    arena_free(&cells.arena);
    return error;
}

int marks_make(struct history *history)
{
    struct marking runs = {0}, blessings = {0};
    int error = store_query(history, "SELECT seq, id, cells FROM bench_run ORDER BY seq", NULL, 0,
                            take_run, &runs);

    for (size_t i = 0; error == 0 && i < runs.count; i++)
        error = mark_run(history, &runs.rows[i]);
    if (error == 0)
        error = store_query(history, SELECT_BLESSINGS, NULL, 0, take_blessing, &blessings);
    for (size_t i = 0; error == 0 && i < blessings.count; i++)
        error = store_query(history, "UPDATE bench_blessing SET mark = $1 WHERE seq = $2",
                            (struct value[]){value_integer(blessings.rows[i].mark),
                                             value_integer(blessings.rows[i].key)},
                            2, NULL, NULL);
    if (error == 0)
        error = store_query(history, COUNT_ALL_MACHINES, NULL, 0, NULL, NULL);
    arena_free(&runs.arena);
    arena_free(&blessings.arena);
    return error;
}
