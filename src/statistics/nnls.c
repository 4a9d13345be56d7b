/* SPDX-License-Identifier: Apache-2.0 */
#include "nnls.h"

#include <errno.h>
#include <math.h>

/* Solves the normal equations on the unknowns in `active` by Cholesky; others are 0. */
static int solve(size_t count, const double *gram, const double *rhs, unsigned active, double *x)
{
    double factor[NNLS_MAX][NNLS_MAX], y[NNLS_MAX];
    size_t of[NNLS_MAX], n = 0;

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

/* There are at most 64 sets of active unknowns: trying them, the full one first, is simpler than
 * Lawson and Hanson's path through them and cannot cycle. */
int nnls(size_t count, const double *gram, const double *rhs, double *x)
{
    for (unsigned active = 1u << count; active-- > 0;)
        if (solve(count, gram, rhs, active, x) == 0 && is_minimum(count, gram, rhs, active, x))
            return 0;
    return -EDOM;
}
