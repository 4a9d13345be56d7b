/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/check.h"
#include "commands.h"
#include "tool_compare.h"
#include "tool_history.h"
#include "tool_watch.h"

#include <stddef.h>
#include <string.h>

enum { LAST_MOST = STEP_WINDOW / 2 };

struct check_values {
    const char *db;
    const char *machine;
    const char *margin;
    uint64_t last;
    int all;
    struct tool_view view;
};

static const struct option_row options[] = {
    TOOL_DB_OPTION(struct check_values, db),
    TOOL_WATCH_MACHINE_OPTION(struct check_values, machine),
    {"--last", "N", OPTION_COUNT, offsetof(struct check_values, last),
     "look for changes that began in the newest N runs (default 30)"},
    {"--margin", "SHARE", OPTION_TEXT, offsetof(struct check_values, margin),
     "ignore changes smaller than that (default 2%)"},
    {"--all", NULL, OPTION_FLAG, offsetof(struct check_values, all),
     "show the rows without a finding, too"},
    TOOL_VIEW_OPTIONS_OF(struct check_values, view, "seed of what is drawn (default 0)",
                         "permutations to draw (default 3999)"),
};

static int make_options(const struct tool_command *command, const struct check_values *values,
                        struct watch_options *watch)
{
    *watch = watch_options_default();
    if (tool_parse_share(command, "--margin", values->margin, &watch->margin) != 0)
        return -1;
    watch->newest = (size_t)values->last;
    if (values->last < STEP_LEAST || values->last > LAST_MOST) {
        tool_complain(command, "--last is from %d, which is the least that shows a change, to %d.",
                      STEP_LEAST, LAST_MOST);
        return -1;
    }
    watch->seed = values->view.seed;
    watch->draws = values->view.replicates;
    return 0;
}

static int judge(const struct tool_command *command, struct run_window *window,
                 const struct watch_options *watch, const struct view *view, int all)
{
    struct check check;
    int error = check_newest(window, watch, &check);
    int status = check_status(&check);

    if (error == 0)
        error = report_check(stdout, &check, view, all);
    if (error != 0)
        status = tool_complain(command, "the verdict could not be shown: %s.", strerror(-error));
    check_free(&check);
    return status;
}

static int run_check(const struct tool_command *command, int argc, char **argv)
{
    struct check_values values = {.last = watch_options_default().newest};
    struct option_list words = {0};
    struct view view;
    struct watch_options watch;
    struct run_window window;
    char id[HISTORY_ID + 1];

    int parsed = tool_parse(command, argc, argv, &values, &words);
    if (parsed != 0)
        return parsed > 0 ? TOOL_OK : TOOL_ERROR;
    if (words.count > 1)
        return tool_complain(command, "name one run at most; the newest is checked without.");
    if (tool_make_view(command, &values.view, &view) != 0 ||
        make_options(command, &values, &watch) != 0)
        return TOOL_ERROR;
    struct run_window_query query = {.machine = values.machine, .newest = STEP_WINDOW};
    if (words.count == 1 && (query.until = tool_identify(command, words.items[0], id)) == NULL)
        return TOOL_ERROR;
    int status = tool_read_window(command, values.db, &query, words.items[0], &window);
    return status == TOOL_OK ? judge(command, &window, &watch, &view, values.all) : status;
}

const struct tool_command command_check = {
    .name = "check",
    .summary = "Says whether the newest runs of a machine are slower than those before",
    .usage = "[RUN.json | ID] [options]",
    .details =
        "Looks for a step after which the level stayed another one: in every cell, in the mean\n"
        "of every writer and in that of all. A cell's value in a run is the mean of the fastest "
        "quarter of\n"
        "its samples, as in compare; the median, where the files keep aggregates only. A step is\n"
        "named with the run that it began at, and with what else changed there: kernel, governor,\n"
        "compiler, revision. RUN.json, or its id, is looked at as if it were the newest; it must\n"
        "be in the store. The exit status is 3 when something became slower, 4 when a control\n"
        "moved, so that the machine is another one, or when there are too few runs to tell.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_check,
};
