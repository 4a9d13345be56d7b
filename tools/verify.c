/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/utf8.h"
#include "tool_history.h"

static const struct option_row options[] = {TOOL_DB_OPTION};

static void say(void *data, const struct history_damage *damage)
{
    switch (damage->kind) {
    case DAMAGE_TEXT:
        utf8_printf(stdout, "run %.12s: its text is not what was added\n", damage->run);
        break;
    case DAMAGE_VALUES:
        utf8_printf(stdout, "run %.12s: what is kept of %s is not what its text says\n",
                    damage->run, damage->cell != NULL ? damage->cell : "its cells");
        break;
    case DAMAGE_KEPT:
        utf8_printf(stdout, "%s\n", history_problem(data));
        break;
    case DAMAGE_LOST_RUN:
        printf("of %zu more run%s only a part is there\n", damage->count,
               damage->count == 1 ? "" : "s");
        break;
    case DAMAGE_LOST_PARTS:
        printf("%zu run%s no machine, or no context\n", damage->count,
               damage->count == 1 ? " has" : "s have");
        break;
    }
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
        printf("%zu run%s as added\n", checking.runs, checking.runs == 1 ? " is" : "s are");
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
