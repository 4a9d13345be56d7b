/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of cells' names between the slashes: what all of a table share is said once. */
#ifndef BENCH_MMAP_RUN_NAME_SEGMENTS_H
#define BENCH_MMAP_RUN_NAME_SEGMENTS_H

#include <stddef.h>

/* All texts are the caller's; NULL: no memory. */

/* The parts that all names have, "file:new/sync:none"; "" for a single name. */
char *name_segments_common(char *const *names, size_t count);

/* The name less these. */
char *name_segments_without(const char *name, const char *common);

/* What cells of one writer share: the series, or of other programs' names what stands before the
 * first slash, with file state and sync mode where the name has them. */
char *name_segments_group(const char *name);

#endif
