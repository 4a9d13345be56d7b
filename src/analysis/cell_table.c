/* SPDX-License-Identifier: Apache-2.0 */
#include "cell_table.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

enum { TABLE_CELLS_MAX = 4000000 };

static int same_table(const struct cell_table *table, const struct name *parts)
{
    return table->kind == name_kind(parts) && table->size_bytes == parts->size_bytes &&
           table->threads == parts->threads && span_equal(table->file, parts->file) &&
           span_equal(table->sync, parts->sync) && name_axes_equal(table->axis, parts->axis);
}

static void add_table(struct cell_tables *tables, const struct run *run, const struct name *parts)
{
    for (size_t i = tables->count; i-- > 0;)
        if (same_table(&tables->tables[i], parts))
            return;
    struct cell_table *table =
        arena_append(&tables->arena, &tables->tables, &tables->count, sizeof *table);
    if (table == NULL)
        return;
    *table = (struct cell_table){.run = run,
                                 .kind = name_kind(parts),
                                 .file = parts->file,
                                 .sync = parts->sync,
                                 .size_bytes = parts->size_bytes,
                                 .threads = parts->threads};
    memcpy(table->axis, parts->axis, sizeof table->axis);
}

static void add_writer(struct arena *arena, struct cell_table *table, const struct cell *cell)
{
    struct span series = cell->parts.series;

    for (size_t i = 0; i < table->writer_count; i++)
        if (span_is(series, table->writers[i]))
            return;
    char *writer = arena_copy(arena, series.text, series.length);
    size_t at = name_is_mapping(&cell->parts) ? table->mapping_count : table->writer_count;
    if (writer == NULL ||
        arena_append(arena, &table->writers, &table->writer_count, sizeof writer) == NULL)
        return;
    memmove(table->writers + at + 1, table->writers + at,
            (table->writer_count - 1 - at) * sizeof writer);
    table->writers[at] = writer;
    table->mapping_count += name_is_mapping(&cell->parts) != 0;
}

static int compare_bytes(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

/* The run's cells that belong into the table, one after the other. */
static const struct cell *next_cell(const struct cell_table *table, const struct cell *cell)
{
    const struct cell *end = table->run->cells + table->run->cell_count;
    for (cell = cell == NULL ? table->run->cells : cell + 1; cell < end; cell++)
        if (!cell->parts.plain && same_table(table, &cell->parts))
            return cell;
    return NULL;
}

static size_t chunk_index(const struct cell_table *table, uint64_t bytes)
{
    const uint64_t *found =
        bsearch(&bytes, table->chunk_bytes, table->chunk_count, sizeof bytes, compare_bytes);
    return (size_t)(found - table->chunk_bytes);
}

/* When the same cell has several names (suffixes differ), the one with samples wins. */
static void place_cell(struct cell_table *table, const struct cell *cell)
{
    size_t writer = 0;
    while (!span_is(cell->parts.series, table->writers[writer]))
        writer++;
    size_t at = chunk_index(table, cell->parts.chunk_bytes) * table->writer_count + writer;
    if (table->cells[at] == NULL || table->cells[at]->samples == 0)
        table->cells[at] = cell;
}

static int fill_table(struct arena *arena, struct cell_table *table)
{
    const struct cell *cell = NULL;
    size_t cells = 0, unique = 0;

    while ((cell = next_cell(table, cell)) != NULL) {
        uint64_t *chunk = arena_append(arena, &table->chunk_bytes, &cells, sizeof *chunk);
        add_writer(arena, table, cell);
        if (arena->error != 0)
            return arena->error;
        *chunk = cell->parts.chunk_bytes;
    }
    qsort(table->chunk_bytes, cells, sizeof *table->chunk_bytes, compare_bytes);
    for (size_t i = 0; i < cells; i++)
        if (i == 0 || table->chunk_bytes[i] != table->chunk_bytes[unique - 1])
            table->chunk_bytes[unique++] = table->chunk_bytes[i];
    table->chunk_count = unique;
    if (unique > TABLE_CELLS_MAX / table->writer_count)
        return -E2BIG; /* no one can read it, and a hostile file could ask for all memory */
    table->cells = arena_array(arena, unique * table->writer_count, sizeof(struct cell *));
    while (table->cells != NULL && (cell = next_cell(table, cell)) != NULL)
        place_cell(table, cell);
    return arena->error;
}

/* Tables that become lines of the same one, where each has a single chunk size. */
static int is_alike(const struct cell_table *a, const struct cell_table *b)
{
    return a->kind == b->kind && span_equal(a->axis[NAME_AXIS_MODE], b->axis[NAME_AXIS_MODE]) &&
           span_equal(a->axis[NAME_AXIS_LATENCY], b->axis[NAME_AXIS_LATENCY]);
}

static void add_writers(struct arena *arena, struct cell_table *turned,
                        const struct cell_table *table, int mappings)
{
    size_t w = mappings ? 0 : table->mapping_count;
    size_t end = mappings ? table->mapping_count : table->writer_count;

    for (; w < end && arena->error == 0; w++) {
        if (cell_table_writer(turned, table->writers[w]) >= 0)
            continue;
        char **added = arena_append(arena, &turned->writers, &turned->writer_count, sizeof *added);
        if (added != NULL)
            *added = table->writers[w];
    }
}

/* The tables like this one, as lines. */
static void turn(struct cell_tables *tables, const struct cell_table *like, size_t count)
{
    struct arena *arena = &tables->arena;
    struct cell_table *turned = arena_array(arena, 1, sizeof *turned);
    size_t line = 0;

    if (turned == NULL)
        return;
    *turned = (struct cell_table){.run = like->run, .kind = like->kind, .chunk_count = count};
    turned->axis[NAME_AXIS_MODE] = like->axis[NAME_AXIS_MODE];
    turned->axis[NAME_AXIS_LATENCY] = like->axis[NAME_AXIS_LATENCY];
    for (int mappings = 1; mappings >= 0; mappings--) {
        for (size_t t = 0; t < tables->count; t++)
            if (is_alike(&tables->tables[t], like))
                add_writers(arena, turned, &tables->tables[t], mappings);
        turned->mapping_count = mappings ? turned->writer_count : turned->mapping_count;
    }
    turned->chunk_bytes = arena_array(arena, count, sizeof *turned->chunk_bytes);
    turned->cells = arena_array(arena, count * turned->writer_count, sizeof(struct cell *));
    for (size_t t = 0; arena->error == 0 && t < tables->count; t++) {
        const struct cell_table *table = &tables->tables[t];
        if (!is_alike(table, like))
            continue;
        tables->turned[t] = turned;
        for (size_t w = 0; w < turned->writer_count; w++) {
            int own = cell_table_writer(table, turned->writers[w]);
            turned->cells[line * turned->writer_count + w] =
                own < 0 ? NULL : cell_table_at(table, 0, (size_t)own);
        }
        turned->chunk_bytes[line] = line + 1;
        line++;
    }
}

static void turn_tables(struct cell_tables *tables)
{
    tables->turned = arena_array(&tables->arena, tables->count, sizeof(struct cell_table *));
    for (size_t t = 0; tables->arena.error == 0 && t < tables->count; t++) {
        const struct cell_table *first = &tables->tables[t];
        size_t count = 0, same = 0;
        for (const struct cell_table *table = tables->tables;
             table < tables->tables + tables->count; table++) {
            count += (size_t)is_alike(table, first);
            same += is_alike(table, first) && table->chunk_count == 1 &&
                    table->chunk_bytes[0] == first->chunk_bytes[0];
        }
        if (tables->turned[t] == NULL && count > 1 && same == count)
            turn(tables, first, count);
    }
}

int cell_tables_make(const struct run *run, struct cell_tables *tables)
{
    *tables = (struct cell_tables){0};
    tables->plain = arena_array(&tables->arena, run->cell_count, sizeof(struct cell *));
    for (size_t i = 0; tables->arena.error == 0 && i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        if (cell->parts.plain)
            tables->plain[tables->plain_count++] = cell;
        else if (!name_is_control(&cell->parts))
            add_table(tables, run, &cell->parts);
    }
    int error = tables->arena.error;
    for (size_t i = 0; error == 0 && i < tables->count; i++)
        error = fill_table(&tables->arena, &tables->tables[i]);
    if (error == 0)
        turn_tables(tables);
    error = error != 0 ? error : tables->arena.error;
    if (error != 0)
        cell_tables_free(tables);
    return error;
}

void cell_tables_free(struct cell_tables *tables)
{
    arena_free(&tables->arena);
    *tables = (struct cell_tables){0};
}

const struct cell *cell_table_at(const struct cell_table *table, size_t chunk, size_t writer)
{
    return table->cells[chunk * table->writer_count + writer];
}

int cell_table_has_latencies(const struct cell_table *table)
{
    return table->axis[NAME_AXIS_LATENCY].text != NULL;
}

size_t cell_table_nearest(const struct cell_table *table, uint64_t chunk_bytes)
{
    double wanted = log((double)chunk_bytes);
    size_t best = 0;

    for (size_t i = 1; i < table->chunk_count; i++)
        if (fabs(log((double)table->chunk_bytes[i]) - wanted) <
            fabs(log((double)table->chunk_bytes[best]) - wanted))
            best = i;
    return best;
}

int cell_table_writer(const struct cell_table *table, const char *writer)
{
    for (size_t i = 0; i < table->writer_count; i++)
        if (strcmp(table->writers[i], writer) == 0)
            return (int)i;
    return -ENOENT;
}

const struct cell *cell_table_control(const struct cell_table *table, const char *writer,
                                      uint64_t chunk_bytes)
{
    for (size_t i = 0; i < table->run->cell_count; i++) {
        const struct cell *cell = &table->run->cells[i];
        const struct name *parts = &cell->parts;
        if (cell->samples > 0 && name_is_control(parts) && parts->size_bytes == table->size_bytes &&
            parts->chunk_bytes == chunk_bytes && span_is(parts->series, writer))
            return cell;
    }
    return NULL;
}

int cell_summarise(const struct cell *cell, enum metric metric, struct summary *summary)
{
    const double *from = cell->values[metric];
    double *values = malloc((cell->samples + 1) * sizeof *values), none = (double)NAN;
    size_t count = 0, low, high;

    *summary = (struct summary){0, none, none, none, none, none, none, none, none};
    if (values == NULL)
        return -ENOMEM;
    for (size_t i = 0; from != NULL && i < cell->samples; i++)
        if (isfinite(from[i]))
            values[count++] = from[i];
    if (count > 0) {
        summary->samples = count;
        summary->median = stats_median_of(values, count);
        summary->location = stats_location(values, count);
        summary->pace = stats_pace(values, count);
        summary->minimum = values[0];
        summary->maximum = values[count - 1];
        double quartiles =
            stats_quantile(values, count, 0.75) - stats_quantile(values, count, 0.25);
        summary->spread = summary->median > 0 ? quartiles / summary->median : 0;
    }
    if (stats_median_ranks(count, 0.95, &low, &high) == 0) {
        summary->median_low = values[low];
        summary->median_high = values[high];
    }
    free(values);
    return count > 0 ? 0 : -ENODATA;
}
