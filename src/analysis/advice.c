/* SPDX-License-Identifier: Apache-2.0 */
#include "advice.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

static int is_of_kind(const struct cell_table *table, const struct question *question)
{
    return question->of_kind == 0 || question->of_kind == 1 + (int)table->kind;
}

static int has_axes(const struct cell_table *table, const struct question *question)
{
    for (int axis = 0; axis < NAME_AXES; axis++)
        if (question->axis[axis] != NULL &&
            !span_is(name_axis_value(table->axis, (enum name_axis)axis), question->axis[axis]))
            return 0;
    return 1;
}

static const struct cell_table *table_for(const struct cell_tables *tables,
                                          const struct question *question)
{
    for (size_t t = 0; t < tables->count; t++) {
        const struct cell_table *table = &tables->tables[t];
        if (is_of_kind(table, question) &&
            (question->file == NULL || span_is(table->file, question->file)) &&
            (question->sync == NULL || span_is(table->sync, question->sync)) &&
            (question->size_bytes == 0 || table->size_bytes == question->size_bytes) &&
            has_axes(table, question) && !cell_table_has_latencies(table))
            return table;
    }
    return NULL;
}

/* Chunk sizes of the table, side by side, whose logs are mixed in these proportions. */
struct blend {
    size_t first, count;
    double *share;
};

/* NULL: the writer was not measured at all of them, or no memory. */
static const struct cell_estimate *blend(const struct bootstrap *bootstrap,
                                         const struct cell_table *table, size_t writer,
                                         const struct blend *sizes, struct arena *arena)
{
    struct cell_estimate *mixed = arena_array(arena, 1, sizeof *mixed);
    double *draws = arena_array(arena, bootstrap->replicates, sizeof *draws);

    if (mixed == NULL || draws == NULL)
        return NULL;
    *mixed = (struct cell_estimate){.draws = draws, .samples = SIZE_MAX};
    for (size_t i = 0; i < sizes->count; i++) {
        const struct cell *cell = cell_table_at(table, sizes->first + i, writer);
        if (cell == NULL || cell->samples == 0)
            return NULL;
        const struct cell_estimate *one = bootstrap_of(bootstrap, cell);
        mixed->samples = one->samples < mixed->samples ? one->samples : mixed->samples;
        mixed->log += sizes->share[i] * one->log;
        for (size_t b = 0; b < bootstrap->replicates; b++)
            draws[b] += sizes->share[i] * one->draws[b];
    }
    return mixed;
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

static int rank(const struct bootstrap *bootstrap, const struct blend *sizes, struct arena *arena,
                struct advice *advice)
{
    const struct cell_table *table = advice->table;
    size_t best = 0, count = table->writer_count, replicates = bootstrap->replicates;
    const struct cell_estimate **row = arena_array(arena, count, sizeof(struct cell_estimate *));
    enum mark *marks = arena_array(arena, count, sizeof *marks);
    double *room = arena_take(arena, replicates * sizeof *room);

    for (size_t w = 0; arena->error == 0 && w < count; w++)
        row[w] = blend(bootstrap, table, w, sizes, arena);
    advice->rows = calloc(count + 1, sizeof *advice->rows);
    if (arena->error != 0 || advice->rows == NULL)
        return -ENOMEM;
    advice->chunk_below = table->chunk_bytes[sizes->first];
    advice->chunk_above = table->chunk_bytes[sizes->first + sizes->count - 1];
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

/* sizes: of at most all chunk sizes of the table. */
static int make(const struct bootstrap *bootstrap, const struct cell_table *table,
                struct blend sizes, double share, struct advice *advice)
{
    struct arena arena = {0};

    *advice = (struct advice){.table = table};
    sizes.share = arena_array(&arena, sizes.count, sizeof *sizes.share);
    for (size_t i = 0; sizes.share != NULL && i < sizes.count; i++)
        sizes.share[i] = isnan(share) ? 1 / (double)sizes.count : i == 0 ? 1 - share : share;
    int error = arena.error != 0 ? arena.error : rank(bootstrap, &sizes, &arena, advice);
    arena_free(&arena);
    if (error != 0)
        advice_free(advice);
    return error;
}

int advice_make(const struct bootstrap *bootstrap, const struct cell_tables *tables,
                const struct question *question, struct advice *advice)
{
    const struct cell_table *table = table_for(tables, question);
    uint64_t asked = question->chunk_bytes;
    size_t above = 0;

    *advice = (struct advice){.table = table};
    for (size_t t = 0; table == NULL && t < tables->count; t++)
        if (is_of_kind(&tables->tables[t], question))
            return -ENOENT;
    if (table == NULL)
        return -ENXIO;
    const uint64_t *chunk = table->chunk_bytes;
    if (table->chunk_count == 0 || asked < chunk[0] || asked > chunk[table->chunk_count - 1])
        return -ERANGE;
    while (chunk[above] < asked)
        above++;
    if (chunk[above] == asked)
        return make(bootstrap, table, (struct blend){above, 1, NULL}, 0, advice);
    double low = log((double)chunk[above - 1]), high = log((double)chunk[above]);
    return make(bootstrap, table, (struct blend){above - 1, 2, NULL},
                (log((double)asked) - low) / (high - low), advice);
}

int advice_for_band(const struct bootstrap *bootstrap, const struct cell_table *table,
                    enum chunk_band band, struct advice *advice)
{
    struct blend sizes = {0};
    size_t nearest = cell_table_nearest(table, BAND_MIDDLE_BYTES);

    for (size_t i = 0; i < table->chunk_count; i++) {
        uint64_t bytes = table->chunk_bytes[i];
        int is_small = bytes <= BAND_SMALL_BYTES, is_large = bytes >= BAND_LARGE_BYTES;
        if (band == BAND_SMALL   ? !is_small
            : band == BAND_LARGE ? !is_large
                                 : is_small || is_large || i != nearest)
            continue;
        sizes.first = sizes.count == 0 ? i : sizes.first;
        sizes.count++;
    }
    *advice = (struct advice){.table = table};
    return sizes.count == 0 ? -ERANGE : make(bootstrap, table, sizes, (double)NAN, advice);
}

void advice_free(struct advice *advice)
{
    free(advice->rows);
    *advice = (struct advice){0};
}
