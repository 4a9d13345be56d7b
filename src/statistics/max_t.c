/* SPDX-License-Identifier: Apache-2.0 */
/* The step-down max-T test over a family of rows. */
#include "max_t.h"

#include "quantiles.h"
#include "src/base/arena.h"
#include "src/base/random.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { DRAWS = 9999, ENUMERATE = 16384, ENUMERATE_UNITS = 64, STRATA = 2 };

struct test {
    const struct max_t *family;
    size_t strata;    /* of these that have rows */
    double *unit;     /* [unit * rows + row], centred and scaled */
    double *observed; /* [row], absolute */
    double *sum;      /* [row], of the current draw */
    size_t *order;    /* rows by observed, falling, a stratum after the other */
    size_t begin[STRATA + 1];
    size_t *reached;         /* [place in order]: draws that reach the observed */
    double *largest[STRATA]; /* [draw] */
    size_t draws;
    size_t *pick;               /* [unit]: the current division, for sampling */
    int taken[ENUMERATE_UNITS]; /* the same, for enumerating */
};

static int by_stratum_and_size(const void *a, const void *b, void *data)
{
    const struct test *test = data;
    size_t x = *(const size_t *)a, y = *(const size_t *)b;
    const size_t *stratum = test->family->stratum;

    if (stratum[x] != stratum[y])
        return stratum[x] < stratum[y] ? -1 : 1;
    if (test->observed[x] != test->observed[y])
        return test->observed[x] > test->observed[y] ? -1 : 1;
    return (x > y) - (x < y);
}

/* Divisions of n things into k and the rest; more than ENUMERATE: ENUMERATE + 1. */
static size_t divisions(size_t n, size_t k)
{
    double count = 1;
    for (size_t i = 1; i <= k && count <= (double)ENUMERATE; i++)
        count = count * (double)(n - k + i) / (double)i;
    return count > (double)ENUMERATE ? ENUMERATE + 1 : (size_t)(count + 0.5);
}

static size_t enumeration(const struct max_t *family)
{
    if (family->new_units > 0)
        return family->units <= ENUMERATE_UNITS ? divisions(family->units, family->new_units)
                                                : ENUMERATE + 1;
    return family->units <= 15 ? (size_t)1 << (family->units - 1) : ENUMERATE + 1;
}

/* A row that never moves has no root of squares: it stays 0 and cannot be found. */
static void scale_rows(struct test *test)
{
    const struct max_t *family = test->family;
    size_t rows = family->rows, units = family->units;

    for (size_t row = 0; row < rows; row++) {
        double mean = 0, squares = 0, largest = 0;
        for (size_t u = 0; u < units; u++)
            mean += family->value[u * rows + row] / (double)units;
        if (family->new_units == 0)
            mean = 0;
        for (size_t u = 0; u < units; u++) {
            double value = family->value[u * rows + row] - mean;
            squares += value * value;
            largest = fmax(largest, fabs(family->value[u * rows + row]));
            test->unit[u * rows + row] = value;
        }
        double scale = squares > 1e-24 * largest * largest ? 1 / sqrt(squares) : 0;
        for (size_t u = 0; u < units; u++) {
            test->unit[u * rows + row] *= scale;
            if (family->new_units == 0 || u >= units - family->new_units)
                test->observed[row] += test->unit[u * rows + row];
        }
        test->observed[row] = fabs(test->observed[row]);
    }
}

static void order_rows(struct test *test)
{
    size_t rows = test->family->rows;

    for (size_t row = 0; row < rows; row++)
        test->order[row] = row;
    qsort_r(test->order, rows, sizeof *test->order, by_stratum_and_size, test);
    for (size_t row = 0; row < rows; row++)
        test->begin[1] += test->family->stratum[row] == 0;
    test->begin[STRATA] = rows;
    test->strata = (size_t)(test->begin[1] > 0) + (size_t)(test->begin[1] < rows);
}

/* One draw's sums are in test->sum: from the smallest observed to the largest, the largest sum so
 * far is what the row is held against. */
static void count_draw(struct test *test)
{
    for (int s = 0; s < STRATA; s++) {
        double largest = 0;
        for (size_t i = test->begin[s + 1]; i-- > test->begin[s];) {
            size_t row = test->order[i];
            largest = fmax(largest, fabs(test->sum[row]));
            test->reached[i] += largest >= test->observed[row] - 1e-9;
        }
        test->largest[s][test->draws] = largest;
    }
    test->draws++;
}

static void add_unit(struct test *test, size_t unit, double weight)
{
    const double *value = &test->unit[unit * test->family->rows];
    for (size_t row = 0; row < test->family->rows; row++)
        test->sum[row] += weight * value[row];
}

/* Of all outcomes (random is NULL) the last round keeps its sign: flipping all of them changes no
 * absolute value. */
static void flip(struct test *test, struct random *random, size_t draws)
{
    for (size_t d = 0; d < draws; d++) {
        uint64_t signs = d;
        memset(test->sum, 0, test->family->rows * sizeof *test->sum);
        for (size_t u = 0; u < test->family->units; u++) {
            if (random != NULL && u % 64 == 0)
                signs = random_next(random);
            add_unit(test, u, signs >> (u % 64) & 1 ? -1 : 1);
        }
        count_draw(test);
    }
}

static void divide_all(struct test *test, size_t unit, size_t left)
{
    size_t units = test->family->units;

    if (left == 0) {
        memset(test->sum, 0, test->family->rows * sizeof *test->sum);
        for (size_t u = 0; u < unit; u++)
            if (test->taken[u])
                add_unit(test, u, 1);
        count_draw(test);
        return;
    }
    if (units - unit > left) {
        test->taken[unit] = 0;
        divide_all(test, unit + 1, left);
    }
    test->taken[unit] = 1;
    divide_all(test, unit + 1, left - 1);
}

static void divide_some(struct test *test, struct random *random, size_t draws)
{
    size_t units = test->family->units, *pick = test->pick;

    for (size_t u = 0; u < units; u++)
        pick[u] = u;
    for (size_t d = 0; d < draws; d++) {
        memset(test->sum, 0, test->family->rows * sizeof *test->sum);
        for (size_t i = 0; i < test->family->new_units; i++) {
            size_t other = i + random_below(random, units - i), swapped = pick[i];
            pick[i] = pick[other];
            pick[other] = swapped;
            add_unit(test, pick[i], 1);
        }
        count_draw(test);
    }
}

static void draw_all(struct test *test, size_t draws, int exact)
{
    struct random random;

    random_seed(&random, test->family->seed);
    if (test->family->new_units == 0)
        flip(test, exact ? NULL : &random, draws);
    else if (exact)
        divide_all(test, 0, test->family->new_units);
    else
        divide_some(test, &random, draws);
}

static void take_p(const struct test *test, int exact, double *p)
{
    for (int s = 0; s < STRATA; s++) {
        double least = 0;
        for (size_t i = test->begin[s]; i < test->begin[s + 1]; i++) {
            double reached = (double)test->reached[i] + !exact;
            double own = reached / (double)(test->draws + !exact) * (double)test->strata;
            least = fmax(least, fmin(own, 1));
            p[test->order[i]] = least;
        }
    }
}

static void take_critical(struct test *test, double alpha, double critical[2])
{
    for (int s = 0; s < STRATA; s++) {
        stats_sort(test->largest[s], test->draws);
        critical[s] = test->strata == 0 ? (double)NAN
                                        : stats_quantile(test->largest[s], test->draws,
                                                         1 - alpha / (double)test->strata);
    }
}

int max_t_test(const struct max_t *family, double alpha, double *p, double critical[2], int *exact)
{
    size_t all = enumeration(family), units = family->units, rows = family->rows;
    size_t draws = all <= ENUMERATE ? all : family->draws > 0 ? family->draws : DRAWS;
    struct arena arena = {0};

    if (units == 0 || rows == 0 || family->new_units >= units)
        return -EINVAL;
    *exact = all <= ENUMERATE;
    struct test test = {.family = family,
                        .unit = arena_array(&arena, units * rows, sizeof(double)),
                        .observed = arena_array(&arena, rows, sizeof(double)),
                        .sum = arena_array(&arena, rows, sizeof(double)),
                        .order = arena_array(&arena, rows, sizeof(size_t)),
                        .reached = arena_array(&arena, rows, sizeof(size_t)),
                        .largest = {arena_array(&arena, draws, sizeof(double)),
                                    arena_array(&arena, draws, sizeof(double))},
                        .pick = arena_array(&arena, units, sizeof(size_t))};
    int error = arena.error;
    if (error == 0) {
        scale_rows(&test);
        order_rows(&test);
        draw_all(&test, draws, *exact);
        take_p(&test, *exact, p);
        take_critical(&test, alpha, critical);
    }
    arena_free(&arena);
    return error;
}
