/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include "tool_history.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

struct bless_values {
    const char *db;
    const char *at;
    const char *reason;
    const char *machine;
};

static const struct tool_option options[] = {
    TOOL_DB_OPTION(struct bless_values, db),
    {"--at", "RUN", TOOL_TEXT, offsetof(struct bless_values, at),
     "the run from which on the change is accepted: its id, or the beginning of it"},
    {"--reason", "TEXT", TOOL_TEXT, offsetof(struct bless_values, reason), "why"},
    {"--machine", "KEY", TOOL_TEXT, offsetof(struct bless_values, machine),
     "refuse unless the run is one of this machine; the beginning of its key will do"},
};

static int explain(const struct tool_command *command, const struct history *history,
                   const char *cell, const struct bless_values *values, int error)
{
    if (error == -ESRCH)
        return tool_complain(command, "run %s has no cell '%s'; give its whole name, or all.",
                             values->at, cell);
    if (error == -ENXIO)
        return tool_complain(command, "run %s is not one of machine %s.", values->at,
                             values->machine);
    return tool_complain_id(command, history, values->at, error);
}

static int print_blessed(const struct tool_command *command, struct history *history,
                         const char *cell, const struct bless_values *values)
{
    struct history_runs runs;
    char date[HISTORY_DATE];
    int error = history_find(history, values->at, &runs);

    if (error != 0)
        return tool_complain_id(command, history, values->at, error);
    history_date(runs.runs[0].date_s, date);
    printf("accepted: %s of machine %s from run %.12s of %s on\n", cell, runs.runs[0].machine,
           runs.runs[0].id, date);
    history_runs_free(&runs);
    return TOOL_OK;
}

static int bless(const struct tool_command *command, struct history *history, const char *machine,
                 const char *cell, const struct bless_values *values)
{
    struct history_blessing blessing = {.machine = machine,
                                        .cell = strcmp(cell, "all") == 0 ? NULL : cell,
                                        .reason = values->reason,
                                        .time_s = (int64_t)time(NULL)};
    /* What is longer than an id is not one: the end is left off only where that shows. */
    int error = strlen(values->at) > HISTORY_ID ? -EINVAL : 0;

    if (error == 0) {
        memcpy(blessing.run, values->at, strlen(values->at));
        error = history_bless(history, &blessing);
    }
    return error == 0 ? print_blessed(command, history, cell, values)
                      : explain(command, history, cell, values, error);
}

static int open_and_bless(const struct tool_command *command, const char *cell,
                          const struct bless_values *values)
{
    struct history *history = tool_open_history(command, values->db, HISTORY_WRITE);
    char *machine = NULL;
    int status = TOOL_ERROR;

    if (history == NULL)
        return TOOL_ERROR;
    if (values->machine == NULL ||
        (machine = tool_pick_machine(command, history, values->machine)) != NULL)
        status = bless(command, history, machine, cell, values);
    free(machine);
    history_close(history);
    return status;
}

static int run_bless(const struct tool_command *command, int argc, char **argv)
{
    struct bless_values values = {0};
    struct tool_list words = {0};

    int parsed = tool_parse(command, argc, argv, &values, &words);
    if (parsed != 0)
        return parsed > 0 ? TOOL_OK : TOOL_ERROR;
    if (words.count != 1)
        return tool_complain(command,
                             "name one cell, or all; bench_results bless --help says "
                             "more.");
    if (values.at == NULL)
        return tool_complain(command, "say from which run on: --at=RUN.");
    if (values.reason == NULL || values.reason[strspn(values.reason, " \t\n")] == '\0')
        return tool_complain(command, "say why: --reason=TEXT.");
    return open_and_bless(command, words.items[0], &values);
}

const struct tool_command command_bless = {
    .name = "bless",
    .summary = "Accepts a change of a cell, or of all, from a run on",
    .usage = "CELL|all --at=RUN --reason=TEXT [options]",
    .details = "It is kept in the store with its reason; no run is changed by it.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_bless,
};
