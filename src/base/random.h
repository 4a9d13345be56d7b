/* SPDX-License-Identifier: Apache-2.0 */
/* A small generator (xoshiro256++, seeded by splitmix64: Blackman and Vigna, 2019), so that results
 * are the same everywhere. */
#ifndef BENCH_MMAP_BASE_RANDOM_H
#define BENCH_MMAP_BASE_RANDOM_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct random {
    uint64_t state[4];
};

static inline uint64_t random_splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static inline void random_seed(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        random->state[i] = random_splitmix(&seed);
}

static inline uint64_t random_rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

static inline uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = random_rotate(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = random_rotate(s[3], 45);
    return result;
}

/* [0,1) */
static inline double random_unit(struct random *random)
{
    return (double)(random_next(random) >> 11) * 0x1p-53;
}

/* Of mean 0 and deviation 1. */
static inline double random_normal(struct random *random)
{
    /* Box and Muller, one of the two values: no state is kept between calls. */
    double u = 1 - random_unit(random);
    double v = random_unit(random);
    return sqrt(-2 * log(u)) * cos(2 * acos(-1.0) * v);
}

/* Below bound, which is at least 1. Multiply and shift: the bias is below bound / 2^32 (Lemire, ACM
 * TOMACS 29, 2019). */
static inline size_t random_below(struct random *random, size_t bound)
{
    return (size_t)(((random_next(random) >> 32) * (uint64_t)bound) >> 32);
}

#endif
