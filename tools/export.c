/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/replace.h"
#include "tool_history.h"

#include <stdlib.h>

struct export_values {
    struct tool_values common;
    const char *out;
};

static const struct option_row options[] = {
    TOOL_DB_OPTION,
    {"--out", "FILE", OPTION_TEXT, offsetof(struct export_values, out),
     "write there instead of to standard output; a file that is there is replaced"},
};

static int put_text(const struct tool_command *command, const char *path, const char *text,
                    size_t length)
{
    struct replacement file;

    if (path == NULL) {
        /* main() looks whether it could be written. */
        (void)fwrite(text, 1, length, stdout);
        return TOOL_OK;
    }
    int error = replace_open(&file, path);
    if (error == 0)
        error = replace_write(&file, text, length);
    if (error == 0)
        error = replace_commit(&file, file.path);
    replace_close(&file);
    if (error != 0)
        return tool_complain(command, "%s could not be written: %s.", path, strerror(-error));
    return TOOL_OK;
}

static int run_export(const struct tool_command *command, const struct tool_words *words,
                      void *values)
{
    const struct export_values *from = values;
    struct history *history = tool_open_history(command, from->common.db, HISTORY_READ);
    char *text;
    size_t length;

    if (history == NULL)
        return TOOL_ERROR;
    int error = history_export(history, words->items[0], &text, &length);
    int status = error == 0 ? put_text(command, from->out, text, length)
                            : tool_complain_id(command, history, words->items[0], error);
    free(text);
    history_close(history);
    return status;
}

const struct tool_command command_export = {
    .name = "export",
    .summary = "Gives a run back, byte by byte as it was added",
    .usage = "ID [options]",
    .details = "ID is what bench_results add printed, or at least 4 digits of its beginning.",
    TOOL_OPTIONS(options, struct export_values),
    .words = {1, 1, "name one run"},
    .run = run_export,
};
