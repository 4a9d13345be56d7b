/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"
#include "src/base/clock.h"
#include "src/comparison/noise.h"
#include "src/report/comparison_report.h"
#include "src/report/words.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdarg.h>
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

/* A paragraph. */
__attribute__((format(printf, 1, 2))) static void say(const char *format, ...)
{
    char text[1000];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    option_help_fold(stdout, "", 0, text);
}

/* One comparison as ab makes them. To deal the sides of these rounds anew, again and again, would
 * tell nothing of the machine: the test holds its error over just that by construction. */
static void print_found(const struct comparison *comparison)
{
    int found = comparison->slower + comparison->faster;

    if (found == 0)
        say("As ab compares, nothing was found slower or faster, and so it should be.");
    else
        say("As ab compares, %d row%s found slower or faster: a false alarm, as at most one "
            "comparison in %.0f may give.",
            found, found == 1 ? " was" : "s were", 1 / comparison->options.alpha);
}

static void print_noise(const struct noise *noise)
{
    printf(
        "\nNoise of a typical cell, as standard deviation of the time:\n"
        "  %5.1f %%  between the repetitions of one process\n"
        "  %5.1f %%  between processes, beyond that\n"
        "  %5.1f %%  drift: what neighbours in time share\n",
        100 * noise->within, 100 * noise->between, 100 * noise->drift);
    say("Of the variance of a process %.0f %% is shared with the process before it; chance alone "
        "gives up to %.0f %%. A drift makes sides differ that are measured one after the other.",
        100 * fmax(0, noise->shared), 100 * noise->chance);
}

/* Each overlaps with the next, so one in five may still be chance. */
static void print_neighbours(const struct neighbours *neighbours)
{
    const char *so = neighbours->wrong == 0 ? "no sign that the machine changes its level"
                     : 5 * neighbours->wrong <= neighbours->comparisons
                         ? "chance may do that to one in 20, and they overlap"
                         : "the machine does not keep its level, so compare builds by ab, and not "
                           "a run of today with one of yesterday";

    putchar('\n');
    if (neighbours->comparisons == 0)
        say("With %d rounds or more it would say what is found when sides are measured one after "
            "the other.",
            2 * LEAST_PROCESSES);
    else
        say("One after the other, each %d rounds against the next %d: %zu of %zu comparisons would "
            "find something slower or faster, although nothing changed: %s.",
            LEAST_PROCESSES, LEAST_PROCESSES, neighbours->wrong, neighbours->comparisons, so);
}

/* The change shrinks with the root of the rounds; below 10 rounds the test itself costs more. */
static void print_plan(const struct comparison *comparison, double seconds_per_round)
{
    static const size_t plans[] = {10, 20, 40, 80, 160};
    double done = (double)comparison->samples.rounds;
    double *room = calloc(comparison->table.count + 1, sizeof *room);
    double rows = comparison_median_visible(&comparison->table, 0, room);
    double cells = comparison_median_visible(&comparison->table, 1, room);
    unsigned kinds = 0;

    free(room);
    for (size_t c = 0; c < comparison->samples.cells; c++)
        kinds = kinds_add(kinds, comparison->cell_names[c]);
    printf(
        "\nThe smallest change that would probably be found, and the time that takes:\n"
        "  rounds  a %-9s  a single cell      time\n",
        kinds_say(kinds));
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        double scale = sqrt(done / (double)plans[i]);
        double seconds = seconds_per_round * (double)plans[i];
        char row[20] = "-", cell[20] = "-";
        if (isfinite(rows))
            snprintf(row, sizeof row, "%.1f %%", 100 * rows * scale);
        if (isfinite(cells))
            snprintf(cell, sizeof cell, "%.1f %%", 100 * cells * scale);
        printf("  %6zu  %11s  %13s  %6.0f %s\n", plans[i], row, cell,
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
    struct neighbours neighbours;
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
    error = noise_split(&comparison.samples, &noise);
    if (error == 0)
        error = noise_neighbours(&comparison.samples, &how, &neighbours);
    if (error == 0) {
        say("%zu rounds of %s against itself, %zu cells, %.3g s a round.", rounds->done,
            rounds->plan->programs[0], comparison.samples.cells, seconds);
        putchar('\n');
        print_found(&comparison);
        print_neighbours(&neighbours);
        print_noise(&noise);
        print_plan(&comparison, seconds);
        for (size_t i = 0; i < comparison.notes.count; i++) {
            putchar('\n');
            say("%s", note_say(&document, &comparison.notes.items[i]));
        }
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
