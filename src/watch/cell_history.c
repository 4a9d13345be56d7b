/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell of a machine went, run after run. */
#include "cell_history.h"

#include "context_changes.h"
#include "src/changepoint/noise.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_VALUES = 2 * STEP_LEAST };

static int summarise(const struct run_window *past, struct cell_history *trace, double *room)
{
    const double *time = &past->time_ns[trace->column * past->series.runs.count];

    trace->values = 0;
    for (size_t i = 0; i < past->series.runs.count; i++)
        if (time[i] > 0)
            room[trace->values++] = time[i];
    if (trace->values == 0)
        return 0;
    trace->first_ns = room[0];
    trace->last_ns = room[trace->values - 1];
    stats_sort(room, trace->values);
    trace->median_ns = stats_median(room, trace->values);
    return 1;
}

/* Chunks of 4096 come before those of 65536. */
static int by_name(const void *a, const void *b)
{
    const struct cell_history *x = a, *y = b;
    return x->is_control != y->is_control ? x->is_control - y->is_control
                                          : strverscmp(x->cell, y->cell);
}

/* Cells that no run has up to the one asked about are left out. */
static void list_cells(struct cell_histories *traces, double *room)
{
    for (size_t c = 0; c < traces->past.series.cell_count; c++) {
        struct cell_history *trace = &traces->traces[traces->count];
        struct name parts;
        name_parse(traces->past.series.cells[c], &parts);
        *trace = (struct cell_history){.column = c,
                                       .cell = traces->past.series.cells[c],
                                       .is_control = name_is_control(&parts)};
        traces->count += (size_t)summarise(&traces->past, trace, room);
    }
    qsort(traces->traces, traces->count, sizeof *traces->traces, by_name);
}

static void take_logs(const struct cell_histories *traces, double *value)
{
    size_t runs = traces->past.series.runs.count;

    for (size_t t = 0; t < traces->count; t++) {
        const double *time = &traces->past.time_ns[traces->traces[t].column * runs];
        for (size_t i = 0; i < runs; i++)
            value[t * runs + i] = time[i] > 0 && isfinite(time[i]) ? log(time[i]) : (double)NAN;
    }
}

static int find_steps(struct cell_histories *traces, double *value, double *persistence)
{
    size_t runs = traces->past.series.runs.count;
    struct step_options options = traces->options;

    take_logs(traces, value);
    int error = noise_persistence(value, runs, traces->count, persistence);
    for (size_t t = 0; error == 0 && t < traces->count; t++) {
        struct cell_history *trace = &traces->traces[t];
        options.persistence = persistence[t];
        if (trace->values >= LEAST_VALUES)
            error = steps_of_series(&value[t * runs], runs, &options, &trace->steps);
    }
    return error;
}

int cell_histories_read(struct history *history, const struct run_window_query *query,
                        const struct step_options *options, struct cell_histories *traces)
{
    *traces = (struct cell_histories){.options = *options};
    int error = run_window_read(history, query, &traces->past);
    if (error != 0)
        return error;
    size_t cells = traces->past.series.cell_count, runs = traces->past.series.runs.count;
    double *value = calloc((cells + 1) * runs, sizeof *value);
    double *persistence = calloc(cells + 1, sizeof *persistence);
    traces->traces = calloc(cells + 1, sizeof *traces->traces);
    if (value == NULL || persistence == NULL || traces->traces == NULL) {
        error = -ENOMEM;
    } else {
        list_cells(traces, value);
        error = traces->count > 0 ? find_steps(traces, value, persistence) : 0;
    }
    free(value);
    free(persistence);
    return error;
}

void cell_histories_free(struct cell_histories *traces)
{
    for (size_t t = 0; t < traces->count; t++)
        steps_free(&traces->traces[t].steps);
    free(traces->traces);
    run_window_free(&traces->past);
    *traces = (struct cell_histories){0};
}

const struct accepted_change *step_accepted(const struct run_window *past, const char *cell,
                                            size_t at)
{
    for (size_t i = 0; i < past->accepted_count; i++) {
        const struct accepted_change *accepted = &past->accepted[i];
        if (accepted->run <= at + STEP_NEAR && at <= accepted->run + STEP_NEAR &&
            (accepted->cell == NULL || strcmp(accepted->cell, cell) == 0))
            return accepted;
    }
    return NULL;
}
