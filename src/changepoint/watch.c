/* SPDX-License-Identifier: Apache-2.0 */
/* Is there a step among the newest runs of a machine? */
#include "watch.h"

#include "trials.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* The chance that a check finds a false drift; it comes on top of alpha. */
#define DRIFT_ALPHA 0.0005

struct watch_options watch_options_default(void)
{
    return (struct watch_options){.alpha = 0.009,
                                  .alpha_faster = 0.002,
                                  .margin = 0.02,
                                  .control_margin = 0.05,
                                  .confidence = 0.95,
                                  .newest = 30};
}

/* The trial that decides about a row, and which way it went. */
struct verdict {
    const struct trial *trial;
    size_t way;
    size_t since;
    double p;
};

struct work {
    struct watch_result *watched;
    const struct watch_options *options;
    struct watch_rows rows;
    struct trials trials;
    double room[2][STEP_WINDOW]; /* before and after */
};

static struct step_options step_options(const struct work *work, double persistence)
{
    return (struct step_options){.level = work->options->alpha,
                                 .margin = work->options->margin,
                                 .confidence = work->options->confidence,
                                 .persistence = persistence};
}

static struct drift no_drift(void)
{
    double none = (double)NAN;
    return (struct drift){{none, none, none}, none, none, 0, none};
}

/* How far the row's values went over the trial's step. */
static int measure(struct work *work, const struct verdict *verdict, const double *value,
                   struct watch_row *row, struct interval *shift)
{
    const struct step_options options = step_options(work, verdict->trial->persistence);
    size_t counts[2] = {0, 0};

    for (size_t i = verdict->trial->from; i < work->rows.runs; i++)
        if (!isnan(value[i]))
            work->room[i >= verdict->since][counts[i >= verdict->since]++] = value[i];
    row->before = counts[0];
    row->after = counts[1];
    if (counts[0] == 0 || counts[1] == 0) {
        *shift = (struct interval){(double)NAN, (double)NAN, (double)NAN};
        return 0;
    }
    return steps_shift(work->room[0], counts[0], work->room[1], counts[1], &options, shift);
}

static int measure_drift(struct work *work, const struct verdict *verdict, const double *value,
                         struct watch_row *row)
{
    const struct step_options options = step_options(work, verdict->trial->persistence);
    size_t from = verdict->trial->from, level = verdict->since - from;

    int error = drift_test(&value[from], work->rows.runs - from, &level, 1, &options, &row->drift);
    return error == -ENODATA ? 0 : error;
}

/* Beyond the margin in its own times, or else it may be the others that moved. */
static enum change judge(const struct work *work, const struct verdict *verdict, double own_shift,
                         double tested_shift)
{
    const struct watch_options *options = work->options;
    double margin = log1p(options->margin), sign = verdict->way == 0 ? 1 : -1;

    if (work->watched->rows[verdict->trial->row].finding.kind == ROW_CONTROL)
        margin = fmax(margin, log1p(options->control_margin));
    if (!(sign * tested_shift >= margin))
        return CHANGE_INCONCLUSIVE;
    if (verdict->trial->relative && !(sign * own_shift >= margin))
        return CHANGE_DIVERGED;
    return verdict->way == 0 ? CHANGE_SLOWER : CHANGE_FASTER;
}

static int judge_row(struct work *work, size_t r, const struct verdict *verdict)
{
    struct watch_row *row = &work->watched->rows[r];
    const double *own = &work->rows.own[r * work->rows.runs];
    const double *tested = &work->rows.relative[r * work->rows.runs];
    struct interval own_shift, tested_shift = {0};
    int is_found = verdict->p <= work->options->alpha, error = 0;

    if (is_found && verdict->trial->relative)
        error = measure(work, verdict, tested, row, &tested_shift);
    if (error == 0)
        error = measure(work, verdict, own, row, &own_shift);
    if (error != 0)
        return error;
    row->finding.ratio =
        (struct interval){exp(own_shift.estimate), exp(own_shift.low), exp(own_shift.high)};
    row->since = work->rows.first_run + verdict->since;
    row->from = work->rows.first_run + verdict->trial->from;
    row->finding.by_relative = verdict->trial->relative;
    row->finding.p = verdict->p;
    if (!is_found)
        return 0;
    row->finding.change =
        judge(work, verdict, own_shift.estimate,
              verdict->trial->relative ? tested_shift.estimate : own_shift.estimate);
    return row->finding.change == CHANGE_INCONCLUSIVE ? 0 : measure_drift(work, verdict, own, row);
}

static const struct trial *own_trial(const struct work *work, size_t r)
{
    for (size_t t = 0; t < work->trials.count; t++)
        if (work->trials.trial[t].row == r && !work->trials.trial[t].relative)
            return &work->trials.trial[t];
    return NULL;
}

static int is_certain(const struct work *work, const struct drift *drift)
{
    return drift->is_drift && drift->p * (double)work->rows.count <= DRIFT_ALPHA;
}

/* A level that moves a little with every run has no step, and a search for one takes it for
 * persistent noise. The clearest step in its direction divides it for the ratio. */
static int judge_drift(struct work *work, size_t r)
{
    struct watch_row *row = &work->watched->rows[r];
    const double *own = &work->rows.own[r * work->rows.runs];
    const struct trial *trial = own_trial(work, r);
    int direction = 0, error = 0;

    if (row->finding.change == CHANGE_INCONCLUSIVE && trial != NULL)
        error = drift_stands_out(&own[trial->from], work->rows.runs - trial->from, &direction);
    if (error != 0 || direction == 0)
        return error;
    size_t way = direction > 0 ? 0 : 1;
    struct verdict verdict = {trial, way, trial->peak[way].run, 0};
    error = measure_drift(work, &verdict, own, row);
    if (error != 0 || !is_certain(work, &row->drift)) {
        row->drift = no_drift();
        return error;
    }
    verdict.p = row->drift.p * (double)work->rows.count * work->options->alpha / DRIFT_ALPHA;
    return judge_row(work, r, &verdict);
}

static double visible(const struct work *work, size_t r)
{
    double least = (double)NAN;

    for (size_t t = 0; t < work->trials.count; t++)
        if (work->trials.trial[t].row == r)
            least = fmin(least, work->trials.trial[t].visible);
    return expm1(least);
}

/* A row is found by its own times where these suffice, and as slower where it is that too;
 * otherwise the smallest p counts. */
static struct verdict deciding(const struct work *work, size_t r)
{
    struct verdict best = {NULL, 0, 0, 2};

    for (size_t t = 0; t < work->trials.count; t++) {
        const struct trial *trial = &work->trials.trial[t];
        for (size_t way = 0; trial->row == r && way < 2; way++)
            if (best.p > work->options->alpha && trial->p[way] < best.p)
                best = (struct verdict){trial, way, trial->peak[way].run, trial->p[way]};
    }
    return best;
}

/* Where others were found to have moved, that explains why a row moved against them. */
static void settle_apart(struct work *work)
{
    struct watch_result *watched = work->watched;
    int others = 0;

    for (size_t r = 0; r < watched->count; r++)
        others += watched->rows[r].finding.kind != ROW_CONTROL &&
                  (watched->rows[r].finding.change == CHANGE_SLOWER ||
                   watched->rows[r].finding.change == CHANGE_FASTER);
    for (size_t r = 0; r < watched->count; r++) {
        struct watch_row *row = &watched->rows[r];
        if (row->finding.change == CHANGE_DIVERGED && others > 0)
            row->finding.change = CHANGE_INCONCLUSIVE;
        int found = row->finding.change != CHANGE_INCONCLUSIVE;
        if (row->finding.kind == ROW_CONTROL) {
            watched->controls += found;
        } else {
            watched->slower += row->finding.change == CHANGE_SLOWER;
            watched->faster += row->finding.change == CHANGE_FASTER;
            watched->apart += row->finding.change == CHANGE_DIVERGED;
        }
    }
}

static int judge_all(struct work *work)
{
    for (size_t r = 0; r < work->rows.count; r++) {
        struct verdict verdict = deciding(work, r);
        struct watch_row *row = &work->watched->rows[r];
        double none = (double)NAN;
        row->finding.change = CHANGE_INCONCLUSIVE;
        row->finding.p = none;
        row->finding.ratio = row->finding.relative = (struct interval){none, none, none};
        row->drift = no_drift();
        row->finding.visible = visible(work, r);
        if (verdict.trial == NULL)
            continue;
        work->watched->tested++;
        int error = judge_row(work, r, &verdict);
        if (error == 0)
            error = judge_drift(work, r);
        if (error != 0)
            return error;
    }
    settle_apart(work);
    return 0;
}

int watch_newest(const struct watch_series *series, const struct watch_options *options,
                 struct watch_result *watched)
{
    struct work *work = calloc(1, sizeof *work);

    *watched = (struct watch_result){0};
    if (series->runs == 0 || series->cells == 0) {
        free(work);
        return -EINVAL;
    }
    if (work == NULL)
        return -ENOMEM;
    work->watched = watched;
    work->options = options;
    int error = watch_rows_make(series, &work->rows);
    if (error == 0)
        error = trials_run(&work->rows, options, &work->trials);
    if (error == 0) {
        watched->rows = work->rows.row;
        watched->count = work->rows.count;
        watched->persistence = work->trials.persistence;
        trials_needed(&work->rows, options, watched->needed);
        work->rows.row = NULL;
        error = judge_all(work);
    }
    trials_free(&work->trials);
    watch_rows_free(&work->rows);
    free(work);
    if (error != 0)
        watch_result_free(watched);
    return error;
}

void watch_result_free(struct watch_result *watched)
{
    free(watched->rows);
    *watched = (struct watch_result){0};
}
