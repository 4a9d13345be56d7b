/* SPDX-License-Identifier: Apache-2.0 */
/* Where the time goes, at one chunk size. */
#include "show.h"

#include "format.h"

#include <errno.h>
#include <math.h>

static const enum results_metric phases[] = {RESULTS_CREATE, RESULTS_SIZE, RESULTS_MAP,
                                             RESULTS_FILL,   RESULTS_SYNC, RESULTS_UNMAP,
                                             RESULTS_CLOSE};
enum { PHASES = sizeof phases / sizeof phases[0] };

static double mean_of(const struct results_cell *cell, enum results_metric metric)
{
    double sum = 0;
    if (cell->values[metric] == NULL)
        return (double)NAN;
    for (size_t i = 0; i < cell->samples; i++)
        sum += isfinite(cell->values[metric][i]) ? cell->values[metric][i] : 0;
    return sum / (double)cell->samples;
}

static double median_of(struct show *show, const struct results_cell *cell,
                        enum results_metric metric)
{
    struct results_summary summary;
    if (results_summarise_cell(cell, metric, &summary) == -ENOMEM)
        show->page.error = -ENOMEM;
    return summary.median;
}

static void put_count(struct show *show, struct grid *grid, size_t row, size_t column,
                      const struct results_cell *cell, enum results_metric metric)
{
    char number[FORMAT_MAX];
    double value = median_of(show, cell, metric);

    if (isnan(value))
        return;
    format_count(value, number);
    grid_set(grid, row, column, "%s", number);
}

/* The share of the writer's time that a control would take for the same bytes and chunks. */
static void put_floor(struct show *show, struct grid *grid, size_t row, size_t column,
                      const struct results_cell *cell, const struct results_cell *control)
{
    double share;

    if (control == NULL)
        return;
    share = exp(show->bootstrap.estimate[control - show->run->cells] -
                show->bootstrap.estimate[cell - show->run->cells]);
    if (isfinite(share))
        grid_set(grid, row, column, share < 0.005 ? "·" : "%.0f", 100 * share);
}

static void put_row(struct show *show, const struct results_table *table, struct grid *grid,
                    const struct results_cell *cell, const struct unit *unit)
{
    char text[FORMAT_MAX];
    size_t row = grid_row(grid);
    double total = mean_of(cell, RESULTS_TIME);

    grid_set(grid, row, 0, "%.*s", (int)cell->parts.series.length, cell->parts.series.text);
    format_number(median_of(show, cell, RESULTS_TIME) / unit->divisor, text);
    grid_set(grid, row, 1, "%s", text);
    for (size_t p = 0; p < PHASES; p++) {
        double share = mean_of(cell, phases[p]) / total;
        if (!isfinite(share))
            continue;
        grid_set(grid, row, 2 + p, share < 0.005 ? "·" : "%.0f", 100 * share);
    }
    put_count(show, grid, row, 2 + PHASES, cell, RESULTS_MINOR_FAULTS);
    put_count(show, grid, row, 3 + PHASES, cell, RESULTS_CALLS);
    put_floor(show, grid, row, 4 + PHASES, cell,
              results_control(table, "Memcpy", cell->parts.chunk_bytes));
    double chunks = (double)table->size_bytes / (double)cell->parts.chunk_bytes;
    if (median_of(show, cell, RESULTS_CALLS) >= chunks) /* a call per chunk: it pays the entries */
        put_floor(show, grid, row, 5 + PHASES, cell,
                  results_control(table, "EmptyCall", cell->parts.chunk_bytes));
}

/* A run without the phases' counters has nothing to say here. */
static int has_phases(const struct results_table *table, size_t chunk, double *lowest)
{
    int found = 0;

    *lowest = (double)NAN;
    for (size_t w = 0; w < table->writer_count; w++) {
        struct results_summary summary;
        const struct results_cell *cell = results_table_cell(table, chunk, w);
        if (cell == NULL || results_summarise_cell(cell, RESULTS_TIME, &summary) != 0)
            continue;
        *lowest = fmin(*lowest, summary.median);
        found |= cell->values[RESULTS_FILL] != NULL;
    }
    return found;
}

void show_phases(struct show *show, const struct results_table *table)
{
    size_t chunk = show_chunk(show, table);
    struct grid grid;
    double lowest;
    char bytes[FORMAT_MAX];

    if (!has_phases(table, chunk, &lowest))
        return;
    const struct unit *unit = format_unit(RESULTS_KIND_TIME, lowest, lowest);
    format_bytes((double)table->chunk_bytes[chunk], bytes);
    page_heading(&show->page, "Where the time goes, in chunks of %s: %% of the time per file",
                 bytes);
    grid_begin(&grid, &show->page);
    grid_column(&grid, PAGE_LEFT, 0, "writer");
    grid_column(&grid, PAGE_NUMBER, 1, "%s", unit->name);
    for (size_t p = 0; p < PHASES; p++)
        grid_column(&grid, PAGE_RIGHT, 1, "%s", results_metric_info(phases[p])->option);
    grid_column(&grid, PAGE_RIGHT, 2, "faults");
    grid_column(&grid, PAGE_RIGHT, 2, "calls");
    int copy = results_control(table, "Memcpy", table->chunk_bytes[chunk]) != NULL;
    int entry = results_control(table, "EmptyCall", table->chunk_bytes[chunk]) != NULL;
    grid_column(&grid, PAGE_RIGHT, 2, "%s", copy ? "copy" : "");
    grid_column(&grid, PAGE_RIGHT, 2, "%s", entry ? "entry" : "");
    for (size_t w = 0; show->page.error == 0 && w < table->writer_count; w++) {
        const struct results_cell *cell = results_table_cell(table, chunk, w);
        if (cell != NULL && cell->samples > 0)
            put_row(show, table, &grid, cell, unit);
    }
    grid_end(&grid);
    page_note(&show->page, "",
              "faults, calls: page faults and write-side system calls per file; ·: below half a "
              "percent%s%s",
              copy ? "; copy: the time of Memcpy for the same bytes, as % of the writer's" : "",
              entry ? "; entry: that of as many empty system calls (EmptyCall)" : "");
}
