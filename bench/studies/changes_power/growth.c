/* SPDX-License-Identifier: Apache-2.0 */
#include "changes_power.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

enum { LONGEST = 10000 };

/* Of the processor: other programs do not count. */
static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A step in every fifth part, the last one among the newest runs. */
static void put_steps(struct history *history)
{
    size_t runs = history->runs;

    for (size_t c = 0; c < CELLS; c++)
        for (size_t i = 0; i < runs; i++) {
            size_t older = i * 5 / runs, newer = i + 10 >= runs && c == 0;
            history->time_ns[c * runs + i] *= pow(1.1, (double)(older + newer));
        }
    for (size_t i = 0; i < runs; i++)
        history->log_time[i] = log(history->time_ns[i]);
}

static int put_row(size_t runs, uint64_t seed)
{
    struct history history;
    struct random random;
    struct watch_options options = watch_options_default();
    struct step_options alone = step_options_default();
    struct watch_result watched = {0};
    struct steps found = {0};
    int error = history_make(&history, runs);

    if (error == 0) {
        random_seed(&random, seed);
        history_draw(&history, CORRELATED, 0.03, &random);
        put_steps(&history);
        struct watch_series series = history_until(&history, runs);
        double begin = now_s();
        error = watch_newest(&series, &options, &watched);
        double looked = now_s();
        alone.persistence = 0.5;
        if (error == 0)
            error = steps_of_series(history.log_time, runs, &alone, &found);
        double searched = now_s();
        if (error == 0)
            printf("| %zu | %.1f | %d | %.1f | %zu |\n", runs, 1e3 * (looked - begin),
                   watched.slower, 1e3 * (searched - looked), found.count);
    }
    watch_result_free(&watched);
    steps_free(&found);
    history_drop(&history);
    return error;
}

int growth(uint64_t seed)
{
    int error = 0;

    printf(
        "Times are of the processor.\n\n"
        "| runs | check of %d cells, ms | rows slower | steps of one cell, ms | steps found |\n"
        "| ---: | ---: | ---: | ---: | ---: |\n",
        ALL_CELLS);
    for (size_t runs = 100; error == 0 && runs <= LONGEST; runs *= 10)
        error = put_row(runs, seed);
    return error;
}
