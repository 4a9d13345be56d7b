/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"
#include "tool_history.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct export_values {
    const char *db;
    const char *out;
};

static const struct tool_option options[] = {
    TOOL_DB_OPTION(struct export_values, db),
    {"--out", "FILE", TOOL_TEXT, offsetof(struct export_values, out),
     "write there instead of to standard output; a file that is there is replaced"},
};

static int write_all(int file, const char *text, size_t length)
{
    while (length > 0) {
        ssize_t written = write(file, text, length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return written < 0 ? -errno : -EIO;
        text += written;
        length -= (size_t)written;
    }
    return 0;
}

/* mkstemp() gives 0600: a new file gets what the shell says, another what the old one had. */
static int give_mode(int file, const struct stat *old)
{
    mode_t mask = umask(0);

    umask(mask);
    return fchmod(file, old != NULL ? old->st_mode & 0777 : 0666 & ~mask) != 0 ? -errno : 0;
}

/* What is there stays until the new one is complete. */
static int replace_file(const char *path, const struct stat *old, const char *text, size_t length)
{
    char *partial = NULL;

    if (asprintf(&partial, "%s.XXXXXX", path) < 0)
        return -ENOMEM;
    int file = mkostemp(partial, O_CLOEXEC);
    int error = file < 0 ? -errno : write_all(file, text, length);
    if (error == 0)
        error = give_mode(file, old);
    if (file >= 0 && close(file) != 0 && error == 0)
        error = -errno;
    if (error == 0 && rename(partial, path) != 0)
        error = -errno;
    if (error != 0 && file >= 0)
        unlink(partial);
    free(partial);
    return error;
}

/* A pipe or a terminal cannot be replaced: it is written to. */
static int write_into(const char *path, const char *text, size_t length)
{
    int file = open(path, O_WRONLY | O_CLOEXEC);
    int error = file < 0 ? -errno : write_all(file, text, length);

    if (file >= 0 && close(file) != 0 && error == 0)
        error = -errno;
    return error;
}

static int write_file(const char *path, const char *text, size_t length)
{
    struct stat old;

    if (stat(path, &old) != 0)
        return replace_file(path, NULL, text, length);
    if (!S_ISREG(old.st_mode))
        return write_into(path, text, length);
    /* A link stays a link: what it leads to is replaced. */
    char *target = realpath(path, NULL);
    int error = target == NULL ? -errno : replace_file(target, &old, text, length);
    free(target);
    return error;
}

static int put_text(const struct tool_command *command, const char *path, const char *text,
                    size_t length)
{
    if (path == NULL) {
        /* main() looks whether it could be written. */
        (void)fwrite(text, 1, length, stdout);
        return TOOL_OK;
    }
    int error = write_file(path, text, length);
    if (error != 0)
        return tool_complain(command, "%s could not be written: %s.", path, strerror(-error));
    return TOOL_OK;
}

static int run_export(const struct tool_command *command, int argc, char **argv)
{
    struct export_values values = {0};
    struct tool_list words = {0};
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
