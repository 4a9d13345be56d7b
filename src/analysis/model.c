/* SPDX-License-Identifier: Apache-2.0 */
#include "misfit.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

static const double SCATTER_MAX = 0.25;       /* root mean square beyond which it is of no use */
static const double PATTERN_TOLERATED = 0.10; /* a pattern this small does no harm */

/* von Neumann's ratio of the mean squared successive difference to the variance: smaller than
 * chance allows (one-sided 5 %, normal approximation) when neighbours resemble each other. */
static int follows_pattern(const struct model_data *points)
{
    const struct model_point *point = points->point;
    double n = (double)points->count, mean = 0, steps = 0, square = 0;

    for (size_t i = 0; i < points->count; i++)
        mean += point[i].residual / n;
    for (size_t i = 0; i < points->count; i++) {
        double step = i + 1 < points->count ? point[i + 1].residual - point[i].residual : 0;
        square += (point[i].residual - mean) * (point[i].residual - mean);
        steps += step * step;
    }
    double ratio = steps / square; /* expectation 2, variance 4(n-2)/(n^2-1) */
    return square > 0 && ratio < 2 - 1.645 * sqrt(4 * (n - 2) / (n * n - 1));
}

static void judge(struct model_data *points, const double *costs, struct model *model)
{
    double square = 0;

    model->worst_residual = 0;
    for (size_t i = 0; i < points->count; i++) {
        struct model_point *point = &points->point[i];
        point->residual = 1 - cost_fit_time(costs, point->count) / point->time_ns;
        square += point->residual * point->residual;
        if (fabs(point->residual) > fabs(model->worst_residual)) {
            model->worst_residual = point->residual;
            model->worst_chunk_bytes = point->chunk_bytes;
        }
    }
    model->residual = sqrt(square / (double)points->count);
    if (model->residual > SCATTER_MAX)
        model->refusal = MODEL_SCATTER;
    else if (fabs(model->worst_residual) > PATTERN_TOLERATED && follows_pattern(points))
        model->refusal = MODEL_STRUCTURE;
}

/* The costs of every replicate, and where every cell has two samples or more, their intervals. */
static int draw_costs(struct model_data *points, const struct cost_fit *fit, size_t replicates,
                      struct model *model)
{
    double *column = malloc(replicates * sizeof *column);
    struct random random;
    int error = 0;

    random_seed(&random, points->count);
    double misfit = misfit_deviation(points, fit, replicates, &random);
    model->replicates = replicates;
    model->draws = malloc(replicates * TERMS * sizeof *model->draws);
    if (column == NULL || model->draws == NULL)
        error = -ENOMEM;
    for (size_t b = 0; error == 0 && b < replicates; b++) {
        for (size_t i = 0; i < points->count; i++) {
            struct model_point *point = &points->point[i];
            double draw = point->cell->draws[b];
            point->drawn_ns = isnan(draw) ? point->time_ns : exp(draw);
        }
        if (misfit > 0)
            misfit_draw(&random, misfit, points);
        error = cost_fit_solve(points, fit, model->draws + b * TERMS);
    }
    for (int t = 0; t < TERMS && error == 0 && points->replicated; t++) {
        for (size_t b = 0; b < replicates; b++)
            column[b] = model->draws[b * TERMS + (size_t)t];
        if (model->used[t])
            model->cost_ns[t] = stats_percentiles(model->cost_ns[t].estimate, column, replicates);
    }
    free(column);
    return error == -EDOM ? -EINVAL : error;
}

static void describe(const struct model_data *points, struct model *model)
{
    double faults = 0;

    for (size_t i = 0; i < points->count; i++)
        faults += points->point[i].count[TERM_FAULT] / (double)points->count;
    model->points = points->count;
    model->faults_per_file = points->count > 0 ? faults : (double)NAN;
}

static int has_counts(const struct model_data *points)
{
    for (size_t i = 0; i < points->count; i++)
        for (int t = TERM_CHUNK; t < TERMS; t++)
            if (isfinite(points->point[i].count[t]))
                return 1;
    return 0;
}

/* Chooses terms, fits and judges; the refusal is in the model. */
static int try_terms(struct model_data *points, int folios, struct cost_fit *fit, double *costs,
                     struct model *model)
{
    model->refusal = MODEL_HOLDS;
    cost_fit_choose(points, folios, fit);
    if (points->count < fit->terms + 2)
        model->refusal = MODEL_TOO_FEW;
    else if (cost_fit_solve(points, fit, costs) != 0)
        return -EINVAL;
    else
        judge(points, costs, model);
    return 0;
}

/* Whether the term per folio is worth it: where the line is refused without, where it halves what
 * is left, and where both are refused and it still says better where they miss. */
static int wants_folios(const struct model *plain, const struct model *folios)
{
    if (folios->refusal == MODEL_TOO_FEW)
        return 0;
    if (folios->refusal != MODEL_HOLDS)
        return plain->refusal != MODEL_HOLDS && folios->residual < plain->residual;
    return plain->refusal != MODEL_HOLDS || folios->residual < plain->residual / 2;
}

static int fit_model(struct model_data *points, size_t replicates, struct model *model)
{
    struct cost_fit fits[2];
    struct model tried[2] = {*model, *model};
    double costs[2][TERMS];
    int error = 0;

    for (int folios = 0; error == 0 && folios < 2; folios++)
        error = try_terms(points, folios, &fits[folios], costs[folios], &tried[folios]);
    if (error != 0)
        return error;
    int best = wants_folios(&tried[0], &tried[1]);
    const struct cost_fit *fit = &fits[best];
    *model = tried[best];
    if (model->refusal != MODEL_HOLDS)
        return 0;
    judge(points, costs[best], model); /* the points' residuals are of the last that was tried */
    for (size_t t = 0; t < fit->terms; t++) {
        model->used[fit->term[t]] = 1;
        model->cost_ns[fit->term[t]].estimate = costs[best][fit->term[t]];
    }
    return draw_costs(points, fit, replicates, model);
}

int model_fit(const struct bootstrap *bootstrap, const struct cell_tables *tables, size_t table,
              size_t writer, struct model *model)
{
    struct model_data points;

    *model = (struct model){.writer = writer};
    for (int t = 0; t < TERMS; t++)
        model->cost_ns[t] = (struct interval){(double)NAN, (double)NAN, (double)NAN};
    int error = model_data_gather(bootstrap, tables, table, writer, &points);
    if (error == 0) {
        describe(&points, model);
        if (!has_counts(&points))
            model->refusal = MODEL_NO_COUNTS;
        else if (points.zero_times)
            model->refusal = MODEL_ZERO_TIMES;
        else if (points.count < 3)
            model->refusal = MODEL_TOO_FEW;
        else
            error = fit_model(&points, bootstrap->replicates, model);
    }
    model_data_free(&points);
    if (error != 0)
        model_free(model);
    return error;
}

void model_free(struct model *model)
{
    free(model->draws);
    model->draws = NULL;
}

double model_fault_bound(const struct model *model)
{
    if (model->refusal != MODEL_HOLDS || model->used[TERM_FAULT] ||
        !(model->faults_per_file >= 100))
        return (double)NAN;
    return model->cost_ns[TERM_FIXED].estimate / model->faults_per_file;
}

int model_predict(const struct model *model, const struct cell_table *table, uint64_t chunk_bytes,
                  struct interval *time_ns)
{
    double count[TERMS], costs[TERMS], none = (double)NAN;

    *time_ns = (struct interval){none, none, none};
    if (model->refusal != MODEL_HOLDS)
        return -ENODATA;
    int error = model_data_counts_at(table, model->writer, chunk_bytes, count);
    if (error != 0)
        return error;
    double *draws = malloc((model->replicates + 1) * sizeof *draws);
    if (draws == NULL)
        return -ENOMEM;
    for (int t = 0; t < TERMS; t++)
        costs[t] = model->used[t] ? model->cost_ns[t].estimate : 0;
    for (size_t b = 0; b < model->replicates; b++)
        draws[b] = cost_fit_time(model->draws + b * TERMS, count);
    *time_ns = stats_percentiles(cost_fit_time(costs, count), draws, model->replicates);
    /* Two sources of error, taken as independent: the costs' and the model's own misfit. */
    double misfit = 2 * model->residual * time_ns->estimate;
    double low = time_ns->estimate - time_ns->low, high = time_ns->high - time_ns->estimate;
    time_ns->low = fmax(0, time_ns->estimate - hypot(low, misfit));
    time_ns->high = time_ns->estimate + hypot(high, misfit);
    free(draws);
    return 0;
}

int model_terms(const struct model *model, const struct cell_table *table, uint64_t chunk_bytes,
                double terms_ns[TERMS])
{
    double count[TERMS];
    int error = model->refusal != MODEL_HOLDS
                    ? -ENODATA
                    : model_data_counts_at(table, model->writer, chunk_bytes, count);

    for (int t = 0; t < TERMS; t++)
        terms_ns[t] = error != 0 ? (double)NAN
                      : model->used[t] && model->cost_ns[t].estimate > 0
                          ? model->cost_ns[t].estimate * count[t]
                          : 0;
    return error;
}
