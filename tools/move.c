/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/number.h"
#include "src/base/utf8.h"
#include "tool_history.h"

#include <errno.h>

struct move_values {
    struct tool_values common;
    const char *date;
};

static const struct option_row options[] = {
    TOOL_DB_OPTION,
    TOOL_MACHINE_OPTION("the machine that the runs are of"),
    {"--date", "DATE", OPTION_TEXT, offsetof(struct move_values, date),
     "when they were measured: 2026-11-23T02:39:49+00:00"},
};

static int print_run(const struct tool_command *command, struct history *history,
                     const struct history_amended *amended)
{
    struct history_runs runs;
    char date[DATE_TEXT];
    int error = history_find(history, amended->id, &runs);

    if (error != 0)
        return tool_complain_id(command, history, amended->id, error);
    date_put(runs.runs[0].date_s, date);
    utf8_printf(stdout, "moved  %.12s  %s  %s\n", amended->id, runs.runs[0].machine, date);
    history_runs_free(&runs);
    return tool_tell_blessings(amended);
}

static int move(const struct tool_command *command, struct history *history, const char *word,
                const void *values)
{
    const struct move_values *to = values;
    struct history_amended amended;
    char id[HISTORY_ID + 1];
    const char *named = tool_identify(command, word, id);

    if (named == NULL)
        return TOOL_ERROR;
    int error = history_move(
        history, named, &(struct history_origin){to->common.machine, to->date, NULL}, &amended);
    if (error == -ENOKEY || error == -EDOM)
        return tool_complain_origin(command, to->common.machine, to->date, error);
    return error == 0 ? print_run(command, history, &amended)
                      : tool_complain_id(command, history, named, error);
}

static int run_move(const struct tool_command *command, const struct tool_words *words,
                    void *values)
{
    const struct move_values *to = values;

    if (to->common.machine == NULL && to->date == NULL)
        return tool_complain(command, "say where to: --machine=NAME, --date=DATE, or both.");
    return tool_amend(command, words, values, move);
}

const struct tool_command command_move = {
    .name = "move",
    .summary = "Files runs of the history under another machine or date",
    .usage = "RUN... --machine=NAME|--date=DATE [options]",
    .details =
        "RUN is its id, or 4 digits of it, or its file. Changes that were accepted at a run that "
        "goes\n"
        "to another machine are forgotten.",
    TOOL_OPTIONS(options, struct move_values),
    .words = {1, SIZE_MAX, "name the runs"},
    .run = run_move,
};
