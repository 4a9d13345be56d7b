/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "tool_compare.h"

#include <stddef.h>
#include <stdio.h>

struct compare_values {
    struct tool_comparing comparing;
    int paired;
    int cross_machine;
};

static const struct option_row options[] = {
    TOOL_COMPARING_OPTIONS(struct compare_values, comparing),
    {"--paired", NULL, OPTION_FLAG, offsetof(struct compare_values, paired),
     "the n-th runs of both sides ran one after the other: pair them"},
    {"--cross-machine", NULL, OPTION_FLAG, offsetof(struct compare_values, cross_machine),
     "the machines differ: ratios, what things cost on both, and what explains it; no verdict"},
    TOOL_COMPARING_VIEW_OPTIONS(struct compare_values, comparing.view),
};

static int run_compare(const struct tool_command *command, int argc, char **argv)
{
    struct compare_values values = {0};
    struct option_list words = {0};
    struct view view;
    struct comparison_options how;
    struct tool_runs old_runs = {0}, new_runs = {0};
    int status = TOOL_ERROR;

    int parsed = tool_parse(command, argc, argv, &values, &words);
    if (parsed != 0)
        return parsed > 0 ? TOOL_OK : TOOL_ERROR;
    if (words.count != 2)
        return tool_complain(
            command, "name two runs, or two directories of runs: bench_results compare OLD NEW.");
    if (tool_make_comparing(command, &values.comparing, &view, &how) != 0)
        return TOOL_ERROR;
    if (tool_is_same_file(words.items[0], words.items[1]))
        return tool_complain(command, "%s and %s are the same; a comparison needs two sides.",
                             words.items[0], words.items[1]);
    how.paired = values.paired;
    how.cross_machine = values.cross_machine;
    if (tool_load_runs(command, words.items[0], &old_runs) == 0 &&
        tool_load_runs(command, words.items[1], &new_runs) == 0)
        status = tool_compare(command, &old_runs, &new_runs, &values.comparing, &view, &how);
    tool_runs_free(&old_runs);
    tool_runs_free(&new_runs);
    return status;
}

const struct tool_command command_compare = {
    .name = "compare",
    .summary = "Says whether the new runs are slower than the old ones",
    .usage = "OLD NEW [options]",
    .details =
        "OLD and NEW are runs, or directories of runs: JSON of any Google Benchmark program, a\n"
        "file a process. Runs that `bench_results ab` took are paired by round. Where both sides\n"
        "have runs of the same several machines (as in results/<machine key>/), each machine is\n"
        "compared with itself, and then the ratios of all. The exit status is 3 when something\n"
        "became slower, 4 when the runs do not allow a verdict.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_compare,
};
