/* SPDX-License-Identifier: Apache-2.0 */
#include "random.h"

#include <math.h>

static uint64_t splitmix(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

void random_seed(struct random *random, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        random->state[i] = splitmix(&seed);
}

static uint64_t rotate(uint64_t x, int by) { return (x << by) | (x >> (64 - by)); }

uint64_t random_next(struct random *random)
{
    uint64_t *s = random->state;
    uint64_t result = rotate(s[0] + s[3], 23) + s[0];
    uint64_t t = s[1] << 17;

    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= t;
    s[3] = rotate(s[3], 45);
    return result;
}

double random_unit(struct random *random) { return (double)(random_next(random) >> 11) * 0x1p-53; }

double random_normal(struct random *random)
{
    /* Box and Muller, one of the two values: no state is kept between calls. */
    double u = 1 - random_unit(random);
    double v = random_unit(random);
    return sqrt(-2 * log(u)) * cos(2 * acos(-1.0) * v);
}

/* Multiply and shift: the bias is below bound / 2^32 (Lemire, ACM TOMACS 29, 2019). */
size_t random_below(struct random *random, size_t bound)
{
    return (size_t)(((random_next(random) >> 32) * (uint64_t)bound) >> 32);
}
