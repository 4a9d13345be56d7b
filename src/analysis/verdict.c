/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a run's figures doubtful. The limits are for people who read a table, not for tests:
 * below a note's limit nothing would be decided otherwise; beyond a doubt's limit a repetition of
 * the run may well name another winner.
 */
#include "verdict.h"

#include "src/report/format.h"
#include "src/statistics/quantiles.h"
#include "summary.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    double note;
    double doubt;
} spread_limits = {0.10, 0.25}, stolen_limits = {0.01, 0.05}, drift_limits = {0.05, 0.15},
  switch_limits = {20, 200},  /* involuntary, a second of measured time */
    load_limits = {0.5, 1.0}; /* a core */

enum { SAMPLES_WANTED = 6, CELLS_FOR_DRIFT = 4, SAMPLES_FOR_DRIFT = 9 };

static void find(struct verdict *verdict, int doubt, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Doubts are kept before the notes, both in the order found. */
static void find(struct verdict *verdict, int doubt, const char *format, ...)
{
    va_list arguments;
    size_t at = doubt ? verdict->doubts : verdict->count;

    if (verdict->count == VERDICT_FINDINGS_MAX)
        return;
    memmove(&verdict->findings[at + 1], &verdict->findings[at],
            (verdict->count - at) * sizeof verdict->findings[0]);
    verdict->findings[at].doubt = doubt;
    va_start(arguments, format);
    vsnprintf(verdict->findings[at].text, VERDICT_TEXT, format, arguments);
    va_end(arguments);
    verdict->count++;
    verdict->doubts += (size_t)doubt;
}

struct totals {
    size_t measured, failed, skipped_rows, unusable, pooled, aggregated, few, zero;
    double time, stolen, involuntary, writeback_share;
    size_t writeback_samples, stolen_rows;
    const char *first_failed, *first_error;
};

static double sum_of(const double *values, size_t count)
{
    double sum = 0;
    for (size_t i = 0; values != NULL && i < count; i++)
        if (isfinite(values[i]))
            sum += values[i];
    return sum;
}

static void add_up(const struct cell *cell, struct totals *totals)
{
    const double *writeback = cell->values[METRIC_WRITEBACK];

    totals->measured += cell->samples > 0;
    totals->aggregated += cell->samples == 0 && isfinite(cell->aggregate_ns);
    totals->failed += cell->errors > 0;
    if (cell->errors > 0 && totals->first_failed == NULL) {
        totals->first_failed = cell->name;
        totals->first_error = cell->error;
    }
    totals->skipped_rows += cell->skipped;
    totals->unusable += cell->unusable;
    totals->pooled += cell->pooled > 0;
    totals->few += cell->samples > 0 && cell->samples < SAMPLES_WANTED;
    for (size_t i = 0; i < cell->samples; i++)
        totals->zero += cell->values[METRIC_TIME][i] == 0;
    totals->time += sum_of(cell->values[METRIC_TIME], cell->samples);
    totals->stolen += sum_of(cell->values[METRIC_STOLEN], cell->samples);
    totals->stolen_rows += cell->values[METRIC_STOLEN] != NULL ? cell->samples : 0;
    totals->involuntary += sum_of(cell->values[METRIC_INVOLUNTARY], cell->samples);
    if (writeback != NULL && cell->parts.size_bytes > 0) {
        totals->writeback_share +=
            sum_of(writeback, cell->samples) / (double)cell->parts.size_bytes;
        totals->writeback_samples += cell->samples;
    }
}

/* log(median of the last third of the repetitions / median of the first third). Repetitions stand
 * in the order they ran; with random interleaving they are spread over the whole run. */
static int drift_of(const struct cell *cell, double *drift)
{
    size_t third = cell->samples / 3;
    double *values = malloc((third + 1) * 2 * sizeof *values);

    if (values == NULL)
        return -ENOMEM;
    memcpy(values, cell->values[METRIC_TIME], third * sizeof *values);
    memcpy(values + third, cell->values[METRIC_TIME] + cell->samples - third,
           third * sizeof *values);
    stats_sort(values, third);
    stats_sort(values + third, third);
    *drift = log(stats_median(values + third, third) / stats_median(values, third));
    free(values);
    return 0;
}

/* Medians over the cells: of the spread, and of the drift with its standard error. */
static int measure(const struct run *run, struct verdict *verdict, double *drift_error)
{
    double *spreads = malloc((run->cell_count + 1) * sizeof *spreads);
    double *drifts = malloc((run->cell_count + 1) * sizeof *drifts);
    size_t spread_count = 0, drift_count = 0;
    int error = spreads == NULL || drifts == NULL ? -ENOMEM : 0;

    for (size_t i = 0; error == 0 && i < run->cell_count; i++) {
        struct summary summary;
        const struct cell *cell = &run->cells[i];
        if (cell_summarise(cell, METRIC_TIME, &summary) != 0 || cell->samples < 4)
            continue;
        spreads[spread_count++] = summary.spread;
        if (cell->samples < SAMPLES_FOR_DRIFT || cell->pooled > 0 || summary.minimum == 0)
            continue;
        error = drift_of(cell, &drifts[drift_count]);
        drift_count++;
    }
    if (error == 0 && spread_count > 0) {
        stats_sort(spreads, spread_count);
        verdict->spread = stats_median(spreads, spread_count);
    }
    if (error == 0 && drift_count >= CELLS_FOR_DRIFT) {
        stats_sort(drifts, drift_count);
        verdict->drift = expm1(stats_median(drifts, drift_count));
        /* The error of a median from the quartiles: 1.25 x (range / 1.35) / sqrt(n). */
        *drift_error =
            1.25 / 1.35 / sqrt((double)drift_count) *
            (stats_quantile(drifts, drift_count, 0.75) - stats_quantile(drifts, drift_count, 0.25));
    }
    free(spreads);
    free(drifts);
    return error;
}

static void judge_rows(const struct totals *totals, struct verdict *verdict)
{
    if (totals->measured == 0 && totals->aggregated > 0)
        find(verdict, 1,
             "The file keeps aggregates only: nothing can be said about its noise "
             "(leave --benchmark_report_aggregates_only out).");
    else if (totals->measured == 0)
        find(verdict, 1, "Nothing was measured.");
    if (totals->failed > 0)
        find(verdict, 0, "%zu cell%s failed; the first is %.80s: %.80s", totals->failed,
             totals->failed == 1 ? "" : "s", totals->first_failed,
             totals->first_error != NULL ? totals->first_error : "no reason given");
    if (totals->skipped_rows > 0)
        find(verdict, 0, "%zu rows were skipped by the program.", totals->skipped_rows);
    if (totals->unusable > 0)
        find(verdict, 1,
             "%zu rows have a time that is no time (NaN, infinite or negative) and "
             "were left out.",
             totals->unusable);
    if (totals->pooled > 0)
        find(verdict, 0,
             "%zu cells begin their repetitions more than once: rows of the same name "
             "were pooled.",
             totals->pooled);
    if (totals->zero > 0)
        find(verdict, 1, "%zu times read zero: they are below the step of the clock.",
             totals->zero);
    if (totals->few > 0)
        find(verdict, 1, "%zu of %zu cells have fewer than %d samples: no interval can be given.",
             totals->few, totals->measured, SAMPLES_WANTED);
}

static void judge_noise(const struct totals *totals, double drift_error, struct verdict *verdict)
{
    char share[FORMAT_MAX];
    double switches = totals->time > 0 ? totals->involuntary / (totals->time / 1e9) : 0;

    if (verdict->spread > spread_limits.note) {
        format_percent(verdict->spread, share);
        find(verdict, verdict->spread > spread_limits.doubt,
             "The samples of a cell are spread by %s (middle half, median over the cells): %s",
             share,
             verdict->spread > spread_limits.doubt
                 ? "a very noisy machine; take more repetitions, or run it again when it is quiet."
                 : "a noisy machine.");
    }
    if (verdict->stolen > stolen_limits.note) {
        format_percent(verdict->stolen, share);
        find(verdict, verdict->stolen > stolen_limits.doubt, "The hypervisor took %s of the time.",
             share);
    }
    if (switches > switch_limits.note)
        find(verdict, switches > switch_limits.doubt,
             "The program was put aside %.0f times a second: other programs ran beside it.",
             switches);
    if (fabs(verdict->drift) > drift_limits.note && fabs(log1p(verdict->drift)) > 3 * drift_error) {
        format_percent(fabs(verdict->drift), share);
        find(verdict, fabs(verdict->drift) > drift_limits.doubt,
             "The machine became %s by %s from the first third of the repetitions to the last.",
             verdict->drift > 0 ? "slower" : "faster", share);
    }
    if (totals->writeback_samples > 0 &&
        totals->writeback_share / (double)totals->writeback_samples > 0.25)
        find(verdict, 1,
             "Earlier data was still on its way to the disk while samples ran: "
             "writeback disturbed them.");
}

static void judge_machine(const struct run *run, struct verdict *verdict)
{
    const char *file_system = run_context(run, "file_system");
    double cores =
        run_context_number(run, "cores", run_context_number(run, "num_cpus", (double)NAN));
    double load =
        run_context_number(run, "load_before", run_context_number(run, "load_avg", (double)NAN));

    if (load / cores > load_limits.note)
        find(verdict, load / cores > load_limits.doubt,
             "The load was %.1f on %.0f cores when the run began: it did not have the machine to "
             "itself.",
             load, cores);
    if (file_system != NULL &&
        (strcmp(file_system, "tmpfs") == 0 || strcmp(file_system, "ramfs") == 0))
        find(verdict, 0, "The files were on %s: this is memory, not a disk.", file_system);
}

int verdict_make(const struct run *run, struct verdict *verdict)
{
    struct totals totals = {0};
    double none = (double)NAN, drift_error = 0;

    *verdict = (struct verdict){.spread = none, .stolen = none, .drift = none};
    int error = measure(run, verdict, &drift_error);
    if (error != 0)
        return error;
    for (size_t i = 0; i < run->cell_count; i++)
        add_up(&run->cells[i], &totals);
    verdict->stolen = totals.stolen_rows > 0 && totals.time > 0
                          ? totals.stolen / totals.time
                          : run_context_number(run, "stolen_percent", none) / 100;
    judge_rows(&totals, verdict);
    judge_noise(&totals, drift_error, verdict);
    judge_machine(run, verdict);
    return 0;
}
