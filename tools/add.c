/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/number.h"
#include "src/base/utf8.h"
#include "tool_history.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* So much may a clock be ahead of another. */
enum { SHOWN_ID = 12, AHEAD_MOST_S = 24 * 60 * 60 };

struct add_values {
    struct tool_values common;
    const char *date;
};

static const struct option_row options[] = {
    TOOL_DB_OPTION,
    TOOL_MACHINE_OPTION("the machine that the runs are of (default: machine_key of their context)"),
    {"--date", "DATE", OPTION_TEXT, offsetof(struct add_values, date),
     "when they were measured: 2026-11-23T02:39:49+00:00 (default: date of their context)"},
};

struct adding {
    const struct tool_command *command;
    const struct add_values *values;
    struct history *history; /* opened with the first run that can be added, for that may make it */
};

static int explain(const struct adding *adding, const char *path, int error,
                   const struct load_problem *problem)
{
    const struct tool_command *command = adding->command;
    const struct add_values *values = adding->values;
    const struct history *history = adding->history;

    if (problem->what != NULL)
        return tool_complain_run(command, path, problem);
    if ((error == -ENOKEY && values->common.machine != NULL) ||
        (error == -EDOM && values->date != NULL))
        return tool_complain_origin(command, values->common.machine, values->date, error);
    if (error == -ENOKEY)
        return tool_complain(command,
                             "%s does not say of which machine it is (no machine_key in its "
                             "context); give --machine=NAME.",
                             path);
    if (error == -EDOM)
        return tool_complain(
            command,
            "%s does not say when it was measured (its context has no date, or none "
            "that can be read); give --date=2026-11-23T02:39:49+00:00.",
            path);
    if (error == -EFBIG)
        return tool_complain(command, "%s is more than %s takes%s%s; it is not in the store.", path,
                             history_name(history), *history_problem(history) != '\0' ? ": " : "",
                             history_problem(history));
    return tool_complain_history(command, history, error);
}

/* These are the run's own fault: the next one may still do. */
static int is_of_the_run(int error, const struct load_problem *problem)
{
    return problem->what != NULL || error == -ENOKEY || error == -EDOM || error == -EFBIG;
}

static void print_added(const struct history_added *added, const char *path, const char *machine)
{
    char date[DATE_TEXT], interrupted[80] = "";

    date_put(added->date_s, date);
    if (added->planned > 0)
        snprintf(interrupted, sizeof interrupted, " (interrupted after %zu of %.0f samples)",
                 added->samples, added->planned);
    else if (!isnan(added->planned))
        snprintf(interrupted, sizeof interrupted, " (interrupted: samples are missing)");
    utf8_printf(stdout, "%-13s  %.*s  %s  %s  %s%s%s%s", added->already ? "already there" : "added",
                SHOWN_ID, added->id, added->machine, date, path,
                added->late ? " (older than the newest run of its machine)" : "",
                added->date_s > (int64_t)time(NULL) + AHEAD_MOST_S
                    ? " (its date is still to come: until then it stays the newest)"
                    : "",
                interrupted);
    if (added->already && machine != NULL && strcmp(machine, added->machine) != 0)
        utf8_printf(stdout,
                    " (filed under %s; bench_results move %.*s --machine=%s files it there)",
                    added->machine, SHOWN_ID, added->id, machine);
    fputc('\n', stdout);
}

/* 0, or 1 when this run could not be added, or -1 when none can be. */
static int add_file(struct adding *adding, const char *path)
{
    const struct add_values *values = adding->values;
    struct history_origin origin = {.machine = values->common.machine,
                                    .date = values->date,
                                    .source = strcmp(path, "-") == 0 ? NULL : path};
    struct history_added added = {0};
    struct load_problem problem;
    char *text;
    size_t length;

    int error = load_bytes(path, RUN_BYTES_MOST, &text, &length);
    if (error != 0) {
        free(text);
        if (error == -EFBIG)
            tool_complain(
                adding->command,
                "%s has more than %d bytes; measure fewer cells or repetitions at a time.", path,
                RUN_BYTES_MOST);
        else
            tool_complain(adding->command, "%s cannot be read: %s%s.", path, strerror(-error),
                          error == -EISDIR ? "; name its files" : "");
        return 1;
    }
    if (adding->history == NULL)
        error = history_check_run(text, length, &origin, &problem);
    if (error == 0 && adding->history == NULL &&
        (adding->history = tool_open_history(adding->command, values->common.db, HISTORY_CREATE)) ==
            NULL) {
        free(text);
        return -1;
    }
    if (error == 0)
        error = history_add(adding->history, text, length, &origin, &added, &problem);
    free(text);
    if (error == 0)
        print_added(&added, path, origin.machine);
    else
        explain(adding, path, error, &problem);
    free(added.machine);
    return error == 0 ? 0 : is_of_the_run(error, &problem) ? 1 : -1;
}

static int run_add(const struct tool_command *command, const struct tool_words *words, void *values)
{
    struct adding adding = {.command = command, .values = values};
    size_t missing = 0, count = words->count;
    int failed = 0;

    for (size_t i = 0; i < count && failed >= 0; i++) {
        failed = add_file(&adding, words->items[i]);
        missing += failed > 0 ? 1 : failed < 0 ? count - i : 0;
        /* Who reads along sees what is done; and it is known to be done when a server goes away. */
        fflush(stdout);
    }
    int is_open = adding.history != NULL;
    history_close(adding.history);
    if (missing > 0 && count > 1 && (is_open || failed >= 0))
        tool_complain(command, "%zu of %zu runs were not added.", missing, count);
    return missing > 0 ? TOOL_ERROR : TOOL_OK;
}

const struct tool_command command_add = {
    .name = "add",
    .summary = "Puts runs into the history",
    .usage = "RUN.json... [options]",
    .details =
        "RUN.json is the JSON of any Google Benchmark program; - is standard input. A run that is\n"
        "there already is left as it is. For each one line: its id, its machine, its date. Runs\n"
        "may come in any order: they stand in the order of their dates. A file as the store is\n"
        "made when it is not there.",
    TOOL_OPTIONS(options, struct add_values),
    .words = {1, SIZE_MAX, "name run files"},
    .run = run_add,
};
