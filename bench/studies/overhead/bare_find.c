/* SPDX-License-Identifier: Apache-2.0 */
#include "bare.h"

#include <string.h>

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
