/* SPDX-License-Identifier: Apache-2.0 */
#include "level.h"

#include "noise.h"
#include "score.h"
#include "segment.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A false older step would cost the level before it. */
#define OLDER_LEVEL 0.001
#define PERSISTENCE_MAX 0.9
/* Standard errors that are added, of what rows share and of what is a row's own. */
#define CAUTION_SHARED 0.75
#define CAUTION_OWN 1.5

enum { SETTLED_LEAST = 40, SHARED_LEAST = 5 };

struct work {
    const struct level_rows *rows;
    struct scan_cache *cache;
    struct level *level;
    double *residual; /* [row * runs + run], about the levels; NaN: none */
    double *estimate; /* [row] */
    double *error;    /* [row]: its standard error */
    double *caution;  /* [row]: what is added to it */
    double *room;     /* [3 * runs] */
};

static void count_values(struct work *work, size_t r)
{
    const double *value = &work->rows->value[r * work->rows->runs];
    struct level *level = &work->level[r];

    level->count = 0;
    for (size_t i = level->from; i < work->rows->runs; i++)
        level->count += isnan(value[i]) ? 0 : 1;
}

int level_is_enough(const struct level *level)
{
    return level->count >= (size_t)LEVEL_LEAST + STEP_LEAST;
}

static int is_shared(const struct work *work, size_t r)
{
    return (work->rows->is_alone == NULL || !work->rows->is_alone[r]) &&
           level_is_enough(&work->level[r]);
}

/* What remains of [from, to) after its level is taken off. */
static void take_residuals(struct work *work, size_t r, size_t from, size_t to)
{
    size_t runs = work->rows->runs, count = 0;
    const double *value = &work->rows->value[r * runs];

    for (size_t i = from; i < to; i++)
        if (!isnan(value[i]))
            work->room[count++] = value[i];
    stats_sort(work->room, count);
    for (size_t i = from; i < to; i++)
        work->residual[r * runs + i] =
            count > 0 ? value[i] - stats_median(work->room, count) : (double)NAN;
}

static int find_level(struct work *work, size_t r, double rough)
{
    const struct level_rows *rows = work->rows;
    size_t runs = rows->runs, begin = rows->start != NULL ? rows->start[r] : 0;
    struct step_options options = step_options_default();
    struct steps steps;

    work->level[r].from = begin;
    count_values(work, r);
    if (!level_is_enough(&work->level[r]))
        return 0;
    options.level = OLDER_LEVEL;
    options.draws = SEGMENT_BOUND_ONLY;
    options.margin = rows->margin;
    options.persistence = rough;
    int error =
        steps_find(&rows->value[r * runs + begin], runs - begin, &options, work->cache, &steps);
    if (error != 0)
        return error;
    size_t from = begin;
    for (size_t i = 0; i < steps.count; i++) {
        size_t at = begin + steps.steps[i].at;
        if (!rows->is_whole && at + rows->newest < runs)
            work->level[r].from = at;
        else
            take_residuals(work, r, from, at);
        from = at;
    }
    take_residuals(work, r, from, runs);
    steps_free(&steps);
    count_values(work, r);
    return 0;
}

/* The first autocorrelation of bounded residuals. The newest runs, which a step may have changed,
 * are left out where enough others are there. */
static void estimate(struct work *work, size_t r)
{
    const struct level *level = &work->level[r];
    size_t runs = work->rows->runs, count = 0;
    double *residual = &work->residual[r * runs], *present = work->room, products = 0, squares = 0;
    double *score = present + runs;

    size_t end =
        level->count >= SETTLED_LEAST + work->rows->newest ? runs - work->rows->newest : runs;
    for (size_t i = level->from; i < runs; i++)
        if (!isnan(residual[i]))
            present[count++] = residual[i];
    score_bounded(present, count, score, score + runs);
    size_t at = 0, used = 0;
    for (size_t i = level->from; i < runs; i++)
        if (!isnan(residual[i])) {
            residual[i] = score[at++];
            used += i < end;
        }
    for (size_t i = 0; i < used; i++) {
        squares += score[i] * score[i];
        products += i > 0 ? score[i] * score[i - 1] : 0;
    }
    double n = (double)used, shrunk = 1 - 4 / n;
    double raw = squares > 0 ? products / squares : 0;
    /* Marriott and Pope, Biometrika 41, 1954 */
    work->estimate[r] = (raw + 1 / n) / shrunk;
    work->error[r] = 1 / sqrt(n) / shrunk;
    work->caution[r] = CAUTION_OWN * work->error[r];
}

/* How much the residuals of two rows have in common, on average: their correlation. */
static double common_part(const struct work *work)
{
    double products = 0, squares = 0;
    size_t runs = work->rows->runs;

    for (size_t i = 0; i < runs; i++) {
        double sum = 0, own = 0, present = 0;
        for (size_t r = 0; r < work->rows->rows; r++) {
            double residual = work->residual[r * runs + i];
            if (!is_shared(work, r) || i < work->level[r].from || isnan(residual))
                continue;
            sum += residual;
            own += residual * residual;
            present++;
        }
        /* Over pairs of different rows. */
        products += sum * sum - own;
        squares += own * (present - 1);
    }
    return squares > 0 ? fmax(0, products / squares) : 0;
}

/* The estimates towards their mean: as much of their differences is kept as chance does
 * not explain. */
static void pool(struct work *work)
{
    double sum = 0, squares = 0, chance = 0, count = 0, common = common_part(work);

    for (size_t r = 0; r < work->rows->rows; r++) {
        if (!is_shared(work, r))
            continue;
        sum += work->estimate[r];
        squares += work->estimate[r] * work->estimate[r];
        chance += work->error[r] * work->error[r];
        count++;
    }
    if (count < (double)SHARED_LEAST)
        return;
    double mean = sum / count, variance = (squares - sum * mean) / (count - 1);
    /* Two estimates are correlated as the square of what the residuals are (Bartlett). */
    common *= common;
    chance /= count;
    double expected = chance * (1 - common), between = variance - expected;
    /* Two standard errors of a variance. */
    if (between < 2 * expected * sqrt(2 / (count - 1)))
        between = 0;
    double kept = between / (between + chance);
    double of_mean = chance * (common + (1 - common) / count);
    for (size_t r = 0; r < work->rows->rows; r++) {
        if (!is_shared(work, r))
            continue;
        /* Drawn up only, where rows differ: the noise of a row above the mean is its own. */
        double away = work->estimate[r] - mean;
        work->estimate[r] = mean + (away > 0 && between > 0 ? 1 : kept) * away;
        work->caution[r] = CAUTION_SHARED * sqrt(of_mean) + CAUTION_OWN * sqrt(kept * chance);
    }
}

int levels_find(const struct level_rows *rows, struct scan_cache *cache, struct level *level)
{
    struct work work = {.rows = rows, .cache = cache, .level = level};

    work.residual = calloc(rows->rows * rows->runs + 1, sizeof *work.residual);
    work.estimate = calloc(3 * rows->rows + 1, sizeof *work.estimate);
    if (work.estimate != NULL) {
        work.error = work.estimate + rows->rows;
        work.caution = work.error + rows->rows;
    }
    work.room = calloc(3 * rows->runs + 1, sizeof *work.room);
    int error = work.residual == NULL || work.estimate == NULL || work.room == NULL ? -ENOMEM : 0;
    if (error == 0)
        error = noise_rough(rows->value, rows->runs, rows->rows, work.estimate);
    for (size_t r = 0; error == 0 && r < rows->rows; r++) {
        double rough = work.estimate[r];
        error = find_level(&work, r, rough);
        if (error == 0 && level_is_enough(&level[r]))
            estimate(&work, r);
    }
    if (error == 0)
        pool(&work);
    for (size_t r = 0; error == 0 && r < rows->rows; r++)
        level[r].persistence = fmin(fmax(work.estimate[r] + work.caution[r], 0), PERSISTENCE_MAX);
    free(work.residual);
    free(work.estimate);
    free(work.room);
    return error;
}

int noise_persistence(const double *value, size_t runs, size_t rows, double *persistence)
{
    const struct level_rows whole = {
        .runs = runs, .rows = rows, .value = value, .is_whole = 1, .margin = 0};
    struct scan_cache cache = {0};
    struct level *level = calloc(rows + 1, sizeof *level);
    int error = level == NULL ? -ENOMEM : levels_find(&whole, &cache, level);

    for (size_t r = 0; error == 0 && r < rows; r++)
        persistence[r] = level[r].persistence;
    scan_cache_free(&cache);
    free(level);
    return error;
}
