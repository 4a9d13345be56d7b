/* SPDX-License-Identifier: Apache-2.0 */
#include "bootstrap.h"

#include "quantiles.h"
#include "src/base/hash.h"
#include "src/base/random.h"

#include <errno.h>
#include <stdlib.h>

enum { REPLICATES_DEFAULT = 1000, REPLICATES_LEAST = 100, DRAWS_MAX = 20 * 1000 * 1000 };

/* Of a run with very many cells fewer, so that memory stays below 160 MB. */
static size_t replicates_for(const struct run *run, size_t wanted)
{
    size_t replicates = wanted == 0 ? REPLICATES_DEFAULT : wanted;

    if (run->cell_count == 0 || replicates <= DRAWS_MAX / run->cell_count)
        return replicates;
    size_t fitting = DRAWS_MAX / run->cell_count;
    return fitting > REPLICATES_LEAST ? fitting : REPLICATES_LEAST;
}

/* How often each of the count samples is drawn in one resample. Two indices come from each random
 * number: drawing is what the bootstrap spends its time on. */
static void draw_counts(struct random *random, uint32_t *counts, size_t count)
{
    memset(counts, 0, count * sizeof *counts);
    for (size_t i = 0; i < count; i += 2) {
        uint64_t bits = random_next(random);
        counts[((bits >> 32) * count) >> 32]++;
        if (i + 1 < count)
            counts[((bits & UINT32_MAX) * count) >> 32]++;
    }
}

/* stats_location of the resample: with the samples sorted once and counts for the draws, no
 * resample needs sorting, which keeps the whole linear in the number of samples. */
static double resampled_location(const double *sorted, const uint32_t *counts, size_t count)
{
    size_t half = (count + 1) / 2, left = half;
    double sum = 0;

    for (size_t i = 0; left > 0; i++) {
        size_t take = counts[i] < left ? counts[i] : left;
        sum += (double)take * sorted[i];
        left -= take;
    }
    return sum / (double)half;
}

static void resample(struct cell_estimate *cell, const double *sorted, size_t count,
                     uint32_t *counts, size_t replicates, uint64_t seed)
{
    struct random random;
    double stretch = sqrt((double)count / ((double)count - 1)), mean = 0;

    cell->log = log(stats_location(sorted, count));
    if (count < 2)
        return;
    random_seed(&random, seed);
    for (size_t b = 0; b < replicates; b++) {
        draw_counts(&random, counts, count);
        cell->draws[b] = log(resampled_location(sorted, counts, count));
        mean += cell->draws[b] / (double)replicates;
    }
    /* The resamples' mean differs from the estimate as the estimate does from the truth: leaving it
     * there would count that bias twice. */
    for (size_t b = 0; b < replicates && isfinite(mean) && isfinite(cell->log); b++)
        cell->draws[b] = cell->log + stretch * (cell->draws[b] - mean);
}

int bootstrap_make(const struct run *run, enum metric metric, size_t replicates, uint64_t seed,
                   struct bootstrap *bootstrap)
{
    size_t longest = 1;

    replicates = replicates_for(run, replicates);
    for (size_t i = 0; i < run->cell_count; i++)
        longest = run->cells[i].samples > longest ? run->cells[i].samples : longest;
    double *sorted = malloc(longest * sizeof *sorted);
    uint32_t *counts = malloc(longest * sizeof *counts);
    *bootstrap =
        (struct bootstrap){.run = run,
                           .replicates = replicates,
                           .cells = malloc((run->cell_count + 1) * sizeof *bootstrap->cells),
                           .draws = malloc((run->cell_count * replicates + 1) * sizeof(double))};
    int error =
        bootstrap->cells == NULL || bootstrap->draws == NULL || sorted == NULL || counts == NULL
            ? -ENOMEM
            : 0;
    for (size_t i = 0; error == 0 && i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        struct cell_estimate *estimate = &bootstrap->cells[i];
        size_t count = 0;
        *estimate =
            (struct cell_estimate){(double)NAN, &bootstrap->draws[i * replicates], cell->samples};
        for (size_t b = 0; b < replicates; b++)
            estimate->draws[b] = (double)NAN;
        for (size_t s = 0; cell->values[metric] != NULL && s < cell->samples; s++)
            if (cell->values[metric][s] >= 0)
                sorted[count++] = cell->values[metric][s];
        stats_sort(sorted, count);
        if (count > 0)
            resample(estimate, sorted, count, counts, replicates,
                     hash_text(HASH_BEGIN ^ seed, cell->name));
    }
    free(sorted);
    free(counts);
    if (error != 0)
        bootstrap_free(bootstrap);
    return error;
}

void bootstrap_free(struct bootstrap *bootstrap)
{
    free(bootstrap->cells);
    free(bootstrap->draws);
    *bootstrap = (struct bootstrap){0};
}

double bootstrap_half_width(const struct bootstrap *bootstrap, const struct cell_estimate *first,
                            const struct cell_estimate *second, double confidence)
{
    const struct cell_estimate *cells[] = {first, second};
    double variance = 0, degrees = 0;

    for (int i = 0; i < 2 && cells[i] != NULL; i++) {
        variance += stats_variance_about(cells[i]->draws, bootstrap->replicates, cells[i]->log);
        degrees += (double)cells[i]->samples - 1;
    }
    if (degrees < 1 || !isfinite(variance))
        return (double)NAN;
    return sqrt(variance) * stats_student_quantile((1 + confidence) / 2, degrees);
}

/* No critical value comes near this many standard errors, so that what is farther need not be
 * simulated. With 1,000 writers in a row the 95 % point of their maximum is below 6. */
static const double CERTAINLY_SLOWER = 8;

struct contestant {
    const struct cell_estimate *cell;
    size_t position; /* in the caller's row */
    double variance; /* of the log; NaN: a single sample */
};

struct contest {
    size_t count, replicates;
    struct contestant *of;
    double *largest; /* [replicate] */
    double degrees;  /* of freedom, of the difference of two cells */
};

static void enter(struct contest *contest, const struct cell_estimate *cell, size_t position)
{
    double degrees = 2 * ((double)cell->samples - 1);

    if (cell->samples > 1 && (contest->degrees == 0 || degrees < contest->degrees))
        contest->degrees = degrees;
    contest->of[contest->count++] = (struct contestant){
        cell, position, stats_variance_about(cell->draws, contest->replicates, cell->log)};
}

/* The draws of different cells are independent: their variances add. */
static double distance(const struct contestant *a, const struct contestant *b)
{
    double difference = a->cell->log - b->cell->log, deviation = sqrt(a->variance + b->variance);

    if (difference <= 0)
        return 0;
    return deviation > 0 ? difference / deviation : (double)INFINITY;
}

/* What chance alone makes of the largest distance of one from any other, at 95 %. */
static double critical_value(struct contest *contest, const struct contestant *one)
{
    size_t replicates = contest->replicates;

    for (size_t b = 0; b < replicates; b++)
        contest->largest[b] = 0;
    for (const struct contestant *other = contest->of; other < contest->of + contest->count;
         other++) {
        double scale = 1 / sqrt(one->variance + other->variance);
        double offset = one->cell->log - other->cell->log;
        if (other == one || !isfinite(scale))
            continue;
        for (size_t b = 0; b < replicates; b++) {
            double value = (one->cell->draws[b] - other->cell->draws[b] - offset) * scale;
            if (value > contest->largest[b])
                contest->largest[b] = value;
        }
    }
    stats_sort(contest->largest, replicates);
    double normal = stats_quantile(contest->largest, replicates, 0.95);
    /* The distances are divided by estimated errors: the same tail of Student's distribution.
     * Without this the true best of ten is left out in 6.3 % of rows of 20 samples, instead of 5.
     */
    double tail = 0.5 * erfc(-normal / sqrt(2.0));
    return tail < 1 ? stats_student_quantile(tail, contest->degrees) : normal;
}

static int may_be_best(struct contest *contest, const struct contestant *one,
                       const struct contestant *best)
{
    double farthest = 0;

    if (one->cell->log - best->cell->log <= log1p(TIE_MARGIN))
        return 1;
    if (isnan(one->variance) || isnan(best->variance))
        return 0;
    for (size_t j = 0; j < contest->count; j++)
        if (&contest->of[j] != one && isfinite(contest->of[j].variance))
            farthest = fmax(farthest, distance(one, &contest->of[j]));
    return farthest < CERTAINLY_SLOWER && farthest <= critical_value(contest, one);
}

int best_set_mark(const struct cell_estimate *const *cells, size_t count, size_t replicates,
                  enum mark *marks)
{
    struct contest contest = {.replicates = replicates,
                              .of = malloc((count + 1) * sizeof *contest.of),
                              .largest = malloc(replicates * sizeof *contest.largest)};
    int error = contest.of == NULL || contest.largest == NULL ? -ENOMEM : 0;

    for (size_t i = 0; i < count; i++) {
        marks[i] = MARK_NONE;
        if (error == 0 && cells[i] != NULL && !isnan(cells[i]->log))
            enter(&contest, cells[i], i);
    }
    const struct contestant *best = contest.of;
    for (size_t k = 1; k < contest.count; k++)
        if (contest.of[k].cell->log < best->cell->log)
            best = &contest.of[k];
    for (size_t k = 0; k < contest.count; k++) {
        const struct contestant *one = &contest.of[k];
        marks[one->position] =
            one == best                                                             ? MARK_BEST
            : one->cell->log <= best->cell->log || may_be_best(&contest, one, best) ? MARK_TIED
                                                                                    : MARK_NONE;
    }
    free(contest.of);
    free(contest.largest);
    return error;
}
