/* SPDX-License-Identifier: Apache-2.0 */
#include "crossover.h"

#include "src/base/array.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* The two writers' difference at the sizes measured for both. */
struct curves {
    const struct bootstrap *bootstrap;
    size_t count;
    uint64_t *bytes;
    double *x;          /* log of the chunk size */
    double *difference; /* log time of the first - of the second; infinite: one time is zero */
    double *draw;       /* the same of one replicate */
    double *crossings;  /* [replicate] */
    int *told;          /* -1 the first is faster, 1 the second, 0 cannot be told */
    size_t *first;      /* cells of the run */
    size_t *second;
};

static int curves_begin(struct curves *curves, const struct bootstrap *bootstrap,
                        const struct cell_table *table)
{
    size_t count = table->chunk_count + 1;

    *curves = (struct curves){.bootstrap = bootstrap};
    curves->bytes = malloc(count * sizeof *curves->bytes);
    curves->x = malloc(count * sizeof *curves->x);
    curves->difference = malloc(count * sizeof *curves->difference);
    curves->draw = malloc(count * sizeof *curves->draw);
    curves->crossings = malloc(bootstrap->replicates * sizeof *curves->crossings);
    curves->told = malloc(count * sizeof *curves->told);
    curves->first = malloc(count * sizeof *curves->first);
    curves->second = malloc(count * sizeof *curves->second);
    return curves->bytes == NULL || curves->x == NULL || curves->difference == NULL ||
                   curves->draw == NULL || curves->crossings == NULL || curves->told == NULL ||
                   curves->first == NULL || curves->second == NULL
               ? -ENOMEM
               : 0;
}

static void curves_end(struct curves *curves)
{
    free(curves->bytes);
    free(curves->x);
    free(curves->difference);
    free(curves->draw);
    free(curves->crossings);
    free(curves->told);
    free(curves->first);
    free(curves->second);
}

static double variance_of(const struct bootstrap *bootstrap, size_t cell)
{
    double sum = 0;
    for (size_t b = 0; b < bootstrap->replicates; b++) {
        double d = bootstrap->log[cell * bootstrap->replicates + b] - bootstrap->estimate[cell];
        sum += d * d;
    }
    return sum / (double)bootstrap->replicates;
}

static void curves_fill(struct curves *curves, const struct cell_table *table, size_t first,
                        size_t second, struct pair *pair)
{
    const struct bootstrap *bootstrap = curves->bootstrap;

    for (size_t i = 0; i < table->chunk_count; i++) {
        const struct cell *a = cell_table_at(table, i, first);
        const struct cell *b = cell_table_at(table, i, second);
        if (a == NULL || b == NULL)
            continue;
        size_t at = curves->count, ia = (size_t)(a - table->run->cells),
               ib = (size_t)(b - table->run->cells);
        double difference = bootstrap->estimate[ia] - bootstrap->estimate[ib];
        int zero = isinf(bootstrap->estimate[ia]) || isinf(bootstrap->estimate[ib]);
        if (isnan(bootstrap->estimate[ia]) || isnan(bootstrap->estimate[ib]))
            continue;
        pair->zero_count += (size_t)zero;
        curves->bytes[at] = table->chunk_bytes[i];
        curves->x[at] = log((double)table->chunk_bytes[i]);
        curves->difference[at] = isnan(difference) ? 0 : difference; /* two zeros: no difference */
        curves->first[at] = ia;
        curves->second[at] = ib;
        curves->count++;
    }
    pair->chunk_count = curves->count;
}

/* Which writer is faster for certain, at each size. */
static void curves_tell(struct curves *curves, struct pair *pair)
{
    const struct run *run = curves->bootstrap->run;

    for (size_t i = 0; i < curves->count; i++) {
        double difference = curves->difference[i], limit = 0;
        size_t samples =
            run->cells[curves->first[i]].samples + run->cells[curves->second[i]].samples;
        double deviation = sqrt(variance_of(curves->bootstrap, curves->first[i]) +
                                variance_of(curves->bootstrap, curves->second[i]));
        if (samples > 2 && isfinite(deviation))
            limit = deviation *
                    stats_student_quantile(1 - 0.025 / (double)curves->count, (double)samples - 2);
        curves->told[i] = difference < -limit ? -1 : difference > limit;
        pair->told_count += curves->told[i] != 0;
    }
}

/*
 * Where a polyline passes from the sign `from` to the other, as a log chunk size; of several the
 * one nearest to `near`. Without any it lies beyond the measured sizes: -INFINITY or INFINITY.
 */
static double crossing(const struct curves *curves, const double *difference, int from, double near)
{
    double best = difference[0] * from > 0 ? (double)INFINITY : (double)-INFINITY;

    for (size_t i = 0; i + 1 < curves->count; i++) {
        double a = difference[i] * from, b = difference[i + 1] * from;
        if (!(a > 0 && b <= 0))
            continue;
        double part = isinf(a) || isinf(b) ? 0.5 : a / (a - b);
        double x = curves->x[i] + part * (curves->x[i + 1] - curves->x[i]);
        if (isinf(best) || fabs(x - near) < fabs(best - near))
            best = x;
    }
    return best;
}

static void bound_crossing(struct curves *curves, int from, double estimate,
                           struct crossover *crossover)
{
    const struct bootstrap *bootstrap = curves->bootstrap;
    size_t replicates = bootstrap->replicates;

    for (size_t b = 0; b < replicates; b++) {
        for (size_t i = 0; i < curves->count; i++) {
            double draw = bootstrap->log[curves->first[i] * replicates + b] -
                          bootstrap->log[curves->second[i] * replicates + b];
            if (isnan(draw) && isfinite(curves->difference[i]))
                return; /* a single sample somewhere: no interval */
            curves->draw[i] = isnan(draw) ? curves->difference[i] : draw;
        }
        curves->crossings[b] = crossing(curves, curves->draw, from, estimate);
    }
    stats_sort(curves->crossings, replicates);
    /* Type 1 quantiles: the ends may be infinite, between which nothing can be interpolated. */
    double n = (double)replicates;
    crossover->chunk_bytes.low = exp(curves->crossings[(size_t)(0.025 * n)]);
    crossover->chunk_bytes.high = exp(curves->crossings[(size_t)ceil(0.975 * n) - 1]);
}

static int add_crossover(struct curves *curves, size_t below, size_t above, struct pair *pair)
{
    struct crossover *larger = array_grow(pair->crossovers, pair->crossover_count, sizeof *larger);
    double none = (double)NAN;
    int from = curves->told[below];

    if (larger == NULL)
        return -ENOMEM;
    pair->crossovers = larger;
    struct crossover *crossover = &larger[pair->crossover_count++];
    *crossover = (struct crossover){.chunk_bytes = {none, none, none},
                                    .below_bytes = curves->bytes[below],
                                    .above_bytes = curves->bytes[above],
                                    .to_second = from < 0,
                                    .interpolated = isfinite(curves->difference[below]) &&
                                                    isfinite(curves->difference[above])};
    double middle = (curves->x[below] + curves->x[above]) / 2;
    double estimate = crossing(curves, curves->difference, from, middle);
    crossover->chunk_bytes.estimate = exp(estimate);
    if (crossover->interpolated)
        bound_crossing(curves, from, estimate, crossover);
    return 0;
}

static int find_crossovers(struct curves *curves, struct pair *pair)
{
    size_t last = curves->count; /* the last size at which the winner is certain */
    int error = 0;

    for (size_t i = 0; error == 0 && i < curves->count; i++) {
        if (curves->told[i] == 0)
            continue;
        if (last < curves->count && curves->told[last] != curves->told[i])
            error = add_crossover(curves, last, i, pair);
        last = i;
    }
    if (pair->crossover_count > 0)
        pair->state = PAIR_CROSSES;
    else if (pair->chunk_count == 0)
        pair->state = PAIR_MISSING;
    else if (last == curves->count)
        pair->state = PAIR_INCONCLUSIVE;
    else
        pair->state = curves->told[last] < 0 ? PAIR_FIRST : PAIR_SECOND;
    return error;
}

static void find_ratios(const struct curves *curves, struct pair *pair)
{
    pair->ratio_lowest = pair->ratio_highest = (double)NAN;
    for (size_t i = 0; i < curves->count; i++) {
        const double *estimate = curves->bootstrap->estimate;
        double ratio = exp(-curves->difference[i]);
        if (isinf(estimate[curves->first[i]]) || isinf(estimate[curves->second[i]]))
            continue;
        if (!(ratio >= pair->ratio_lowest)) {
            pair->ratio_lowest = ratio;
            pair->ratio_lowest_at = curves->bytes[i];
        }
        if (!(ratio <= pair->ratio_highest)) {
            pair->ratio_highest = ratio;
            pair->ratio_highest_at = curves->bytes[i];
        }
    }
}

int crossover_find(const struct bootstrap *bootstrap, const struct cell_table *table, size_t first,
                   size_t second, struct pair *pair)
{
    struct curves curves;

    *pair = (struct pair){.first = first, .second = second};
    int error = curves_begin(&curves, bootstrap, table);
    if (error == 0) {
        curves_fill(&curves, table, first, second, pair);
        curves_tell(&curves, pair);
        find_ratios(&curves, pair);
        error = find_crossovers(&curves, pair);
    }
    curves_end(&curves);
    if (error != 0)
        pair_free(pair);
    return error;
}

void pair_free(struct pair *pair)
{
    free(pair->crossovers);
    *pair = (struct pair){0};
}

/* The writer of [from, to) with the smallest mean log time over the sizes that the most complete of
 * them share; -ENOENT when none was measured. */
static int best_of(const struct bootstrap *bootstrap, const struct cell_table *table, size_t from,
                   size_t to, size_t *best)
{
    double best_mean = (double)INFINITY;
    size_t most = 0;

    for (size_t w = from; w < to; w++) {
        double sum = 0;
        size_t count = 0;
        for (size_t i = 0; i < table->chunk_count; i++) {
            const struct cell *cell = cell_table_at(table, i, w);
            if (cell == NULL || isnan(bootstrap->estimate[cell - table->run->cells]))
                continue;
            sum += bootstrap->estimate[cell - table->run->cells];
            count++;
        }
        if (count == 0 || count < most)
            continue;
        if (count > most || sum / (double)count < best_mean) {
            best_mean = sum / (double)count;
            *best = w;
        }
        most = count;
    }
    return most == 0 ? -ENOENT : 0;
}

int crossover_best_pair(const struct bootstrap *bootstrap, const struct cell_table *table,
                        size_t *mapping, size_t *other)
{
    int error = best_of(bootstrap, table, 0, table->mapping_count, mapping);
    if (error == 0)
        error = best_of(bootstrap, table, table->mapping_count, table->writer_count, other);
    return error;
}
