/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "bench/signals.h"
#include "src/base/clock.h"
#include "src/statistics/quantiles.h"
#include "src/statistics/rank_tests.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/random.h>

struct pairs {
    double *times_ns[SIDES];
    double *log_ratios;
    unsigned long count;
};

static int write_and_remove(enum side side, const struct task *task, const char *name, bool verify,
                            double *time_ns)
{
    struct bm_result result;
    int error = side_write(side, task, name, &result);
    int remove_error = side_remove(task, name, verify && error == 0);

    *time_ns = (double)result.total_ns;
    return error != 0 ? error : remove_error;
}

/* Both sides once, in random order. */
static int add_pair(struct pairs *pairs, const struct task *task, const char *name, int self)
{
    unsigned char random;
    double time_ns[SIDES];
    int error = getrandom(&random, 1, 0) == 1 ? 0 : -EIO;

    for (int i = 0; i < SIDES && error == 0; i++) {
        enum side side = (enum side)((i + random) & 1);
        if (signals_received() != 0)
            return -ECANCELED;
        error = write_and_remove(self ? SIDE_BARE : side, task, name, false, &time_ns[side]);
    }
    if (error != 0)
        return error;
    for (int side = 0; side < SIDES; side++)
        pairs->times_ns[side][pairs->count] = time_ns[side];
    pairs->log_ratios[pairs->count++] = log(time_ns[SIDE_KERNEL] / time_ns[SIDE_BARE]);
    return 0;
}

/* Not counted: brings code and data in, and sees that both write what they should. */
static int warm_up(const struct task *task, const char *name)
{
    double time_ns;
    int error = write_and_remove(SIDE_KERNEL, task, name, true, &time_ns);

    return error != 0 ? error : write_and_remove(SIDE_BARE, task, name, true, &time_ns);
}

static bool is_narrow(const struct interval *ratio)
{
    return ratio->high - ratio->low < 2 * COMPARE_HALF_WIDTH;
}

static int estimate_ratio(const struct pairs *pairs, struct interval *ratio)
{
    int error = signed_rank(pairs->log_ratios, pairs->count, 0.95, ratio);

    if (error == 0)
        *ratio = interval_exp(*ratio);
    return error;
}

/* The estimate costs the square of the pairs: it is made when there are a quarter more. */
static int add_pairs(struct pairs *pairs, const struct task *task, const char *name,
                     const struct compare_limits *limits, struct interval *ratio)
{
    double end = clock_s() + limits->seconds;
    unsigned long next_look = COMPARE_MIN_PAIRS;
    int error = 0;

    while (error == 0) {
        bool last = (double)pairs->count >= limits->pairs ||
                    (pairs->count >= COMPARE_MIN_PAIRS && clock_s() > end);
        if (last || pairs->count == next_look) {
            error = estimate_ratio(pairs, ratio);
            if (error != 0 || last || is_narrow(ratio))
                return error;
            next_look += next_look / 4;
        }
        error = add_pair(pairs, task, name, limits->self);
    }
    return error;
}

static enum verdict judge(const struct interval *ratio)
{
    if (ratio->low >= 1 - COMPARE_MARGIN && ratio->high <= 1 + COMPARE_MARGIN)
        return VERDICT_INSIDE;
    if (ratio->low > 1 + COMPARE_MARGIN || ratio->high < 1 - COMPARE_MARGIN)
        return VERDICT_OUTSIDE;
    return VERDICT_UNKNOWN;
}

int compare(const struct task *task, const char *name, const struct compare_limits *limits,
            struct comparison *comparison)
{
    double *room = calloc((size_t)3 * COMPARE_MAX_PAIRS, sizeof *room);
    struct pairs pairs = {.times_ns = {room, room + COMPARE_MAX_PAIRS},
                          .log_ratios = room + (size_t)2 * COMPARE_MAX_PAIRS};
    int error = room == NULL ? -ENOMEM : warm_up(task, name);

    if (error == 0)
        error = add_pairs(&pairs, task, name, limits, &comparison->ratio);
    if (error == 0) {
        for (int side = 0; side < SIDES; side++)
            comparison->median_ns[side] = stats_median_of(pairs.times_ns[side], pairs.count);
        comparison->pairs = pairs.count;
        comparison->verdict = judge(&comparison->ratio);
    }
    free(room);
    return error;
}
