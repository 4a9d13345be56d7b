/* SPDX-License-Identifier: Apache-2.0 */
#include "replace.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* mkstemp() gives 0600: a new file gets what the shell says, another what the old one had. A file
 * system without modes refuses, and that is no reason to lose the text. */
static void give_mode(int fd, const struct stat *old)
{
    mode_t mask = umask(0);

    umask(mask);
    (void)fchmod(fd, old != NULL ? old->st_mode & 0777 : 0666 & ~mask);
}

static int make_temporary(struct replacement *replacement, const struct stat *old)
{
    int fd;

    if (asprintf(&replacement->temporary, "%s.XXXXXX", replacement->path) < 0) {
        replacement->temporary = NULL;
        return -ENOMEM;
    }
    fd = mkostemp(replacement->temporary, O_CLOEXEC);
    if (fd < 0) {
        int error = -errno;
        free(replacement->temporary);
        replacement->temporary = NULL;
        return error;
    }
    give_mode(fd, old);
    close(fd);
    return 0;
}

int replace_open(struct replacement *replacement, const char *path)
{
    struct stat old;

    *replacement = (struct replacement){.existed = stat(path, &old) == 0};
    if (replacement->existed && S_ISDIR(old.st_mode))
        return -EISDIR;
    /* A link stays a link: what it leads to is replaced. */
    replacement->path = replacement->existed ? realpath(path, NULL) : strdup(path);
    if (replacement->path == NULL)
        return -errno;
    replacement->in_place = replacement->existed && !S_ISREG(old.st_mode);
    if (replacement->in_place) {
        replacement->temporary = replacement->path;
        return 0;
    }
    return make_temporary(replacement, replacement->existed ? &old : NULL);
}

int replace_write(const struct replacement *replacement, const char *text, size_t bytes)
{
    FILE *stream = fopen(replacement->temporary, "we");
    int error = stream == NULL ? -errno : 0;

    if (error == 0 && fwrite(text, 1, bytes, stream) != bytes)
        error = -errno;
    if (stream != NULL && fclose(stream) != 0 && error == 0)
        error = -errno;
    return error;
}

int replace_commit(struct replacement *replacement, const char *path)
{
    int fd, error;

    if (replacement->temporary == NULL || replacement->in_place)
        return 0;
    fd = open(replacement->temporary, O_RDONLY | O_CLOEXEC);
    error = fd < 0 || fsync(fd) < 0 ? -errno : 0;
    if (fd >= 0)
        close(fd);
    if (error == 0 && rename(replacement->temporary, path) < 0)
        error = -errno;
    replacement->done = error == 0;
    return error;
}

void replace_close(struct replacement *replacement)
{
    if (replacement->temporary != NULL && !replacement->in_place && !replacement->done)
        unlink(replacement->temporary);
    if (!replacement->in_place)
        free(replacement->temporary);
    free(replacement->path);
    *replacement = (struct replacement){0};
}
