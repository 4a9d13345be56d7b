/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "process.h"
#include "rounds.h"
#include "src/base/clock.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* --until looks at the rounds when there are so many, and spends an equal part of alpha each time.
 */
enum { FIRST_LOOK = 10, ROUNDS = 20, ROUNDS_UNTIL = 80, TIMEOUT_S = 600, ROUNDS_MOST = 10000 };

struct ab_values {
    struct tool_comparing comparing;
    uint64_t rounds;
    uint64_t timeout;
    uint64_t max_time;
    const char *keep;
    int until;
};

static const struct option_row options[] = {
    {"--rounds", "N", OPTION_COUNT, offsetof(struct ab_values, rounds),
     "so many processes of each command (default 20; with --until at most 80)"},
    {"--until", NULL, OPTION_FLAG, offsetof(struct ab_values, until),
     "stop as soon as each row is decided: looked at after 10, 20, 40, 80 rounds"},
    {"--max-time", "SECONDS", OPTION_COUNT, offsetof(struct ab_values, max_time),
     "begin no round that would end later"},
    {"--timeout", "SECONDS", OPTION_COUNT, offsetof(struct ab_values, timeout),
     "end a process that takes longer (default 600)"},
    {"--keep", "DIR", OPTION_TEXT, offsetof(struct ab_values, keep),
     "keep every run, in DIR/old and DIR/new, for bench_results compare"},
    TOOL_COMPARING_OPTIONS(struct ab_values, comparing),
    TOOL_COMPARING_VIEW_OPTIONS(struct ab_values, comparing.view),
};

static int check(const struct tool_command *command, const struct option_list *words,
                 const struct ab_values *values)
{
    if (words->count < 2) {
        tool_complain(command, "name two commands: bench_results ab OLD NEW -- FLAGS.");
        return -1;
    }
    if (strcmp(words->items[0], words->items[1]) == 0 ||
        tool_is_same_file(words->items[0], words->items[1])) {
        tool_complain(command,
                      "%s and %s are the same program; bench_results selftest compares a program "
                      "with itself.",
                      words->items[0], words->items[1]);
        return -1;
    }
    if (values->rounds > ROUNDS_MOST) {
        tool_complain(command, "--rounds is at most %d.", ROUNDS_MOST);
        return -1;
    }
    return 0;
}

/* Some of a look's own: the tables of the looks before the last are not shown. */
static int is_decided(struct rounds *rounds, const struct comparison_options *how, int *decided)
{
    struct side old_side = {rounds->runs[0].count, rounds->runs[0].runs};
    struct side new_side = {rounds->runs[1].count, rounds->runs[1].runs};
    struct comparison comparison;

    int error = compare_sides(&old_side, &new_side, how, &comparison);
    if (error != 0)
        return error;
    *decided = comparison.gate == GATE_OPEN;
    for (size_t r = 0; r < comparison.table.count; r++)
        *decided &= comparison.table.rows[r].finding.change != CHANGE_INCONCLUSIVE;
    comparison_free(&comparison);
    return 0;
}

/* Bonferroni over the looks holds the error whatever the looks have in common; the last look has
 * what the ones that were not taken leave. */
static int go_until(struct rounds *rounds, struct comparison_options *how)
{
    size_t most = rounds->plan->rounds, looks = 1, taken = 0;
    double alpha = how->alpha, doubt = 1 - how->confidence;
    int result = 0, decided = 0;

    for (size_t at = FIRST_LOOK; at < most; at *= 2)
        looks++;
    for (size_t at = FIRST_LOOK; result == 0 && !decided; at *= 2) {
        result = rounds_go_on(rounds, at < most ? at : most);
        int last = result != 0 || rounds->done >= most;
        double share = last ? (double)(looks - taken) / (double)looks : 1 / (double)looks;
        how->alpha = alpha * share;
        how->confidence = 1 - doubt * share;
        taken++;
        if (last)
            break;
        if (is_decided(rounds, how, &decided) != 0)
            return -1;
    }
    return result;
}

static int run_rounds(const struct tool_command *command, const struct rounds_plan *plan,
                      const struct ab_values *values, const struct view *view,
                      struct comparison_options *how)
{
    struct rounds rounds;
    int status = TOOL_ERROR;

    int result = rounds_begin(&rounds, plan);
    if (result == 0)
        result = values->until ? go_until(&rounds, how) : rounds_go_on(&rounds, plan->rounds);
    if (result > 0)
        fprintf(stderr, "Stopped after %zu of %zu rounds.\n", rounds.done, plan->rounds);
    if (result >= 0 && rounds.done > 0)
        status =
            tool_compare(command, &rounds.runs[0], &rounds.runs[1], &values->comparing, view, how);
    else if (result > 0)
        status = TOOL_UNSURE;
    rounds_end(&rounds, result);
    return status;
}

static int run_ab(const struct tool_command *command, int argc, char **argv)
{
    struct ab_values values = {.timeout = TIMEOUT_S};
    struct option_list words = {0};
    struct view view;
    struct comparison_options how;

    int parsed = tool_parse(command, argc, argv, &values, &words);
    if (parsed != 0)
        return parsed > 0 ? TOOL_OK : TOOL_ERROR;
    if (check(command, &words, &values) != 0 ||
        tool_make_comparing(command, &values.comparing, &view, &how) != 0)
        return TOOL_ERROR;
    if (values.rounds == 0)
        values.rounds = values.until ? ROUNDS_UNTIL : ROUNDS;
    if (how.seed == 0)
        how.seed = tool_draw_seed();
    struct rounds_plan plan = {.command = command,
                               .programs = {words.items[0], words.items[1]},
                               .flags = words.items + 2,
                               .flag_count = words.count - 2,
                               .rounds = (size_t)values.rounds,
                               .timeout_s = (double)values.timeout,
                               .max_time_s = (double)values.max_time,
                               .keep = values.keep,
                               .seed = how.seed,
                               .may_end_early = values.until};
    return run_rounds(command, &plan, &values, &view, &how);
}

const struct tool_command command_ab = {
    .name = "ab",
    .summary = "Runs two builds in turns and says whether the new one is slower",
    .usage = "OLD_COMMAND NEW_COMMAND [options] [-- FLAGS]",
    .details =
        "The commands are Google Benchmark programs, with arguments if quoted; FLAGS go to both.\n"
        "Each round runs a fresh process of each, in random order. More rounds see more than more\n"
        "repetitions do: 20 rounds of --benchmark_repetitions=5 are a good start. Ctrl-C stops it\n"
        "with what it has. The exit status is that of bench_results compare.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_ab,
};
