/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include "src/base/arena.h"

#include <errno.h>

static double median_of(const struct cell *cell, enum metric metric, double *out)
{
    struct summary summary;
    int error = cell_summarise(cell, metric, &summary);
    *out = summary.median;
    return error == -ENODATA ? 0 : error;
}

static int counts_of(const struct run *run, const struct cell *cell, double *count)
{
    uint64_t bytes = cell->parts.size_bytes, chunk = cell->parts.chunk_bytes;
    double page = run_context_number(run, "page_size_bytes", 4096);
    double size = bytes == 0 ? (double)NAN : (double)bytes;
    uint64_t chunks = chunk == 0 ? 0 : bytes / chunk + (bytes % chunk != 0);

    count[TERM_FIXED] = 1;
    count[TERM_CHUNK] = bytes == 0 ? size : (double)chunks;
    count[TERM_FOLIO] = ceil(size / fmax((double)chunk, fmax(page, 1)));
    count[TERM_BYTE] = size;
    if (median_of(cell, METRIC_CALLS, &count[TERM_CALL]) != 0 ||
        median_of(cell, METRIC_MINOR_FAULTS, &count[TERM_FAULT]) != 0)
        return -ENOMEM;
    return 0;
}

static int add_point(const struct bootstrap *bootstrap, const struct cell *cell,
                     struct model_data *points)
{
    const struct cell_estimate *estimate = bootstrap_of(bootstrap, cell);
    double time = exp(estimate->log);
    struct model_point *larger = array_grow(points->point, points->count, sizeof *larger);

    if (larger == NULL)
        return -ENOMEM;
    points->point = larger;
    larger[points->count] = (struct model_point){.cell = estimate,
                                                 .chunk_bytes = cell->parts.chunk_bytes,
                                                 .time_ns = time,
                                                 .drawn_ns = time};
    points->zero_times |= time == 0;
    points->replicated &= cell->samples > 1;
    return counts_of(bootstrap->run, cell, larger[points->count++].count);
}

int model_data_gather(const struct bootstrap *bootstrap, const struct cell_tables *tables,
                      size_t table, size_t writer, struct model_data *points)
{
    const struct cell_table *own = &tables->tables[table];
    int error = 0;

    *points = (struct model_data){.replicated = 1};
    for (size_t t = 0; error == 0 && t < tables->count; t++) {
        const struct cell_table *other = &tables->tables[t];
        if (!span_equal(own->file, other->file) || !span_equal(own->sync, other->sync) ||
            own->threads != other->threads || !name_axes_equal(own->axis, other->axis) ||
            (own->size_bytes == 0) != (other->size_bytes == 0))
            continue;
        int column = cell_table_writer(other, own->writers[writer]);
        for (size_t i = 0; error == 0 && column >= 0 && i < other->chunk_count; i++) {
            const struct cell *cell = cell_table_at(other, i, (size_t)column);
            if (cell != NULL && !isnan(bootstrap_of(bootstrap, cell)->log))
                error = add_point(bootstrap, cell, points);
        }
    }
    return error;
}

void model_data_free(struct model_data *points)
{
    free(points->point);
    *points = (struct model_data){0};
}

static double between(double low, double high, double part)
{
    if (low > 0 && high > 0)
        return exp(log(low) + part * (log(high) - log(low)));
    return low + part * (high - low);
}

int model_data_counts_at(const struct cell_table *table, size_t writer, uint64_t chunk_bytes,
                         double *count)
{
    const struct cell *below = NULL, *above = NULL;
    double low[TERMS], high[TERMS];

    for (size_t i = 0; i < table->chunk_count; i++) {
        const struct cell *cell = cell_table_at(table, i, writer);
        if (cell == NULL || cell->samples == 0)
            continue;
        if (table->chunk_bytes[i] <= chunk_bytes)
            below = cell;
        if (above == NULL && table->chunk_bytes[i] >= chunk_bytes)
            above = cell;
    }
    if (below == NULL || above == NULL)
        return -ERANGE;
    int error = counts_of(table->run, below, low);
    if (error == 0)
        error = counts_of(table->run, above, high);
    if (error != 0)
        return error;
    double from = log((double)below->parts.chunk_bytes), to = log((double)above->parts.chunk_bytes);
    double part = to > from ? (log((double)chunk_bytes) - from) / (to - from) : 0;
    for (int t = 0; t < TERMS; t++)
        count[t] = between(low[t], high[t], part);
    if (table->size_bytes != 0)
        count[TERM_CHUNK] = ceil((double)table->size_bytes / (double)chunk_bytes);
    return 0;
}
