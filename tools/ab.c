/* SPDX-License-Identifier: Apache-2.0 */
#include "rounds.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* --until looks at the rounds when there are so many, and spends an equal part of alpha each time.
 */
enum { FIRST_LOOK = 10, ROUNDS = 20, ROUNDS_UNTIL = 80 };

static const struct option_kind round_count = {.take = option_take_count, .most = ROUNDS_MOST};

struct ab_values {
    struct tool_comparing comparing;
    uint64_t rounds;
    uint64_t max_time;
    struct rounds_values how;
    int until;
};

static const struct option_row options[] = {
    {"--rounds", "N", &round_count, offsetof(struct ab_values, rounds),
     "so many processes of each command (default 20; with --until at most 80)"},
    {"--until", NULL, OPTION_FLAG, offsetof(struct ab_values, until),
     "stop as soon as each row is decided: looked at after 10, 20, 40, 80 rounds"},
    {"--max-time", "SECONDS", OPTION_COUNT, offsetof(struct ab_values, max_time),
     "begin no round that would end later"},
    ROUNDS_OPTIONS(struct ab_values),
    TOOL_COMPARING_OPTIONS,
    TOOL_COMPARING_VIEW_OPTIONS,
};

/* Some of a look's own: the tables of the looks before the last are not shown. */
/* All cells together may have moved with a part of them only, which is known then. */
static int row_is_decided(const struct finding *row, double alpha)
{
    return row->change != CHANGE_INCONCLUSIVE || (row->kind == ROW_ALL && row->p <= alpha);
}

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
        *decided &= row_is_decided(&comparison.table.rows[r].finding, how->alpha);
    comparison_free(&comparison);
    return 0;
}

/* Bonferroni over the looks holds the error whatever the looks have in common; the last look has
 * what the ones that were not taken leave. */
static int go_until(struct rounds *rounds, struct comparison_options *how)
{
    size_t most = rounds->plan->rounds, looks = 1, taken = 0;
    double alpha = how->alpha, doubt = 1 - how->confidence;
    int result = TOOL_OK, decided = 0;

    for (size_t at = FIRST_LOOK; at < most; at *= 2)
        looks++;
    for (size_t at = FIRST_LOOK; result == TOOL_OK && !decided; at *= 2) {
        result = rounds_go_on(rounds, at < most ? at : most);
        int last = result != TOOL_OK || rounds->done >= most;
        double share = last ? (double)(looks - taken) / (double)looks : 1 / (double)looks;
        how->alpha = alpha * share;
        how->confidence = 1 - doubt * share;
        taken++;
        if (last)
            break;
        if (is_decided(rounds, how, &decided) != 0)
            return TOOL_ERROR;
    }
    return result;
}

static int run_ab(const struct tool_command *command, const struct tool_words *words, void *values)
{
    const struct ab_values *from = values;
    struct comparison_options how = tool_comparing_options(&from->comparing);
    const char *old_program = words->items[0], *new_program = words->items[1];
    struct rounds rounds;

    if (strcmp(old_program, new_program) == 0 || tool_is_same_file(old_program, new_program))
        return tool_complain(command,
                             "%s and %s are the same program; bench_results selftest compares a "
                             "program with itself.",
                             old_program, new_program);
    if (how.seed == 0)
        how.seed = tool_draw_seed();
    const struct rounds_plan plan = {.command = command,
                                     .programs = {old_program, new_program},
                                     .flags = {words->count - 2, words->items + 2},
                                     .rounds = from->rounds > 0 ? (size_t)from->rounds
                                               : from->until    ? ROUNDS_UNTIL
                                                                : ROUNDS,
                                     .max_time_s = (double)from->max_time,
                                     .how = &from->how,
                                     .seed = how.seed,
                                     .may_end_early = from->until};
    int result = rounds_begin(&rounds, &plan);
    if (result == TOOL_OK)
        result = from->until ? go_until(&rounds, &how) : rounds_go_on(&rounds, plan.rounds);
    int status =
        rounds.done > 0 ? tool_compare(command, rounds.runs, &from->comparing, &how) : result;
    rounds_end(&rounds, result);
    return result == TOOL_ERROR ? result : status;
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
    TOOL_OPTIONS(options, struct ab_values),
    .words = {2, ROUNDS_WORDS_MOST, "name two commands, and no more than 62 flags"},
    .run = run_ab,
};
