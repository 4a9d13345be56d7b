/* SPDX-License-Identifier: Apache-2.0 */
/* What one run says that calls, copies, faults and the terms of the cost model cost. */
#include "machine_costs.h"
#include "src/analysis/summary.h"
#include "src/base/array.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *const control_writer[ASPECT_FILE] = {
    [ASPECT_CALL] = "EmptyCall",
    [ASPECT_COPY] = "Memcpy",
    [ASPECT_FAULT] = "MemcpyFresh",
};

struct reader {
    const struct run *run;
    struct bootstrap time, fill;
    struct run_costs *costs;
};

/* Takes cost->writer over, also when it fails. */
static int add(struct run_costs *costs, const struct run_cost *cost)
{
    struct run_cost *larger = array_grow(costs->items, costs->count, sizeof *larger);

    if (larger != NULL)
        costs->items = larger;
    if (larger == NULL || cost->writer == NULL) {
        free(cost->writer);
        return -ENOMEM;
    }
    larger[costs->count++] = *cost;
    return 0;
}

/* The control's cell of the smallest or the largest chunk, of one thread. */
static const struct cell *find_control(const struct run *run, const char *writer, int largest)
{
    const struct cell *found = NULL;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (cell->samples == 0 || !name_is_control(&cell->parts) || cell->parts.threads > 1 ||
            cell->parts.size_bytes == 0 || !span_is(cell->parts.series, writer))
            continue;
        if (found == NULL || (largest ? cell->parts.chunk_bytes > found->parts.chunk_bytes
                                      : cell->parts.chunk_bytes < found->parts.chunk_bytes))
            found = cell;
    }
    return found;
}

/* The control of the same size and chunk as the other's cell. */
static const struct cell *control_like(const struct run *run, const char *writer,
                                       const struct cell *other)
{
    for (size_t i = 0; other != NULL && i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (cell->samples > 0 && name_is_control(&cell->parts) &&
            cell->parts.threads == other->parts.threads &&
            cell->parts.size_bytes == other->parts.size_bytes &&
            cell->parts.chunk_bytes == other->parts.chunk_bytes &&
            span_is(cell->parts.series, writer))
            return cell;
    }
    return NULL;
}

/* A control is there for its fill phase, where that is known: it prepares and frees memory, too. */
static double time_of(const struct reader *reader, const struct cell *cell, size_t draw)
{
    const struct bootstrap *by = cell->values[METRIC_FILL] != NULL ? &reader->fill : &reader->time;
    const struct cell_estimate *estimate = bootstrap_of(by, cell);

    return exp(draw == SIZE_MAX ? estimate->log : estimate->draws[draw]);
}

/* (the cell's time - the other's, if there is one) / count. */
static int read_control(const struct reader *reader, enum aspect aspect, const struct cell *cell,
                        const struct cell *less, double count)
{
    size_t replicates = reader->time.replicates, drawn = 0;
    double none = (double)NAN, *draws = malloc((replicates + 1) * sizeof *draws);
    struct run_cost cost = {.writer = strdup(control_writer[aspect]),
                            .kind = {.is_control = 1, .aspect = aspect},
                            /* What the caches do to a copy depends on these; a call does not. */
                            .size_bytes = aspect == ASPECT_CALL ? 0 : cell->parts.size_bytes,
                            .chunk_bytes = aspect == ASPECT_CALL ? 0 : cell->parts.chunk_bytes,
                            .ns = {none, none, none}};

    if (draws == NULL) {
        free(cost.writer);
        return -ENOMEM;
    }
    cost.ns.estimate =
        (time_of(reader, cell, SIZE_MAX) - (less != NULL ? time_of(reader, less, SIZE_MAX) : 0)) /
        count;
    for (size_t b = 0; b < replicates; b++) {
        double draw =
            (time_of(reader, cell, b) - (less != NULL ? time_of(reader, less, b) : 0)) / count;
        if (isfinite(draw))
            draws[drawn++] = draw;
    }
    if (drawn == replicates) {
        stats_sort(draws, drawn);
        cost.ns.low = stats_quantile(draws, drawn, 0.025);
        cost.ns.high = stats_quantile(draws, drawn, 0.975);
    }
    free(draws);
    return add(reader->costs, &cost);
}

static double chunks_of(const struct cell *cell)
{
    return ceil((double)cell->parts.size_bytes / (double)cell->parts.chunk_bytes);
}

static int read_controls(const struct reader *reader)
{
    const struct cell *call = find_control(reader->run, "EmptyCall", 0);
    const struct cell *copy = find_control(reader->run, "Memcpy", 1);
    const struct cell *fresh = control_like(reader->run, "MemcpyFresh", copy);
    struct summary faults;
    int error = 0;

    if (call != NULL)
        error = read_control(reader, ASPECT_CALL, call, NULL, chunks_of(call));
    if (error == 0 && copy != NULL)
        error = read_control(reader, ASPECT_COPY, copy, NULL,
                             (double)copy->parts.size_bytes / (1 << 20));
    if (error != 0 || fresh == NULL)
        return error;
    error = cell_summarise(fresh, METRIC_MINOR_FAULTS, &faults);
    if (error == 0 && faults.median > 0)
        error = read_control(reader, ASPECT_FAULT, fresh, copy, faults.median);
    return error == -ENODATA ? 0 : error;
}

/* The writer with what the model's cells have in common. */
static char *model_name(const struct cell_table *table, size_t writer)
{
    char *name = NULL, threads[40] = "";
    const char *series = table->writers[writer];

    if (table->threads > 1)
        snprintf(threads, sizeof threads, "/threads:%u", table->threads);
    if (table->file.text == NULL)
        return strdup(series);
    if (asprintf(&name, "%s/file:%.*s/sync:%.*s%s", series, (int)table->file.length,
                 table->file.text, (int)(table->sync.text != NULL ? table->sync.length : 0),
                 table->sync.text != NULL ? table->sync.text : "", threads) < 0)
        return NULL;
    return name;
}

static int is_known(const struct run_costs *costs, const char *writer)
{
    for (size_t i = 0; i < costs->count; i++)
        if (!costs->items[i].kind.is_control && strcmp(costs->items[i].writer, writer) == 0)
            return 1;
    return 0;
}

static int read_terms(struct run_costs *costs, const char *writer, uint64_t size_bytes,
                      const struct model *model)
{
    double none = (double)NAN, bound = model_fault_bound(model);
    int error = 0;

    if (model->refusal != MODEL_HOLDS) {
        struct run_cost refused = {
            .writer = strdup(writer), .ns = {none, none, none}, .model = *model};
        refused.model.draws = NULL;
        return add(costs, &refused);
    }
    for (int t = 0; t < TERMS && error == 0; t++)
        if (model->used[t])
            error = add(costs, &(struct run_cost){.writer = strdup(writer),
                                                  .kind = {.term = (enum cost_term)t},
                                                  .size_bytes = t == TERM_FIXED ? size_bytes : 0,
                                                  .ns = model->cost_ns[t]});
    if (error == 0 && isfinite(bound))
        error = add(costs, &(struct run_cost){.writer = strdup(writer),
                                              .kind = {.term = TERM_FAULT},
                                              .at_most = 1,
                                              .ns = {bound, none, none}});
    return error;
}

static int read_model(const struct reader *reader, const struct cell_tables *tables, size_t table,
                      size_t writer)
{
    struct model model;
    char *name = model_name(&tables->tables[table], writer);

    if (name == NULL)
        return -ENOMEM;
    /* The sizes of a writer share a model. */
    int error = 0;
    if (!is_known(reader->costs, name)) {
        error = model_fit(&reader->time, tables, table, writer, &model);
        if (error == 0) {
            error = read_terms(reader->costs, name, tables->tables[table].size_bytes, &model);
            model_free(&model);
        }
    }
    free(name);
    return error;
}

int costs_of_run(const struct run *run, uint64_t seed, struct run_costs *costs)
{
    struct reader reader = {.run = run, .costs = costs};
    struct cell_tables tables = {0};

    *costs = (struct run_costs){0};
    int error = bootstrap_make(run, METRIC_TIME, 0, seed, &reader.time);
    if (error == 0)
        error = bootstrap_make(run, METRIC_FILL, 0, seed, &reader.fill);
    if (error == 0)
        error = cell_tables_make(run, &tables);
    if (error == 0)
        error = read_controls(&reader);
    for (size_t t = 0; error == 0 && t < tables.count; t++)
        for (size_t w = 0; error == 0 && w < tables.tables[t].writer_count; w++)
            error = read_model(&reader, &tables, t, w);
    cell_tables_free(&tables);
    bootstrap_free(&reader.time);
    bootstrap_free(&reader.fill);
    return error;
}

void run_costs_free(struct run_costs *costs)
{
    for (size_t i = 0; i < costs->count; i++)
        free(costs->items[i].writer);
    free(costs->items);
    *costs = (struct run_costs){0};
}

const struct machine_cost *machine_costs_control(const struct machine_costs *costs,
                                                 enum aspect aspect)
{
    for (size_t i = 0; aspect < ASPECT_FILE && i < costs->cost_count; i++)
        if (costs->costs[i].kind.is_control && costs->costs[i].kind.aspect == aspect)
            return &costs->costs[i];
    return NULL;
}
