/* SPDX-License-Identifier: Apache-2.0
 * Bringing the file into its state before a sample. Not timed. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kernel.h"

#define MIB ((size_t)1 << 20)

int writer_remove(const struct writer_job *job)
{
    return unlinkat(job->dir_fd, job->name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

static int write_piece(int fd, const char *from, size_t bytes)
{
    while (bytes > 0) {
        ssize_t wrote = write(fd, from, bytes);
        if (wrote <= 0) {
            if (wrote < 0 && errno == EINTR)
                continue;
            return wrote < 0 ? -errno : -EIO;
        }
        from += wrote;
        bytes -= (size_t)wrote;
    }
    return 0;
}

/* The old bytes are no byte of a source with more than a small chance, so that a sample that has
 * written nothing is found out. */
static int lay_down(int fd, uint64_t file_size_bytes, size_t piece_bytes)
{
    char *piece = malloc(piece_bytes);
    int error = piece == NULL ? -ENOMEM : 0;

    if (piece != NULL)
        memset(piece, 0xa5, piece_bytes);
    for (uint64_t at = 0; error == 0 && at < file_size_bytes; at += piece_bytes) {
        error = writer_is_cancelled()
                    ? -ECANCELED
                    : write_piece(fd, piece, (size_t)chunk_min(piece_bytes, file_size_bytes - at));
    }
    if (error == 0 && fsync(fd) < 0)
        error = -errno;
    free(piece);
    return error;
}

static int prepare_overwrite(int fd, const struct writer_job *job)
{
    return lay_down(fd, job->file_size_bytes, MIB);
}

/* What is done with the empty file that has just been created; NULL: there is to be none. */
static int (*const prepare_functions[FILE_STATES])(int fd, const struct writer_job *job) = {
    [FILE_STATE_OVERWRITE] = prepare_overwrite,
};

int writer_prepare(const struct writer *writer, const struct writer_job *job)
{
    int fd, error = writer_is_cancelled() ? -ECANCELED : 0;

    (void)writer;
    if (error != 0 || job->state == FILE_STATE_NONE)
        return error;
    error = writer_remove(job);
    if (error != 0 || prepare_functions[job->state] == NULL)
        return error;
    fd = openat(job->dir_fd, job->name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0)
        return -errno;
    error = prepare_functions[job->state](fd, job);
    if (close(fd) < 0 && error == 0)
        error = -errno;
    if (error != 0)
        writer_remove(job);
    return error;
}
