/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/clock.h"
#include "src/report/history_reports.h"
#include "tool_history.h"

#include <regex.h>
#include <stddef.h>
#include <string.h>

/* What takes longer is announced, once so much of it shows how long; the line is written anew. */
#define LONG_S 1
#define KNOWN_S 0.3
#define LINE_S 0.5

struct check_values {
    struct tool_values common;
    uint64_t last;
    double must_see;
    const char *allow_missing;
    int confirm;
};

/* The least that shows a change is the least that may be asked for. */
static const struct option_kind last = {
    .take = option_take_count, .normally = "30", .least = STEP_LEAST, .most = STEP_WINDOW / 2};

static const struct option_row options[] = {
    TOOL_DB_OPTION,
    TOOL_WATCH_MACHINE_OPTION,
    {"--last", "N", &last, offsetof(struct check_values, last),
     "look for changes that began in the newest N runs"},
    TOOL_MARGIN_OPTION,
    {"--must-see", "SHARE", &tool_must_see, offsetof(struct check_values, must_see),
     "a slow-down of a kernel or of all that may not be missed"},
    {"--allow-missing", "REGEX", &tool_regex, offsetof(struct check_values, allow_missing),
     "cells that may be missing from the newest runs"},
    {"--confirm", NULL, OPTION_FLAG, offsetof(struct check_values, confirm),
     "look more closely, and say which A/B comparison tells whether it is true"},
    TOOL_ALL_OPTION("show the rows without a finding, too"),
    TOOL_LOOK_OPTIONS,
    TOOL_DRAW_OPTIONS("seed of what is drawn (default 0)",
                      "permutations to draw (default 19999 at most)"),
};

struct waiting {
    double begin_s, shown_s; /* shown_s 0: it does not take long, or that is not known yet */
};

/* The permutations take nearly all of the time; they end early where nothing can be found. */
static void show_waiting(void *data, size_t done, size_t most)
{
    struct waiting *waiting = data;
    double now_s = clock_s();

    if (done == 1)
        waiting->begin_s = now_s;
    double passed_s = now_s - waiting->begin_s;
    double left_s = passed_s / (double)done * (double)(most - done);
    if (waiting->shown_s == 0 && (passed_s < KNOWN_S || left_s < LONG_S))
        return;
    if (waiting->shown_s == 0)
        fprintf(stderr, "this takes at most %.0f s\n", left_s);
    else if (!view_has_line(stderr) || now_s - waiting->shown_s < LINE_S)
        return;
    else
        view_line(stderr, "at most %.0f s left", left_s);
    waiting->shown_s = now_s;
}

static int run_check(const struct tool_command *command, const struct tool_words *words,
                     void *values)
{
    const struct check_values *from = values;
    struct check_options how = check_options_default();
    struct run_window_query query = {.machine = from->common.machine, .newest = STEP_WINDOW};
    struct run_window window;
    struct check check;
    struct waiting waiting = {0};
    regex_t may_miss;
    char id[HISTORY_ID + 1];

    how.watch.margin = from->common.margin;
    how.must_see = from->must_see;
    how.confirm = from->confirm;
    how.watch.newest = (size_t)from->last;
    how.watch.seed = from->common.seed;
    how.watch.draws = (size_t)from->common.replicates;
    if (words->count == 1 && (query.until = tool_identify(command, words->items[0], id)) == NULL)
        return TOOL_ERROR;
    int status = tool_read_window(command, from->common.db, &query, words->items[0], &window);
    if (status != TOOL_OK)
        return status;
    if (from->allow_missing != NULL &&
        regcomp(&may_miss, from->allow_missing, REG_EXTENDED | REG_NOSUB) == 0)
        how.allow_missing = &may_miss;
    how.watch.progress = show_waiting;
    how.watch.progress_data = &waiting;
    int error = check_newest(&window, &how, &check);
    if (waiting.shown_s > 0 && view_has_line(stderr))
        view_line(stderr, "%s", "");
    status = check_status(&check);
    if (error == 0)
        error = report_check(stdout, &check, &from->common.view, from->common.all);
    if (error != 0)
        status = tool_complain(command, "the verdict could not be shown: %s.", strerror(-error));
    check_free(&check);
    if (how.allow_missing != NULL)
        regfree(&may_miss);
    return status;
}

const struct tool_command command_check = {
    .name = "check",
    .summary = "Says whether the newest runs of a machine are slower than those before",
    .usage = "[RUN.json | ID] [options]",
    .details =
        "Looks for a step after which the level stayed another one: in every cell, in the mean\n"
        "of every kernel and in that of all. A cell's value in a run is the mean of the fastest "
        "quarter of\n"
        "its samples, as in compare; the median, where the files keep aggregates only. A step is\n"
        "named with the run that it began at, and with what else changed there: kernel, governor,\n"
        "compiler, revision. RUN.json, or its id, is looked at as if it were the newest; it must\n"
        "be in the store. The exit status is 3 when something became slower, or fails and did not\n"
        "before, 4 when cells are missing that runs with the same selection had, when a control\n"
        "moved, so that the machine is another one, when there are too few runs to tell, or when "
        "a\n"
        "slow-down of --must-see of a kernel or of all could have been missed. With --confirm what "
        "became\n"
        "slower is suspected, which is 4, too: bench/compare_revisions.sh --since-change asks "
        "again.",
    TOOL_OPTIONS(options, struct check_values),
    .words = {0, 1, "name one run at most: without, it is the newest"},
    .run = run_check,
};
