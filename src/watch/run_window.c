/* SPDX-License-Identifier: Apache-2.0 */
/* What a machine measured, up to a run, with what was accepted of it. */
#include "run_window.h"

#include "src/history/store.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int keep_machine(struct run_window *past, const char *machine)
{
    past->machine = strdup(machine);
    return past->machine != NULL ? 0 : -ENOMEM;
}

static int count_newer(struct history *history, const struct history_run *run, size_t *newer)
{
    const struct value values[] = {value_text(run->machine), value_integer(run->date_s),
                                   value_integer(run->sequence)};
    int64_t count = 0;
    int error = store_integer(history,
                              "SELECT count(*) FROM bench_run WHERE"
                              " machine = (SELECT id FROM bench_machine WHERE key = $1)"
                              " AND (date_s > $2 OR (date_s = $2 AND seq > $3))",
                              values, 3, &count);
    *newer = error == 0 ? (size_t)count : 0;
    return error;
}

static int choose_run(struct history *history, const struct run_window_query *query,
                      struct run_window *past, char until[HISTORY_ID + 1])
{
    struct history_runs run;
    int error = history_find(history, query->until, &run);

    if (error != 0)
        return error;
    error = keep_machine(past, run.runs[0].machine);
    if (error == 0 && query->machine != NULL && strcmp(query->machine, past->machine) != 0)
        error = -EXDEV;
    if (error == 0)
        error = count_newer(history, &run.runs[0], &past->newer);
    memcpy(until, run.runs[0].id, HISTORY_ID + 1);
    history_runs_free(&run);
    return error;
}

/* The machine of the newest run. */
static int choose_machine(const struct history_machines *machines, struct run_window *past)
{
    const struct history_run *newest = NULL;

    for (size_t i = 0; i < machines->count; i++) {
        const struct history_run *run = &machines->newest.runs[i];
        if (newest == NULL || run->date_s > newest->date_s ||
            (run->date_s == newest->date_s && run->sequence > newest->sequence))
            newest = run;
    }
    return newest != NULL ? keep_machine(past, newest->machine) : -ENODATA;
}

static int choose(struct history *history, const struct run_window_query *query,
                  struct run_window *past, char until[HISTORY_ID + 1])
{
    struct history_machines machines = {0};
    int error = 0;

    until[0] = '\0';
    if (query->until != NULL)
        error = choose_run(history, query, past, until);
    else if (query->machine != NULL)
        error = keep_machine(past, query->machine);
    if (error == 0)
        error = history_machines(history, &machines);
    if (error == 0 && past->machine == NULL)
        error = choose_machine(&machines, past);
    past->machines = machines.count;
    for (size_t i = 0; error == 0 && i < machines.count; i++)
        if (strcmp(machines.machines[i].key, past->machine) == 0)
            past->machine_runs = machines.machines[i].runs;
    history_machines_free(&machines);
    return error;
}

/* Keeps the first runs only. */
static void cut(struct history_series *series, size_t kept)
{
    size_t runs = series->runs.count;

    for (size_t c = 0; c < series->cell_count; c++) {
        size_t to = c * kept, from = c * runs;
        memmove(series->location_ns + to, series->location_ns + from, kept * sizeof(double));
        memmove(series->pace_ns + to, series->pace_ns + from, kept * sizeof(double));
        memmove(series->samples + to, series->samples + from, kept * sizeof(uint32_t));
        memmove(series->errors + to, series->errors + from, kept * sizeof(uint32_t));
    }
    series->runs.count = kept;
}

static size_t find_run(const struct history_series *series, const char *id)
{
    size_t i = series->runs.count;
    while (i > 0 && strcmp(series->runs.runs[i - 1].id, id) != 0)
        i--;
    return i;
}

static int take_times(struct run_window *past)
{
    const struct history_series *series = &past->series;
    size_t runs = series->runs.count;

    past->time_ns = calloc(series->cell_count * runs + 1, sizeof *past->time_ns);
    if (past->time_ns == NULL)
        return -ENOMEM;
    for (size_t c = 0; c < series->cell_count; c++) {
        const double *from = &series->location_ns[c * runs];
        for (size_t i = 0; i < runs && from != &series->pace_ns[c * runs]; i++)
            if (!isnan(series->pace_ns[c * runs + i]))
                from = &series->pace_ns[c * runs];
        memcpy(&past->time_ns[c * runs], from, runs * sizeof *from);
    }
    return 0;
}

static int by_run(const void *a, const void *b)
{
    const struct accepted_change *x = a, *y = b;
    return (x->run > y->run) - (x->run < y->run);
}

static int take_accepted(struct history *history, struct run_window *past)
{
    int error = history_blessings(history, past->machine, &past->blessings);

    if (error != 0)
        return error;
    past->accepted = calloc(past->blessings.count + 1, sizeof *past->accepted);
    if (past->accepted == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < past->blessings.count; i++) {
        const struct history_blessing *blessing = &past->blessings.blessings[i];
        size_t run = find_run(&past->series, blessing->run);
        if (run > 0)
            past->accepted[past->accepted_count++] =
                (struct accepted_change){run - 1, blessing->cell, blessing->reason};
    }
    qsort(past->accepted, past->accepted_count, sizeof *past->accepted, by_run);
    return 0;
}

int run_window_read(struct history *history, const struct run_window_query *query,
                    struct run_window *past)
{
    char until[HISTORY_ID + 1];

    *past = (struct run_window){0};
    int error = choose(history, query, past, until);
    if (error != 0)
        return error;
    const struct history_query wanted = {.machine = past->machine,
                                         .newest =
                                             query->newest > 0 ? query->newest + past->newer : 0,
                                         .wants = query->wants,
                                         .data = query->data};
    error = history_read(history, &wanted, &past->series);
    if (error == 0 && *until != '\0')
        cut(&past->series, find_run(&past->series, until));
    if (error == 0 && past->series.runs.count == 0)
        error = -ENODATA;
    if (error == 0)
        error = take_times(past);
    return error == 0 ? take_accepted(history, past) : error;
}

void run_window_free(struct run_window *past)
{
    free(past->machine);
    free(past->time_ns);
    free(past->accepted);
    history_series_free(&past->series);
    history_blessings_free(&past->blessings);
    *past = (struct run_window){0};
}
