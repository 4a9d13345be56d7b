/* SPDX-License-Identifier: Apache-2.0 */
/* How far does a part of a series stand out from the rest of it? */
#ifndef BENCH_MMAP_CHANGEPOINT_SCORE_H
#define BENCH_MMAP_CHANGEPOINT_SCORE_H

#include "src/base/arena.h"
#include "src/base/random.h"

#include <stddef.h>

/*
 * By ranks, for older steps. How unusual a rank sum is, as a normal deviate, so that parts of every
 * size are on one scale: three values above all others and thirty a bit higher can be compared.
 */
enum { SCAN_EXACT = 12, SCAN_MAX = 512 };

struct scan {
    size_t count;
    double *exact[SCAN_EXACT + 1]; /* [smaller part][U, up to its mean] */
    double *scale, *bend;          /* [smaller part] */
};

/* One a count, made when it is first asked for. Zero-initialised; arena_free(&cache->arena). */
struct scan_cache {
    struct arena arena;
    struct scan *of[SCAN_MAX + 1];
};

/* count in 2 ... SCAN_MAX. NULL: no memory. Owned by the cache. */
const struct scan *scan_get(struct scan_cache *cache, size_t count);

/* Of `part` values with that sum of ranks (1 ... count); above 0 where they are higher than the
 * rest. 0 < part < count. */
double scan_score(const struct scan *scan, size_t part, double rank_sum);

/* Ranks with ties at their mean. */
int scan_ranks(const double *value, size_t count, double *rank);

/* A permutation of 0 ... count-1 that keeps blocks of that length together, the first and the last
 * shorter by chance. room[count]. */
void scan_permute(size_t *order, size_t count, size_t block, size_t *room, struct random *random);

/*
 * By sizes, for the newest runs. Bounded scores of the innovations, and the sum of them that fits a
 * step best: all of a step is new in its first run, and what the persistence of the noise does not
 * carry on in each that follows.
 */

/* What is new in each value: value[i] - median - persistence * (value[i-1] - median). All finite;
 * out[count]. */
void score_innovations(const double *value, size_t count, double persistence, double *out);

/* A score is at most so many deviations from the median. */
#define SCORE_BOUND 4.0

/*
 * out[i]: innovation[i] less their median in deviations (1.4826 times the median absolute
 * deviation; the standard deviation where that is 0), bounded, and then less the mean of all, so
 * that their sum is 0. All 0 where all innovations are the same. Returns the deviation.
 * room[count].
 */
double score_bounded(const double *innovation, size_t count, double *out, double *room);

struct score_series {
    size_t runs;
    size_t count;   /* scores that are there */
    double *score;  /* [run], NaN: none; their sum is 0 */
    double carried; /* what of a step is new in each run after its first: 1 - persistence */
    double spread;  /* what the scores are divided by */
    double *unit;   /* [part]: 1 / the deviation of the sum of so many newest runs */
};

/* Sets unit[0 ... most] for all orders of the scores being as likely. most < count. */
void score_set_units(struct score_series *series, size_t most);

/* What a shift by one deviation that is `part` runs old adds to the sum of these runs. */
double score_of_shift(const struct score_series *series, size_t part);

struct score_peak {
    double score;
    size_t part; /* runs of the new level */
    size_t run;  /* its first, in the order given */
};

/* The highest and the lowest sum of the newest `least` ... `most` runs, the runs taken in that
 * order. peak[0].score: above 0 where they are slower; peak[1]: the same of the scores' opposite.
 */
void score_scan(const struct score_series *series, const size_t *order, size_t least, size_t most,
                struct score_peak peak[2]);

/* The scores of these peaks only, for the many orders of which nothing else is needed: without it a
 * check takes 15 to 25 % longer (changes_power --scale). */
void score_extremes(const struct score_series *series, const size_t *order, size_t least,
                    size_t most, double extreme[2]);

#endif
