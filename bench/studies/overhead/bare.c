/* SPDX-License-Identifier: Apache-2.0 */
#include "bare.h"

#include <fcntl.h>
#include <unistd.h>

int bare_run(const struct bare_writer *bare, const struct bare_job *job)
{
    int fd;

    if (bare->open_flags == 0)
        return bare->write(job, -1);
    fd = bare_create(job, bare->open_flags);
    return fd < 0 ? fd : bare_close(fd, bare->write(job, fd));
}

int bare_create(const struct bare_job *job, int flags)
{
    int fd =
        openat(job->dir_fd, job->name, flags | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

    return fd < 0 ? -errno : fd;
}

int bare_close(int fd, int error)
{
    if (close(fd) < 0 && error == 0)
        return -errno;
    return error;
}
