/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_RANDOM_H
#define BENCH_MMAP_BASE_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* A small generator (xoshiro256++, seeded by splitmix64: Blackman and Vigna, 2019), so that results
 * are the same everywhere. */
struct random {
    uint64_t state[4];
};
void random_seed(struct random *random, uint64_t seed);
uint64_t random_next(struct random *random);
double random_unit(struct random *random);                /* [0,1) */
double random_normal(struct random *random);              /* mean 0, deviation 1 */
size_t random_below(struct random *random, size_t bound); /* bound >= 1 */

#endif
