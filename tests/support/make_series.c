/* SPDX-License-Identifier: Apache-2.0 */
#include "make_series.h"

#include "src/base/random.h"

#include <math.h>

void near(double value, double expected, double tolerance)
{
    if (!(fabs(value - expected) <= tolerance))
        fail_msg("%.12g is not %.12g", value, expected);
}

void draw_series(double *value, size_t runs, double persistence, uint64_t seed)
{
    struct random random;

    random_seed(&random, seed);
    for (size_t i = 0; i < runs; i++) {
        double fresh = random_normal(&random);
        value[i] = i == 0
                       ? fresh
                       : persistence * value[i - 1] + sqrt(1 - persistence * persistence) * fresh;
    }
}

void add_level(double *value, size_t from, size_t to, double level)
{
    for (size_t i = from; i < to; i++)
        value[i] += level;
}

void draw_small(double *value, size_t runs, uint64_t seed)
{
    draw_series(value, runs, 0, seed);
    for (size_t i = 0; i < runs; i++)
        value[i] *= 0.01;
}
