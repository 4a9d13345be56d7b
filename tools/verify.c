/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/history_reports.h"
#include "tool_history.h"

static const struct option_row options[] = {TOOL_DB_OPTION};

static void say(void *data, const struct history_damage *damage)
{
    report_damage(stdout, data, damage);
}

static int run_verify(const struct tool_command *command, const struct tool_words *words,
                      void *values)
{
    const struct tool_values *from = values;
    struct history *history = tool_open_history(command, from->db, HISTORY_READ);
    struct history_checking checking = {.tell = say, .data = history};
    int status = TOOL_OK;

    (void)words;
    if (history == NULL)
        return TOOL_ERROR;
    int error = history_verify(history, &checking);
    if (error != 0)
        status = tool_complain_history(command, history, error);
    else if (checking.damages > 0)
        status = tool_complain(
            command,
            "%s is damaged; forget the runs that are named, and add their files once more, "
            "or add all to a new store.",
            history_name(history));
    else
        report_whole(stdout, checking.runs);
    history_close(history);
    return status;
}

const struct tool_command command_verify = {
    .name = "verify",
    .summary = "Looks whether the history still holds what was added",
    .usage = "[options]",
    .details =
        "Reads the text of every run, compares its SHA-256 with the run's id, and computes anew "
        "what\n"
        "is kept of its cells. The exit status is 1 where anything differs or is missing.",
    TOOL_OPTIONS(options, struct tool_values),
    .words = {0, 0, "the store is given by --db, and nothing else has a name"},
    .run = run_verify,
};
