/* SPDX-License-Identifier: Apache-2.0 */
/* How small a slow-down would have been found in this history? */
#include "src/statistics/quantiles.h"
#include "trials.h"

#include <math.h>
#include <string.h>

/* Slow-downs that are put in for each kind of row, looks until the smallest that is found is known,
 * and orders, as many as a check draws. */
enum { DRAWS = 80, LOOKS = 9, PASSES = 4, ORDERS = 19999, TAIL_LEAST = 20 };

/* Of those that are put in, so many are found; and what is that far above its threshold on average
 * is so often above it. */
#define FOUND 0.8
#define ABOVE 0.84
/* So many times the first guess are tried. */
#define MOST 8

struct work {
    const struct watch_rows *rows;
    const struct watch_options *options;
    struct random *random;
    const struct trial *own, *relative; /* of the row that is looked at; NULL: none */
    double rise;                        /* of their critical score: see rise_of() */
    double others;                      /* tests that a slow-down does not reach: see others_of() */
    int has_company;                    /* enough rows of its kind to tell that they stayed */
    size_t *order, *room, *identity;    /* [run] */
    double *above;                      /* [ORDERS] */
    const struct trial **reached;       /* [trial]: by a slow-down; */
    struct score_series *slowed;        /* [trial]: the same with it, */
    double *score;                      /* [trial * runs]: and their scores */
};

static size_t age_of(const struct trial *trial)
{
    return trial->most < STEP_SEEN ? trial->most : STEP_SEEN;
}

/* By what the scores are known to vary: a first guess. */
static double guess(const struct trial *trial, double score)
{
    return score / score_of_shift(&trial->series, age_of(trial)) * exp(trial->log_scale);
}

/* The innovations in that order. How many. */
static size_t take(const struct trial *trial, const size_t *order, size_t runs, double *fresh)
{
    size_t count = 0;

    for (size_t i = 0; i < runs; i++)
        if (!isnan(trial->fresh[order[i]]))
            fresh[count++] = trial->fresh[order[i]];
    return count;
}

/* That of the scores, in their unit, whose log is `scale`; shared with other cells as the trial's.
 */
static double spread_of(const struct trial *trial, const double *score, double scale)
{
    double squares = 0, count = (double)trial->series.count;

    for (size_t i = 0; i < trial->series.count; i++)
        squares += score[i] * score[i];
    double spread = scale + log(squares / count) / 2;
    return exp(trial->pool + trial->kept * (spread - trial->pool) - scale);
}

/* The scores with a slow-down among the innovations, whose scale and spread know it, too. */
static struct score_series scores_of(const struct trial *trial, const double *fresh, double shift,
                                     double score[STEP_WINDOW])
{
    double changed[STEP_WINDOW] = {0}, room[STEP_WINDOW];
    size_t count = trial->series.count, first = count - age_of(trial);

    for (size_t i = 0; i < count; i++)
        changed[i] = fresh[i] + (i < first    ? 0
                                 : i == first ? shift
                                              : shift * trial->series.carried);
    double scale = log(score_bounded(changed, count, score, room));
    struct score_series series = trial->series;
    series.runs = count;
    series.score = score;
    series.spread = spread_of(trial, score, scale);
    return series;
}

static double largest_of(const struct trial *trial, const struct score_series *series,
                         const size_t *order)
{
    double extreme[2];

    score_extremes(series, order, STEP_LEAST, trial->most, extreme);
    return extreme[0] * trial->series.spread / series->spread;
}

/* Only the newest runs are looked at: they are drawn out of all. */
static void draw_newest(size_t *order, size_t count, size_t newest, struct random *random)
{
    for (size_t i = count; i > count - newest; i--) {
        size_t other = random_below(random, i), kept = order[i - 1];
        order[i - 1] = order[other];
        order[other] = kept;
    }
}

/* What is passed with the trial's chance, by those of the orders that are above its critical score
 * or by the other tests. */
static double critical_of(const struct trial *trial, double tests, double *above, size_t count)
{
    double highest = INFINITY, lowest = trial->critical, left = trial->alpha;

    stats_sort(above, count);
    for (size_t passed = 0; passed <= count; passed++) {
        left = trial->alpha - (double)passed / ORDERS;
        lowest = passed < count ? above[count - 1 - passed] : trial->critical;
        if (tests * erfc(lowest / sqrt(2.0)) / 2 > left)
            break;
        highest = lowest;
    }
    /* Between two of them the other tests alone decide. */
    double others = left > 0 ? -stats_normal_quantile(fmin(left / tests, 0.5)) : INFINITY;
    return fmin(highest, fmax(lowest, others));
}

/* What a slow-down of a row reaches: its own trials, and of everything those of all means. */
static int is_reached(const struct work *work, const struct trial *trial, enum row_kind kind)
{
    if (kind != ROW_ALL)
        return trial == work->own || trial == work->relative;
    return !trial->relative && work->rows->row[trial->row].finding.kind != ROW_CELL &&
           work->rows->row[trial->row].finding.kind != ROW_CONTROL;
}

/* The trial with a slow-down in its newest runs, as a check would see it. */
static struct score_series slowed(const struct work *work, const struct trial *trial, double shift,
                                  double *score)
{
    double fresh[STEP_WINDOW] = {0}, present[STEP_WINDOW];
    size_t count = 0, runs = work->rows->runs;

    (void)take(trial, work->identity, runs, fresh);
    struct score_series series = scores_of(trial, fresh, shift, present);
    for (size_t i = 0; i < runs; i++)
        score[i] = isnan(trial->fresh[i]) ? (double)NAN : present[count++];
    series.runs = runs;
    series.score = score;
    return series;
}

/* The trials that a slow-down reaches, and their scores with it. How many. */
static size_t reach(const struct work *work, const struct trials *trials, enum row_kind kind,
                    double shift)
{
    size_t count = 0;

    for (size_t t = 0; t < trials->count; t++) {
        const struct trial *trial = &trials->trial[t];
        if (!is_reached(work, trial, kind))
            continue;
        work->slowed[count] = slowed(work, trial, shift, &work->score[count * work->rows->runs]);
        work->reached[count++] = trial;
    }
    return count;
}

/* Their largest scores that are above that one, of ORDERS drawn orders. How many. */
static size_t draw_above(const struct work *work, size_t count, double least)
{
    size_t passed = 0, newest = 0, runs = work->rows->runs;

    for (size_t t = 0; t < count; t++) {
        size_t drawn = work->reached[t]->most + runs - work->reached[t]->series.count;
        newest = drawn > newest ? drawn : newest;
    }
    memcpy(work->order, work->identity, runs * sizeof *work->order);
    for (size_t d = 0; d < ORDERS; d++) {
        double largest = 0;
        draw_newest(work->order, runs, newest < runs ? newest : runs, work->random);
        for (size_t t = 0; t < count; t++)
            largest = fmax(largest, largest_of(work->reached[t], &work->slowed[t], work->order));
        if (largest > least)
            work->above[passed++] = largest;
    }
    return passed;
}

/* Of as many tests as a family seems to be, those that the slow-down does not reach: it is counted
 * by what it makes of these. */
static double others_of(const struct work *work, const struct trials *trials, enum row_kind kind)
{
    size_t count = reach(work, trials, kind, 0);

    if (count == 0)
        return 1;
    double tail = fmax(work->reached[0]->alpha, (double)TAIL_LEAST / ORDERS);
    size_t passed = draw_above(work, count, 0);
    stats_sort(work->above, passed);
    size_t beyond = (size_t)(tail * ORDERS);
    double high = beyond < passed ? work->above[passed - 1 - beyond] : 0;
    double reached = tail / fmax(erfc(high / sqrt(2.0)) / 2, 1e-30);
    return fmax(work->reached[0]->tests - reached, 0.1);
}

/* A slow-down makes the largest scores of other orders larger, too: the score from which on it is
 * found, over that of a history without it. Where the noise has a memory, its first run puts a few
 * of them far above the others. */
static double rise_of(const struct work *work, const struct trials *trials, enum row_kind kind,
                      double shift)
{
    size_t count = reach(work, trials, kind, shift);

    if (count == 0)
        return 1;
    const struct trial *first = work->reached[0];
    size_t passed = draw_above(work, count, first->critical);
    return critical_of(first, work->others, work->above, passed) / first->critical;
}

/* The smallest shift whose score is found, by halving once it is known to lie between two. Infinite
 * where none is found: a score is bounded. */
static double least_of(const struct work *work, const struct trial *trial, const double *fresh)
{
    double critical = trial->critical * work->rise, score[STEP_WINDOW];
    double guessed = guess(trial, critical), shift = guessed, low = 0, high = INFINITY;

    for (int look = 0; look < LOOKS && low < MOST * guessed; look++) {
        struct score_series series = scores_of(trial, fresh, shift, score);
        if (largest_of(trial, &series, work->identity) >= critical)
            high = shift;
        else
            low = shift;
        shift = isinf(high) ? 1.3 * low : (low + high) / 2;
    }
    return isinf(high) ? INFINITY : shift;
}

/* How far the level of the newest runs is from the others by chance, in the values that these
 * innovations make. */
static double noise_of(const struct trial *trial, const double *fresh)
{
    size_t count = trial->series.count, age = age_of(trial);
    double newest = 0, others = 0, value = 0;

    for (size_t i = 0; i < count; i++) {
        value = trial->persistence * value + fresh[i];
        *(i + age < count ? &others : &newest) += value;
    }
    return newest / (double)age - others / (double)(count - age);
}

/* Half of the interval of its shift. */
static double uncertainty_of(const struct work *work, const struct trial *trial)
{
    double age = (double)age_of(trial), others = (double)trial->series.count - age;

    return watch_rows_deviations(work->rows, work->options) * exp(trial->log_scale) *
           trial->series.spread * sqrt(1 / age + 1 / others) / trial->series.carried;
}

/* As judge() has it. */
static double least_of_row(const struct work *work)
{
    double fresh[STEP_WINDOW], margin = log1p(work->options->margin), least = INFINITY;
    double surely = -INFINITY;

    scan_permute(work->order, work->rows->runs, 1, work->room, work->random);
    if (work->own != NULL) {
        (void)take(work->own, work->order, work->rows->runs, fresh);
        double noise = noise_of(work->own, fresh);
        least = fmax(least_of(work, work->own, fresh), margin - noise);
        surely = fmax(margin, uncertainty_of(work, work->own)) - noise;
    }
    if (work->relative != NULL) {
        (void)take(work->relative, work->order, work->rows->runs, fresh);
        double relative =
            fmax(least_of(work, work->relative, fresh), margin - noise_of(work->relative, fresh));
        least = fmin(least, work->has_company ? relative : fmax(relative, surely));
    }
    return least;
}

static double guess_of_row(const struct work *work)
{
    double own = work->own != NULL ? guess(work->own, work->own->critical + ABOVE) : INFINITY;
    double relative =
        work->relative != NULL ? guess(work->relative, work->relative->critical + ABOVE) : INFINITY;
    return fmin(own, relative);
}

static void choose(struct work *work, const struct trials *trials, size_t row)
{
    work->own = work->relative = NULL;
    for (size_t t = 0; t < trials->count; t++)
        if (trials->trial[t].row == row && isfinite(trials->trial[t].critical))
            *(trials->trial[t].relative ? &work->relative : &work->own) = &trials->trial[t];
}

/* Of so many rows of a kind; how much more than guessed they take. */
static double correction(struct work *work, const struct trials *trials, const size_t *rows,
                         size_t count)
{
    double ratio[DRAWS];

    for (size_t d = 0; d < DRAWS; d++) {
        choose(work, trials, rows[d % count]);
        ratio[d] = least_of_row(work) / guess_of_row(work);
    }
    stats_sort(ratio, DRAWS);
    return ratio[(size_t)(FOUND * DRAWS)];
}

static double find_kind(struct work *work, const struct trials *trials, enum row_kind kind,
                        size_t *rows)
{
    size_t count = 0;
    double correct = 1;

    for (size_t r = 0; r < work->rows->count; r++) {
        choose(work, trials, r);
        if (work->rows->row[r].finding.kind == kind &&
            (work->own != NULL || work->relative != NULL))
            rows[count++] = r;
    }
    work->rise = 1;
    work->has_company = count + (kind == ROW_WRITER) > TOGETHER_LEAST;
    for (int pass = 0; pass < PASSES && count > 0; pass++) {
        choose(work, trials, rows[0]); /* one stands for its kind: more would take as much longer */
        if (pass == 0)
            work->others = others_of(work, trials, kind);
        else
            work->rise = rise_of(work, trials, kind, fmin(correct, MOST) * guess_of_row(work));
        correct = correction(work, trials, rows, count);
    }
    return correct;
}

/* What was found is no noise that another slow-down has to stand out of. */
static void take_step_out(const struct work *work, struct trial *trial)
{
    const struct watch_rows *rows = work->rows;
    const double *value = &(trial->relative ? rows->relative : rows->own)[trial->row * rows->runs];
    size_t since = trial->peak[trial->p[1] < trial->p[0]].run;
    double fresh[STEP_WINDOW] = {0}, score[STEP_WINDOW], room[STEP_WINDOW];
    double shift = stats_median_present(&value[since], rows->runs - since, room) -
                   stats_median_present(&value[trial->from], since - trial->from, room);

    for (size_t i = since; i < rows->runs; i++)
        trial->fresh[i] -= shift * (i == since ? 1 : trial->series.carried);
    size_t count = take(trial, work->identity, rows->runs, fresh);
    trial->log_scale = log(score_bounded(fresh, count, score, room));
    trial->series.spread = spread_of(trial, score, trial->log_scale);
    score_set_units(&trial->series, trial->most);
}

int limits_find(const struct watch_rows *rows, const struct watch_options *options,
                struct random *random, struct trials *trials)
{
    struct arena arena = {0};
    struct work work = {.rows = rows,
                        .options = options,
                        .random = random,
                        .order = arena_array(&arena, rows->runs, sizeof(size_t)),
                        .room = arena_array(&arena, rows->runs + 1, sizeof(size_t)),
                        .identity = arena_array(&arena, rows->runs, sizeof(size_t)),
                        .above = arena_array(&arena, ORDERS, sizeof(double)),
                        .reached = arena_array(&arena, trials->count, sizeof(struct trial *)),
                        .slowed = arena_array(&arena, trials->count, sizeof(struct score_series)),
                        .score = arena_array(&arena, trials->count * rows->runs, sizeof(double))};
    size_t *rows_of_kind = arena_array(&arena, rows->count, sizeof *rows_of_kind);
    double correct[ROW_KINDS];

    for (size_t i = 0; arena.error == 0 && i < rows->runs; i++)
        work.identity[i] = i;
    for (size_t t = 0; arena.error == 0 && t < trials->count; t++)
        if (fmin(trials->trial[t].p[0], trials->trial[t].p[1]) <= options->alpha)
            take_step_out(&work, &trials->trial[t]);
    for (int kind = 0; arena.error == 0 && kind < ROW_KINDS; kind++)
        correct[kind] =
            kind == ROW_CONTROL ? 1 : find_kind(&work, trials, (enum row_kind)kind, rows_of_kind);
    for (size_t t = 0; arena.error == 0 && t < trials->count; t++) {
        struct trial *trial = &trials->trial[t];
        trial->visible =
            guess(trial, trial->critical + ABOVE) * correct[rows->row[trial->row].finding.kind];
    }
    int error = arena.error;
    arena_free(&arena);
    return error;
}
