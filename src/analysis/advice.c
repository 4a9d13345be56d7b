/* SPDX-License-Identifier: Apache-2.0 */
#include "advice.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

static const struct cell_table *table_for(const struct cell_tables *tables,
                                          const struct question *question)
{
    for (size_t t = 0; t < tables->count; t++) {
        const struct cell_table *table = &tables->tables[t];
        if ((question->file == NULL || span_is(table->file, question->file)) &&
            (question->sync == NULL || span_is(table->sync, question->sync)) &&
            (question->size_bytes == 0 || table->size_bytes == question->size_bytes))
            return table;
    }
    return NULL;
}

/*
 * The row of the chunk size asked for: where it was not measured, the logs of the two neighbours
 * are mixed in proportion. The allocations are the arena's.
 */
static const struct cell_estimate *mix(const struct cell_estimate *a, const struct cell_estimate *b,
                                       double part, size_t replicates, struct arena *arena)
{
    struct cell_estimate *mixed = arena_array(arena, 1, sizeof *mixed);
    double *draws = arena_take(arena, replicates * sizeof *draws);

    if (mixed == NULL || draws == NULL)
        return NULL;
    for (size_t i = 0; i < replicates; i++)
        draws[i] = (1 - part) * a->draws[i] + part * b->draws[i];
    *mixed = (struct cell_estimate){.log = (1 - part) * a->log + part * b->log,
                                    .draws = draws,
                                    .samples = a->samples < b->samples ? a->samples : b->samples};
    return mixed;
}

static const struct cell_estimate **make_row(const struct bootstrap *bootstrap,
                                             const struct cell_table *table, double chunk_bytes,
                                             const size_t around[2], struct arena *arena)
{
    const struct cell_estimate **row =
        arena_array(arena, table->writer_count, sizeof(struct cell_estimate *));
    double low = log((double)table->chunk_bytes[around[0]]);
    double high = log((double)table->chunk_bytes[around[1]]);
    double part = high > low ? (log(chunk_bytes) - low) / (high - low) : 0;

    for (size_t w = 0; row != NULL && w < table->writer_count; w++) {
        const struct cell *a = cell_table_at(table, around[0], w);
        const struct cell *b = cell_table_at(table, around[1], w);
        if (a == NULL || b == NULL || a->samples == 0 || b->samples == 0)
            continue;
        row[w] = bootstrap_of(bootstrap, a);
        if (a != b)
            row[w] = mix(row[w], bootstrap_of(bootstrap, b), part, bootstrap->replicates, arena);
    }
    return row;
}

static int compare_rows(const void *a, const void *b)
{
    const struct advice_row *x = a, *y = b;
    return (x->time_ns > y->time_ns) - (x->time_ns < y->time_ns);
}

/* How many times as long a takes as b; room[replicates]. */
static struct interval ratio_of(const struct cell_estimate *a, const struct cell_estimate *b,
                                size_t replicates, double *room)
{
    double difference = a->log - b->log;

    for (size_t i = 0; i < replicates; i++)
        room[i] = a->draws[i] - b->draws[i];
    for (size_t i = 0; i < replicates; i++)
        if (a == b || !isfinite(room[i]))
            return (struct interval){exp(difference), (double)NAN, (double)NAN};
    return interval_exp(stats_percentiles(difference, room, replicates));
}

static int rank(const struct cell_estimate *const *row, size_t replicates, struct arena *arena,
                struct advice *advice)
{
    size_t best = 0, count = advice->table->writer_count;
    enum mark *marks = arena_array(arena, count, sizeof *marks);
    double *room = arena_take(arena, replicates * sizeof *room);

    advice->rows = calloc(count + 1, sizeof *advice->rows);
    if (arena->error != 0 || advice->rows == NULL)
        return -ENOMEM;
    int error = best_set_mark(row, count, replicates, marks);
    while (best < count && marks[best] != MARK_BEST)
        best++;
    for (size_t w = 0; error == 0 && w < count; w++) {
        if (row[w] == NULL)
            continue;
        advice->inconclusive |= row[w]->samples < 3;
        advice->rows[advice->count++] =
            (struct advice_row){.writer = w,
                                .time_ns = exp(row[w]->log),
                                .mark = marks[w],
                                .ratio = ratio_of(row[w], row[best], replicates, room)};
    }
    qsort(advice->rows, advice->count, sizeof *advice->rows, compare_rows);
    return error == 0 && advice->count == 0 ? -ERANGE : error;
}

int advice_make(const struct bootstrap *bootstrap, const struct cell_tables *tables,
                const struct question *question, struct advice *advice)
{
    const struct cell_table *table = table_for(tables, question);
    uint64_t asked = question->chunk_bytes;
    struct arena arena = {0};
    size_t around[2] = {0, 0};

    *advice = (struct advice){.table = table};
    if (table == NULL)
        return -ENOENT;
    if (table->chunk_count == 0 || asked < table->chunk_bytes[0] ||
        asked > table->chunk_bytes[table->chunk_count - 1])
        return -ERANGE;
    while (table->chunk_bytes[around[1]] < asked)
        around[1]++;
    around[0] = around[1] - (table->chunk_bytes[around[1]] != asked);
    advice->chunk_below = table->chunk_bytes[around[0]];
    advice->chunk_above = table->chunk_bytes[around[1]];
    const struct cell_estimate **row = make_row(bootstrap, table, (double)asked, around, &arena);
    int error = arena.error != 0 ? arena.error : rank(row, bootstrap->replicates, &arena, advice);
    arena_free(&arena);
    if (error != 0)
        advice_free(advice);
    return error;
}

void advice_free(struct advice *advice)
{
    free(advice->rows);
    *advice = (struct advice){0};
}
