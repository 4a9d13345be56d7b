/* SPDX-License-Identifier: Apache-2.0 */
#include "model.h"

#include "src/base/random.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

static const double SCATTER_MAX = 0.25;       /* root mean square beyond which it is of no use */
static const double PATTERN_TOLERATED = 0.10; /* a pattern this small does no harm */

/* Solves the normal equations on the unknowns in `active` by Cholesky; others are 0. */
static int solve_equations(size_t count, const double *gram, const double *rhs, unsigned active,
                           double *x)
{
    double factor[TERMS][TERMS], y[TERMS];
    size_t of[TERMS], n = 0;

    for (size_t i = 0; i < count; i++) {
        x[i] = 0;
        if (active & (1u << i))
            of[n++] = i;
    }
    for (size_t i = 0; i < n; i++) {
        for (size_t j = 0; j <= i; j++) {
            double sum = gram[of[i] * count + of[j]];
            for (size_t k = 0; k < j; k++)
                sum -= factor[i][k] * factor[j][k];
            if (i == j && !(sum > 1e-12 * gram[of[i] * count + of[i]]))
                return -EDOM;
            factor[i][j] = i == j ? sqrt(sum) : sum / factor[j][j];
        }
    }
    for (size_t i = 0; i < n; i++) {
        y[i] = rhs[of[i]];
        for (size_t k = 0; k < i; k++)
            y[i] -= factor[i][k] * y[k];
        y[i] /= factor[i][i];
    }
    for (size_t i = n; i-- > 0;) {
        double sum = y[i];
        for (size_t k = i + 1; k < n; k++)
            sum -= factor[k][i] * x[of[k]];
        x[of[i]] = sum / factor[i][i];
    }
    return 0;
}

/* The Kuhn-Tucker conditions (Lawson and Hanson, theorem 23.4): no unknown is negative, and none at
 * 0 would help by growing. The minimum is the only point that has both. */
static int is_minimum(size_t count, const double *gram, const double *rhs, unsigned active,
                      const double *x)
{
    for (size_t i = 0; i < count; i++) {
        if (active & (1u << i)) {
            if (x[i] < 0)
                return 0;
            continue;
        }
        double gradient = rhs[i];
        for (size_t j = 0; j < count; j++)
            gradient -= gram[i * count + j] * x[j];
        if (gradient > 1e-9 * sqrt(gram[i * count + i]))
            return 0;
    }
    return 1;
}

/* The x >= 0 that minimises |Ax - b|, from gram = A'A (count x count, row by row) and rhs = A'b,
 * for count <= TERMS. 0, or -EDOM when A'A is singular. There are at most 64 sets of active
 * unknowns: trying them, the full one first, is simpler than Lawson and Hanson's path through them
 * and cannot cycle. */
static int nnls(size_t count, const double *gram, const double *rhs, double *x)
{
    for (unsigned active = 1u << count; active-- > 0;)
        if (solve_equations(count, gram, rhs, active, x) == 0 &&
            is_minimum(count, gram, rhs, active, x))
            return 0;
    return -EDOM;
}

/* The least-squares problem in relative errors: columns count/T, right side T_replicate/T. */
struct fit {
    size_t terms;
    enum cost_term term[TERMS];
    double gram[TERMS * TERMS];
    double scale[TERMS]; /* columns have length 1, so that the solver sees like numbers */
};

static double weighted(const struct model_data *points, size_t i, enum cost_term term)
{
    return points->point[i].count[term] / points->point[i].time_ns;
}

/* The share of the candidate column that the columns taken so far cannot make: 1 - R^2. */
static double news_in(const struct model_data *points, const struct fit *fit,
                      enum cost_term candidate)
{
    double rhs[TERMS] = {0}, x[TERMS], total = 0, rest = 0;

    for (size_t i = 0; i < points->count; i++) {
        double value = weighted(points, i, candidate);
        total += value * value;
        for (size_t t = 0; t < fit->terms; t++)
            rhs[t] += value * weighted(points, i, fit->term[t]) / fit->scale[t];
    }
    if (nnls(fit->terms, fit->gram, rhs, x) != 0 || total == 0)
        return 0;
    for (size_t i = 0; i < points->count; i++) {
        double value = weighted(points, i, candidate);
        for (size_t t = 0; t < fit->terms; t++)
            value -= x[t] * weighted(points, i, fit->term[t]) / fit->scale[t];
        rest += value * value;
    }
    return rest / total;
}

static void take_term(const struct model_data *points, struct fit *fit, enum cost_term term)
{
    double square = 0;

    for (size_t i = 0; i < points->count; i++)
        square += weighted(points, i, term) * weighted(points, i, term);
    fit->scale[fit->terms] = sqrt(square);
    fit->term[fit->terms++] = term;
    for (size_t a = 0; a < fit->terms; a++) {
        for (size_t b = 0; b < fit->terms; b++) {
            double sum = 0;
            for (size_t i = 0; i < points->count; i++)
                sum += weighted(points, i, fit->term[a]) * weighted(points, i, fit->term[b]);
            fit->gram[a * fit->terms + b] = sum / (fit->scale[a] * fit->scale[b]);
        }
    }
}

/* By half of its size, and by more than the handful that faults differ by for no reason. */
static int varies(const struct model_data *points, enum cost_term term)
{
    double least = (double)INFINITY, most = 0;
    for (size_t i = 0; i < points->count; i++) {
        double value = points->point[i].count[term];
        if (!isfinite(value))
            return 0;
        least = value < least ? value : least;
        most = value > most ? value : most;
    }
    return most >= 1.5 * least && most - least >= 16;
}

static void choose_terms(const struct model_data *points, int folios, struct fit *fit)
{
    static const enum cost_term preferred[] = {TERM_CALL, TERM_FAULT, TERM_CHUNK, TERM_BYTE,
                                               TERM_FOLIO};
    fit->terms = 0;
    take_term(points, fit, TERM_FIXED);
    for (size_t i = 0; i < sizeof preferred / sizeof preferred[0]; i++)
        if ((preferred[i] != TERM_FOLIO || folios) && varies(points, preferred[i]) &&
            news_in(points, fit, preferred[i]) > 0.02)
            take_term(points, fit, preferred[i]);
}

/* The costs of what was drawn; out[term], 0 for terms not used. */
static int solve_costs(const struct model_data *points, const struct fit *fit, double *out)
{
    double rhs[TERMS] = {0}, x[TERMS];

    for (size_t t = 0; t < fit->terms; t++)
        for (size_t i = 0; i < points->count; i++)
            rhs[t] += weighted(points, i, fit->term[t]) / fit->scale[t] *
                      points->point[i].drawn_ns / points->point[i].time_ns;
    int error = nnls(fit->terms, fit->gram, rhs, x);
    memset(out, 0, TERMS * sizeof *out);
    for (size_t t = 0; error == 0 && t < fit->terms; t++)
        out[fit->term[t]] = x[t] / fit->scale[t];
    return error;
}

static double modelled(const double *costs, const double *count)
{
    double sum = 0;
    for (int t = 0; t < TERMS; t++)
        if (costs[t] > 0)
            sum += costs[t] * count[t];
    return sum;
}

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
        point->residual = 1 - modelled(costs, point->count) / point->time_ns;
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

/* Misses of that deviation: a wave along the sizes, that goes up and down within three to fifteen
 * of them. */
static void draw_misfit(struct random *random, double deviation, struct model_data *points)
{
    double turn = 2 * acos(-1.0), phase = turn * random_unit(random);
    double period = 3 * pow(15.0 / 3, random_unit(random));

    for (size_t i = 0; i < points->count; i++)
        points->point[i].drawn_ns *=
            1 + sqrt(2.0) * deviation * sin(phase + turn * (double)i / period);
}

/* The sum of squares that a fit leaves of what was drawn, in relative terms. */
static double rest_of(const struct model_data *points, const double *costs)
{
    double sum = 0;

    for (size_t i = 0; i < points->count; i++) {
        const struct model_point *point = &points->point[i];
        double rest = (point->drawn_ns - modelled(costs, point->count)) / point->time_ns;
        sum += rest * rest;
    }
    return sum;
}

/*
 * The deviation of what the model's lines miss beyond noise: from the sum of squares of the
 * residuals less what the locations' errors make of it, by how much of drawn misses the fit leaves
 * over (it takes most of those that are like a line). Of few sizes that is a poor estimate, and
 * more is taken: so that the costs' intervals cover the truth in nine of ten even of six sizes
 * (bench/studies/interval_coverage.c). 0: they show nothing; NaN: single samples.
 */
static double misfit_of(struct model_data *points, const struct fit *fit, size_t replicates,
                        struct random *random)
{
    enum { DRAWS = 200 };
    static const double small = 0.01;
    double n = (double)points->count, excess = 0, left = 0, costs[TERMS];

    for (size_t i = 0; i < points->count; i++) {
        const struct model_point *point = &points->point[i];
        excess += point->residual * point->residual -
                  stats_variance_about(point->cell->draws, replicates, point->cell->log) *
                      (n - (double)fit->terms) / n;
    }
    if (!(excess > 0))
        return isnan(excess) ? excess : 0;
    for (int d = 0; d < DRAWS; d++) {
        for (size_t i = 0; i < points->count; i++)
            points->point[i].drawn_ns = points->point[i].time_ns * (1 - points->point[i].residual);
        draw_misfit(random, small, points);
        if (solve_costs(points, fit, costs) == 0)
            left += rest_of(points, costs) / (DRAWS * small * small);
    }
    double few = 4.5 / (n - (double)fit->terms);
    if (!(left > 0))
        return 0;
    return sqrt(excess / left) * (1 + few * few * few);
}

/* The costs of every replicate, and where every cell has two samples or more, their intervals. */
static int draw_costs(struct model_data *points, const struct fit *fit, size_t replicates,
                      struct model *model)
{
    double *column = malloc(replicates * sizeof *column);
    struct random random;
    int error = 0;

    random_seed(&random, points->count);
    double misfit = misfit_of(points, fit, replicates, &random);
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
            draw_misfit(&random, misfit, points);
        error = solve_costs(points, fit, model->draws + b * TERMS);
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
static int try_terms(struct model_data *points, int folios, struct fit *fit, double *costs,
                     struct model *model)
{
    model->refusal = MODEL_HOLDS;
    choose_terms(points, folios, fit);
    if (points->count < fit->terms + 2)
        model->refusal = MODEL_TOO_FEW;
    else if (solve_costs(points, fit, costs) != 0)
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
    struct fit fits[2];
    struct model tried[2] = {*model, *model};
    double costs[2][TERMS];
    int error = 0;

    for (int folios = 0; error == 0 && folios < 2; folios++)
        error = try_terms(points, folios, &fits[folios], costs[folios], &tried[folios]);
    if (error != 0)
        return error;
    int best = wants_folios(&tried[0], &tried[1]);
    const struct fit *fit = &fits[best];
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
        draws[b] = modelled(model->draws + b * TERMS, count);
    *time_ns = stats_percentiles(modelled(costs, count), draws, model->replicates);
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
