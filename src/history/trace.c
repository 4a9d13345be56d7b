/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell of a machine went, run after run. */
#include "bench_mmap/watch.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST_VALUES = 2 * RESULTS_STEP_LEAST };

static int summarise(const struct history_past *past, struct history_trace *trace, double *room)
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
    results_sort(room, trace->values);
    trace->median_ns = results_median(room, trace->values);
    return 1;
}

/* Chunks of 4096 come before those of 65536. */
static int by_name(const void *a, const void *b)
{
    const struct history_trace *x = a, *y = b;
    return x->is_control != y->is_control ? x->is_control - y->is_control
                                          : strverscmp(x->cell, y->cell);
}

/* Cells that no run has up to the one asked about are left out. */
static void list_cells(struct history_traces *traces, double *room)
{
    for (size_t c = 0; c < traces->past.series.cell_count; c++) {
        struct history_trace *trace = &traces->traces[traces->count];
        struct results_name parts;
        results_name_parse(traces->past.series.cells[c], &parts);
        *trace = (struct history_trace){.column = c,
                                        .cell = traces->past.series.cells[c],
                                        .is_control = results_name_is_control(&parts)};
        traces->count += (size_t)summarise(&traces->past, trace, room);
    }
    qsort(traces->traces, traces->count, sizeof *traces->traces, by_name);
}

static void take_logs(const struct history_traces *traces, double *value)
{
    size_t runs = traces->past.series.runs.count;

    for (size_t t = 0; t < traces->count; t++) {
        const double *time = &traces->past.time_ns[traces->traces[t].column * runs];
        for (size_t i = 0; i < runs; i++)
            value[t * runs + i] = time[i] > 0 && isfinite(time[i]) ? log(time[i]) : (double)NAN;
    }
}

static int find_steps(struct history_traces *traces, double *value, double *persistence)
{
    size_t runs = traces->past.series.runs.count;
    struct results_step_options options = traces->options;

    take_logs(traces, value);
    int error = results_persistence(value, runs, traces->count, persistence);
    for (size_t t = 0; error == 0 && t < traces->count; t++) {
        struct history_trace *trace = &traces->traces[t];
        options.persistence = persistence[t];
        if (trace->values >= LEAST_VALUES)
            error = results_steps(&value[t * runs], runs, &options, &trace->steps);
    }
    return error;
}

int history_trace(struct history *history, const struct history_past_query *query,
                  const struct results_step_options *options, struct history_traces *traces)
{
    *traces = (struct history_traces){.options = *options};
    int error = history_past(history, query, &traces->past);
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

void history_traces_free(struct history_traces *traces)
{
    for (size_t t = 0; t < traces->count; t++)
        results_steps_free(&traces->traces[t].steps);
    free(traces->traces);
    history_past_free(&traces->past);
    *traces = (struct history_traces){0};
}

const struct history_accepted *history_step_accepted(const struct history_past *past,
                                                     const char *cell, size_t at)
{
    for (size_t i = 0; i < past->accepted_count; i++) {
        const struct history_accepted *accepted = &past->accepted[i];
        if (accepted->run <= at + HISTORY_NEAR && at <= accepted->run + HISTORY_NEAR &&
            (accepted->cell == NULL || strcmp(accepted->cell, cell) == 0))
            return accepted;
    }
    return NULL;
}
