/* SPDX-License-Identifier: Apache-2.0 */
#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

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
