/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing a file as a whole: who reads it meanwhile sees the old one or the new one. */
#ifndef BENCH_MMAP_BASE_REPLACE_H
#define BENCH_MMAP_BASE_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

struct replacement {
    char *path;      /* what is replaced; behind a symbolic link, what it leads to */
    char *temporary; /* where the new one is written */
    bool existed;
    bool in_place; /* a device or a pipe, which cannot be replaced: temporary is path */
    bool done;     /* the temporary file has been moved */
};

/* Makes the temporary file beside the place, so that a place that cannot be written is known early.
 * Errors: -EISDIR, -ENOMEM, -errno of open(). replace_close() in any case. */
int replace_open(struct replacement *replacement, const char *path);

/* Writes the text into the temporary file. Errors: -errno. */
int replace_write(const struct replacement *replacement, const char *text, size_t bytes);

/* Puts the temporary file in the place of `path`. In place: nothing. Errors: -errno. */
int replace_commit(struct replacement *replacement, const char *path);

/* Removes the temporary file where it is still there, and frees; safe after a commit, and on a
 * zeroed struct. */
void replace_close(struct replacement *replacement);

#endif
