/* SPDX-License-Identifier: Apache-2.0 */
/* Where the runs of rounds lie: DIRECTORY/old/1.json, DIRECTORY/new/1.json, ... */
#ifndef BENCH_MMAP_TOOLS_ROUND_DIRECTORY_H
#define BENCH_MMAP_TOOLS_ROUND_DIRECTORY_H

#include "tool.h"

#include <stddef.h>

enum { ROUND_PATH_SIZE = 300 };

struct round_directory {
    const struct tool_command *command; /* who complains */
    char path[200];                     /* "": none was made */
    int is_temporary;
};

extern const char *const round_sides[2];

/* Makes it: `keep`, in which old and new have to be empty, or below TMPDIR where that is NULL. A
 * tool_exit. */
int round_directory_open(struct round_directory *directory, const char *keep);
/* Removes it, with so many rounds, where it is temporary. */
void round_directory_remove(const struct round_directory *directory, size_t rounds);

/* Of a file of a round; round 0: of the side's directory. */
void round_path(const struct round_directory *directory, int side, size_t round, const char *end,
                char path[ROUND_PATH_SIZE]);
/* A round without both sides is none: a later comparison must not find half of it. */
void round_remove(const struct round_directory *directory, size_t round);

#endif
