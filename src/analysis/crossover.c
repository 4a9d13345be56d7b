/* SPDX-License-Identifier: Apache-2.0 */
#include "crossover.h"

#include "src/base/arena.h"
#include "src/statistics/quantiles.h"

#include <errno.h>

/* A size that was measured for both writers. */
struct point {
    uint64_t bytes;
    double x;          /* log of the chunk size */
    double difference; /* log time of the first - of the second; infinite: one time is zero */
    double drawn;      /* the same of one replicate */
    int told;          /* -1 the first is faster, 1 the second, 0 cannot be told */
    const struct cell_estimate *first, *second;
};

struct curves {
    size_t count, replicates;
    struct point *points;
    double *crossings; /* [replicate] */
};

static void take_points(struct curves *curves, const struct bootstrap *bootstrap,
                        const struct cell_table *table, struct pair *pair)
{
    for (size_t i = 0; i < table->chunk_count; i++) {
        const struct cell_estimate *first =
            bootstrap_of(bootstrap, cell_table_at(table, i, pair->first));
        const struct cell_estimate *second =
            bootstrap_of(bootstrap, cell_table_at(table, i, pair->second));
        if (first == NULL || second == NULL || isnan(first->log) || isnan(second->log))
            continue;
        double difference = first->log - second->log;
        pair->zero_count += isinf(first->log) || isinf(second->log);
        curves->points[curves->count++] =
            (struct point){.bytes = table->chunk_bytes[i],
                           .x = log((double)table->chunk_bytes[i]),
                           /* two zeros: no difference */
                           .difference = isnan(difference) ? 0 : difference,
                           .first = first,
                           .second = second};
    }
    pair->chunk_count = curves->count;
}

/* Which writer is faster for certain, at each size. */
static void tell_points(struct curves *curves, const struct bootstrap *bootstrap, struct pair *pair)
{
    for (size_t i = 0; i < curves->count; i++) {
        struct point *point = &curves->points[i];
        double width = bootstrap_half_width(bootstrap, point->first, point->second,
                                            1 - 0.05 / (double)curves->count);
        double limit = isnan(width) ? 0 : width;
        point->told = point->difference < -limit ? -1 : point->difference > limit;
        pair->told_count += point->told != 0;
    }
}

/*
 * Where the drawn polyline passes from the sign `from` to the other, as a log chunk size; of
 * several the one nearest to `near`. Without any it lies beyond the measured sizes: -INFINITY or
 * INFINITY.
 */
static double crossing(const struct curves *curves, int from, double near)
{
    double best = curves->points[0].drawn * from > 0 ? (double)INFINITY : (double)-INFINITY;

    for (const struct point *point = curves->points; point + 1 < curves->points + curves->count;
         point++) {
        double a = point[0].drawn * from, b = point[1].drawn * from;
        if (!(a > 0 && b <= 0))
            continue;
        double part = isinf(a) || isinf(b) ? 0.5 : a / (a - b);
        double x = point[0].x + part * (point[1].x - point[0].x);
        if (isinf(best) || fabs(x - near) < fabs(best - near))
            best = x;
    }
    return best;
}

static void bound_crossing(struct curves *curves, int from, double estimate,
                           struct crossover *crossover)
{
    for (size_t b = 0; b < curves->replicates; b++) {
        for (size_t i = 0; i < curves->count; i++) {
            struct point *point = &curves->points[i];
            double draw = point->first->draws[b] - point->second->draws[b];
            if (isnan(draw) && isfinite(point->difference))
                return; /* a single sample somewhere: no interval */
            point->drawn = isnan(draw) ? point->difference : draw;
        }
        curves->crossings[b] = crossing(curves, from, estimate);
    }
    stats_sort(curves->crossings, curves->replicates);
    /* Type 1 quantiles: the ends may be infinite, between which nothing can be interpolated. */
    double n = (double)curves->replicates;
    crossover->chunk_bytes.low = exp(curves->crossings[(size_t)(0.025 * n)]);
    crossover->chunk_bytes.high = exp(curves->crossings[(size_t)ceil(0.975 * n) - 1]);
}

static int add_crossover(struct curves *curves, const struct point *below,
                         const struct point *above, struct pair *pair)
{
    struct crossover *larger = array_grow(pair->crossovers, pair->crossover_count, sizeof *larger);
    double none = (double)NAN;
    int from = below->told;

    if (larger == NULL)
        return -ENOMEM;
    pair->crossovers = larger;
    struct crossover *crossover = &larger[pair->crossover_count++];
    *crossover = (struct crossover){.chunk_bytes = {none, none, none},
                                    .below_bytes = below->bytes,
                                    .above_bytes = above->bytes,
                                    .to_second = from < 0,
                                    .interpolated =
                                        isfinite(below->difference) && isfinite(above->difference)};
    for (size_t i = 0; i < curves->count; i++)
        curves->points[i].drawn = curves->points[i].difference;
    double estimate = crossing(curves, from, (below->x + above->x) / 2);
    crossover->chunk_bytes.estimate = exp(estimate);
    if (crossover->interpolated)
        bound_crossing(curves, from, estimate, crossover);
    return 0;
}

static int find_crossovers(struct curves *curves, struct pair *pair)
{
    const struct point *last = NULL; /* at which the winner is certain */
    int error = 0;

    for (size_t i = 0; error == 0 && i < curves->count; i++) {
        const struct point *point = &curves->points[i];
        if (point->told == 0)
            continue;
        if (last != NULL && last->told != point->told)
            error = add_crossover(curves, last, point, pair);
        last = point;
    }
    pair->state = pair->crossover_count > 0 ? PAIR_CROSSES
                  : pair->chunk_count == 0  ? PAIR_MISSING
                  : last == NULL            ? PAIR_INCONCLUSIVE
                  : last->told < 0          ? PAIR_FIRST
                                            : PAIR_SECOND;
    return error;
}

static void find_ratios(const struct curves *curves, struct pair *pair)
{
    pair->ratio_lowest = pair->ratio_highest = (double)NAN;
    for (size_t i = 0; i < curves->count; i++) {
        const struct point *point = &curves->points[i];
        double ratio = exp(-point->difference);
        if (isinf(point->first->log) || isinf(point->second->log))
            continue;
        if (!(ratio >= pair->ratio_lowest)) {
            pair->ratio_lowest = ratio;
            pair->ratio_lowest_at = point->bytes;
        }
        if (!(ratio <= pair->ratio_highest)) {
            pair->ratio_highest = ratio;
            pair->ratio_highest_at = point->bytes;
        }
    }
}

int crossover_find(const struct bootstrap *bootstrap, const struct cell_table *table, size_t first,
                   size_t second, struct pair *pair)
{
    struct curves curves = {.replicates = bootstrap->replicates,
                            .points = malloc((table->chunk_count + 1) * sizeof *curves.points),
                            .crossings = malloc(bootstrap->replicates * sizeof(double))};
    int error = curves.points == NULL || curves.crossings == NULL ? -ENOMEM : 0;

    *pair = (struct pair){.first = first, .second = second};
    if (error == 0) {
        take_points(&curves, bootstrap, table, pair);
        tell_points(&curves, bootstrap, pair);
        find_ratios(&curves, pair);
        error = find_crossovers(&curves, pair);
    }
    free(curves.points);
    free(curves.crossings);
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
            const struct cell_estimate *cell = bootstrap_of(bootstrap, cell_table_at(table, i, w));
            if (cell == NULL || isnan(cell->log))
                continue;
            sum += cell->log;
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
