/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/machines.h"
#include "commands.h"
#include "tool_history.h"

#include <stddef.h>
#include <string.h>

struct machines_values {
    const char *db;
    struct tool_view view;
};

static const struct option_row options[] = {
    TOOL_DB_OPTION(struct machines_values, db),
    {"--format", "FORM", OPTION_TEXT, offsetof(struct machines_values, view.format),
     "text (default), markdown, csv or json"},
    {"--width", "COLUMNS", OPTION_COUNT, offsetof(struct machines_values, view.width),
     "fold tables at that width (default: the terminal's, else 100)"},
    {"--ascii", NULL, OPTION_FLAG, offsetof(struct machines_values, view.ascii),
     "nothing but ASCII (default where the locale is not UTF-8)"},
};

static int run_machines(const struct tool_command *command, int argc, char **argv)
{
    struct machines_values values = {0};
    struct option_list words = {0};
    struct view view;
    struct history_machines machines;
    int status = TOOL_OK;

    int parsed = tool_parse(command, argc, argv, &values, &words);
    if (parsed != 0)
        return parsed > 0 ? TOOL_OK : TOOL_ERROR;
    if (words.count > 0)
        return tool_complain(command, "'%s' is one word too many; a store is named by --db.",
                             words.items[0]);
    if (tool_make_view(command, &values.view, &view) != 0)
        return TOOL_ERROR;
    struct history *history = tool_open_history(command, values.db, HISTORY_READ);
    if (history == NULL)
        return TOOL_ERROR;
    int error = history_machines(history, &machines);
    if (error != 0) {
        status = tool_complain_history(command, history, error);
    } else {
        error = report_machines(stdout, &machines, &view);
        if (error != 0)
            status =
                tool_complain(command, "the machines could not be shown: %s.", strerror(-error));
        history_machines_free(&machines);
    }
    history_close(history);
    return status;
}

const struct tool_command command_machines = {
    .name = "machines",
    .summary = "Lists the machines of the history, and what distinguishes them",
    .usage = "[options]",
    .details = "What is shown of a machine is what its newest run says of it.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_machines,
};
