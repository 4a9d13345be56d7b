/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"
#include "src/base/clock.h"
#include "src/report/comparison_report.h"
#include "src/report/words.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

static const struct option_kind round_count = {
    .take = option_take_count, .normally = "20", .least = LEAST_PROCESSES, .most = ROUNDS_MOST};

struct selftest_values {
    struct tool_values common;
    uint64_t rounds;
    struct rounds_values how;
};

static const struct option_row options[] = {
    {"--rounds", "N", &round_count, offsetof(struct selftest_values, rounds),
     "so many pairs of processes"},
    ROUNDS_OPTIONS(struct selftest_values),
    {"--seed", "N", OPTION_COUNT, offsetof(struct tool_values, seed),
     "seed of the order and the draws (default: drawn)"},
};

/* Standard deviations of the log of the time, of a typical cell. */
struct noise {
    double within;  /* of a repetition inside its process */
    double between; /* of a process, beyond what its repetitions explain */
    double drift;   /* of what moves slowly from process to process */
};

/* Neighbours in time differ by what is new in each process; what they share is drift (von Neumann's
 * mean square successive difference). count >= 2 processes. */
static void split_cell(const struct samples *samples, size_t cell, struct noise *noise)
{
    double within = 0, replicates = 0, total = 0, successive = 0, mean = 0, previous = 0;
    double n = (double)samples->processes;

    for (int pass = 0; pass < 2; pass++) {
        for (size_t p = 0; p < samples->processes; p++) {
            const double *value = samples->value[p * samples->cells + cell];
            size_t count = samples->count[p * samples->cells + cell];
            double own = 0, squares = 0;
            for (size_t s = 0; s < count; s++)
                own += log(value[s]) / (double)count;
            for (size_t s = 0; s < count; s++)
                squares += (log(value[s]) - own) * (log(value[s]) - own);
            if (pass == 0) {
                mean += own / n;
                within += count > 1 ? squares / (double)(count - 1) / n : 0;
                replicates += 1 / (double)count / n;
                successive += p > 0 ? (own - previous) * (own - previous) / 2 / (n - 1) : 0;
                previous = own;
            } else {
                total += (own - mean) * (own - mean) / (n - 1);
            }
        }
    }
    noise->within = sqrt(within);
    noise->between = sqrt(fmax(0, fmin(successive, total) - within * replicates));
    noise->drift = sqrt(fmax(0, total - successive));
}

static int split_noise(const struct samples *samples, struct noise *typical)
{
    size_t cells = samples->cells;
    double *columns = calloc(3 * cells, sizeof *columns);

    if (columns == NULL)
        return -ENOMEM;
    for (size_t c = 0; c < cells; c++) {
        struct noise noise;
        split_cell(samples, c, &noise);
        columns[c] = noise.within;
        columns[cells + c] = noise.between;
        columns[2 * cells + c] = noise.drift;
    }
    *typical =
        (struct noise){stats_median_of(columns, cells), stats_median_of(columns + cells, cells),
                       stats_median_of(columns + 2 * cells, cells)};
    free(columns);
    return 0;
}

/* One comparison as ab makes them. To deal the sides of these rounds anew, again and again, would
 * tell nothing of the machine: the test holds its error over just that by construction. */
static void print_found(const struct comparison *comparison)
{
    int found = comparison->slower + comparison->faster;

    if (found == 0)
        printf("Nothing was found slower or faster, as it should be.\n");
    else
        printf(
            "%d rows were found slower or faster: a false alarm, as at most one comparison in %.0f "
            "may give.\n",
            found, 1 / comparison->options.alpha);
}

static void print_noise(const struct noise *noise)
{
    printf(
        "\nNoise of a typical cell, as standard deviation of the time:\n"
        "  %5.1f %%  between the repetitions of one process\n"
        "  %5.1f %%  between processes, beyond that\n"
        "  %5.1f %%  drift: what neighbours in time share, and sides measured one after the other "
        "do "
        "not\n",
        100 * noise->within, 100 * noise->between, 100 * noise->drift);
}

/* The change shrinks with the root of the rounds; below 10 rounds the test itself costs more. */
static void print_plan(const struct comparison *comparison, double seconds_per_round)
{
    static const size_t plans[] = {10, 20, 40, 80, 160};
    double done = (double)comparison->samples.rounds;
    double rows = comparison_median_visible(&comparison->table, 0);
    double cells = comparison_median_visible(&comparison->table, 1);

    printf(
        "\nThe smallest change that would probably be found, and the time that takes:\n"
        "  rounds  a writer  a single cell      time\n");
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        double scale = sqrt(done / (double)plans[i]);
        double seconds = seconds_per_round * (double)plans[i];
        char row[20] = "-", cell[20] = "-";
        if (isfinite(rows))
            snprintf(row, sizeof row, "%.1f %%", 100 * rows * scale);
        if (isfinite(cells))
            snprintf(cell, sizeof cell, "%.1f %%", 100 * cells * scale);
        printf("  %6zu  %8s  %13s  %6.0f %s\n", plans[i], row, cell,
               seconds < 600 ? seconds : seconds / 60, seconds < 600 ? "s" : "min");
    }
}

static int report(const struct tool_command *command, const struct rounds *rounds)
{
    struct side old_side = {rounds->runs[0].count, rounds->runs[0].runs};
    struct side new_side = {rounds->runs[1].count, rounds->runs[1].runs};
    struct comparison_options how = comparison_options_default();
    const struct view view = view_default();
    struct document document = document_begin(stdout, &view);
    struct comparison comparison;
    struct noise noise;
    double seconds = (clock_s() - rounds->begin_s) / (double)rounds->done;

    how.seed = rounds->plan->seed;
    int error = compare_sides(&old_side, &new_side, &how, &comparison);
    if (error != 0)
        return tool_complain(command, "the runs could not be compared: %s.", strerror(-error));
    if (comparison.gate != GATE_OPEN) {
        tool_complain(command, "there is no verdict: %s.",
                      note_say(&document, &comparison.refusal));
        document_finish(&document);
        comparison_free(&comparison);
        return TOOL_UNSURE;
    }
    error = split_noise(&comparison.samples, &noise);
    if (error == 0) {
        printf("%zu rounds of %s against itself, %zu cells, %.3g s a round.\n\n", rounds->done,
               rounds->plan->programs[0], comparison.samples.cells, seconds);
        print_found(&comparison);
        print_noise(&noise);
        print_plan(&comparison, seconds);
        for (size_t i = 0; i < comparison.notes.count; i++)
            printf("\n%s\n", note_say(&document, &comparison.notes.items[i]));
    }
    document_finish(&document);
    comparison_free(&comparison);
    return error == 0 ? TOOL_OK : tool_complain(command, "%s.", strerror(-error));
}

static int run_selftest(const struct tool_command *command, const struct tool_words *words,
                        void *values)
{
    const struct selftest_values *from = values;
    char *program = words->items[0];
    const struct rounds_plan plan = {.command = command,
                                     .programs = {program, program},
                                     .flags = {words->count - 1, words->items + 1},
                                     .rounds = (size_t)from->rounds,
                                     .how = &from->how,
                                     .seed = from->common.seed != 0 ? from->common.seed
                                                                    : tool_draw_seed()};
    struct rounds rounds;

    int result = rounds_begin(&rounds, &plan);
    if (result == TOOL_OK)
        result = rounds_go_on(&rounds, plan.rounds);
    int status = result != TOOL_ERROR && rounds.done > 0 ? report(command, &rounds) : result;
    rounds_end(&rounds, result);
    return status;
}

const struct tool_command command_selftest = {
    .name = "selftest",
    .summary = "Compares a program with itself: noise, and what can be seen here",
    .usage = "COMMAND [options] [-- FLAGS]",
    .details =
        "Runs COMMAND, a Google Benchmark program, as bench_results ab would, with the same build\n"
        "on both sides.",
    TOOL_OPTIONS(options, struct selftest_values),
    .words = {1, ROUNDS_WORDS_MOST, "name a command, and no more than 63 flags"},
    .run = run_selftest,
};
