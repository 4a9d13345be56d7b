/* SPDX-License-Identifier: Apache-2.0 */
#include "cost_fit.h"

#include <errno.h>
#include <math.h>
#include <string.h>

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

static double weighted(const struct model_data *points, size_t i, enum cost_term term)
{
    return points->point[i].count[term] / points->point[i].time_ns;
}

/* The share of the candidate column that the columns taken so far cannot make: 1 - R^2. */
static double news_in(const struct model_data *points, const struct cost_fit *fit,
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

static void take_term(const struct model_data *points, struct cost_fit *fit, enum cost_term term)
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

void cost_fit_choose(const struct model_data *points, int folios, struct cost_fit *fit)
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

int cost_fit_solve(const struct model_data *points, const struct cost_fit *fit, double *out)
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

double cost_fit_time(const double *costs, const double *count)
{
    double sum = 0;
    for (int t = 0; t < TERMS; t++)
        if (costs[t] > 0)
            sum += costs[t] * count[t];
    return sum;
}
