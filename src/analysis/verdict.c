/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What makes a run's figures doubtful. The limits are for people who read a table, not for tests:
 * below a note's limit nothing would be decided otherwise; beyond a doubt's limit a repetition of
 * the run may well name another winner.
 */
#include "verdict.h"

#include "cell_table.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

static const struct limits {
    double note;
    double doubt;
} spread_limits = {0.10, 0.25}, stolen_limits = {0.01, 0.05}, drift_limits = {0.05, 0.15},
  switch_limits = {20, 200},  /* involuntary, a second of measured time */
    load_limits = {0.5, 1.0}; /* a core */

static const double HUGE_LEAST = 0.5;    /* the ends of a file need not fill one */
static const double OTHERS_LEAST = 0.01; /* of the machine's processor time */

enum { CELLS_FOR_DRIFT = 4, SAMPLES_FOR_DRIFT = 9 };

/* Doubts are kept before the notes, both in the order found. */
static struct verdict_finding *find(struct verdict *verdict, enum verdict_kind kind, int doubt,
                                    double figure)
{
    struct verdict_finding *found = &verdict->findings[doubt ? verdict->doubts : verdict->count];

    memmove(found + 1, found, (size_t)(&verdict->findings[verdict->count] - found) * sizeof *found);
    *found = (struct verdict_finding){.kind = kind, .doubt = doubt, .figure = {figure}};
    verdict->count++;
    verdict->doubts += doubt != 0;
    return found;
}

/* Where a count is not 0. */
static void find_count(struct verdict *verdict, enum verdict_kind kind, int doubt, size_t count)
{
    if (count > 0)
        find(verdict, kind, doubt, (double)count);
}

/* Where the figure, or its size, is beyond the limit. */
static void find_beyond(struct verdict *verdict, enum verdict_kind kind, struct limits limits,
                        double figure)
{
    if (fabs(figure) > limits.note)
        find(verdict, kind, fabs(figure) > limits.doubt, figure);
}

struct totals {
    size_t measured, failed, partly_failed, skipped_rows, unusable, pooled, aggregated, few, zero;
    double time, stolen, involuntary, writeback_share;
    size_t writeback_samples, stolen_rows;
    double huge, huge_wanted; /* bytes */
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
    totals->partly_failed += cell->errors > 0 && cell->samples > 0;
    if (cell->errors > 0 && totals->first_failed == NULL) {
        totals->first_failed = cell->name;
        totals->first_error = cell->error;
    }
    totals->skipped_rows += cell->skipped;
    totals->unusable += cell->unusable;
    totals->pooled += cell->pooled > 0;
    totals->few += cell->samples > 0 && cell->samples < VERDICT_SAMPLES_WANTED;
    for (size_t i = 0; i < cell->samples; i++)
        totals->zero += cell->values[METRIC_TIME][i] == 0;
    totals->time += sum_of(cell->values[METRIC_TIME], cell->samples);
    totals->stolen += sum_of(cell->values[METRIC_STOLEN], cell->samples);
    totals->stolen_rows += cell->values[METRIC_STOLEN] != NULL ? cell->samples : 0;
    totals->involuntary += sum_of(cell->values[METRIC_INVOLUNTARY], cell->samples);
    if (cell->values[METRIC_HUGE_PAGES] != NULL) {
        totals->huge += sum_of(cell->values[METRIC_HUGE_PAGES], cell->samples);
        totals->huge_wanted += (double)cell->parts.size_bytes * (double)cell->samples;
    }
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
    const double *times = cell->values[METRIC_TIME];
    size_t third = cell->samples / 3;
    double *values = malloc((third + 1) * sizeof *values);

    if (values == NULL)
        return -ENOMEM;
    memcpy(values, times, third * sizeof *values);
    double first = stats_median_of(values, third);
    memcpy(values, times + cell->samples - third, third * sizeof *values);
    *drift = log(stats_median_of(values, third) / first);
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
    if (error == 0 && spread_count > 0)
        verdict->spread = stats_median_of(spreads, spread_count);
    if (error == 0 && drift_count >= CELLS_FOR_DRIFT) {
        verdict->drift = expm1(stats_median_of(drifts, drift_count));
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
    if (totals->measured == 0)
        find(verdict, totals->aggregated > 0 ? VERDICT_AGGREGATES_ONLY : VERDICT_NOTHING_MEASURED,
             1, 0);
    if (totals->failed > 0) {
        struct verdict_finding *failed = find(verdict, VERDICT_FAILED, 0, (double)totals->failed);
        failed->figure[1] = (double)totals->partly_failed;
        failed->name = totals->first_failed;
        failed->reason = totals->first_error;
    }
    find_count(verdict, VERDICT_SKIPPED, 0, totals->skipped_rows);
    find_count(verdict, VERDICT_UNUSABLE_TIMES, 1, totals->unusable);
    find_count(verdict, VERDICT_POOLED, 0, totals->pooled);
    find_count(verdict, VERDICT_ZERO_TIMES, 1, totals->zero);
    if (totals->few > 0)
        find(verdict, VERDICT_FEW_SAMPLES, 1, (double)totals->few)->figure[1] =
            (double)totals->measured;
}

static void judge_noise(const struct totals *totals, double others, double drift_error,
                        struct verdict *verdict)
{
    double writeback = totals->writeback_share / (double)totals->writeback_samples;

    find_beyond(verdict, VERDICT_SPREAD, spread_limits, verdict->spread);
    find_beyond(verdict, VERDICT_STOLEN, stolen_limits, verdict->stolen);
    /* Its own threads and writeback interrupt it, too. */
    if (totals->time > 0 && !(others < OTHERS_LEAST))
        find_beyond(verdict, VERDICT_SWITCHES, switch_limits,
                    totals->involuntary / (totals->time / 1e9));
    if (fabs(log1p(verdict->drift)) > 3 * drift_error)
        find_beyond(verdict, VERDICT_DRIFT, drift_limits, verdict->drift);
    if (writeback > 0.25)
        find(verdict, VERDICT_WRITEBACK, 1, writeback);
    if (totals->huge < HUGE_LEAST * totals->huge_wanted)
        find(verdict, VERDICT_HUGE_PAGES, 0, totals->huge / totals->huge_wanted);
}

static void judge_machine(const struct run *run, struct verdict *verdict)
{
    const char *file_system = run_context(run, "file_system");
    const char *build = run_context(run, "unfit_build");
    const char *lacks = run_context(run, "machine_key_lacks");
    double cores =
        run_context_number(run, "cores", run_context_number(run, "num_cpus", (double)NAN));
    double load =
        run_context_number(run, "load_before", run_context_number(run, "load_avg", (double)NAN));

    if (load / cores > load_limits.note)
        find(verdict, VERDICT_LOAD, load / cores > load_limits.doubt, load)->figure[1] = cores;
    if (file_system != NULL &&
        (strcmp(file_system, "tmpfs") == 0 || strcmp(file_system, "ramfs") == 0))
        find(verdict, VERDICT_IN_MEMORY, 0, 0)->name = file_system;
    if (build != NULL && strcmp(build, "no") != 0)
        find(verdict, VERDICT_UNFIT_BUILD, 1, 0)->name = build;
    if (lacks != NULL && strcmp(lacks, "nothing") != 0)
        find(verdict, VERDICT_KEY_INCOMPLETE, 0, 0)->name = lacks;
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
    double of_cell, planned = run_planned(run, &of_cell);
    if (!isnan(planned))
        find(verdict, VERDICT_INTERRUPTED, 1, (double)run->sample_count)->figure[1] = planned;
    judge_rows(&totals, verdict);
    judge_noise(&totals, run_context_number(run, "others_percent", none) / 100, drift_error,
                verdict);
    judge_machine(run, verdict);
    return 0;
}
