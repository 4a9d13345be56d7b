/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/history_reports.h"
#include "tool_history.h"

#include <regex.h>
#include <stdlib.h>

struct history_values {
    struct tool_values common;
    uint64_t last;
};

static const struct option_kind last = {.take = option_take_count, .least = 1, .most = UINT32_MAX};
static const struct option_row options[] = {
    TOOL_DB_OPTION,
    TOOL_WATCH_MACHINE_OPTION,
    {"--last", "N", &last, offsetof(struct history_values, last),
     "only the newest N runs (default: all)"},
    TOOL_ALL_OPTION("every cell of a long list, and every change of a cell"),
    TOOL_LOOK_OPTIONS,
    TOOL_DRAW_OPTIONS("seed of what is drawn (default 0)", "permutations to draw (default 1999)"),
};

struct wanted {
    const regex_t *regex; /* NULL: all */
    size_t cells;         /* of the store */
};

static int wants(const char *cell, void *data)
{
    struct wanted *wanted = data;

    wanted->cells++;
    return wanted->regex == NULL || regexec(wanted->regex, cell, 0, NULL, 0) == 0;
}

static int show(const struct tool_command *command, const struct cell_histories *histories,
                const struct wanted *wanted, const char *pattern, const struct tool_values *values)
{
    if (histories->count == 0 && pattern != NULL)
        return tool_complain(command,
                             "no cell of machine %s matches '%s'; the store has %zu cells, and "
                             "bench_results history --all lists them.",
                             histories->window.machine, pattern, wanted->cells);
    int error = report_cell_histories(stdout, histories, &values->view, values->all);
    return error == 0
               ? TOOL_OK
               : tool_complain(command, "the history could not be shown: %s.", strerror(-error));
}

static int run_on(const struct tool_command *command, const char *pattern, const regex_t *regex,
                  const struct history_values *values)
{
    struct wanted wanted = {.regex = regex};
    struct step_options how = step_options_default();
    const struct run_window_query query = {.machine = values->common.machine,
                                           .newest = (size_t)values->last,
                                           .wants = wants,
                                           .data = &wanted};
    struct run_window window;
    struct cell_histories histories;

    how.seed = values->common.seed;
    how.draws = values->common.replicates;
    int status = tool_read_window(command, values->common.db, &query, NULL, &window);
    if (status != TOOL_OK)
        return status;
    status = cell_histories_find(&window, &how, &histories) == 0
                 ? show(command, &histories, &wanted, pattern, &values->common)
                 : tool_complain(command, "not enough memory.");
    cell_histories_free(&histories);
    return status;
}

static int run_history(const struct tool_command *command, const struct tool_words *words,
                       void *values)
{
    const char *pattern = words->items[0];
    regex_t regex;

    if (pattern == NULL)
        return run_on(command, NULL, NULL, values);
    int error = regcomp(&regex, pattern, REG_EXTENDED | REG_NOSUB);
    if (error != 0) {
        char reason[100];
        regerror(error, &regex, reason, sizeof reason);
        return tool_complain(command, "'%s' is no extended regular expression: %s.", pattern,
                             reason);
    }
    int status = run_on(command, pattern, &regex, values);
    regfree(&regex);
    return status;
}

const struct tool_command command_history = {
    .name = "history",
    .summary = "Shows how each cell of a machine went, run after run, and when it changed",
    .usage = "[REGEX] [options]",
    .details =
        "A line a cell: its times as a curve (low is fast; a gap is a run without it; a sign\n"
        "stands for several runs where there are many), the first, the last and the median, and\n"
        "the newest change: its date, and the revision, or the id, of the run that it began at.\n"
        "REGEX is an extended regular expression that is looked for in the cells' names. --format\n"
        "csv has a row for every level, json every value, too.",
    TOOL_OPTIONS(options, struct history_values),
    .words = {0, 1, "give one regular expression at most, such as 'A|B'"},
    .run = run_history,
};
