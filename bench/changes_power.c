/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often does the watch over a history cry wolf, and what does it find? Histories of 60 cells of
 * 4 writers and 2 controls are drawn in which the truth is known, because it was put there.
 *
 *     changes_power [--quick] [--scale] [histories] [seed]
 *
 * Prints Markdown; shares in per cent with Wilson's 95 % intervals in brackets. --quick draws few
 * histories. --scale prints instead how long a look takes as the history grows.
 */
#include "bench_mmap/changes.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { RUNS = 100, CELLS = 60, CONTROLS = 2, WRITERS = 4, ALL_CELLS = CELLS + CONTROLS };
enum { HISTORIES = 200, QUICK = 12, FIRST_LOOK = 12, LONGEST = 10000 };

enum noise { INDEPENDENT, HEAVY, CORRELATED, COMMON };
static const char *const noise_names[] = {
    [INDEPENDENT] = "independent, normal",
    [HEAVY] = "heavy tails (Student's t, 3 degrees)",
    [CORRELATED] = "AR(0.5)",
    [COMMON] = "AR(0.5), half of its variance common to all cells",
};

enum target { CELL, WRITER, EVERYTHING };
static const char *const target_names[] = {
    [CELL] = "a cell", [WRITER] = "a writer", [EVERYTHING] = "everything"};

struct null_scenario {
    enum noise noise;
    double spread;
};

static const struct null_scenario nulls[] = {
    {INDEPENDENT, 0.03}, {INDEPENDENT, 0.10}, {HEAVY, 0.03},  {HEAVY, 0.10},
    {CORRELATED, 0.03},  {CORRELATED, 0.10},  {COMMON, 0.03}, {COMMON, 0.10},
};

struct step_scenario {
    enum noise noise;
    double spread;
    enum target target;
    double factor;
    size_t after; /* runs since the step */
};

static const struct step_scenario steps[] = {
    {INDEPENDENT, 0.03, CELL, 1.10, 5},     {HEAVY, 0.03, CELL, 1.10, 5},
    {CORRELATED, 0.03, CELL, 1.10, 5},      {CORRELATED, 0.03, CELL, 1.10, 8},
    {COMMON, 0.03, CELL, 1.10, 5},          {INDEPENDENT, 0.10, CELL, 1.10, 5},
    {INDEPENDENT, 0.10, CELL, 1.10, 30},    {INDEPENDENT, 0.10, CELL, 1.30, 5},
    {INDEPENDENT, 0.03, CELL, 1.05, 12},    {HEAVY, 0.03, CELL, 1.05, 12},
    {CORRELATED, 0.03, CELL, 1.05, 12},     {COMMON, 0.03, CELL, 1.05, 12},
    {INDEPENDENT, 0.10, WRITER, 1.10, 5},   {CORRELATED, 0.03, WRITER, 1.05, 5},
    {COMMON, 0.03, WRITER, 1.05, 5},        {INDEPENDENT, 0.10, EVERYTHING, 1.10, 5},
    {COMMON, 0.03, EVERYTHING, 1.10, 5},    {COMMON, 0.03, EVERYTHING, 1.10, 12},
    {INDEPENDENT, 0.03, CELL, 1 / 1.10, 5},
};

struct history {
    size_t runs;
    double *log_time; /* [cell * runs + run] */
    double *time_ns;
    size_t group[ALL_CELLS];
    int control[ALL_CELLS];
};

static double student_3(struct results_random *random)
{
    double normal = results_random_normal(random), squares = 0;
    for (int i = 0; i < 3; i++)
        squares += pow(results_random_normal(random), 2);
    return normal / sqrt(squares / 3);
}

/* AR(1) of unit deviation, started in its stationary state. */
static double next_correlated(double before, int first, struct results_random *random)
{
    double fresh = results_random_normal(random);
    return first ? fresh : 0.5 * before + sqrt(0.75) * fresh;
}

static void draw(struct history *history, enum noise noise, double spread,
                 struct results_random *random)
{
    double state[ALL_CELLS] = {0}, common = 0;

    for (size_t i = 0; i < history->runs; i++) {
        common = next_correlated(common, i == 0, random);
        for (size_t c = 0; c < ALL_CELLS; c++) {
            double value;
            state[c] = noise == CORRELATED || noise == COMMON
                           ? next_correlated(state[c], i == 0, random)
                       : noise == HEAVY ? student_3(random)
                                        : results_random_normal(random);
            value = noise == COMMON ? (state[c] + common) / sqrt(2.0) : state[c];
            history->log_time[c * history->runs + i] = log(1e6) + spread * value;
        }
    }
    for (size_t i = 0; i < ALL_CELLS * history->runs; i++)
        history->time_ns[i] = exp(history->log_time[i]);
}

static int make(struct history *history, size_t runs)
{
    *history = (struct history){.runs = runs};
    history->log_time = calloc(ALL_CELLS * runs, sizeof(double));
    history->time_ns = calloc(ALL_CELLS * runs, sizeof(double));
    for (size_t c = 0; c < ALL_CELLS; c++) {
        history->control[c] = c >= CELLS;
        history->group[c] = c >= CELLS ? WRITERS + c - CELLS : c % WRITERS;
    }
    return history->log_time == NULL || history->time_ns == NULL ? -ENOMEM : 0;
}

static void drop(struct history *history)
{
    free(history->log_time);
    free(history->time_ns);
}

/* The history as it was after so many runs. room: ALL_CELLS * runs. */
static struct results_past past_of(const struct history *history, size_t runs, double *room)
{
    for (size_t c = 0; c < ALL_CELLS; c++)
        memcpy(&room[c * runs], &history->time_ns[c * history->runs], runs * sizeof *room);
    return (struct results_past){.runs = runs,
                                 .cells = ALL_CELLS,
                                 .groups = WRITERS + CONTROLS,
                                 .group = history->group,
                                 .control = history->control,
                                 .time_ns = room};
}

/* ---- tables ------------------------------------------------------------------------------ */

static void put_share(size_t count, size_t of)
{
    double n = (double)of, p = (double)count / n, z = 1.959963984540054;
    double centre = p + z * z / (2 * n), half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n));
    double scale = 100 / (1 + z * z / n);

    printf(" %.2f [%.2f, %.2f] |", 100 * p, scale * fmax(centre - half, 0),
           scale * fmin(centre + half, 1 + z * z / n));
}

static int count_false_series(const struct history *history, uint64_t seed, size_t *count)
{
    double persistence[ALL_CELLS];
    struct results_step_options options = results_step_default();

    int error = results_persistence(history->log_time, history->runs, ALL_CELLS, persistence);
    for (size_t c = 0; error == 0 && c < ALL_CELLS; c++) {
        struct results_steps found;
        options.persistence = persistence[c];
        options.seed = seed + c;
        error =
            results_steps(&history->log_time[c * history->runs], history->runs, &options, &found);
        if (error == 0) {
            *count += found.count > 0;
            results_steps_free(&found);
        }
    }
    return error;
}

struct looks {
    size_t count, slower, any, unsettled, controls;
};

static int look_after_each(const struct history *history, uint64_t seed, double *room,
                           struct looks *looks)
{
    struct results_watch_options options = results_watch_default();

    for (size_t runs = FIRST_LOOK; runs <= history->runs; runs++) {
        struct results_past past = past_of(history, runs, room);
        struct results_watched watched;
        options.seed = seed + runs;
        int error = results_watch(&past, &options, &watched);
        if (error != 0)
            return error;
        looks->count++;
        looks->slower += watched.slower > 0;
        looks->unsettled += watched.slower > 0 || watched.apart > 0;
        looks->any += watched.slower > 0 || watched.apart > 0 || watched.faster > 0;
        looks->controls += watched.controls > 0;
        results_watched_free(&watched);
    }
    return 0;
}

static int put_null(const struct null_scenario *scenario, size_t histories, uint64_t seed)
{
    struct history history;
    struct results_random random;
    struct looks looks = {0};
    size_t false_series = 0;
    double *room = calloc((size_t)ALL_CELLS * RUNS, sizeof *room);
    int error = make(&history, RUNS);

    results_random_seed(&random, seed);
    for (size_t h = 0; error == 0 && room != NULL && h < histories; h++) {
        draw(&history, scenario->noise, scenario->spread, &random);
        error = count_false_series(&history, seed + 1000 * h, &false_series);
        if (error == 0)
            error = look_after_each(&history, seed + 1000 * h, room, &looks);
    }
    if (error == 0 && room != NULL) {
        printf("| %s | %.0f %% |", noise_names[scenario->noise], 100 * scenario->spread);
        put_share(false_series, histories * ALL_CELLS);
        put_share(looks.slower, looks.count);
        put_share(looks.unsettled, looks.count);
        put_share(looks.any, looks.count);
        put_share(looks.controls, looks.count);
        putchar('\n');
        fflush(stdout);
    }
    drop(&history);
    free(room);
    return error;
}

struct power {
    size_t found, placed, false_rows, covered;
};

static int is_hit(const struct step_scenario *scenario, const struct results_watch_row *row,
                  size_t place)
{
    if (scenario->target == EVERYTHING)
        return row->kind == RESULTS_WATCH_ALL;
    return row->kind == (scenario->target == WRITER ? RESULTS_WATCH_WRITER : RESULTS_WATCH_CELL) &&
           row->index == place;
}

static int is_changed(const struct step_scenario *scenario, size_t cell, size_t place)
{
    return cell < CELLS && (scenario->target == EVERYTHING ||
                            (scenario->target == WRITER ? cell % WRITERS : cell) == place);
}

static void count_hits(const struct step_scenario *scenario, const struct results_watched *watched,
                       size_t place, struct power *power)
{
    int wrong = 0;

    for (size_t r = 0; r < watched->count; r++) {
        const struct results_watch_row *row = &watched->rows[r];
        enum results_change change = scenario->factor > 1 ? RESULTS_SLOWER : RESULTS_FASTER;
        size_t truly = RUNS - scenario->after;
        size_t off = row->since > truly ? row->since - truly : truly - row->since;
        if (row->change == RESULTS_UNTOLD)
            continue;
        if (is_hit(scenario, row, place) && row->change == change) {
            power->found++;
            power->placed += off <= 2;
            power->covered +=
                row->ratio.low <= scenario->factor && scenario->factor <= row->ratio.high;
        }
        wrong |= row->change == RESULTS_SLOWER && row->kind == RESULTS_WATCH_CELL &&
                 !is_changed(scenario, row->index, place);
    }
    power->false_rows += (size_t)wrong;
}

static int put_power(const struct step_scenario *scenario, size_t histories, uint64_t seed)
{
    struct history history;
    struct results_random random;
    struct power power = {0};
    struct results_watch_options options = results_watch_default();
    double *room = calloc((size_t)ALL_CELLS * RUNS, sizeof *room);
    int error = make(&history, RUNS);

    results_random_seed(&random, seed);
    for (size_t h = 0; error == 0 && room != NULL && h < histories; h++) {
        struct results_watched watched;
        size_t place = results_random_below(&random, scenario->target == CELL ? CELLS : WRITERS);
        draw(&history, scenario->noise, scenario->spread, &random);
        for (size_t c = 0; c < CELLS; c++)
            for (size_t i = RUNS - scenario->after; i < RUNS && is_changed(scenario, c, place); i++)
                history.time_ns[c * RUNS + i] *= scenario->factor;
        struct results_past past = past_of(&history, RUNS, room);
        options.seed = seed + h;
        error = results_watch(&past, &options, &watched);
        if (error == 0) {
            count_hits(scenario, &watched, place, &power);
            results_watched_free(&watched);
        }
    }
    if (error == 0 && room != NULL) {
        printf("| %s %+.0f %% | %s | %.0f %% | %zu |", target_names[scenario->target],
               100 * (scenario->factor - 1), noise_names[scenario->noise], 100 * scenario->spread,
               scenario->after);
        put_share(power.found, histories);
        if (power.found > 0) {
            put_share(power.placed, power.found);
            put_share(power.covered, power.found);
        } else {
            printf(" - | - |");
        }
        put_share(power.false_rows, histories);
        putchar('\n');
        fflush(stdout);
    }
    drop(&history);
    free(room);
    return error;
}

/* ---- growth ------------------------------------------------------------------------------ */

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int put_scale(size_t runs, uint64_t seed)
{
    struct history history;
    struct results_random random;
    struct results_watch_options options = results_watch_default();
    struct results_step_options alone = results_step_default();
    struct results_watched watched;
    struct results_steps found;
    int error = make(&history, runs);

    if (error != 0)
        return error;
    results_random_seed(&random, seed);
    draw(&history, CORRELATED, 0.03, &random);
    /* A step in every fifth part, the last one among the newest runs. */
    for (size_t c = 0; c < CELLS; c++)
        for (size_t i = 0; i < runs; i++)
            history.time_ns[c * runs + i] *=
                pow(1.1, (double)(i * 5 / runs) + (i + 10 >= runs && c == 0));
    for (size_t i = 0; i < runs; i++)
        history.log_time[i] = log(history.time_ns[i]);
    struct results_past past = {.runs = runs,
                                .cells = ALL_CELLS,
                                .groups = WRITERS + CONTROLS,
                                .group = history.group,
                                .control = history.control,
                                .time_ns = history.time_ns};
    double begin = now_s();
    error = results_watch(&past, &options, &watched);
    double looked = now_s();
    alone.persistence = 0.5;
    if (error == 0)
        error = results_steps(history.log_time, runs, &alone, &found);
    double searched = now_s();
    if (error == 0) {
        printf("| %zu | %.1f | %d | %.1f | %zu |\n", runs, 1e3 * (looked - begin), watched.slower,
               1e3 * (searched - looked), found.count);
        results_watched_free(&watched);
        results_steps_free(&found);
    }
    drop(&history);
    return error;
}

static int scale(uint64_t seed)
{
    int error = 0;

    printf(
        "| runs | check of %d cells, ms | rows slower | steps of one cell, ms | steps found |\n"
        "| ---: | ---: | ---: | ---: | ---: |\n",
        ALL_CELLS);
    for (size_t runs = 100; error == 0 && runs <= LONGEST; runs *= 10)
        error = put_scale(runs, seed);
    return error;
}

static int figures(size_t histories, uint64_t seed)
{
    int error = 0;

    printf("%zu histories of %d runs, seed %llu\n\n", histories, RUNS, (unsigned long long)seed);
    printf(
        "| noise, nothing changed | spread | series with a false step, %% | looks: slower, %% | "
        "slower or apart, %% | anything, %% | a control moved, %% |\n"
        "| --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; error == 0 && i < sizeof nulls / sizeof nulls[0]; i++)
        error = put_null(&nulls[i], histories, seed + i);
    printf(
        "\n| what became slower | noise | spread | runs since | found, %% | of these within 2 "
        "runs, %% | interval covers, %% | another cell called slower, %% |\n"
        "| --- | --- | --- | --- | --- | --- | --- | --- |\n");
    for (size_t i = 0; error == 0 && i < sizeof steps / sizeof steps[0]; i++)
        error = put_power(&steps[i], 2 * histories, seed + 100 + i);
    return error;
}

int main(int argc, char **argv)
{
    size_t histories = HISTORIES, numbers = 0;
    uint64_t seed = 1;
    int wants_scale = 0;

    for (int i = 1; i < argc; i++) {
        char *end;
        unsigned long long number = strtoull(argv[i], &end, 10);
        if (strcmp(argv[i], "--quick") == 0) {
            histories = QUICK;
        } else if (strcmp(argv[i], "--scale") == 0) {
            wants_scale = 1;
        } else if (*end != '\0' || end == argv[i] || numbers == 2 ||
                   (numbers == 0 && number == 0)) {
            fprintf(stderr, "Usage: changes_power [--quick] [--scale] [histories] [seed]\n");
            return 1;
        } else if (numbers++ == 0) {
            histories = (size_t)number;
        } else {
            seed = number;
        }
    }
    int error = wants_scale ? scale(seed) : figures(histories, seed);
    if (error != 0)
        fprintf(stderr, "changes_power: %s\n", strerror(-error));
    return error == 0 && fflush(stdout) == 0 ? 0 : 1;
}
