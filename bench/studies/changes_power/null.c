/* SPDX-License-Identifier: Apache-2.0 */
/* Nothing changed: how often is something found? */
#include "changes_power.h"
#include "src/changepoint/noise.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Looks at one history, so many runs apart: neighbouring ones tell nearly the same. */
enum { FIRST_LOOK = 12, APART = 8 };
#define TARGET 0.01

enum what { SERIES, SLOWER, ALARM, ANYTHING, WHATS };
static const char *const what_names[WHATS] = {
    [SERIES] = "series with a false step",
    [SLOWER] = "looks: slower",
    [ALARM] = "slower, apart or a control moved",
    [ANYTHING] = "anything, faster included",
};

void null_head(void)
{
    printf("| noise, nothing changed | spread |");
    for (size_t w = 0; w < WHATS; w++)
        printf(" %s, %% |", what_names[w]);
    printf("\n| --- | --- |");
    for (size_t w = 0; w < WHATS; w++)
        printf(" --- |");
    putchar('\n');
}

static int count_series(const struct history *history, uint64_t seed, struct share *share)
{
    double persistence[ALL_CELLS];
    struct step_options options = step_options_default();
    size_t wrong = 0;

    int error = noise_persistence(history->log_time, history->runs, ALL_CELLS, persistence);
    for (size_t c = 0; error == 0 && c < ALL_CELLS; c++) {
        struct steps found;
        options.persistence = persistence[c];
        options.seed = seed + c;
        error =
            steps_of_series(&history->log_time[c * history->runs], history->runs, &options, &found);
        if (error == 0) {
            wrong += found.count > 0;
            steps_free(&found);
        }
    }
    share_add(share, wrong, ALL_CELLS);
    return error;
}

static int look(const struct history *history, uint64_t seed, size_t first, double *room,
                struct share shares[WHATS])
{
    struct watch_options options = watch_options_default();
    size_t hits[WHATS] = {0}, looks = 0;

    for (size_t runs = first; runs <= history->runs; runs += APART) {
        struct watch_series series = history_until(history, runs, room);
        struct watch_result watched;
        options.seed = seed + runs;
        int error = watch_newest(&series, &options, &watched);
        if (error != 0)
            return error;
        size_t is_alarm = watched.slower > 0 || watched.apart > 0 || watched.controls > 0;
        looks++;
        hits[SLOWER] += watched.slower > 0;
        hits[ALARM] += is_alarm;
        hits[ANYTHING] += is_alarm || watched.faster > 0;
        watch_result_free(&watched);
    }
    for (size_t w = SLOWER; w < WHATS; w++)
        share_add(&shares[w], hits[w], looks);
    return 0;
}

int null_put(const struct null_scenario *scenario, size_t histories, uint64_t seed, int *missed)
{
    struct history history;
    struct random random;
    struct share shares[WHATS] = {{0}};
    double *room = calloc((size_t)ALL_CELLS * RUNS, sizeof *room);
    int error = history_make(&history, RUNS);

    if (room == NULL)
        error = -ENOMEM;
    random_seed(&random, seed);
    for (size_t h = 0; error == 0 && h < histories; h++) {
        history_draw(&history, scenario->noise, scenario->spread, &random);
        error = count_series(&history, seed + 1000 * h, &shares[SERIES]);
        if (error == 0)
            error = look(&history, seed + 1000 * h, FIRST_LOOK + h % APART, room, shares);
    }
    if (error == 0) {
        printf("| %s | %.0f %% |", noise_names[scenario->noise], 100 * scenario->spread);
        for (size_t w = 0; w < WHATS; w++)
            share_put(&shares[w]);
        putchar('\n');
        fflush(stdout);
        *missed += share_interval(&shares[SERIES]).low > TARGET ||
                   share_interval(&shares[ALARM]).low > TARGET;
    }
    history_drop(&history);
    free(room);
    return error;
}
