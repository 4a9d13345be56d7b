/* SPDX-License-Identifier: Apache-2.0 */
/* What one run says that calls, copies, faults and the terms of the cost model cost. */
#include "machine_costs.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

const char *const control_writer[ASPECT_FILE] = {
    [ASPECT_CALL] = "EmptyCall",
    [ASPECT_COPY] = "Memcpy",
    [ASPECT_FAULT] = "MemcpyFresh",
};

struct reader {
    const struct run *run;
    const struct side *const *sides;
    struct bootstrap time, fill;
    struct arena *arena;
    struct run_costs *costs;
};

static void add(const struct reader *reader, struct run_cost cost)
{
    struct run_costs *costs = reader->costs;
    struct run_cost *added =
        arena_append(reader->arena, &costs->items, &costs->count, sizeof *added);

    if (added != NULL)
        *added = cost;
}

static int is_common(const struct reader *reader, const char *name)
{
    for (int side = 0; side < 2; side++)
        for (size_t r = 0; r < reader->sides[side]->count; r++) {
            const struct cell *cell = run_cell(reader->sides[side]->runs[r], name);
            if (cell == NULL || cell->samples == 0)
                return 0;
        }
    return 1;
}

/* The control's cell of the smallest or the largest chunk, of one thread. */
static const struct cell *find_among(const struct reader *reader, const char *writer, int largest,
                                     int common)
{
    const struct run *run = reader->run;
    const struct cell *found = NULL;

    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (cell->samples == 0 || !name_is_control(&cell->parts) || cell->parts.threads > 1 ||
            cell->parts.size_bytes == 0 || !span_is(cell->parts.series, writer) ||
            (common && !is_common(reader, cell->name)))
            continue;
        if (found == NULL || (largest ? cell->parts.chunk_bytes > found->parts.chunk_bytes
                                      : cell->parts.chunk_bytes < found->parts.chunk_bytes))
            found = cell;
    }
    return found;
}

static const struct cell *find_control(const struct reader *reader, const char *writer, int largest)
{
    const struct cell *found = find_among(reader, writer, largest, 1);

    return found != NULL ? found : find_among(reader, writer, largest, 0);
}

const struct cell *control_like(const struct run *run, const char *writer, const struct cell *other)
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
static double cost_of(const struct reader *reader, const struct cell *const cells[2], double count,
                      size_t draw)
{
    double less = cells[1] != NULL ? time_of(reader, cells[1], draw) : 0;
    return (time_of(reader, cells[0], draw) - less) / count;
}

static void read_control(const struct reader *reader, enum aspect aspect,
                         const struct cell *const cells[2], double count)
{
    size_t replicates = reader->time.replicates, drawn = 0;
    double *draws = arena_take(reader->arena, replicates * sizeof *draws);
    const struct name *parts = &cells[0]->parts;
    /* What the caches do to a copy depends on these; a call does not. */
    int is_sized = aspect != ASPECT_CALL;
    struct run_cost cost = {
        .writer = control_writer[aspect],
        .kind = {.is_control = 1, .aspect = aspect},
        .size_bytes = is_sized ? parts->size_bytes : 0,
        .chunk_bytes = is_sized ? parts->chunk_bytes : 0,
        .ns = {cost_of(reader, cells, count, SIZE_MAX), (double)NAN, (double)NAN}};

    while (draws != NULL && drawn < replicates &&
           isfinite(draws[drawn] = cost_of(reader, cells, count, drawn)))
        drawn++;
    if (draws != NULL && drawn == replicates)
        cost.ns = stats_percentiles(cost.ns.estimate, draws, drawn);
    add(reader, cost);
}

static void read_controls(const struct reader *reader)
{
    const struct cell *call = find_control(reader, "EmptyCall", 0);
    const struct cell *copy = find_control(reader, "Memcpy", 1);
    const struct cell *fresh = control_like(reader->run, "MemcpyFresh", copy);
    struct summary faults;

    if (call != NULL)
        read_control(reader, ASPECT_CALL, (const struct cell *[]){call, NULL},
                     ceil((double)call->parts.size_bytes / (double)call->parts.chunk_bytes));
    if (copy != NULL)
        read_control(reader, ASPECT_COPY, (const struct cell *[]){copy, NULL},
                     (double)copy->parts.size_bytes / (1 << 20));
    int error = fresh == NULL ? -ENODATA : cell_summarise(fresh, METRIC_MINOR_FAULTS, &faults);
    if (error == -ENOMEM)
        reader->arena->error = error;
    if (error == 0 && faults.median > 0)
        read_control(reader, ASPECT_FAULT, (const struct cell *[]){fresh, copy}, faults.median);
}

/* The writer with what the model's cells have in common. */
static const char *model_name(struct arena *arena, const struct cell_table *table, size_t writer)
{
    char *name = NULL, *common, threads[40] = "";
    const char *series = table->writers[writer], *own = NULL;

    if (table->threads > 1)
        snprintf(threads, sizeof threads, "/threads:%u", table->threads);
    if (table->file.text == NULL)
        return arena_text(arena, series);
    common = name_segments_case((struct span){series, strlen(series)}, table->file, table->sync,
                                table->axis);
    if (common == NULL || asprintf(&name, "%s%s", common, threads) < 0)
        arena->error = -ENOMEM;
    else
        own = arena_text(arena, name);
    free(common);
    free(name);
    return own;
}

static int is_known(const struct run_costs *costs, const char *writer)
{
    for (size_t i = 0; i < costs->count; i++)
        if (!costs->items[i].kind.is_control && strcmp(costs->items[i].writer, writer) == 0)
            return 1;
    return 0;
}

static void read_terms(const struct reader *reader, const char *writer, uint64_t size_bytes,
                       const struct model *model)
{
    double none = (double)NAN, bound = model_fault_bound(model);

    if (model->refusal != MODEL_HOLDS) {
        struct run_cost refused = {.writer = writer, .ns = {none, none, none}, .model = *model};
        refused.model.draws = NULL;
        add(reader, refused);
        return;
    }
    for (int t = 0; t < TERMS; t++)
        if (model->used[t])
            add(reader, (struct run_cost){.writer = writer,
                                          .kind = {.term = (enum cost_term)t},
                                          .size_bytes = t == TERM_FIXED ? size_bytes : 0,
                                          .ns = model->cost_ns[t]});
    if (isfinite(bound))
        add(reader, (struct run_cost){.writer = writer,
                                      .kind = {.term = TERM_FAULT},
                                      .at_most = 1,
                                      .ns = {bound, none, none}});
}

static void read_model(const struct reader *reader, const struct cell_tables *tables, size_t table,
                       size_t writer)
{
    struct model model;
    const char *name = model_name(reader->arena, &tables->tables[table], writer);

    /* The sizes of a writer share a model. With a clock between the chunks there is none, as in
     * show. */
    if (name == NULL || is_known(reader->costs, name) ||
        cell_table_has_latencies(&tables->tables[table]))
        return;
    int error = model_fit(&reader->time, tables, table, writer, &model);
    if (error != 0)
        reader->arena->error = error;
    else
        read_terms(reader, name, tables->tables[table].size_bytes, &model);
    model_free(&model);
}

void costs_of_run(const struct run *run, const struct side *const sides[2], uint64_t seed,
                  struct arena *arena, struct run_costs *costs)
{
    struct reader reader = {.run = run, .sides = sides, .arena = arena, .costs = costs};
    struct cell_tables tables = {0};

    int error = bootstrap_make(run, METRIC_TIME, 0, seed, &reader.time);
    if (error == 0)
        error = bootstrap_make(run, METRIC_FILL, 0, seed, &reader.fill);
    if (error == 0)
        error = cell_tables_make(run, &tables);
    if (error != 0)
        arena->error = error;
    else
        read_controls(&reader);
    for (size_t t = 0; t < tables.count; t++)
        for (size_t w = 0; arena->error == 0 && w < tables.tables[t].writer_count; w++)
            read_model(&reader, &tables, t, w);
    cell_tables_free(&tables);
    bootstrap_free(&reader.time);
    bootstrap_free(&reader.fill);
}

const struct machine_cost *machine_costs_control(const struct machine_costs *costs,
                                                 enum aspect aspect)
{
    for (size_t i = 0; aspect < ASPECT_FILE && i < costs->cost_count; i++)
        if (costs->costs[i].kind.is_control && costs->costs[i].kind.aspect == aspect)
            return &costs->costs[i];
    return NULL;
}
