/* SPDX-License-Identifier: Apache-2.0 */
/* How small a slow-down would have been found in this history? */
#include "src/statistics/quantiles.h"
#include "trials.h"

#include <math.h>

/* Slow-downs that are put in for each kind of row, and looks until the smallest that is found is
 * known. */
enum { DRAWS = 80, LOOKS = 9, PASSES = 3, ORDERS = 1999 };

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
    double rise[2];                     /* of their critical scores: see rise_of() */
    int has_company;                    /* enough rows of its kind to tell that they stayed */
    size_t *order, *room, *identity;    /* [run] */
    double *largest;                    /* [ORDERS] */
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

/* The innovations in the order drawn. How many. */
static size_t draw(const struct work *work, const struct trial *trial, double *fresh)
{
    size_t count = 0;

    for (size_t i = 0; i < work->rows->runs; i++)
        if (!isnan(trial->fresh[work->order[i]]))
            fresh[count++] = trial->fresh[work->order[i]];
    return count;
}

/* The scores with a slow-down among the innovations, whose scale and spread know it, too. */
static struct score_series scores_of(const struct trial *trial, const double *fresh, double shift,
                                     double score[STEP_WINDOW])
{
    double changed[STEP_WINDOW] = {0}, room[STEP_WINDOW], squares = 0;
    size_t count = trial->series.count, first = count - age_of(trial);

    for (size_t i = 0; i < count; i++)
        changed[i] = fresh[i] + (i < first    ? 0
                                 : i == first ? shift
                                              : shift * trial->series.carried);
    double scale = log(score_bounded(changed, count, score, room));
    for (size_t i = 0; i < count; i++)
        squares += score[i] * score[i];
    double spread = scale + log(squares / (double)count) / 2;
    spread = exp(trial->pool + trial->kept * (spread - trial->pool) - scale);
    struct score_series series = trial->series;
    series.runs = count;
    series.score = score;
    series.spread = spread;
    return series;
}

static double largest_of(const struct trial *trial, const struct score_series *series,
                         const size_t *order)
{
    double extreme[2];

    score_extremes(series, order, STEP_LEAST, trial->most, extreme);
    return extreme[0] * trial->series.spread / series->spread;
}

/* A slow-down makes the largest scores of other orders larger, too: the score from which on it is
 * found, over that of a history without it. Where the noise has a memory, its first run puts a few
 * of them far above the others. */
static double rise_of(const struct work *work, const struct trial *trial, double shift,
                      double *largest)
{
    double fresh[STEP_WINDOW] = {0}, score[STEP_WINDOW];
    size_t count = 0;

    if (isinf(shift))
        return 1;
    for (size_t i = 0; i < work->rows->runs; i++)
        if (!isnan(trial->fresh[i]))
            fresh[count++] = trial->fresh[i];
    struct score_series series = scores_of(trial, fresh, shift, score);
    for (size_t d = 0; d < ORDERS; d++) {
        scan_permute(work->order, count, 1, work->room, work->random);
        largest[d] = largest_of(trial, &series, work->order);
    }
    stats_sort(largest, ORDERS);
    double critical = stats_rare(largest, ORDERS, trial->tests, trial->alpha);
    return fmax(critical / trial->critical, 1);
}

/* The smallest shift whose score is found, by halving once it is known to lie between two. Infinite
 * where none is found: a score is bounded. */
static double least_of(const struct work *work, const struct trial *trial, const double *fresh)
{
    double critical = trial->critical * work->rise[trial->relative], score[STEP_WINDOW];
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

/* How far the level of the newest runs is from the others by chance. */
static double noise_of(const struct trial *trial, const double *fresh)
{
    size_t count = trial->series.count, age = age_of(trial);
    double newest = 0, others = 0;

    for (size_t i = 0; i < count; i++)
        *(i + age < count ? &others : &newest) += fresh[i];
    return (newest / (double)age - others / (double)(count - age)) / trial->series.carried;
}

/* Half of the interval of its shift. */
static double uncertainty_of(const struct trial *trial, double confidence)
{
    double age = (double)age_of(trial), others = (double)trial->series.count - age;

    return stats_normal_quantile(0.5 + confidence / 2) * exp(trial->log_scale) *
           trial->series.spread * sqrt(1 / age + 1 / others) / trial->series.carried;
}

/* As judge() has it. */
static double least_of_row(const struct work *work)
{
    double fresh[STEP_WINDOW], margin = log1p(work->options->margin), least = INFINITY;
    double surely = -INFINITY;

    scan_permute(work->order, work->rows->runs, 1, work->room, work->random);
    if (work->own != NULL) {
        draw(work, work->own, fresh);
        double noise = noise_of(work->own, fresh);
        least = fmax(least_of(work, work->own, fresh), margin - noise);
        surely = fmax(margin, uncertainty_of(work->own, work->options->confidence)) - noise;
    }
    if (work->relative != NULL) {
        draw(work, work->relative, fresh);
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
        if (trials->trial[t].row == row)
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

/* With slow-downs of that size. One row stands for its kind: more would take as much longer. */
static void find_rise(struct work *work, const struct trials *trials, size_t row, double correct)
{
    choose(work, trials, row);
    const struct trial *trial[2] = {work->own, work->relative};
    double shift = correct * guess_of_row(work);

    for (int k = 0; k < 2; k++)
        work->rise[k] = trial[k] != NULL ? rise_of(work, trial[k], shift, work->largest) : 1;
}

/* Its own step would be part of the noise that a slow-down has to stand out of. */
static int has_step(const struct work *work)
{
    const struct trial *trial[2] = {work->own, work->relative};

    for (int k = 0; k < 2; k++)
        if (trial[k] != NULL && fmin(trial[k]->p[0], trial[k]->p[1]) <= work->options->alpha)
            return 1;
    return 0;
}

static double find_kind(struct work *work, const struct trials *trials, enum row_kind kind,
                        size_t *rows)
{
    size_t count = 0;
    double correct = 1;

    for (size_t r = 0; r < work->rows->count; r++) {
        choose(work, trials, r);
        if (work->rows->row[r].finding.kind == kind && !has_step(work) &&
            (work->own != NULL || work->relative != NULL))
            rows[count++] = r;
    }
    work->rise[0] = work->rise[1] = 1;
    work->has_company = count > TOGETHER_LEAST;
    for (int pass = 0; pass < PASSES && count > 0; pass++) {
        if (pass > 0)
            find_rise(work, trials, rows[0], correct);
        correct = correction(work, trials, rows, count);
    }
    return correct;
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
                        .largest = arena_array(&arena, ORDERS, sizeof(double))};
    size_t *rows_of_kind = arena_array(&arena, rows->count, sizeof *rows_of_kind);
    double correct[ROW_KINDS];

    for (size_t i = 0; arena.error == 0 && i < rows->runs; i++)
        work.identity[i] = i;
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
