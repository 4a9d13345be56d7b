/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How unusual is the rank sum of a part? As a normal deviate, so that parts of every size are on
 * one scale: three values above all others and thirty a bit higher can be compared.
 */
#ifndef BENCH_MMAP_CHANGEPOINT_SCAN_H
#define BENCH_MMAP_CHANGEPOINT_SCAN_H

#include "src/base/arena.h"
#include "src/base/random.h"

#include <stddef.h>

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

#endif
