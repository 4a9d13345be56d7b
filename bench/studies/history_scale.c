/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a store grows: history_scale STORE [RUNS] adds synthetic runs of 60 cells by 20 samples, in
 * the shape of bench_mmap's files, until the store holds RUNS (10,000) of them, and stops at 100,
 * 1,000 ... to print what adding took, how large the store is, and what a fresh process takes to
 * read all cells, to check the newest runs, and to find the changes of one cell. A store that is
 * there already is gone on with.
 */
#include "scale.h"
#include "src/base/clock.h"
#include "src/watch/cell_history.h"
#include "src/watch/check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { CHUNKS = 15, CELLS = CHUNKS * SCALE_WRITERS, SAMPLES = 20 };
enum { FIRST_STEP = 100, RUNS = 10000, READINGS = 5 };
enum { FIRST_DATE_S = 1700000000, BETWEEN_S = 3600 };

static char *make_text(size_t run, size_t *length)
{
    char *text = NULL, date[40], context[4096];
    size_t used;
    struct random random;
    time_t time = (time_t)(FIRST_DATE_S + BETWEEN_S * (int64_t)run);
    struct tm when;
    FILE *out = open_memstream(&text, length);

    if (out == NULL)
        return NULL;
    random_seed(&random, run + 1);
    if (strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S+00:00", gmtime_r(&time, &when)) == 0)
        date[0] = '\0';
    used = (size_t)sprintf(
        context,
        "\n    \"date\": \"%s\",\n    \"num_cpus\": 2,\n    \"load_avg\": [%.2f,%.2f,%.2f],\n"
        "    \"machine_key\": \"0123456789abcdef\",\n    \"git_revision\": \"%07zx\",\n"
        "    \"free_bytes\": \"%zu\"",
        date, random_unit(&random), random_unit(&random), random_unit(&random), run / 10,
        random_below(&random, 1000000000));
    for (int i = 0; i < 40; i++)
        used += (size_t)sprintf(
            context + used, ",\n    \"a_property_%d\": \"what stays the same from run to run\"", i);
    scale_write_run(out, strcat(context, "\n  "), CHUNKS, (size_t)CELLS * SAMPLES, &random);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

struct adding {
    double sum_s, longest_s;
    size_t count, bytes;
};

static int add_until(struct history *history, size_t from, size_t to, struct adding *adding)
{
    *adding = (struct adding){0};
    for (size_t run = from; run < to; run++) {
        struct history_added added = {0};
        size_t length;
        char *text = make_text(run, &length);
        double begin_s = clock_s();
        int error = text == NULL ? -1 : history_add(history, text, length, NULL, &added, NULL);
        double took_s = clock_s() - begin_s;
        free(text);
        free(added.machine);
        if (error != 0)
            return error;
        adding->sum_s += took_s;
        adding->longest_s = fmax(adding->longest_s, took_s);
        adding->count++;
        adding->bytes += length;
    }
    return 0;
}

static int is_one(const char *cell, void *data)
{
    (void)data;
    return strcmp(cell, "Write/file:new/sync:none/size:10485760/chunk:4096/manual_time") == 0;
}

struct reading {
    double seconds;
    size_t runs, cells;
};

static int read_all(struct history *history, struct reading *reading)
{
    const struct history_query query = {.machine = "0123456789abcdef"};
    struct history_series series;
    int error = history_read(history, &query, &series);

    if (error == 0)
        *reading = (struct reading){.runs = series.runs.count, .cells = series.cell_count};
    history_series_free(&series);
    return error;
}

static int check(struct history *history, struct reading *reading)
{
    const struct run_window_query query = {.newest = STEP_WINDOW};
    const struct check_options options = check_options_default();
    struct run_window window;
    struct check check = {0};
    int error = run_window_read(history, &query, &window);

    if (error == 0)
        error = check_newest(&window, &options, &check);
    if (error == 0)
        *reading = (struct reading){.runs = check.window.machine_runs, .cells = check.cells};
    check_free(&check);
    run_window_free(&window);
    return error;
}

static int one_cell(struct history *history, struct reading *reading)
{
    const struct run_window_query query = {.wants = is_one};
    const struct step_options options = step_options_default();
    struct run_window window;
    struct cell_histories histories = {0};
    int error = run_window_read(history, &query, &window);

    if (error == 0)
        error = cell_histories_find(&window, &options, &histories);
    if (error == 0)
        *reading =
            (struct reading){.runs = histories.window.series.runs.count, .cells = histories.count};
    cell_histories_free(&histories);
    run_window_free(&window);
    return error;
}

/* What is asked of a store. */
static const struct question {
    const char *heading;
    int (*ask)(struct history *history, struct reading *reading);
    size_t cells;
} questions[] = {
    {"all", read_all, CELLS},
    {"check", check, CELLS},
    {"one cell", one_cell, 1},
};

enum { QUESTIONS = sizeof questions / sizeof questions[0] };

static int ask(const char *url, const struct question *question, struct reading *reading)
{
    struct history *history;
    double begin_s = clock_s();

    int error = history_open(url, HISTORY_READ, &history);
    if (error == 0)
        error = question->ask(history, reading);
    history_close(history);
    reading->seconds = clock_s() - begin_s;
    return error;
}

struct asking {
    const char *url;
    const struct question *question;
};

/* The fastest of several readings. */
static int ask_often(const void *subject, void *result)
{
    const struct asking *asking = subject;
    struct reading *fastest = result, own;

    *fastest = (struct reading){.seconds = INFINITY};
    for (int i = 0; i < READINGS; i++) {
        if (ask(asking->url, asking->question, &own) != 0)
            return -1;
        *fastest = own.seconds < fastest->seconds ? own : *fastest;
    }
    return 0;
}

static int print_questions(const char *url, size_t runs, double before_s[QUESTIONS])
{
    struct reading best;
    long memory_kib;

    for (size_t q = 0; q < QUESTIONS; q++) {
        const struct asking asking = {url, &questions[q]};
        if (scale_in_child(ask_often, &asking, &best, sizeof best, &memory_kib) != 0 ||
            best.runs != runs || best.cells != questions[q].cells)
            return -1;
        printf("  %8.1f  %6.1f", 1e3 * best.seconds, (double)memory_kib / 1024);
        if (before_s[q] > 0)
            printf("  %6.1f", best.seconds / before_s[q]);
        else
            printf("  %6s", "-");
        before_s[q] = best.seconds;
    }
    return 0;
}

static int print_step(const char *url, size_t runs, const struct adding *adding,
                      double before_s[QUESTIONS])
{
    struct stat status = {0};
    int is_file = stat(url, &status) == 0;

    printf("%6zu", runs);
    if (adding->count > 0)
        printf("  %7.1f  %7.1f  %7.0f", 1e3 * adding->sum_s / (double)adding->count,
               1e3 * adding->longest_s, (double)adding->bytes / (double)adding->count / 1024);
    else
        printf("  %7s  %7s  %7s", "-", "-", "-");
    if (is_file)
        printf("  %9.1f", (double)status.st_size / 0x1p20);
    else
        printf("  %9s", "-");
    int error = print_questions(url, runs, before_s);
    printf("\n");
    fflush(stdout);
    return error;
}

static int grow(const char *url, struct history *history, size_t most)
{
    struct history_runs runs;
    double before_s[QUESTIONS] = {0};

    if (history_list(history, NULL, 0, &runs) != 0)
        return -1;
    size_t there = runs.count;
    history_runs_free(&runs);
    printf("  runs   add ms  longest  KiB/run  store MiB");
    for (size_t q = 0; q < QUESTIONS; q++)
        printf("  %8s  %6s  %6s", questions[q].heading, "MiB", "x");
    printf("\n");
    for (size_t step = FIRST_STEP; there < most; step *= 10) {
        struct adding adding;
        size_t to = step < most ? step : most;
        if (to <= there)
            continue;
        if (add_until(history, there, to, &adding) != 0 ||
            print_step(url, to, &adding, before_s) != 0)
            return -1;
        there = to;
    }
    /* A store that was full already is read all the same. */
    return before_s[0] > 0 ? 0 : print_step(url, there, &(struct adding){0}, before_s);
}

int main(int argc, char **argv)
{
    struct history *history = NULL;
    unsigned long long most = argc == 3 ? strtoull(argv[2], NULL, 10) : RUNS;

    int is_help = argc == 2 && strcmp(argv[1], "--help") == 0;
    if (is_help || argc < 2 || argc > 3 || most == 0 || argv[1][0] == '-') {
        fprintf(is_help ? stdout : stderr,
                "Usage: history_scale STORE [RUNS]\n"
                "Adds runs that nobody measured until the store holds RUNS (%d), and prints\n"
                "what adding, reading and checking take on the way: minutes for 10,000.\n",
                RUNS);
        return !is_help;
    }
    int failed = history_open(argv[1], HISTORY_CREATE, &history) != 0 ||
                 grow(argv[1], history, (size_t)most) != 0;
    if (failed)
        fprintf(stderr, "history_scale: %s: a measurement failed: %s\n", argv[1],
                history != NULL ? history_problem(history) : "");
    history_close(history);
    return failed;
}
