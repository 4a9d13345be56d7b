/* SPDX-License-Identifier: Apache-2.0 */
#include "tool_watch.h"

#include "tool_history.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *tool_identify(const struct tool_command *command, const char *word,
                          char id[HISTORY_ID + 1])
{
    char *text;
    size_t length;

    if (strcmp(word, "-") != 0 && access(word, F_OK) != 0)
        return word;
    int error = load_bytes(word, &text, &length);
    if (error == 0)
        run_id_of_text(text, length, id);
    else
        tool_complain(command, "%s cannot be read: %s.", word, strerror(-error));
    free(text);
    return error == 0 ? id : NULL;
}

static int complain(const struct tool_command *command, struct history *history,
                    const struct run_window_query *query, const char *word, const char *machine,
                    int error)
{
    const char *store = history_name(history);
    int is_file = query->until != NULL && word != query->until;

    if (error == -ENODATA)
        return tool_complain(
            command, "%s: there is no run in the store; bench_results add adds them.", store);
    if (error == -ESRCH || error == -EMLINK)
        return tool_complain_machine(command, history, query->machine);
    if (error == -EXDEV) {
        tool_complain(command, "%s is a run of machine %s, not of %s.", word, machine,
                      query->machine);
        return TOOL_UNSURE;
    }
    if (error == -ENOENT && is_file)
        return tool_complain(
            command, "%s: the run %s is not in the store; bench_results add adds it.", store, word);
    if (error == -EINVAL && query->until != NULL && strcspn(word, "./") != strlen(word))
        return tool_complain(command, "%s cannot be read: %s.", word, strerror(ENOENT));
    return tool_complain_id(command, history, word, error);
}

int tool_read_window(const struct tool_command *command, const char *url,
                     const struct run_window_query *query, const char *word,
                     struct run_window *window)
{
    struct history *history = tool_open_history(command, url, HISTORY_READ);
    int status = TOOL_OK;

    if (history == NULL)
        return TOOL_ERROR;
    int error = run_window_read(history, query, window);
    if (error != 0) {
        status = complain(command, history, query, word, window->machine, error);
        run_window_free(window);
    }
    history_close(history);
    return status;
}
