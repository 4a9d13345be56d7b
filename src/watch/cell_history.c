/* SPDX-License-Identifier: Apache-2.0 */
#include "cell_history.h"

#include "context_changes.h"
#include "src/changepoint/level.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_VALUES = 2 * STEP_LEAST };

/* Chunks of 4096 come before those of 65536. */
static int by_name(const void *a, const void *b)
{
    const struct cell_history *x = a, *y = b;
    return x->is_control != y->is_control ? x->is_control - y->is_control
                                          : strverscmp(x->name, y->name);
}

/* Cells that no run has up to the one asked about are left out. */
static void list_cells(struct cell_histories *histories, double *room)
{
    const struct history_series *series = &histories->window.series;
    size_t runs = series->runs.count;

    for (size_t c = 0; c < series->cell_count; c++) {
        const double *time = &histories->window.time_ns[c * runs];
        struct name parts;
        size_t values = 0;
        for (size_t i = 0; i < runs; i++)
            if (time[i] > 0)
                room[values++] = time[i];
        if (values == 0)
            continue;
        name_parse(series->cells[c].name, &parts);
        histories->cells[histories->count++] =
            (struct cell_history){.column = c,
                                  .name = series->cells[c].name,
                                  .is_control = name_is_control(&parts),
                                  .values = values,
                                  .first_ns = room[0],
                                  .last_ns = room[values - 1],
                                  .drift = drift_none()};
        histories->cells[histories->count - 1].median_ns = stats_median_of(room, values);
    }
    qsort(histories->cells, histories->count, sizeof *histories->cells, by_name);
}

/* A search for steps cuts a level that moves a little with every run into several, or takes it for
 * persistent noise and finds none: then the trend has to stand out. */
static int find_drift(const double *value, size_t runs, const struct step_options *options,
                      struct cell_history *cell)
{
    size_t levels[STEP_WINDOW], steps = cell->steps.count;
    size_t skipped = steps > STEP_WINDOW ? steps - STEP_WINDOW : 0;
    int direction = 1, error = 0;

    for (size_t i = skipped; i < steps; i++)
        levels[i - skipped] = cell->steps.steps[i].at;
    if (steps == 0)
        error = drift_stands_out(value, runs, &direction);
    if (error == 0 && direction != 0)
        error = drift_test(value, runs, levels, steps - skipped, options, &cell->drift);
    while (cell->step_count < steps &&
           (!cell->drift.is_drift || cell->steps.steps[cell->step_count].at < cell->drift.from))
        cell->step_count++;
    return error;
}

static int find_steps(struct cell_histories *histories, double *value, double *persistence)
{
    size_t runs = histories->window.series.runs.count;
    struct scan_cache cache = {0};
    struct step_options options = histories->options;

    options.cache = &cache;
    for (size_t i = 0; i < histories->count * runs; i++) {
        double time =
            histories->window.time_ns[histories->cells[i / runs].column * runs + i % runs];
        value[i] = time > 0 && isfinite(time) ? log(time) : (double)NAN;
    }
    int error = level_persistence(value, runs, histories->count, persistence);
    for (size_t c = 0; error == 0 && c < histories->count; c++) {
        struct cell_history *cell = &histories->cells[c];
        options.persistence = persistence[c];
        if (cell->values >= LEAST_VALUES)
            error = steps_of_series(&value[c * runs], runs, &options, &cell->steps);
        if (error == 0)
            error = find_drift(&value[c * runs], runs, &options, cell);
    }
    arena_free(&cache.arena);
    return error;
}

int cell_histories_find(struct run_window *window, const struct step_options *options,
                        struct cell_histories *histories)
{
    size_t cells = window->series.cell_count, runs = window->series.runs.count;
    struct arena arena = {0};
    double *value = arena_array(&arena, (cells + 1) * runs, sizeof *value);
    double *persistence = arena_array(&arena, cells, sizeof *persistence);

    *histories = (struct cell_histories){.window = *window, .options = *options};
    *window = (struct run_window){0};
    histories->cells = arena_array(&histories->window.arena, cells + 1, sizeof *histories->cells);
    int error = arena.error != 0 ? arena.error : histories->window.arena.error;
    if (error == 0)
        list_cells(histories, value);
    if (error == 0 && histories->count > 0)
        error = find_steps(histories, value, persistence);
    arena_free(&arena);
    return error;
}

void cell_histories_free(struct cell_histories *histories)
{
    for (size_t c = 0; c < histories->count; c++)
        steps_free(&histories->cells[c].steps);
    run_window_free(&histories->window);
    *histories = (struct cell_histories){0};
}

const struct accepted_change *step_accepted(const struct run_window *window, const char *cell,
                                            size_t at)
{
    for (size_t i = 0; i < window->accepted_count; i++) {
        const struct accepted_change *accepted = &window->accepted[i];
        if (!accepted->is_gone && accepted->run <= at + STEP_NEAR &&
            at <= accepted->run + STEP_NEAR &&
            (accepted->cell == NULL || strcmp(accepted->cell, cell) == 0))
            return accepted;
    }
    return NULL;
}
