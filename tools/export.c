/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "src/base/replace.h"
#include "tool_history.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct export_values {
    const char *db;
    const char *out;
};

static const struct option_row options[] = {
    TOOL_DB_OPTION(struct export_values, db),
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

static int run_export(const struct tool_command *command, int argc, char **argv)
{
    struct export_values values = {0};
    struct option_list words = {0};
    char *text;
    size_t length;

    int parsed = tool_parse(command, argc, argv, &values, &words);
    if (parsed != 0)
        return parsed > 0 ? TOOL_OK : TOOL_ERROR;
    if (words.count != 1)
        return tool_complain(command, "name one run; bench_results export --help says more.");
    struct history *history = tool_open_history(command, values.db, HISTORY_READ);
    if (history == NULL)
        return TOOL_ERROR;
    int error = history_export(history, words.items[0], &text, &length);
    int status = error == 0 ? put_text(command, values.out, text, length)
                            : tool_complain_id(command, history, words.items[0], error);
    free(text);
    history_close(history);
    return status;
}

const struct tool_command command_export = {
    .name = "export",
    .summary = "Gives a run back, byte by byte as it was added",
    .usage = "ID [options]",
    .details = "ID is what bench_results add printed, or at least 4 digits of its beginning.",
    .options = options,
    .option_count = sizeof options / sizeof options[0],
    .run = run_export,
};
