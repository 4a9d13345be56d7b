/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's name, taken apart. */
#ifndef BENCH_MMAP_RUN_NAME_H
#define BENCH_MMAP_RUN_NAME_H

#include "src/base/span.h"

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

#endif
