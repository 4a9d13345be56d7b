/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_compare.h"

struct compare_values {
    struct tool_comparing comparing;
    int paired;
    int cross_machine;
};

static const struct option_row options[] = {
    TOOL_COMPARING_OPTIONS,
    {"--paired", NULL, OPTION_FLAG, offsetof(struct compare_values, paired),
     "the n-th runs of both sides ran one after the other: pair them"},
    {"--cross-machine", NULL, OPTION_FLAG, offsetof(struct compare_values, cross_machine),
     "the machines differ: ratios, what things cost on both, and what explains it; no verdict"},
    TOOL_COMPARING_VIEW_OPTIONS,
};

static int run_compare(const struct tool_command *command, const struct tool_words *words,
                       void *values)
{
    const struct compare_values *from = values;
    struct comparison_options how = tool_comparing_options(&from->comparing);
    struct tool_runs runs[2] = {{.except = words->items[1]}, {0}};
    int status = TOOL_ERROR;

    if (tool_is_same_file(words->items[0], words->items[1]))
        return tool_complain(command, "%s and %s are the same; a comparison needs two sides.",
                             words->items[0], words->items[1]);
    how.paired = from->paired;
    how.cross_machine = from->cross_machine;
    if (tool_load_runs(command, words->items[0], &runs[0]) == TOOL_OK &&
        tool_load_runs(command, words->items[1], &runs[1]) == TOOL_OK)
        status = tool_compare(command, runs, &from->comparing, &how);
    for (int side = 0; side < 2; side++)
        tool_runs_free(&runs[side]);
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
    TOOL_OPTIONS(options, struct compare_values),
    .words = {2, 2, "name two runs, or two directories of runs"},
    .run = run_compare,
};
