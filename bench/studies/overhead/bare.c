/* SPDX-License-Identifier: Apache-2.0 */
#include "bare.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static const struct bare_writer *const families[] = {
    bare_write_family, bare_mmap_family, bare_copy_family, bare_uring_family, bare_control_family,
};

const struct bare_writer *bare_find(const char *name)
{
    for (size_t i = 0; i < sizeof families / sizeof families[0]; i++) {
        for (const struct bare_writer *bare = families[i]; bare->name != NULL; bare++) {
            if (strcmp(bare->name, name) == 0)
                return bare;
        }
    }
    return NULL;
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
