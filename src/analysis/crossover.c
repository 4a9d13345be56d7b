/* SPDX-License-Identifier: Apache-2.0 */
#include "crossover.h"

#include "src/base/arena.h"
#include "src/base/random.h"
#include "src/statistics/quantiles.h"

#include <errno.h>

/* A size that was measured for both writers. */
struct point {
    uint64_t bytes;
    double x;          /* log of the chunk size */
    double u;          /* chunks a byte: 1 / chunk size */
    double difference; /* log time of the first - of the second; infinite: one time is zero */
    double drawn;      /* time of the first - of the second, of one replicate */
    double scale;      /* time of the first, of that replicate */
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
                           .u = 1 / (double)table->chunk_bytes[i],
                           /* two zeros: no difference */
                           .difference = isnan(difference) ? 0 : difference,
                           .first = first,
                           .second = second};
    }
    pair->chunk_count = curves->count;
    pair->lacking_count = table->chunk_count - curves->count;
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

/* Takes the estimates, or one replicate. 0: a single sample somewhere, of which there is none. */
static int draw_points(struct curves *curves, const size_t *replicate)
{
    for (size_t i = 0; i < curves->count; i++) {
        struct point *point = &curves->points[i];
        double first = point->first->log, second = point->second->log;
        if (replicate != NULL && isfinite(point->difference)) {
            first = point->first->draws[*replicate];
            second = point->second->draws[*replicate];
            if (isnan(first) || isnan(second))
                return 0;
        }
        point->scale = exp(first);
        point->drawn = point->scale - exp(second);
    }
    return 1;
}

/* Where between two points their difference, shifted by a share of the time, is zero. */
static double zero_between(const struct point *a, const struct point *b, double shift)
{
    double part = a->drawn / (a->drawn - b->drawn);

    if (isinf(a->difference) || isinf(b->difference))
        return (a->x + b->x) / 2;
    if (shift != 0) { /* a bump: nothing at the points, most in the middle */
        double x = -log(a->u + part * (b->u - a->u)), place = (x - a->x) / (b->x - a->x);
        double time = a->scale + part * (b->scale - a->scale);
        part += shift * 4 * place * (1 - place) * time / (a->drawn - b->drawn);
    }
    part = part < 0 ? 0 : part > 1 ? 1 : part;
    return -log(a->u + part * (b->u - a->u));
}

/*
 * Where the drawn polyline passes from the sign `from` to the other, as a log chunk size; of
 * several the one nearest to `near`, whose first point goes into *at. Without any it lies beyond
 * the measured sizes: -INFINITY or INFINITY.
 */
static double crossing(const struct curves *curves, int from, double near, double shift, size_t *at)
{
    double best = curves->points[0].drawn * from > 0 ? (double)INFINITY : (double)-INFINITY;

    for (size_t i = 0; i + 1 < curves->count; i++) {
        const struct point *point = &curves->points[i];
        if (!(point[0].drawn * from > 0 && point[1].drawn * from <= 0))
            continue;
        double x = zero_between(&point[0], &point[1], shift);
        if (isinf(best) || fabs(x - near) < fabs(best - near)) {
            best = x;
            *at = i;
        }
    }
    return best;
}

/* How far the line between the neighbours of a point misses it, as a share of the time: the first
 * writer's miss less the second's. */
static double miss_of(const struct point *point)
{
    double part = (point[0].u - point[-1].u) / (point[1].u - point[-1].u);
    double first = point[-1].scale + part * (point[1].scale - point[-1].scale);
    double difference = point[-1].drawn + part * (point[1].drawn - point[-1].drawn);
    double second = point[0].scale - point[0].drawn;

    return log(point[0].scale / first) - log(second / (first - difference));
}

/* The square of the miss beside the point, less what noise makes of it; 0 where noise alone may
 * make it (one in ten). NaN: a time of zero. */
static double misfit_at(struct curves *curves, size_t at)
{
    double sum = 0, squares = 0, n = (double)curves->replicates;

    draw_points(curves, NULL);
    double miss = miss_of(&curves->points[at]);
    for (size_t b = 0; b < curves->replicates; b++) {
        if (!draw_points(curves, &b))
            return (double)NAN;
        double drawn = miss_of(&curves->points[at]);
        sum += drawn / n;
        squares += drawn * drawn / n;
    }
    double noise = squares - sum * sum;
    return miss * miss > 1.645 * 1.645 * noise ? miss * miss - noise : 0;
}

/* The variance of the interpolation behind a point. A bend in its middle lies as far from the line
 * as its neighbours show: the interval, of 1.96 deviations, shall just reach that far. -1: nobody
 * knows. */
static double misfit_behind(struct curves *curves, size_t at)
{
    double before = at > 0 ? misfit_at(curves, at) : 0;
    double after = at + 2 < curves->count ? misfit_at(curves, at + 1) : 0;

    return curves->count < 3 ? -1 : fmax(before, after) / (1.96 * 1.96);
}

static void bound_crossing(struct curves *curves, int from, double estimate, size_t at,
                           struct crossover *crossover)
{
    double misfit = misfit_behind(curves, at);
    struct random random;
    struct interval *bytes = &crossover->chunk_bytes;

    random_seed(&random, curves->count);
    for (size_t b = 0; b < curves->replicates; b++) {
        if (!draw_points(curves, &b))
            return;
        double shift = misfit > 0 ? sqrt(misfit) * random_normal(&random) : 0;
        curves->crossings[b] = crossing(curves, from, estimate, shift, &(size_t){0});
    }
    stats_sort(curves->crossings, curves->replicates);
    /* Type 1 quantiles: the ends may be infinite, between which nothing can be interpolated. */
    double n = (double)curves->replicates;
    bytes->low = exp(curves->crossings[(size_t)(0.025 * n)]);
    bytes->high = exp(curves->crossings[(size_t)ceil(0.975 * n) - 1]);
    if (misfit < 0) {
        bytes->low = fmin(bytes->low, (double)crossover->below_bytes);
        bytes->high = fmax(bytes->high, (double)crossover->above_bytes);
    }
}

static int add_crossover(struct curves *curves, const struct point *below,
                         const struct point *above, struct pair *pair)
{
    struct crossover *larger = array_grow(pair->crossovers, pair->crossover_count, sizeof *larger);
    double none = (double)NAN;
    int from = below->told;
    size_t at = 0;

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
    draw_points(curves, NULL);
    double estimate = crossing(curves, from, (below->x + above->x) / 2, 0, &at);
    crossover->chunk_bytes.estimate = exp(estimate);
    if (crossover->interpolated)
        bound_crossing(curves, from, estimate, at, crossover);
    return 0;
}

static int add_possible(const struct point *below, const struct point *above, struct pair *pair)
{
    struct possible_crossover *larger =
        array_grow(pair->possible, pair->possible_count, sizeof *larger);

    if (larger == NULL)
        return -ENOMEM;
    pair->possible = larger;
    larger[pair->possible_count++] = (struct possible_crossover){below->bytes, above->bytes};
    return 0;
}

static int find_crossovers(struct curves *curves, struct pair *pair)
{
    const struct point *last = NULL; /* at which the winner is certain */
    const struct point *points = curves->points, *end = points + curves->count;
    int error = 0;

    for (const struct point *point = points; error == 0 && point < end; point++) {
        const struct point *before = last != NULL ? last : points;
        if (point->told == 0)
            continue;
        if (last != NULL && last->told != point->told)
            error = add_crossover(curves, last, point, pair);
        else if (point - before > (last != NULL)) /* some in between, or at the beginning */
            error = add_possible(before, point, pair);
        last = point;
    }
    if (error == 0 && last != NULL && last + 1 < end)
        error = add_possible(last, end - 1, pair);
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
        if (isinf(point->first->log) || isinf(point->second->log) ||
            (point->told == 0 && pair->told_count > 0))
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
    free(pair->possible);
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
