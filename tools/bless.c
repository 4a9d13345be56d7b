/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/number.h"
#include "src/changepoint/steps.h"
#include "tool_history.h"

#include <errno.h>
#include <regex.h>
#include <stdlib.h>
#include <time.h>

struct bless_values {
    struct tool_values common;
    const char *at;
    const char *reason;
    const char *gone;
};

static const struct option_row options[] = {
    TOOL_DB_OPTION,
    {"--at", "RUN", OPTION_TEXT, offsetof(struct bless_values, at),
     "the run from which on the change is accepted: its id, or the beginning of it"},
    {"--reason", "TEXT", OPTION_TEXT, offsetof(struct bless_values, reason), "why"},
    {"--gone", "REGEX", &tool_regex, offsetof(struct bless_values, gone),
     "instead of CELL: those that the run no longer has were taken away on purpose"},
    TOOL_MACHINE_OPTION(
        "refuse unless the run is one of this machine; the beginning of its key will do"),
};

static const char *next_part(const char *part)
{
    part += strcspn(part, "/");
    return part + (*part == '/');
}

static int is_part(const char *part, const char *wanted)
{
    size_t length = strcspn(wanted, "/");
    return strcspn(part, "/") == length && memcmp(part, wanted, length) == 0;
}

/* The same writer, and all other parts that are given, in their order. */
static int fits(const char *name, const char *wanted)
{
    int fits = is_part(name, wanted);

    while (fits && *(wanted = next_part(wanted)) != '\0') {
        do
            name = next_part(name);
        while (*name != '\0' && !is_part(name, wanted));
        fits = *name != '\0';
    }
    return fits;
}

/* The whole name of the run's only cell that fits, for free(); NULL after a sentence. */
static char *pick_cell(const struct tool_command *command, const struct run *run,
                       const char *wanted, const char *at)
{
    const char *found = NULL;
    size_t count = 0;

    for (size_t i = 0; i < run->cell_count; i++) {
        if (!fits(run->cells[i].name, wanted))
            continue;
        found = found != NULL ? found : run->cells[i].name;
        count++;
    }
    if (count == 0)
        tool_complain(command, "run %s has no cell '%s'; give its name, or all.", at, wanted);
    else if (count > 1)
        tool_complain(command,
                      "run %s has %zu cells '%s', such as %s; give more of the name, or all.", at,
                      count, wanted, found);
    char *name = count == 1 ? strdup(found) : NULL;
    if (count == 1 && name == NULL)
        tool_complain(command, "not enough memory.");
    return name;
}

static char *complete_cell(const struct tool_command *command, struct history *history,
                           const char *wanted, const char *at)
{
    struct run *run = NULL;
    struct load_problem problem;
    char *text, *name = NULL;
    size_t length;
    int error = history_export(history, at, &text, &length);

    if (error != 0)
        tool_complain_id(command, history, at, error);
    else if (run_load_text(text, length, &run, &problem) != 0)
        tool_complain_run(command, at, &problem);
    else
        name = pick_cell(command, run, wanted, at);
    run_free(run);
    free(text);
    return name;
}

/* error: of bless_cell(). */
static int tell(const struct tool_command *command, struct history *history, const char *cell,
                const struct bless_values *values, int error)
{
    struct history_runs runs;
    char date[DATE_TEXT];

    if (error == -ENXIO)
        return tool_complain(command, "run %s is not one of machine %s.", values->at,
                             values->common.machine);
    if (error == 0)
        error = history_find(history, values->at, &runs);
    if (error != 0)
        return tool_complain_id(command, history, values->at, error);
    date_put(runs.runs[0].date_s, date);
    printf("%s: %s of machine %s from run %.12s of %s on\n",
           values->gone != NULL ? "taken away" : "accepted", cell, runs.runs[0].machine,
           runs.runs[0].id, date);
    history_runs_free(&runs);
    return TOOL_OK;
}

static int bless_cell(struct history *history, const char *machine, const char *cell,
                      const struct bless_values *values)
{
    struct history_blessing blessing = {.machine = machine,
                                        .cell = cell,
                                        .reason = values->reason,
                                        .time_s = (int64_t)time(NULL),
                                        .is_gone = values->gone != NULL};

    /* What is longer than an id is not one: the end is left off only where that shows. */
    if (strlen(values->at) > HISTORY_ID)
        return -EINVAL;
    memcpy(blessing.run, values->at, strlen(values->at));
    return history_bless(history, &blessing);
}

static int bless(const struct tool_command *command, struct history *history, const char *machine,
                 const char *cell, const struct bless_values *values)
{
    int all = strcmp(cell, "all") == 0;
    char *name = NULL;
    int error = bless_cell(history, machine, all ? NULL : cell, values);

    if (error == -ESRCH) {
        name = complete_cell(command, history, cell, values->at);
        if (name == NULL)
            return TOOL_ERROR;
        error = bless_cell(history, machine, name, values);
    }
    int status = tell(command, history, name != NULL ? name : cell, values, error);
    free(name);
    return status;
}

static int matches(const char *cell, void *regex) { return regexec(regex, cell, 0, NULL, 0) == 0; }

/* The cells that the newest runs up to that one had, as many as a check looks at, and it has not.
 */
static int bless_gone(const struct tool_command *command, struct history *history,
                      const char *machine, const struct bless_values *values, regex_t *regex)
{
    const struct run_window_query query = {.machine = machine,
                                           .until = values->at,
                                           .newest = STEP_WINDOW,
                                           .wants = matches,
                                           .data = regex};
    struct run_window window;
    size_t gone = 0;
    int status = TOOL_OK, error = run_window_read(history, &query, &window);

    if (error == -EXDEV)
        return tool_complain(command, "run %s is not one of machine %s.", values->at, machine);
    if (error != 0)
        return tool_complain_id(command, history, values->at, error);
    size_t last = window.series.runs.count - 1;
    for (size_t c = 0; status == TOOL_OK && c < window.series.cell_count; c++) {
        const struct history_cell *cell = &window.series.cells[c];
        if (cell->values[last].samples + cell->values[last].errors > 0)
            continue;
        error = bless_cell(history, window.machine, cell->name, values);
        status = tell(command, history, cell->name, values, error);
        gone++;
    }
    if (status == TOOL_OK && gone == 0)
        status = tool_complain(command,
                               "run %s lacks no cell that '%s' matches and that runs before it "
                               "had: nothing is accepted.",
                               values->at, values->gone);
    run_window_free(&window);
    return status;
}

/* The whole key of the machine that --machine names, for free(); NULL after a sentence. */
static char *pick_machine(const struct tool_command *command, struct history *history,
                          const char *wanted)
{
    struct history_machines machines;
    size_t matches;
    int error = history_machines(history, &machines);

    if (error != 0) {
        tool_complain_history(command, history, error);
        return NULL;
    }
    const char *key = history_machine_find(&machines, wanted, &matches);
    char *picked = key != NULL ? strdup(key) : NULL;
    if (key == NULL)
        tool_complain_machine(command, history, wanted);
    else if (picked == NULL)
        tool_complain(command, "not enough memory.");
    history_machines_free(&machines);
    return picked;
}

static int run_bless(const struct tool_command *command, const struct tool_words *words,
                     void *values)
{
    const struct bless_values *from = values;
    char *machine = NULL;
    regex_t regex;
    int status = TOOL_ERROR;

    if (from->at == NULL)
        return tool_complain(command, "say from which run on: --at=RUN.");
    if (from->reason == NULL || from->reason[strspn(from->reason, " \t\n")] == '\0')
        return tool_complain(command, "say why: --reason=TEXT.");
    if ((words->count == 0) == (from->gone == NULL))
        return tool_complain(command, "name one cell, or all, or those with --gone=REGEX.");
    if (from->gone != NULL && regcomp(&regex, from->gone, REG_EXTENDED | REG_NOSUB) != 0)
        return tool_complain(command, "not enough memory.");
    struct history *history = tool_open_history(command, from->common.db, HISTORY_WRITE);
    if (history == NULL)
        return TOOL_ERROR;
    if (from->common.machine == NULL ||
        (machine = pick_machine(command, history, from->common.machine)) != NULL)
        status = from->gone != NULL ? bless_gone(command, history, machine, from, &regex)
                                    : bless(command, history, machine, words->items[0], from);
    if (from->gone != NULL)
        regfree(&regex);
    free(machine);
    history_close(history);
    return status;
}

const struct tool_command command_bless = {
    .name = "bless",
    .summary = "Accepts a change of a cell, or of all, from a run on",
    .usage = "CELL|all|--gone=REGEX --at=RUN --reason=TEXT [options]",
    .details =
        "CELL is a name as the tables show it: parts that are left out need not be given where "
        "one\n"
        "cell of the run fits. The change is kept in the store with its reason; no run is changed\n"
        "by it. Cells that are gone may be missing from then on; where they are measured again, "
        "they\n"
        "are judged.",
    TOOL_OPTIONS(options, struct bless_values),
    .words = {0, 1, "name one cell, or all"},
    .run = run_bless,
};
