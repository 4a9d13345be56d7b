/* SPDX-License-Identifier: Apache-2.0 */
#include "output.h"

#include "message.h"
#include "signals.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int complain(const char *path, int error)
{
    message("--benchmark_out=%s: %s; name a file in a directory that you may write to", path,
            strerror(-error));
    return error;
}

/* What a new file gets from the shell, or what the old one had: mkstemp() gives 0600. */
static void give_mode(int fd, const struct stat *old)
{
    mode_t mask = umask(0);

    umask(mask);
    fchmod(fd, old != NULL ? old->st_mode & 0777 : 0666 & ~mask);
}

int output_open(struct output *output, const char *path)
{
    struct stat status;
    int fd;

    memset(output, 0, sizeof *output);
    output->existed = stat(path, &status) == 0;
    if (output->existed && S_ISDIR(status.st_mode))
        return complain(path, -EISDIR);
    /* A link stays a link: what it leads to is replaced. */
    output->path = output->existed ? realpath(path, NULL) : strdup(path);
    if (output->path == NULL)
        return complain(path, -errno);
    if (output->existed && !S_ISREG(status.st_mode)) {
        output->temporary = output->path;
        return 0;
    }
    if (asprintf(&output->temporary, "%s.XXXXXX", output->path) < 0) {
        output->temporary = NULL;
        return complain(path, -ENOMEM);
    }
    fd = mkostemp(output->temporary, O_CLOEXEC);
    if (fd < 0) {
        int error = -errno;
        free(output->temporary);
        output->temporary = NULL;
        return complain(path, error);
    }
    give_mode(fd, output->existed ? &status : NULL);
    close(fd);
    signals_set_output(output->temporary);
    return 0;
}

int output_write(const struct output *output, const char *text, size_t bytes)
{
    FILE *stream = fopen(output->temporary, "we");
    int error = stream == NULL ? -errno : 0;

    if (error == 0 && fwrite(text, 1, bytes, stream) != bytes)
        error = -errno;
    if (stream != NULL && fclose(stream) != 0 && error == 0)
        error = -errno;
    return error != 0 ? complain(output->path, error) : 0;
}

static bool in_place(const struct output *output)
{
    return output->temporary == NULL || output->temporary == output->path;
}

static int move_to(struct output *output, const char *path)
{
    int fd = open(output->temporary, O_RDONLY | O_CLOEXEC);
    int error = fd < 0 || fsync(fd) < 0 ? -errno : 0;

    if (fd >= 0)
        close(fd);
    if (error == 0 && rename(output->temporary, path) < 0)
        error = -errno;
    if (error != 0) {
        message("%s: the run could not be put there: %s", path, strerror(-error));
        return error;
    }
    signals_set_output(NULL);
    free(output->temporary);
    output->temporary = NULL;
    return 0;
}

int output_commit(struct output *output)
{
    return in_place(output) ? 0 : move_to(output, output->path);
}

int output_commit_partial(struct output *output)
{
    char *partial = NULL;
    int error;

    if (in_place(output))
        return 0;
    if (!output->existed) {
        error = move_to(output, output->path);
        if (error == 0)
            message("what was measured is in %s", output->path);
        return error;
    }
    if (asprintf(&partial, "%s.partial", output->path) < 0)
        return -ENOMEM;
    error = move_to(output, partial);
    if (error == 0)
        message("what was measured is in %s; %s is as it was", partial, output->path);
    free(partial);
    return error;
}

void output_close(struct output *output)
{
    if (!in_place(output)) {
        signals_set_output(NULL);
        unlink(output->temporary);
        free(output->temporary);
    }
    free(output->path);
    memset(output, 0, sizeof *output);
}
