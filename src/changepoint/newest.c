/* SPDX-License-Identifier: Apache-2.0 */
/* Is there a step among the newest runs of a machine? */
#include "newest.h"

#include "src/statistics/quantiles.h"
#include "trials.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The chance that a check finds a false drift; it comes on top of alpha. */
#define DRIFT_ALPHA 0.0001
/* The same of an open regression. Its step is found by another search, with less caution. */
#define OPEN_ALPHA 0.0001

#define SUSPICIOUS_ALPHA 0.009
enum { SHARED_FROM = 100 };

struct watch_options watch_options_default(void)
{
    return (struct watch_options){.alpha = 0.0006,
                                  .alpha_faster = 0.0005,
                                  .margin = 0.02,
                                  .control_margin = 0.05,
                                  .confidence = 0.95,
                                  .newest = 30};
}

struct watch_options watch_options_suspicious(void)
{
    struct watch_options options = watch_options_default();

    options.alpha = SUSPICIOUS_ALPHA;
    options.alpha_faster = 0.002;
    return options;
}

void watch_options_share(struct watch_options *options, size_t runs)
{
    double share = fmax(1, (double)SHARED_FROM / (double)(runs > 0 ? runs : 1));

    options->alpha = fmax(options->alpha, fmin(options->alpha * share, SUSPICIOUS_ALPHA));
}

/* What decides about a row: a trial, and which way it went. */
struct decision {
    const struct trial *trial; /* NULL: there are too few runs for one */
    size_t way;
    double p;
};

struct work {
    struct watch_result *watched;
    const struct watch_options *options;
    struct watch_rows rows;
    struct trials trials;
};

static const struct trial *trial_of(const struct work *work, size_t r, int relative)
{
    for (size_t t = 0; t < work->trials.count; t++)
        if (work->trials.trial[t].row == r && work->trials.trial[t].relative == relative)
            return &work->trials.trial[t];
    return NULL;
}

/* That of the row's own or relative values, whichever of the two decided: each has a memory and
 * older steps of its own. */
static const struct trial *trial_beside(const struct work *work, const struct decision *decision,
                                        int relative)
{
    const struct trial *trial = trial_of(work, decision->trial->row, relative);

    return trial != NULL && relative != decision->trial->relative ? trial : decision->trial;
}

static struct step_options options_for(const struct work *work, const struct trial *trial)
{
    return (struct step_options){.level = work->options->alpha,
                                 .margin = work->options->margin,
                                 .confidence = work->options->confidence,
                                 .persistence = trial->persistence};
}

/* The first run of the new level. */
static size_t since_of(const struct decision *decision)
{
    return decision->trial->peak[decision->way].run;
}

/* How far the row's own or relative values went over the step. */
static int measure(struct work *work, const struct decision *decision, int relative,
                   struct watch_row *row, struct interval *shift)
{
    const struct trial *trial = trial_beside(work, decision, relative);
    const struct step_options options = options_for(work, trial);
    const double *value = relative ? work->rows.relative : work->rows.own;
    size_t from = decision->trial->from, since = since_of(decision);
    double before[STEP_WINDOW], after[STEP_WINDOW];

    if (trial->from > from && trial->from + LEVEL_LEAST <= since)
        from = trial->from;
    value += decision->trial->row * work->rows.runs;
    row->before = stats_present(&value[from], since - from, before);
    row->after = stats_present(&value[since], work->rows.runs - since, after);
    if (row->before > 0 && row->after > 0)
        return steps_shift(before, row->before, after, row->after, &options, shift);
    *shift = (struct interval){(double)NAN, (double)NAN, (double)NAN};
    return 0;
}

static int measure_drift(struct work *work, const struct decision *decision, const double *value,
                         struct watch_row *row)
{
    const struct step_options options = options_for(work, trial_beside(work, decision, 0));
    size_t from = decision->trial->from, level = since_of(decision) - from;
    int error = drift_test(&value[from], work->rows.runs - from, &level, 1, &options, &row->drift);

    row->drift.from += work->rows.first_run + from;
    return error;
}

/* Of the row's times against its peers, from before the step to since then. */
static double relative_shift(const struct work *work, size_t r, const struct decision *decision)
{
    const double *value = &work->rows.relative[r * work->rows.runs];
    size_t from = decision->trial->from, since = since_of(decision);
    double room[STEP_WINDOW];
    double before = stats_median_present(&value[from], since - from, room);

    return stats_median_present(&value[since], work->rows.runs - since, room) - before;
}

/* Two thirds of the rows of that kind that are no part of this one stayed together, away from it.
 */
static int most_stayed(const struct work *work, const struct decision *decision, double shift,
                       enum row_kind kind, size_t *peers)
{
    const struct watch_row *rows = work->watched->rows;
    const struct finding *row = &rows[decision->trial->row].finding;
    /* One of few writers moves the peers of the others. */
    double nearer = row->kind == ROW_WRITER ? 2 : 3;
    size_t near = 0;

    *peers = 0;
    for (size_t r = 0; r < work->rows.count; r++) {
        const struct finding *other = &rows[r].finding;
        double away = relative_shift(work, r, decision);
        if (other == row || other->kind != kind || isnan(away) ||
            (kind != row->kind && work->rows.series->group[other->index] == row->index))
            continue;
        (*peers)++;
        near += nearer * fabs(away) < fabs(shift);
    }
    return *peers >= TOGETHER_LEAST && 3 * near >= 2 * *peers;
}

/* Most others of its kind stayed together, or of few writers their cells did: then it is not they
 * that moved. */
static int is_alone(const struct work *work, const struct decision *decision, double shift)
{
    enum row_kind kind = work->watched->rows[decision->trial->row].finding.kind;
    size_t peers;

    return most_stayed(work, decision, shift, kind, &peers) ||
           (kind == ROW_WRITER && peers < TOGETHER_LEAST &&
            most_stayed(work, decision, shift, ROW_CELL, &peers));
}

/* The row's own times moved that way beyond doubt: of many that did not, chance moves some. */
static int moved_itself(const struct work *work, struct interval shift, double sign)
{
    double estimate = sign * shift.estimate, nearest = sign > 0 ? shift.low : -shift.high;
    double wider = watch_rows_deviations(&work->rows, work->options) /
                   stats_normal_quantile(0.5 + work->options->confidence / 2);

    return estimate >= log1p(work->options->margin) && estimate > wider * (estimate - nearest);
}

/* Against the peers: it may be they that moved, unless they stayed together or the row did itself.
 */
static enum change judge(const struct work *work, const struct decision *decision,
                         struct interval own_shift, double tested_shift)
{
    const struct watch_options *options = work->options;
    double margin = log1p(options->margin), sign = decision->way == 0 ? 1 : -1;

    if (work->watched->rows[decision->trial->row].finding.kind == ROW_CONTROL)
        margin = fmax(margin, log1p(options->control_margin));
    if (!(sign * tested_shift >= margin))
        return CHANGE_INCONCLUSIVE;
    if (decision->trial->relative && !moved_itself(work, own_shift, sign) &&
        !is_alone(work, decision, tested_shift))
        return CHANGE_DIVERGED;
    return decision->way == 0 ? CHANGE_SLOWER : CHANGE_FASTER;
}

static int judge_row(struct work *work, size_t r, const struct decision *decision)
{
    struct watch_row *row = &work->watched->rows[r];
    const double *own = &work->rows.own[r * work->rows.runs];
    struct interval own_shift, tested_shift = {0};
    int is_found = decision->p <= work->options->alpha, error = 0;

    if (is_found && decision->trial->relative)
        error = measure(work, decision, 1, row, &tested_shift);
    if (error == 0)
        error = measure(work, decision, 0, row, &own_shift);
    if (error != 0)
        return error;
    row->finding.ratio = interval_exp(own_shift);
    row->since = work->rows.first_run + since_of(decision);
    row->from = work->rows.first_run + decision->trial->from;
    row->finding.by_relative = decision->trial->relative;
    if (is_found && decision->trial->relative)
        row->finding.relative = interval_exp(tested_shift);
    row->finding.p = decision->p;
    if (!is_found)
        return 0;
    row->finding.change =
        judge(work, decision, own_shift,
              decision->trial->relative ? tested_shift.estimate : own_shift.estimate);
    return row->finding.change == CHANGE_INCONCLUSIVE ? 0 : measure_drift(work, decision, own, row);
}

/* A level that moves a little with every run has no step, and a search for one takes it for
 * persistent noise. The clearest step in its direction is used to measure how far it went. */
static int judge_drift(struct work *work, size_t r)
{
    struct watch_row *row = &work->watched->rows[r];
    const double *own = &work->rows.own[r * work->rows.runs];
    const struct trial *trial = trial_of(work, r, 0);
    double rows = (double)work->rows.count;
    int direction = 0, error = 0;

    if (row->finding.change == CHANGE_INCONCLUSIVE && trial != NULL)
        error = drift_stands_out(&own[trial->from], work->rows.runs - trial->from, &direction);
    if (error != 0 || direction == 0)
        return error;
    struct decision decision = {trial, direction > 0 ? 0 : 1, 0};
    error = measure_drift(work, &decision, own, row);
    if (error != 0 || !row->drift.is_drift || row->drift.p * rows > DRIFT_ALPHA) {
        row->drift = drift_none();
        return error;
    }
    decision.p = row->drift.p * rows * work->options->alpha / DRIFT_ALPHA;
    return judge_row(work, r, &decision);
}

/* What became slower before the newest runs stays so until it is accepted or the level is back. */
static int judge_open(struct work *work, size_t r)
{
    struct watch_row *row = &work->watched->rows[r];
    double rows = (double)work->rows.count;
    int error = 0;

    for (int relative = 0; error == 0 && relative < 2; relative++) {
        const struct trial *trial = trial_of(work, r, relative);
        /* Where too few runs are between them, what was found is that step, seen from too near. */
        if (trial == NULL || trial->open.at == 0 || row->is_open ||
            (finding_is_change(&row->finding) && trial->from >= trial->open.at) ||
            row->finding.kind == ROW_CONTROL || trial->open.p * rows > OPEN_ALPHA)
            continue;
        struct trial then = *trial;
        then.from = trial->open.from;
        then.peak[0].run = trial->open.at;
        struct watch_row found = *row;
        double p = trial->open.p * rows * work->options->alpha / OPEN_ALPHA;
        error = judge_row(work, r, &(struct decision){&then, 0, p});
        row->is_open = row->finding.change == CHANGE_SLOWER;
        if (!row->is_open)
            *row = found;
    }
    return error;
}

/* A row is found by its own times where these suffice, and as slower where it is that too;
 * otherwise the smallest p counts. */
static struct decision decide(const struct work *work, size_t r, double *visible)
{
    struct decision best = {NULL, 0, 2};

    *visible = (double)NAN;
    for (int relative = 0; relative < 2; relative++) {
        const struct trial *trial = trial_of(work, r, relative);
        for (size_t way = 0; trial != NULL && way < 2; way++)
            if (best.p > work->options->alpha && trial->p[way] < best.p)
                best = (struct decision){trial, way, trial->p[way]};
        if (trial != NULL)
            *visible = fmin(*visible, trial->visible);
    }
    return best;
}

/* Where others were found to have moved, that explains why a row moved against them. */
static void settle_apart(struct watch_result *watched)
{
    int others = 0;

    for (size_t r = 0; r < watched->count; r++)
        others += watched->rows[r].finding.kind != ROW_CONTROL &&
                  finding_moved(&watched->rows[r].finding);
    for (size_t r = 0; r < watched->count; r++) {
        struct finding *finding = &watched->rows[r].finding;
        if (finding->change == CHANGE_DIVERGED && others > 0)
            finding->change = CHANGE_INCONCLUSIVE;
        if (finding->kind == ROW_CONTROL) {
            watched->controls += finding->change != CHANGE_INCONCLUSIVE;
        } else {
            watched->slower += finding->change == CHANGE_SLOWER;
            watched->faster += finding->change == CHANGE_FASTER;
            watched->apart += finding->change == CHANGE_DIVERGED;
        }
    }
}

static int judge_all(struct work *work)
{
    double visible, none = (double)NAN;
    int error = 0;

    for (size_t r = 0; error == 0 && r < work->rows.count; r++) {
        struct watch_row *row = &work->watched->rows[r];
        struct decision decision = decide(work, r, &visible);
        row->finding.change = CHANGE_INCONCLUSIVE;
        row->finding.p = none;
        row->finding.ratio = row->finding.relative = (struct interval){none, none, none};
        row->finding.visible = expm1(visible);
        row->drift = drift_none();
        if (decision.trial == NULL)
            continue;
        work->watched->tested++;
        error = judge_row(work, r, &decision);
        if (error == 0)
            error = judge_drift(work, r);
        if (error == 0)
            error = judge_open(work, r);
    }
    settle_apart(work->watched);
    return error;
}

int watch_newest(const struct watch_series *series, const struct watch_options *options,
                 struct watch_result *watched)
{
    struct arena arena = {0};
    struct work work = {.watched = watched, .options = options};

    *watched = (struct watch_result){0};
    if (series->runs == 0 || series->cells == 0)
        return -EINVAL;
    int error = watch_rows_make(series, &arena, &work.rows);
    watched->rows = work.rows.row;
    watched->count = work.rows.count;
    if (error == 0)
        error = trials_run(&work.rows, options, &arena, &work.trials);
    if (error == 0) {
        watched->persistence = work.trials.persistence;
        memcpy(watched->needed, work.trials.needed, sizeof watched->needed);
        error = judge_all(&work);
    }
    arena_free(&arena);
    if (error != 0)
        watch_result_free(watched);
    return error;
}

void watch_result_free(struct watch_result *watched)
{
    free(watched->rows);
    *watched = (struct watch_result){0};
}
