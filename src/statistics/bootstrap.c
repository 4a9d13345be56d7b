/* SPDX-License-Identifier: Apache-2.0 */
#include "bootstrap.h"

#include "quantiles.h"
#include "src/base/hash.h"
#include "src/base/random.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

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

static void resample(struct bootstrap *bootstrap, size_t index, const double *sorted, size_t count,
                     uint32_t *counts, uint64_t seed)
{
    struct random random;
    double estimate = log(stats_location(sorted, count));
    double stretch = sqrt((double)count / ((double)count - 1));
    double *out = bootstrap->log + index * bootstrap->replicates;

    bootstrap->estimate[index] = estimate;
    if (count < 2)
        return;
    random_seed(&random, hash_text(HASH_BEGIN ^ seed, bootstrap->run->cells[index].name));
    double mean = 0;
    for (size_t b = 0; b < bootstrap->replicates; b++) {
        draw_counts(&random, counts, count);
        out[b] = log(resampled_location(sorted, counts, count));
        mean += out[b] / (double)bootstrap->replicates;
    }
    /* The resamples' mean differs from the estimate as the estimate does from the truth: leaving it
     * there would count that bias twice. */
    for (size_t b = 0; b < bootstrap->replicates && isfinite(mean) && isfinite(estimate); b++)
        out[b] = estimate + stretch * (out[b] - mean);
}

int bootstrap_make(const struct run *run, enum metric metric, size_t replicates, uint64_t seed,
                   struct bootstrap *bootstrap)
{
    size_t longest = 1;
    double *sorted = NULL;
    uint32_t *counts = NULL;
    int error = -ENOMEM;

    replicates = replicates_for(run, replicates);
    *bootstrap = (struct bootstrap){.run = run, .replicates = replicates};
    for (size_t i = 0; i < run->cell_count; i++)
        if (run->cells[i].samples > longest)
            longest = run->cells[i].samples;
    bootstrap->estimate = malloc((run->cell_count + 1) * sizeof *bootstrap->estimate);
    bootstrap->log = malloc((run->cell_count * replicates + 1) * sizeof *bootstrap->log);
    sorted = malloc(longest * sizeof *sorted);
    counts = malloc(longest * sizeof *counts);
    if (bootstrap->estimate == NULL || bootstrap->log == NULL || sorted == NULL || counts == NULL)
        goto out;
    for (size_t i = 0; i < run->cell_count; i++) {
        const struct cell *cell = &run->cells[i];
        size_t count = 0;
        bootstrap->estimate[i] = (double)NAN;
        for (size_t b = 0; b < replicates; b++)
            bootstrap->log[i * replicates + b] = (double)NAN;
        for (size_t s = 0; cell->values[metric] != NULL && s < cell->samples; s++)
            if (cell->values[metric][s] >= 0)
                sorted[count++] = cell->values[metric][s];
        if (count == 0)
            continue;
        stats_sort(sorted, count);
        resample(bootstrap, i, sorted, count, counts, seed);
    }
    error = 0;
out:
    free(sorted);
    free(counts);
    if (error != 0)
        bootstrap_free(bootstrap);
    return error;
}

void bootstrap_free(struct bootstrap *bootstrap)
{
    free(bootstrap->estimate);
    free(bootstrap->log);
    *bootstrap = (struct bootstrap){0};
}

int bootstrap_ratio(const struct bootstrap *bootstrap, const struct cell *a, const struct cell *b,
                    struct interval *ratio)
{
    size_t first = (size_t)(a - bootstrap->run->cells),
           second = (size_t)(b - bootstrap->run->cells);
    size_t replicates = bootstrap->replicates, count = 0;
    double *draws = malloc(replicates * sizeof *draws);

    if (draws == NULL)
        return -ENOMEM;
    double estimate = bootstrap->estimate[first] - bootstrap->estimate[second];
    *ratio = (struct interval){exp(estimate), (double)NAN, (double)NAN};
    for (size_t i = 0; first != second && i < replicates; i++) {
        double draw =
            bootstrap->log[first * replicates + i] - bootstrap->log[second * replicates + i];
        if (isfinite(draw))
            draws[count++] = draw;
    }
    if (count == replicates) {
        stats_sort(draws, count);
        ratio->low = exp(stats_quantile(draws, count, 0.025));
        ratio->high = exp(stats_quantile(draws, count, 0.975));
    }
    free(draws);
    return 0;
}
