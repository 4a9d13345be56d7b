/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replacing a file as a whole: who reads it meanwhile sees the old one or the new one.
 *
 * The new one is written through a descriptor that stays open, and has no name before it is
 * complete, where the file system can do that. Where it cannot, and for the moment in which it
 * takes the place of an old file, it has a name of its own, PATH.bench_mmap-XXXXXX, and is locked:
 * what a process that was killed then has left is removed by the next replace_open() of that path.
 */
#ifndef BENCH_MMAP_BASE_REPLACE_H
#define BENCH_MMAP_BASE_REPLACE_H

#include <stdbool.h>
#include <stddef.h>

struct replacement {
    char *path; /* what is replaced; behind a symbolic link of this user or of root, what it leads
                 * to. NULL: not open */
    char *temporary; /* the name of the new file; NULL: it has none */
    int fd;          /* the new file, or what is written in place; -1: closed */
    bool existed;
    bool in_place; /* a device or a pipe, which cannot be replaced */
};

/* Makes the new file, so that a place that cannot be written is known early. Errors: -EISDIR,
 * -ENOMEM, -errno of open(), of which -ENXIO: a pipe that nobody reads; -ESTALE: a file has taken
 * the place of a device. replace_close() in any case. */
int replace_open(struct replacement *replacement, const char *path);

/* Writes all of the text. Errors: -errno. */
int replace_write(const struct replacement *replacement, const char *text, size_t bytes);

/* Puts the new file in the place `path`, once. In place: closes it. Errors: -errno. */
int replace_commit(struct replacement *replacement, const char *path);

/* Removes the new file where it has not got its place, and frees; safe on a zeroed struct. */
void replace_close(struct replacement *replacement);

/* It may lead to what its owner could not write to himself. */
bool is_link_of_another(const char *path);

/* A descriptor to write to; -ELOOP: a link of another user; nothing is waited for: a pipe that
 * nobody reads is -ENXIO. `flags`: more of open()'s. */
int open_at_once(const char *path, int flags);

#endif
