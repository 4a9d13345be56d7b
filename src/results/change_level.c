/* SPDX-License-Identifier: Apache-2.0 */
#include "change_level.h"

#include "change_score.h"
#include "change_steps.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

/* A false older step would cost the level before it. */
#define OLDER_LEVEL 0.001
#define PERSISTENCE_MAX 0.9
#define CAUTION 0.5 /* standard errors */

enum { SETTLED_LEAST = 40 };

struct work {
    const struct watch_rows *rows;
    const double *value;
    const struct results_watch_options *options;
    struct scan_cache *cache;
    struct level *level;
    double *residual; /* [row * runs + run], about the levels; NaN: none */
    double *estimate; /* [row] */
    double *error;    /* [row]: its standard error */
    double *room;     /* [rows + 2 * runs] */
};

static void count_values(struct work *work, size_t r)
{
    const double *value = &work->value[r * work->rows->runs];
    struct level *level = &work->level[r];

    level->count = 0;
    for (size_t i = level->from; i < work->rows->runs; i++)
        level->count += isnan(value[i]) ? 0 : 1;
}

static int is_enough(const struct level *level)
{
    return level->count >= (size_t)LEVEL_LEAST + RESULTS_STEP_LEAST;
}

/* What remains of [from, to) after its level is taken off. */
static void take_residuals(struct work *work, size_t r, size_t from, size_t to)
{
    size_t runs = work->rows->runs, count = 0;
    const double *value = &work->value[r * runs];

    for (size_t i = from; i < to; i++)
        if (!isnan(value[i]))
            work->room[count++] = value[i];
    results_sort(work->room, count);
    for (size_t i = from; i < to; i++)
        work->residual[r * runs + i] =
            count > 0 ? value[i] - results_median(work->room, count) : (double)NAN;
}

static int find_level(struct work *work, size_t r, double rough)
{
    size_t runs = work->rows->runs, begin = work->rows->start[r];
    struct results_step_options options = results_step_default();
    struct results_steps steps;

    work->level[r].from = begin;
    count_values(work, r);
    if (!is_enough(&work->level[r]))
        return 0;
    options.level = OLDER_LEVEL;
    options.margin = work->options->margin;
    options.persistence = rough;
    options.seed = work->options->seed + r;
    int error =
        steps_find(&work->value[r * runs + begin], runs - begin, &options, work->cache, &steps);
    if (error != 0)
        return error;
    size_t from = begin;
    for (size_t i = 0; i < steps.count; i++) {
        size_t at = begin + steps.steps[i].at;
        if (at + work->options->newest < runs)
            from = work->level[r].from = at;
        else
            take_residuals(work, r, from, at);
        from = at;
    }
    take_residuals(work, r, from, runs);
    results_steps_free(&steps);
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
    double score[RESULTS_STEP_WINDOW];

    size_t end =
        level->count >= SETTLED_LEAST + work->options->newest ? runs - work->options->newest : runs;
    for (size_t i = level->from; i < runs; i++)
        if (!isnan(residual[i]))
            present[count++] = residual[i];
    score_bounded(present, count, score, present + runs);
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
}

/* How much the residuals of two cells have in common, on average: their correlation. */
static double common_part(const struct work *work)
{
    double squares = 0, of_mean = 0, cells = 0, values = 0;
    size_t runs = work->rows->runs;

    for (size_t i = 0; i < runs; i++) {
        double sum = 0, own = 0, present = 0;
        for (size_t r = 0; r < work->rows->count; r++) {
            double residual = work->residual[r * runs + i];
            if (work->rows->row[r].kind != RESULTS_WATCH_CELL || !is_enough(&work->level[r]) ||
                i < work->level[r].from || isnan(residual))
                continue;
            sum += residual;
            own += residual * residual;
            present++;
        }
        /* Pairs of different cells. */
        of_mean += sum * sum - own;
        squares += own * (present - 1);
        values += present > 0;
        cells = fmax(cells, present);
    }
    return squares > 0 ? fmax(0, of_mean / squares) : 0;
}

/* The estimates of cells towards their mean: as much of their differences is kept as chance does
 * not explain. */
static void pool_cells(struct work *work)
{
    double sum = 0, squares = 0, chance = 0, count = 0, common = common_part(work);

    for (size_t r = 0; r < work->rows->count; r++) {
        if (work->rows->row[r].kind != RESULTS_WATCH_CELL || !is_enough(&work->level[r]))
            continue;
        sum += work->estimate[r];
        squares += work->estimate[r] * work->estimate[r];
        chance += work->error[r] * work->error[r];
        count++;
    }
    if (count < 5)
        return;
    double mean = sum / count, variance = (squares - sum * mean) / (count - 1);
    /* Two estimates are correlated as the square of what the residuals are (Bartlett). */
    common *= common;
    chance /= count;
    double between = fmax(0, variance - chance * (1 - common)), kept = between / (between + chance);
    double of_mean = chance * (common + (1 - common) / count);
    for (size_t r = 0; r < work->rows->count; r++) {
        if (work->rows->row[r].kind != RESULTS_WATCH_CELL || !is_enough(&work->level[r]))
            continue;
        work->estimate[r] = mean + kept * (work->estimate[r] - mean);
        work->error[r] = sqrt(of_mean + kept * chance);
    }
}

int levels_find(const struct watch_rows *rows, const double *value,
                const struct results_watch_options *options, struct scan_cache *cache,
                struct level *level)
{
    struct work work = {
        .rows = rows, .value = value, .options = options, .cache = cache, .level = level};
    size_t runs = rows->runs;

    work.residual = calloc(rows->count * runs + 1, sizeof *work.residual);
    work.estimate = calloc(2 * rows->count + 1, sizeof *work.estimate);
    work.error = work.estimate + rows->count;
    work.room = calloc(rows->count + 2 * runs + 1, sizeof *work.room);
    int error = work.residual == NULL || work.estimate == NULL || work.room == NULL ? -ENOMEM : 0;
    if (error == 0)
        error = results_persistence(value, runs, rows->count, work.estimate);
    for (size_t r = 0; error == 0 && r < rows->count; r++) {
        error = find_level(&work, r, work.estimate[r]);
        if (error == 0 && is_enough(&level[r]))
            estimate(&work, r);
    }
    if (error == 0)
        pool_cells(&work);
    for (size_t r = 0; error == 0 && r < rows->count; r++)
        level[r].persistence =
            fmin(fmax(work.estimate[r] + CAUTION * work.error[r], 0), PERSISTENCE_MAX);
    free(work.residual);
    free(work.estimate);
    free(work.room);
    return error;
}
