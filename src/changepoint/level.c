/* SPDX-License-Identifier: Apache-2.0 */
#include "level.h"

#include "score.h"
#include "src/statistics/quantiles.h"
#include "steps.h"

#include <errno.h>
#include <math.h>

/* A false older step would cost the level before it. */
#define OLDER_LEVEL 0.001
#define PERSISTENCE_MAX 0.9
/* The variance of one row's rough estimate is about this over its runs, in independent noise. */
#define ROW_VARIANCE 3.0
/* Standard errors that are added, of what rows share and of what is a row's own. */
#define CAUTION_SHARED 0.75
#define CAUTION_OWN 1.5

enum { ROUGH_LEAST = 8, SETTLED_LEAST = 40, SHARED_LEAST = 5 };
/* The rough estimate may make steps of noise, which the better one does not. */
enum { PASSES = 2 };

struct work {
    const struct level_rows *rows;
    struct scan_cache *cache;
    struct level *level;
    double *residual; /* [row * runs + run], about the levels; NaN: none */
    double *estimate; /* [row] */
    double *error;    /* [row]: its standard error */
    double *caution;  /* [row]: what is added to it */
    double *room;     /* [3 * runs + rows] */
};

/* Of the values that are `lag` apart; a difference counts as the cap at most. */
static double mean_difference(const double *value, size_t count, size_t lag, double cap)
{
    double sum = 0;
    for (size_t i = 0; i + lag < count; i++)
        sum += fmin(fabs(value[i + lag] - value[i]), cap);
    return sum / (double)(count - lag);
}

/* E|x[t+2]-x[t]|^2 / E|x[t+1]-x[t]|^2 = (1 - r^2) / (1 - r) = 1 + r. Outliers, and the differences
 * that lie over a step, count as four typical ones at most. NaN: too few values. */
static double rough_of_row(const double *present, size_t count, double *room)
{
    size_t all = 0;

    if (count < ROUGH_LEAST)
        return (double)NAN;
    for (size_t lag = 1; lag <= 2; lag++)
        for (size_t i = 0; i + lag < count; i++)
            room[all++] = fabs(present[i + lag] - present[i]);
    double cap = 4 * stats_median_of(room, all);
    double near_by = mean_difference(present, count, 1, cap);
    double apart = mean_difference(present, count, 2, cap);
    return near_by > 0 ? apart * apart / (near_by * near_by) - 1 : 0;
}

/* The rows' estimates towards their median: as much of their differences is kept as chance does not
 * explain, and they are taken one standard error higher: too low a one makes steps of noise. */
static void draw_together(double *estimate, size_t rows, double runs, double *room)
{
    size_t count = stats_present(estimate, rows, room);
    double median = 0, between = 0, chance = ROW_VARIANCE / runs;

    if (count > 0) {
        median = stats_median_of(room, count);
        double quartiles = stats_quantile(room, count, 0.75) - stats_quantile(room, count, 0.25);
        between = fmax(0, quartiles * quartiles / (1.349 * 1.349) - chance);
    }
    double kept = count < SHARED_LEAST ? 1 : between / (between + chance);
    for (size_t r = 0; r < rows; r++) {
        double own = isnan(estimate[r]) ? median : median + kept * (estimate[r] - median);
        estimate[r] = fmin(fmax(own + sqrt(kept * chance), 0), PERSISTENCE_MAX);
    }
}

/*
 * Persistence before any step is known: from the sizes of differences between neighbours and
 * between every other value, of which a step changes one or two only. That is three times as
 * uncertain as what is made of it afterwards.
 */
static void estimate_roughly(struct work *work)
{
    const struct level_rows *rows = work->rows;
    double values = 0;

    for (size_t r = 0; r < rows->rows; r++) {
        size_t count = stats_present(&rows->value[r * rows->runs], rows->runs, work->room);
        values += (double)count / (double)rows->rows;
        work->estimate[r] = rough_of_row(work->room, count, work->room + rows->runs);
    }
    draw_together(work->estimate, rows->rows, fmax(values, 1), work->room);
}

static void count_values(struct work *work, size_t r)
{
    size_t runs = work->rows->runs, from = work->level[r].from;

    work->level[r].count =
        stats_present(&work->rows->value[r * runs + from], runs - from, work->room);
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

static double median_between(const struct work *work, const double *value, size_t from, size_t to)
{
    return stats_median_present(&value[from], to - from, work->room);
}

/* `begin`: of the row's values, from which on the steps count. */
static struct older_step find_open(const struct work *work, const double *value, size_t begin,
                                   const struct steps *steps)
{
    size_t runs = work->rows->runs, from = begin;
    double margin = log1p(work->rows->margin);

    for (size_t i = 0; i < steps->count; i++) {
        size_t at = begin + steps->steps[i].at;
        if (at + work->rows->newest < runs && steps->steps[i].shift.estimate >= margin &&
            median_between(work, value, begin + steps->steps[steps->count - 1].at, runs) -
                    median_between(work, value, from, at) >=
                margin)
            return (struct older_step){at, from, steps->steps[i].p};
        from = at;
    }
    return (struct older_step){0, 0, 1};
}

static int find_level(struct work *work, size_t r)
{
    const struct level_rows *rows = work->rows;
    size_t runs = rows->runs, begin = rows->start != NULL ? rows->start[r] : 0, from = begin;
    const double *value = &rows->value[r * runs];
    double *residual = &work->residual[r * runs];
    struct step_options options = step_options_default();
    struct steps steps;

    work->level[r].from = begin;
    work->level[r].open = (struct older_step){0, 0, 1};
    count_values(work, r);
    if (!level_is_enough(&work->level[r]))
        return 0;
    options.level = OLDER_LEVEL;
    options.draws = SEGMENT_BOUND_ONLY;
    options.margin = rows->margin;
    options.persistence = work->estimate[r];
    options.cache = work->cache;
    int error = steps_of_series(&value[begin], runs - begin, &options, &steps);
    if (error != 0)
        return error;
    work->level[r].open = find_open(work, value, begin, &steps);
    for (size_t i = 0; i < steps.count; i++) {
        size_t at = begin + steps.steps[i].at;
        if (!rows->is_whole && at + rows->newest < runs && at + LEVEL_LEAST + STEP_LEAST <= runs)
            work->level[r].from = at;
        else
            stats_centre(&value[from], at - from, &residual[from], work->room);
        from = at;
    }
    stats_centre(&value[from], runs - from, &residual[from], work->room);
    steps_free(&steps);
    count_values(work, r);
    return 0;
}

/* So many of the newest runs, which a step may have changed, say nothing about persistence: a third
 * of the level, and more where enough others are there. */
static size_t left_out(size_t count, size_t newest)
{
    size_t others = count > SETTLED_LEAST ? SETTLED_LEAST : count;
    size_t most = count - others > count / 3 ? count - others : count / 3;

    return most < newest ? most : newest;
}

/* The first autocorrelation of bounded residuals. */
static void estimate(struct work *work, size_t r)
{
    const struct level *level = &work->level[r];
    size_t runs = work->rows->runs, at = 0;
    double *residual = &work->residual[r * runs], *score = work->room + runs;
    double products = 0, squares = 0, mean = 0;

    size_t count = stats_present(&residual[level->from], runs - level->from, work->room);
    score_bounded(work->room, count, score, score + runs);
    for (size_t i = level->from; i < runs; i++)
        if (!isnan(residual[i]))
            residual[i] = score[at++];
    size_t used = count - left_out(count, work->rows->newest);
    for (size_t i = 0; i < used; i++)
        mean += score[i] / (double)used;
    for (size_t i = 0; i < used; i++) {
        squares += (score[i] - mean) * (score[i] - mean);
        products += i > 0 ? (score[i] - mean) * (score[i - 1] - mean) : 0;
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
    /* The standard error of a variance. */
    if (between < expected * sqrt(2 / (count - 1)))
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

/* The levels, with the persistence as it is known so far, and the persistence about them. */
static int find_all(struct work *work)
{
    size_t rows = work->rows->rows;
    int error = 0;

    for (size_t r = 0; error == 0 && r < rows; r++) {
        error = find_level(work, r);
        if (error == 0 && level_is_enough(&work->level[r]))
            estimate(work, r);
    }
    if (error != 0)
        return error;
    pool(work);
    for (size_t r = 0; r < rows; r++)
        work->estimate[r] = work->level[r].persistence =
            fmin(fmax(work->estimate[r] + work->caution[r], 0), PERSISTENCE_MAX);
    return 0;
}

int levels_find(const struct level_rows *rows, struct scan_cache *cache, struct level *level)
{
    struct arena arena = {0};
    size_t count = rows->rows;
    struct work work = {
        .rows = rows,
        .cache = cache,
        .level = level,
        .residual = arena_array(&arena, count * rows->runs, sizeof(double)),
        .estimate = arena_array(&arena, count, sizeof(double)),
        .error = arena_array(&arena, count, sizeof(double)),
        .caution = arena_array(&arena, count, sizeof(double)),
        .room = arena_array(&arena, 3 * rows->runs + count, sizeof(double)),
    };
    int error = arena.error;

    if (error == 0)
        estimate_roughly(&work);
    for (int pass = 0; error == 0 && pass < PASSES; pass++)
        error = find_all(&work);
    arena_free(&arena);
    return error;
}

int level_persistence(const double *value, size_t runs, size_t rows, double *persistence)
{
    const struct level_rows whole = {.runs = runs, .rows = rows, .value = value, .is_whole = 1};
    struct scan_cache cache = {0};
    struct level *level = arena_array(&cache.arena, rows, sizeof *level);
    int error = level == NULL ? -ENOMEM : levels_find(&whole, &cache, level);

    for (size_t r = 0; error == 0 && r < rows; r++)
        persistence[r] = level[r].persistence;
    arena_free(&cache.arena);
    return error;
}
