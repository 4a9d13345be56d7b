/* SPDX-License-Identifier: Apache-2.0 */
#include "watched_history.h"

#include "src/base/random.h"

#include <math.h>
#include <string.h>

void make_history(struct history *history, uint64_t seed)
{
    struct random random;

    memset(history, 0, sizeof *history);
    random_seed(&random, seed);
    for (size_t i = 0; i < CELLS * RUNS; i++)
        history->time_ns[i] = 1e6 * exp(0.02 * random_normal(&random));
    for (size_t c = 0; c < CELLS; c++) {
        history->group[c] = c % WRITERS;
        history->control[c] = c == CELLS - 1;
    }
    history->series = (struct watch_series){.runs = RUNS,
                                            .cells = CELLS,
                                            .groups = WRITERS,
                                            .group = history->group,
                                            .control = history->control,
                                            .time_ns = history->time_ns};
}

void slow_down(struct history *history, size_t cell, size_t from, size_t to, double factor)
{
    for (size_t i = from; i < to; i++)
        history->time_ns[cell * RUNS + i] *= factor;
}

struct watch_result look_at(const struct history *history, int without_limits)
{
    struct watch_options options = watch_options_default();
    struct watch_result watched;

    options.seed = 1;
    options.without_limits = without_limits;
    assert_int_equal(watch_newest(&history->series, &options, &watched), 0);
    return watched;
}

struct watch_result look(const struct history *history) { return look_at(history, 1); }

const struct watch_row *row_of(const struct watch_result *watched, enum row_kind kind, size_t index)
{
    for (size_t r = 0; r < watched->count; r++)
        if (watched->rows[r].finding.kind == kind && watched->rows[r].finding.index == index)
            return &watched->rows[r];
    fail_msg("no such row");
    return NULL;
}

void assert_nothing(struct watch_result watched)
{
    assert_int_equal(watched.slower, 0);
    assert_int_equal(watched.faster, 0);
    assert_int_equal(watched.apart, 0);
    assert_int_equal(watched.controls, 0);
    watch_result_free(&watched);
}
