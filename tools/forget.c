/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_history.h"

static const struct option_row options[] = {TOOL_DB_OPTION};

static int forget(const struct tool_command *command, struct history *history, const char *word,
                  const void *values)
{
    struct history_amended amended;
    char id[HISTORY_ID + 1];
    const char *named = tool_identify(command, word, id);
    int error = named != NULL ? history_forget(history, named, &amended) : 0;

    (void)values;
    if (named == NULL || error != 0)
        return named == NULL ? TOOL_ERROR : tool_complain_id(command, history, named, error);
    printf("forgotten  %.12s\n", amended.id);
    return tool_tell_blessings(&amended);
}

static int run_forget(const struct tool_command *command, const struct tool_words *words,
                      void *values)
{
    return tool_amend(command, words, values, forget);
}

const struct tool_command command_forget = {
    .name = "forget",
    .summary = "Takes runs out of the history again",
    .usage = "RUN... [options]",
    .details =
        "RUN is its id, or 4 digits of it, or its file. A run that is damaged can be forgotten, "
        "too,\n"
        "and its file be added once more. Changes that were accepted at it are forgotten with it.",
    TOOL_OPTIONS(options, struct tool_values),
    .words = {1, SIZE_MAX, "name the runs"},
    .run = run_forget,
};
