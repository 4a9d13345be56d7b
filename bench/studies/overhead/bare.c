/* SPDX-License-Identifier: Apache-2.0 */
#include "bare.h"

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

int bare_run(const struct bare_writer *bare, const struct bare_job *job)
{
    int fd;

    if (bare->open_flags == 0)
        return bare->write(job, -1);
    fd = bare_create(job, bare->open_flags);
    return fd < 0 ? fd : bare_close(fd, bare->write(job, fd));
}
