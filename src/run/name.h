/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's name, taken apart. */
#ifndef BENCH_MMAP_RUN_NAME_H
#define BENCH_MMAP_RUN_NAME_H

#include "src/base/arena.h"
#include "src/base/span.h"

#include <stddef.h>
#include <stdint.h>

struct name {
    struct span series;   /* what comes before the first known part: the writer */
    struct span file;     /* the value of file: */
    struct span sync;     /* the value of sync: */
    uint64_t size_bytes;  /* of size:, 0 without; a loaded cell may know it from its throughput */
    uint64_t chunk_bytes; /* of chunk:, 0 without */
    unsigned threads;     /* of threads:, 1 without */
    int plain;            /* no chunk axis: show it as a row of its own */
};

/* Takes a name apart; the spans point into it. Cannot fail: what is not understood makes the name
 * plain, its series then is the whole name. Known parts in any order: file: sync: size: chunk:
 * threads: repeats: iterations: min_time: min_warmup_time: real_time process_time manual_time. */
void name_parse(const char *name, struct name *parts);

/* The writer belongs to the family that maps the file (its name begins with Mmap). */
int name_is_mapping(const struct name *parts);

/* The cell measures the machine (file:none). */
int name_is_control(const struct name *parts);

/* The parts between the slashes that all names have, "file:new/sync:none", so that a table can say
 * them once; "" for a single name. This text and the next are the caller's; NULL: no memory. */
char *name_segments_common(char *const *names, size_t count);

/* The name less these. */
char *name_segments_without(const char *name, const char *common);

/* The index of the cell's group in a list of *count groups, to which a new one is added; the text
 * is the arena's, which remembers whether memory was short. What cells of one writer share is their
 * group: the series, or of other programs' names what stands before the first slash, with file
 * state and sync mode where the name has them. */
size_t name_segments_group(struct arena *arena, char **groups, size_t *count, const char *name);

#endif
