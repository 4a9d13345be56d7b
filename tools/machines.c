/* SPDX-License-Identifier: Apache-2.0 */
#include "src/report/history_reports.h"
#include "tool_history.h"

#include <errno.h>

static const struct option_row options[] = {TOOL_DB_OPTION, TOOL_LOOK_OPTIONS};

static int run_machines(const struct tool_command *command, const struct tool_words *words,
                        void *values)
{
    const struct tool_values *from = values;
    struct history *history = tool_open_history(command, from->db, HISTORY_READ);
    struct history_machines machines;
    int status = TOOL_OK;

    (void)words;
    if (history == NULL)
        return TOOL_ERROR;
    int error = history_machines(history, &machines);
    if (error != 0) {
        status = tool_complain_history(command, history, error);
    } else {
        error = report_machines(stdout, &machines, &from->view);
        if (error != 0)
            status =
                tool_complain(command, "the machines could not be shown: %s.", strerror(-error));
        else if (machines.damaged)
            status = tool_complain_history(command, history, -EUCLEAN);
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
    TOOL_OPTIONS(options, struct tool_values),
    .words = {0, 0, "the store is given by --db, and nothing else has a name"},
    .run = run_machines,
};
