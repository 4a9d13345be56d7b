/* SPDX-License-Identifier: Apache-2.0 */
/* The step-down max-T test over a family of rows. */
#include "max_t.h"

#include "quantiles.h"
#include "src/base/random.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

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
    int taken[ENUMERATE_UNITS]; /* the current division, for enumerating */
};

struct place {
    double observed;
    size_t row, stratum;
};

static int by_stratum_and_size(const void *a, const void *b)
{
    const struct place *x = a, *y = b;
    if (x->stratum != y->stratum)
        return x->stratum < y->stratum ? -1 : 1;
    if (x->observed != y->observed)
        return x->observed > y->observed ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
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

static void free_test(struct test *test)
{
    free(test->unit);
    free(test->observed);
    free(test->sum);
    free(test->order);
    free(test->reached);
    for (int s = 0; s < STRATA; s++)
        free(test->largest[s]);
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

static int order_rows(struct test *test)
{
    size_t rows = test->family->rows;
    struct place *places = calloc(rows, sizeof *places);

    if (places == NULL)
        return -ENOMEM;
    for (size_t row = 0; row < rows; row++)
        places[row] = (struct place){test->observed[row], row, test->family->stratum[row]};
    qsort(places, rows, sizeof *places, by_stratum_and_size);
    for (size_t i = 0; i < rows; i++) {
        test->order[i] = places[i].row;
        test->begin[places[i].stratum + 1] = i + 1;
    }
    if (test->begin[1] > 0)
        test->strata++;
    if (test->begin[2] < test->begin[1])
        test->begin[2] = test->begin[1];
    if (test->begin[2] > test->begin[1])
        test->strata++;
    free(places);
    return 0;
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
        if (test->largest[s] != NULL)
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

static void clear(struct test *test)
{
    for (size_t row = 0; row < test->family->rows; row++)
        test->sum[row] = 0;
}

/* The last round keeps its sign: flipping all of them changes no absolute value. */
static void flip_all(struct test *test, size_t count)
{
    for (size_t signs = 0; signs < count; signs++) {
        clear(test);
        for (size_t u = 0; u < test->family->units; u++)
            add_unit(test, u, signs >> u & 1 ? -1 : 1);
        count_draw(test);
    }
}

static void divide_all(struct test *test, size_t unit, size_t left)
{
    size_t units = test->family->units;

    if (left == 0) {
        clear(test);
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

static void flip_some(struct test *test, struct random *random, size_t draws)
{
    for (size_t d = 0; d < draws; d++) {
        uint64_t bits = 0;
        clear(test);
        for (size_t u = 0; u < test->family->units; u++) {
            if (u % 64 == 0)
                bits = random_next(random);
            add_unit(test, u, bits >> (u % 64) & 1 ? -1 : 1);
        }
        count_draw(test);
    }
}

static int divide_some(struct test *test, struct random *random, size_t draws)
{
    size_t units = test->family->units, *pick = calloc(units, sizeof *pick);

    if (pick == NULL)
        return -ENOMEM;
    for (size_t u = 0; u < units; u++)
        pick[u] = u;
    for (size_t d = 0; d < draws; d++) {
        clear(test);
        for (size_t i = 0; i < test->family->new_units; i++) {
            size_t other = i + random_below(random, units - i), swapped = pick[i];
            pick[i] = pick[other];
            pick[other] = swapped;
            add_unit(test, pick[i], 1);
        }
        count_draw(test);
    }
    free(pick);
    return 0;
}

static int draw_all(struct test *test, size_t draws, int exact)
{
    struct random random;

    random_seed(&random, test->family->seed);
    if (exact && test->family->new_units == 0)
        flip_all(test, draws);
    else if (exact)
        divide_all(test, 0, test->family->new_units);
    else if (test->family->new_units == 0)
        flip_some(test, &random, draws);
    else
        return divide_some(test, &random, draws);
    return 0;
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
    struct test test = {.family = family};
    size_t all = enumeration(family);
    int enumerate = all <= ENUMERATE;
    size_t draws = enumerate ? all : family->draws > 0 ? family->draws : DRAWS;

    if (family->units == 0 || family->rows == 0 || family->new_units >= family->units)
        return -EINVAL;
    test.unit = calloc(family->units * family->rows, sizeof *test.unit);
    test.observed = calloc(family->rows, sizeof *test.observed);
    test.sum = calloc(family->rows, sizeof *test.sum);
    test.order = calloc(family->rows, sizeof *test.order);
    test.reached = calloc(family->rows, sizeof *test.reached);
    for (int s = 0; s < STRATA && critical != NULL; s++)
        test.largest[s] = calloc(draws, sizeof *test.largest[s]);
    int error = test.unit == NULL || test.observed == NULL || test.sum == NULL ||
                        test.order == NULL || test.reached == NULL ||
                        (critical != NULL && (test.largest[0] == NULL || test.largest[1] == NULL))
                    ? -ENOMEM
                    : 0;
    if (error == 0) {
        scale_rows(&test);
        error = order_rows(&test);
    }
    if (error == 0)
        error = draw_all(&test, draws, enumerate);
    if (error == 0) {
        take_p(&test, enumerate, p);
        if (critical != NULL)
            take_critical(&test, alpha, critical);
        if (exact != NULL)
            *exact = enumerate;
    }
    free_test(&test);
    return error;
}
