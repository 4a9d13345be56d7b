/* SPDX-License-Identifier: Apache-2.0 */
#include "trials.h"

#include "level.h"
#include "src/statistics/quantiles.h"

#include <math.h>

enum {
    DRAWS = 19999,
    LIMIT_DRAWS = 3999,
    STOP = 20,
    TAIL_LEAST = 20,
    BEFORE_LEAST = LEVEL_LEAST,
    POOLED_LEAST = 5
};

/* Each family has a share of its own of the chance of a false alarm: otherwise the few means would
 * pay for the many cells, and what is only shown for what fails a check. */
enum family { MEANS_SLOWER, CELLS_SLOWER, MEANS_FASTER, CELLS_FASTER, CONTROLS, FAMILIES };

static const enum family family_of[ROW_KINDS][2] = {
    [ROW_ALL] = {MEANS_SLOWER, MEANS_FASTER},
    [ROW_WRITER] = {MEANS_SLOWER, MEANS_FASTER},
    [ROW_CELL] = {CELLS_SLOWER, CELLS_FASTER},
    [ROW_CONTROL] = {CONTROLS, CONTROLS},
};

static const struct {
    double share;
    int is_faster;
} budget[FAMILIES] = {
    [MEANS_SLOWER] = {0.2, 0},  [CELLS_SLOWER] = {0.7, 0},  [CONTROLS] = {0.1, 0},
    [MEANS_FASTER] = {0.25, 1}, [CELLS_FASTER] = {0.75, 1},
};

struct work {
    const struct watch_rows *rows;
    const struct watch_options *options;
    struct trials *trials;
    double *store; /* scores and units of the trials */
    struct random random;
    double alpha[FAMILIES];
    double *largest[FAMILIES]; /* [draw] */
    size_t draws, most_draws;
    struct level *level[2]; /* [row], own and relative */
    int *is_alone;          /* [row] */
    double *row_room;       /* [row] */
    size_t *order, *room;   /* [runs] */
};

static enum family family(const struct work *work, const struct trial *trial, size_t way)
{
    return family_of[work->rows->row[trial->row].finding.kind][way];
}

static int is_pooled(const struct work *work, const struct trial *trial, int relative)
{
    return trial->relative == relative && trial->series.spread > 0 &&
           work->rows->row[trial->row].finding.kind == ROW_CELL;
}

static void take_scores(const struct work *work, struct trial *trial)
{
    const struct watch_rows *rows = work->rows;
    const double *value = &(trial->relative ? rows->relative : rows->own)[trial->row * rows->runs];
    double present[STEP_WINDOW] = {0}, fresh[STEP_WINDOW], score[STEP_WINDOW];
    size_t count = stats_present(&value[trial->from], rows->runs - trial->from, present);
    size_t at = 0;

    score_innovations(present, count, trial->persistence, fresh);
    double scale = score_bounded(fresh, count, score, present), squares = 0, fourth = 0;
    for (size_t i = 0; i < count; i++) {
        squares += score[i] * score[i];
        fourth += pow(score[i], 4);
    }
    double n = (double)count;
    trial->log_scale = log(scale);
    trial->series.spread = sqrt(squares / n);
    trial->chance = squares > 0 ? fmax(n * fourth / (squares * squares) - 1, 0) / (4 * n) : 0;
    for (size_t i = 0; i < rows->runs; i++) {
        int is_there = i >= trial->from && !isnan(value[i]);
        trial->fresh[i] = is_there ? fresh[at] : (double)NAN;
        trial->series.score[i] = is_there ? score[at++] : (double)NAN;
    }
    trial->series.count = count;
    trial->most = count - BEFORE_LEAST;
    if (trial->most > work->options->newest)
        trial->most = work->options->newest;
}

/* The spreads of cells towards their geometric mean, as far as chance explains that they differ: a
 * step adds to the spread of its own row, and would hide behind it. */
static void pool_spreads(struct work *work, int relative)
{
    double sum = 0, squares = 0, chance = 0, count = 0;

    for (size_t t = 0; t < work->trials->count; t++) {
        const struct trial *trial = &work->trials->trial[t];
        if (!is_pooled(work, trial, relative))
            continue;
        double spread = trial->log_scale + log(trial->series.spread);
        sum += spread;
        squares += spread * spread;
        chance += trial->chance;
        count++;
    }
    if (count < (double)POOLED_LEAST)
        return;
    double mean = sum / count,
           between = fmax(0, (squares - sum * mean) / (count - 1) - chance / count);
    for (size_t t = 0; t < work->trials->count; t++) {
        struct trial *trial = &work->trials->trial[t];
        if (!is_pooled(work, trial, relative))
            continue;
        double spread = trial->log_scale + log(trial->series.spread);
        trial->pool = mean;
        trial->kept = between > 0 ? between / (between + trial->chance) : 0;
        trial->series.spread = exp(mean + trial->kept * (spread - mean) - trial->log_scale);
    }
}

static void add_trial(struct work *work, size_t row, int relative)
{
    struct trials *trials = work->trials;
    struct trial *trial = &trials->trial[trials->count];
    const struct level *level = &work->level[relative][row];
    size_t runs = work->rows->runs;

    if (!level_is_enough(level))
        return;
    *trial = (struct trial){.row = row,
                            .relative = relative,
                            .from = level->from,
                            .p = {1, 1},
                            .persistence = level->persistence,
                            .open = level->open,
                            .kept = 1,
                            .visible = (double)NAN,
                            .fresh = &work->store[(3 * trials->count + 2) * runs],
                            .series = {.runs = runs,
                                       .carried = 1 - level->persistence,
                                       .score = &work->store[3 * trials->count * runs],
                                       .unit = &work->store[(3 * trials->count + 1) * runs]}};
    trials->count++;
    take_scores(work, trial);
}

static void keep_largest(double largest[FAMILIES], const struct work *work,
                         const struct trial *trial, const double score[2])
{
    for (size_t way = 0; way < 2; way++) {
        size_t f = family(work, trial, way);
        largest[f] = fmax(largest[f], score[way]);
    }
}

static void observe(struct work *work, double highest[FAMILIES])
{
    for (size_t i = 0; i < work->rows->runs; i++)
        work->order[i] = i;
    for (size_t t = 0; t < work->trials->count; t++) {
        struct trial *trial = &work->trials->trial[t];
        score_scan(&trial->series, work->order, STEP_LEAST, trial->most, trial->peak);
        keep_largest(highest, work, trial,
                     (const double[2]){trial->peak[0].score, trial->peak[1].score});
    }
}

/* Nothing can be found any more: the best of every family was passed too often. The limits need
 * some draws all the same. */
static int is_settled(const struct work *work, const size_t passed[FAMILIES])
{
    for (size_t f = 0; f < FAMILIES; f++)
        if (work->alpha[f] > 0 && passed[f] < STOP)
            return 0;
    return work->options->without_limits || work->draws >= LIMIT_DRAWS;
}

/* All rows get the same order, so that what they have in common stays in common. */
static void permute(struct work *work, const double highest[FAMILIES], size_t draws)
{
    size_t passed[FAMILIES] = {0};

    for (; work->draws < draws && !is_settled(work, passed); work->draws++) {
        double largest[FAMILIES] = {0};
        scan_permute(work->order, work->rows->runs, 1, work->room, &work->random);
        for (size_t t = 0; t < work->trials->count; t++) {
            const struct trial *trial = &work->trials->trial[t];
            double score[2];
            score_extremes(&trial->series, work->order, STEP_LEAST, trial->most, score);
            keep_largest(largest, work, trial, score);
        }
        for (size_t f = 0; f < FAMILIES; f++) {
            work->largest[f][work->draws] = largest[f];
            passed[f] += largest[f] >= highest[f] - 1e-9;
        }
        if (work->options->progress != NULL)
            work->options->progress(work->options->progress_data, work->draws + 1, draws);
    }
}

static void adjust(struct work *work)
{
    for (size_t t = 0; t < work->trials->count; t++) {
        struct trial *trial = &work->trials->trial[t];
        for (size_t way = 0; way < 2; way++) {
            size_t f = family(work, trial, way), passed = 1;
            for (size_t d = 0; d < work->draws; d++)
                passed += work->largest[f][d] >= trial->peak[way].score - 1e-9;
            double p = (double)passed / (double)(work->draws + 1);
            trial->p[way] = fmin(1, p * work->options->alpha / work->alpha[f]);
        }
    }
}

/* p is counted in draws, so less than alpha may pass: what half of the scores that are as rare as
 * this pass (the median of a Poisson number of draws beyond them). 0: nothing can be found. */
static double told(const struct work *work, double alpha)
{
    double draws = (double)work->most_draws + 1;

    return fmax(floor(alpha * draws + 1e-9) - 1.0 / 3, 0) / draws;
}

/* The score from which on p <= alpha. Where few of the draws are beyond it, they tell of how many
 * tests that do not depend on one another the largest score seems to be the best: that reaches a
 * little farther. */
static void find_critical(struct work *work)
{
    double tests[FAMILIES] = {0}, least = (double)TAIL_LEAST / (double)work->draws;

    for (size_t f = 0; f < FAMILIES; f++) {
        double tail = fmin(fmax(work->alpha[f], least), 0.5);
        stats_sort(work->largest[f], work->draws);
        double high = stats_quantile(work->largest[f], work->draws, 1 - tail);
        tests[f] = fmax(tail / fmax(erfc(high / sqrt(2.0)) / 2, 1e-30), 1);
    }
    for (size_t t = 0; t < work->trials->count; t++) {
        struct trial *trial = &work->trials->trial[t];
        enum family f = family(work, trial, 0);
        trial->alpha = told(work, work->alpha[f]);
        trial->tests = tests[f];
        trial->critical = trial->alpha > 0
                              ? -stats_normal_quantile(fmin(trial->alpha / trial->tests, 0.5))
                              : INFINITY;
    }
}

/* Families without a row leave theirs to the others of their side. */
static void divide_alpha(const struct watch_rows *rows, const struct watch_options *options,
                         double alpha[FAMILIES])
{
    double sum[2] = {0, 0};
    int there[FAMILIES] = {0};

    for (size_t r = 0; r < rows->count; r++)
        for (size_t way = 0; way < 2; way++)
            there[family_of[rows->row[r].finding.kind][way]] = 1;
    for (size_t f = 0; f < FAMILIES; f++)
        sum[budget[f].is_faster] += there[f] ? budget[f].share : 0;
    for (size_t f = 0; f < FAMILIES; f++) {
        double of = budget[f].is_faster ? options->alpha_faster : options->alpha;
        alpha[f] = there[f] ? of * budget[f].share / sum[budget[f].is_faster] : 0;
    }
}

/* So many runs that the clearest step of all could pass: half of them above all others. */
static void find_needed(struct work *work)
{
    double tests[FAMILIES] = {0};

    for (size_t r = 0; r < work->rows->count; r++)
        tests[family_of[work->rows->row[r].finding.kind][0]] += 2;
    for (size_t kind = 0; kind < ROW_KINDS; kind++) {
        size_t f = family_of[kind][0], runs = BEFORE_LEAST + STEP_LEAST;
        double target = log(tests[f] / work->alpha[f]);
        for (; tests[f] > 0 && runs < STEP_WINDOW; runs++) {
            size_t part = runs - BEFORE_LEAST < runs / 2 ? runs - BEFORE_LEAST : runs / 2;
            part = part < work->options->newest ? part : work->options->newest;
            double n = (double)runs, m = (double)part;
            if (lgamma(n + 1) - lgamma(m + 1) - lgamma(n - m + 1) >= target)
                break;
        }
        work->trials->needed[kind] = tests[f] > 0 ? runs : 0;
    }
}

static int find_levels(struct work *work, struct scan_cache *cache)
{
    const struct watch_rows *rows = work->rows;
    struct level_rows query = {.runs = rows->runs,
                               .rows = rows->count,
                               .start = rows->start,
                               .is_alone = work->is_alone,
                               .newest = work->options->newest,
                               .margin = work->options->margin};
    size_t cells = 0;

    for (size_t r = 0; r < rows->count; r++)
        work->is_alone[r] = rows->row[r].finding.kind != ROW_CELL;
    query.value = rows->own;
    int error = levels_find(&query, cache, work->level[0]);
    query.value = rows->relative;
    if (error == 0)
        error = levels_find(&query, cache, work->level[1]);
    for (size_t r = 0; r < rows->count; r++)
        if (!work->is_alone[r])
            work->row_room[cells++] = work->level[0][r].persistence;
    work->trials->persistence = cells > 0 ? stats_median_of(work->row_room, cells) : 0;
    return error;
}

static void set_up(struct work *work)
{
    for (size_t r = 0; r < work->rows->count; r++) {
        add_trial(work, r, 0);
        add_trial(work, r, 1);
    }
    pool_spreads(work, 0);
    pool_spreads(work, 1);
    for (size_t t = 0; t < work->trials->count; t++) {
        struct trial *trial = &work->trials->trial[t];
        score_set_units(&trial->series, trial->most);
    }
}

int trials_run(const struct watch_rows *rows, const struct watch_options *options,
               struct arena *arena, struct trials *trials)
{
    size_t draws = options->draws > 0 ? options->draws : DRAWS, count = rows->count;
    double highest[FAMILIES] = {0};
    struct scan_cache cache = {0};
    struct work work = {.rows = rows,
                        .options = options,
                        .trials = trials,
                        .most_draws = draws,
                        .store = arena_array(arena, 6 * count * rows->runs, sizeof(double)),
                        .level = {arena_array(arena, count, sizeof(struct level)),
                                  arena_array(arena, count, sizeof(struct level))},
                        .is_alone = arena_array(arena, count, sizeof(int)),
                        .row_room = arena_array(arena, count, sizeof(double)),
                        .order = arena_array(arena, rows->runs, sizeof(size_t)),
                        .room = arena_array(arena, rows->runs, sizeof(size_t))};

    *trials = (struct trials){.trial = arena_array(arena, 2 * count, sizeof *trials->trial)};
    for (size_t f = 0; f < FAMILIES; f++)
        work.largest[f] = arena_array(arena, draws, sizeof(double));
    random_seed(&work.random, options->seed);
    divide_alpha(rows, options, work.alpha);
    find_needed(&work);
    int error = arena->error != 0 ? arena->error : find_levels(&work, &cache);
    arena_free(&cache.arena);
    if (error != 0)
        return error;
    set_up(&work);
    if (trials->count > 0) {
        observe(&work, highest);
        permute(&work, highest, draws);
        adjust(&work);
        find_critical(&work);
        if (!options->without_limits)
            error = limits_find(rows, options, &work.random, trials);
    }
    return error;
}
