/* SPDX-License-Identifier: Apache-2.0 */
#include "run_window.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DAY_S = 86400 };

static int choose_run(struct history *history, const struct run_window_query *query,
                      struct run_window *window, char until[HISTORY_ID + 1])
{
    struct history_runs run;
    int error = history_find(history, query->until, &run);

    if (error != 0)
        return error;
    int is_others = window->machine != NULL && strcmp(run.runs[0].machine, window->machine) != 0;
    window->machine = arena_text(&window->arena, run.runs[0].machine);
    error = window->arena.error;
    if (error == 0)
        error = is_others ? -EXDEV : history_count_newer(history, &run.runs[0], &window->newer);
    memcpy(until, run.runs[0].id, HISTORY_ID + 1);
    history_runs_free(&run);
    return error;
}

/* The machine that was asked for, or else that of the newest run. */
static int choose_machine(const struct history_machines *machines, const char *wanted,
                          struct run_window *window)
{
    const struct history_run *newest = machines->newest.runs;
    size_t matches = 0;

    if (machines->count == 0)
        return -ENODATA;
    for (const struct history_run *run = newest; run < machines->newest.runs + machines->count;
         run++)
        if (run->date_s > newest->date_s ||
            (run->date_s == newest->date_s && run->sequence > newest->sequence))
            newest = run;
    const char *key =
        wanted == NULL ? newest->machine : history_machine_find(machines, wanted, &matches);
    if (key == NULL)
        return matches == 0 ? -ESRCH : -EMLINK;
    window->machine = arena_text(&window->arena, key);
    return window->arena.error;
}

static int choose(struct history *history, const struct run_window_query *query,
                  struct run_window *window, char until[HISTORY_ID + 1])
{
    struct history_machines machines;
    int error = history_machines(history, &machines);

    /* Which run is the newest of all cannot be told where a machine is damaged. */
    if (error == 0 && query->machine == NULL && query->until == NULL && machines.damaged)
        error = -EUCLEAN;
    if (error == 0 && (query->machine != NULL || query->until == NULL))
        error = choose_machine(&machines, query->machine, window);
    if (error == 0 && query->until != NULL)
        error = choose_run(history, query, window, until);
    window->machines = machines.count;
    for (size_t i = 0; error == 0 && i < machines.count; i++)
        if (strcmp(machines.machines[i].key, window->machine) == 0)
            window->machine_runs = machines.machines[i].runs;
    history_machines_free(&machines);
    return error;
}

static size_t find_run(const struct history_series *series, const char *id)
{
    size_t i = series->runs.count;
    while (i > 0 && strcmp(series->runs.runs[i - 1].id, id) != 0)
        i--;
    return i;
}

/* Runs that took turns with another program, or were bound to a processor for that, have other
 * times than the rest of the series. */
static int is_alone(const struct history_run *run)
{
    return history_context(run, "lockstep") == NULL && history_context(run, "pinned") == NULL;
}

static void leave_out_pairs(struct history_series *series)
{
    size_t kept = 0, cells = 0;

    for (size_t i = 0; i < series->runs.count; i++) {
        if (!is_alone(&series->runs.runs[i]))
            continue;
        series->runs.runs[kept] = series->runs.runs[i];
        for (size_t c = 0; c < series->cell_count; c++)
            series->cells[c].values[kept] = series->cells[c].values[i];
        kept++;
    }
    for (size_t c = 0; c < series->cell_count && kept < series->runs.count; c++) {
        int is_there = 0;
        for (size_t i = 0; i < kept; i++)
            is_there |= !isnan(series->cells[c].values[i].location_ns) ||
                        series->cells[c].values[i].errors > 0;
        series->cells[cells] = series->cells[c];
        cells += (size_t)is_there;
    }
    series->cell_count = kept < series->runs.count ? cells : series->cell_count;
    series->runs.count = kept;
}

static void take_times(struct run_window *window)
{
    const struct history_series *series = &window->series;
    size_t runs = series->runs.count;

    window->time_ns =
        arena_array(&window->arena, series->cell_count * runs, sizeof *window->time_ns);
    for (size_t c = 0; window->time_ns != NULL && c < series->cell_count; c++) {
        const struct history_value *values = series->cells[c].values;
        int has_pace = 0;
        for (size_t i = 0; i < runs && !has_pace; i++)
            has_pace = !isnan(values[i].pace_ns);
        for (size_t i = 0; i < runs; i++)
            window->time_ns[c * runs + i] = has_pace ? values[i].pace_ns : values[i].location_ns;
    }
}

static int by_run(const void *a, const void *b)
{
    const struct accepted_change *x = a, *y = b;
    return (x->run > y->run) - (x->run < y->run);
}

static void take_accepted(struct run_window *window)
{
    window->accepted =
        arena_array(&window->arena, window->blessings.count, sizeof *window->accepted);
    if (window->accepted == NULL)
        return;
    for (size_t i = 0; i < window->blessings.count; i++) {
        const struct history_blessing *blessing = &window->blessings.blessings[i];
        size_t run = find_run(&window->series, blessing->run);
        if (run == 0 && blessing->is_gone && blessing->date_s < window->series.runs.runs[0].date_s)
            run = 1;
        if (run > 0)
            window->accepted[window->accepted_count++] = (struct accepted_change){
                run - 1, blessing->cell, blessing->reason, blessing->is_gone};
    }
    qsort(window->accepted, window->accepted_count, sizeof *window->accepted, by_run);
}

const struct accepted_change *accepted_last(const struct run_window *window, const char *cell,
                                            int is_gone)
{
    for (size_t i = window->accepted_count; i-- > 0;) {
        const struct accepted_change *accepted = &window->accepted[i];
        if (accepted->is_gone == is_gone &&
            (accepted->cell == NULL || strcmp(accepted->cell, cell) == 0))
            return accepted;
    }
    return NULL;
}

static int read_all(struct history *history, const struct run_window_query *query,
                    struct run_window *window)
{
    char until[HISTORY_ID + 1] = "";

    int error = choose(history, query, window, until);
    if (error != 0)
        return error;
    const struct history_query wanted = {.machine = window->machine,
                                         .newest =
                                             query->newest > 0 ? query->newest + window->newer : 0,
                                         .wants = query->wants,
                                         .data = query->data};
    error = history_read(history, &wanted, &window->series);
    leave_out_pairs(&window->series);
    if (error == 0 && *until != '\0')
        window->series.runs.count = find_run(&window->series, until);
    if (error == 0 && window->series.runs.count == 0)
        error = -ENODATA;
    if (error == 0)
        error = history_blessings(history, window->machine, &window->blessings);
    return error;
}

/* All in one transaction: what is added meanwhile must not be in one answer and not in the next. */
int run_window_read(struct history *history, const struct run_window_query *query,
                    struct run_window *window)
{
    *window = (struct run_window){0};
    int error = history_begin(history);
    if (error == 0)
        error = history_end(history, read_all(history, query, window));
    if (error != 0)
        return error;
    take_times(window);
    take_accepted(window);
    return window->arena.error;
}

struct run_window_clock run_window_clock(const struct run_window *window)
{
    const struct history_runs *runs = &window->series.runs;
    struct run_window_clock clock = {.last_added = runs->count - 1};
    int64_t least = INT64_MAX;

    for (size_t i = runs->count; i-- > 0;) {
        const struct history_run *run = &runs->runs[i];
        if (run->sequence > runs->runs[clock.last_added].sequence)
            clock.last_added = i;
        clock.late += run->sequence > least;
        if (run->date_s >= run->added_s + DAY_S && clock.future++ == 0)
            clock.future_at = i;
        least = run->sequence < least ? run->sequence : least;
    }
    return clock;
}

void run_window_free(struct run_window *window)
{
    arena_free(&window->arena);
    history_series_free(&window->series);
    history_blessings_free(&window->blessings);
    *window = (struct run_window){0};
}
