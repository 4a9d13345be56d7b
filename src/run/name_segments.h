/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of cells' names between the slashes: what all of a table share is said once. */
#ifndef BENCH_MMAP_RUN_NAME_SEGMENTS_H
#define BENCH_MMAP_RUN_NAME_SEGMENTS_H

#include "src/base/arena.h"

#include <stddef.h>

/* All texts that are returned are the caller's; NULL: no memory. */

/* The parts that all names have, "file:new/sync:none"; "" for a single name. */
char *name_segments_common(char *const *names, size_t count);

/* The name less these. */
char *name_segments_without(const char *name, const char *common);

/* The index of the cell's group in a list of *count groups, to which a new one is added; the text
 * is the arena's, which remembers whether memory was short. What cells of one writer share is their
 * group: the series, or of other programs' names what stands before the first slash, with file
 * state and sync mode where the name has them. */
size_t name_segments_group(struct arena *arena, char **groups, size_t *count, const char *name);

#endif
