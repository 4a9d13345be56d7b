/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How often does the watch over a history cry wolf, and what does it find? Histories of 60 cells of
 * 4 writers and 2 controls are drawn in which the truth is known, because it was put there.
 *
 *     changes_power [--quick] [--scale] [--only=ROW] [--jobs=N] [histories] [seed]
 *     changes_power --recorded=FOLDER [--jobs=N] [histories] [seed]
 *
 * Prints Markdown. Shares are in per cent, with 95 % intervals in brackets: the wider of Wilson's
 * and Student's over the histories, since looks at one history are not independent. --quick draws
 * few histories; --only one row of the tables, counted from 1; --jobs in so many processes. --scale
 * prints instead how long a look takes as the history grows; --recorded checks after each of the
 * runs in a folder, in the order of their dates, and after each five repetitions of them. The exit
 * status is 3 when a row misses its target for certain: its interval lies beyond it.
 */
#include "changes_power.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { HISTORIES = 60, QUICK = 2, MISSED = 3, BLOCK = 5 };

static const struct study *const studies[] = {&null_study,   &step_study,  &dozen_study,
                                              &twenty_study, &limit_study, &alarm_study};
enum { STUDIES = sizeof studies / sizeof studies[0] };

static size_t count_rows(void)
{
    size_t rows = 0;
    for (size_t s = 0; s < STUDIES; s++)
        rows += studies[s]->count;
    return rows;
}

struct values {
    size_t histories, jobs, only; /* only: 0 for all */
    uint64_t seed;
    int wants_scale;
    const char *recorded;
};

static int try_row(const struct row *row, struct history *history, size_t jobs, int *missed)
{
    struct share shares[SHARES_MAX] = {{0}};
    int error = row_look(row, history, jobs, shares);

    if (error == 0) {
        *missed += row->study->put(row->scenario, shares);
        putchar('\n');
        fflush(stdout);
    }
    return error;
}

static int put_row(const struct row *row, size_t jobs, int *missed)
{
    const struct study *study = row->study;
    struct history history;
    int error = history_make(&history, study->runs > 0 ? study->runs : RUNS, study->shape);

    if (error == 0)
        error = try_row(row, &history, jobs, missed);
    history_drop(&history);
    return error;
}

/* Nothing is drawn where nothing changes: one history is all there is. */
static int figures_of_recorded(const struct values *values)
{
    static const size_t blocks[] = {0, BLOCK};
    const struct study *study = &recorded_study;
    int error = 0, missed = 0;

    for (size_t b = 0; error == 0 && b < sizeof blocks / sizeof blocks[0]; b++) {
        struct history given, history;
        error = recorded_read(values->recorded, blocks[b], &given);
        if (error != 0)
            return error;
        const struct shape shape = {given.cells, given.writers, 0};
        error = history_make(&history, given.runs, &shape);
        memcpy(history.group, given.group, sizeof history.group);
        history.recorded = given.time_ns;
        printf("%s%zu runs, %zu cells of %zu writers, %zu repetitions a run (0: all):\n\n%s",
               b > 0 ? "\n" : "", given.runs, given.cells, given.writers, blocks[b], study->head);
        for (size_t i = 0; error == 0 && i < study->count; i++) {
            const struct scenario *scenario = &study->scenarios[i];
            const struct row row = {study, scenario,
                                    scenario->target == NOTHING ? 1 : values->histories,
                                    values->seed + i};
            error = try_row(&row, &history, values->jobs, &missed);
        }
        history_drop(&history);
        history_drop(&given);
    }
    return error;
}

static int figures(const struct values *values, int *missed)
{
    size_t only = values->only, before = 0;
    int error = 0;

    printf("%zu histories of %d runs (%zu with a step), seed %llu\n\n", values->histories, RUNS,
           step_study.histories * values->histories, (unsigned long long)values->seed);
    for (size_t s = 0; s < STUDIES; before += studies[s++]->count) {
        const struct study *study = studies[s];
        if (study->is_long && values->histories == QUICK)
            continue;
        if (s > 0)
            putchar('\n');
        if (only == 0 || (only > before && only <= before + study->count))
            printf("%s", study->head);
        for (size_t i = 0; error == 0 && i < study->count; i++)
            if (only == 0 || only == before + i + 1)
                error = put_row(&(struct row){study, &study->scenarios[i],
                                              study->histories * values->histories,
                                              values->seed + 100 * s + i},
                                values->jobs, missed);
    }
    return error;
}

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

    for (size_t c = 0; c < history->cells; c++)
        for (size_t i = 0; i < runs; i++) {
            size_t older = i * 5 / runs, newer = i + 10 >= runs && c == 0;
            history->time_ns[c * runs + i] *= pow(1.1, (double)(older + newer));
        }
    for (size_t i = 0; i < runs; i++)
        history->log_time[i] = log(history->time_ns[i]);
}

static int put_length(size_t runs, uint64_t seed)
{
    struct history history;
    struct random random;
    struct watch_options options = watch_options_default();
    struct step_options alone = step_options_default();
    struct watch_result watched = {0};
    struct steps found = {0};
    int error = history_make(&history, runs, &large);

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

/* How long a look takes as the history grows. */
static int growth(uint64_t seed)
{
    int error = 0;

    printf(
        "Times are of the processor.\n\n"
        "| runs | check of %d cells, ms | rows slower | steps of one cell, ms | steps found |\n"
        "| ---: | ---: | ---: | ---: | ---: |\n",
        ALL_CELLS_MOST);
    for (size_t runs = 100; error == 0 && runs <= LONGEST; runs *= 10)
        error = put_length(runs, seed);
    return error;
}

static int parse(int argc, char **argv, struct values *values)
{
    size_t numbers = 0;

    *values = (struct values){.histories = HISTORIES, .jobs = 1, .seed = 1};
    for (int i = 1; i < argc; i++) {
        int is_only = strncmp(argv[i], "--only=", 7) == 0;
        int is_jobs = strncmp(argv[i], "--jobs=", 7) == 0;
        const char *text = argv[i] + (is_only || is_jobs ? 7 : 0);
        char *end;
        unsigned long long number = strtoull(text, &end, 10);
        int is_zero = number == 0 && (is_only || is_jobs || numbers == 0);
        int is_number = text[0] >= '0' && text[0] <= '9' && *end == '\0' && !is_zero &&
                        (is_only   ? number <= count_rows()
                         : is_jobs ? number <= JOBS_MOST
                                   : numbers < 2);
        if (strcmp(argv[i], "--quick") == 0)
            values->histories = QUICK;
        else if (strcmp(argv[i], "--scale") == 0)
            values->wants_scale = 1;
        else if (strncmp(argv[i], "--recorded=", 11) == 0)
            values->recorded = argv[i] + 11;
        else if (!is_number)
            return -1;
        else if (is_only)
            values->only = (size_t)number;
        else if (is_jobs)
            values->jobs = (size_t)number;
        else if (numbers++ == 0)
            values->histories = (size_t)number;
        else
            values->seed = number;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct values values;
    int missed = 0;

    int is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (is_help || parse(argc, argv, &values) != 0) {
        fprintf(is_help ? stdout : stderr,
                "Usage: changes_power [OPTION...] [histories] [seed]\n"
                "Prints how often check cries wolf, and what it finds, in drawn histories: %d a\n"
                "row, which takes hours. The status is 3 when a row surely misses its target.\n"
                "  --quick            %d histories a row\n"
                "  --only=ROW         one row of the tables, from 1 to %zu\n"
                "  --jobs=N           so many processes share the work, at most %d\n"
                "  --recorded=FOLDER  histories of the runs in there instead of drawn ones\n"
                "  --scale            how long a check takes instead\n",
                HISTORIES, QUICK, count_rows(), JOBS_MOST);
        return !is_help;
    }
    int error = values.wants_scale        ? growth(values.seed)
                : values.recorded != NULL ? figures_of_recorded(&values)
                                          : figures(&values, &missed);
    if (error != 0)
        fprintf(stderr, "changes_power: %s\n", strerror(-error));
    if (error != 0 || fflush(stdout) != 0)
        return 1;
    if (missed > 0)
        fprintf(stderr, "changes_power: rows that miss their target for certain: %d\n", missed);
    return missed > 0 ? MISSED : 0;
}
