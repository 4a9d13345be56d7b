/* SPDX-License-Identifier: Apache-2.0 */
/* A cell's name, taken apart. */
#ifndef BENCH_MMAP_RUN_NAME_H
#define BENCH_MMAP_RUN_NAME_H

#include "bench_mmap/kernel.h"
#include "src/base/arena.h"
#include "src/base/span.h"

#include <stddef.h>
#include <stdint.h>

enum name_axis {
#define AXIS(symbol, key, normally) NAME_AXIS_##symbol,
#include "axes.def"
#undef AXIS
    NAME_AXES
};

struct name {
    struct span series;   /* what comes before the first known part: the writer */
    struct span file;     /* the value of file: */
    struct span sync;     /* the value of sync: */
    uint64_t size_bytes;  /* of size:, 0 without; a loaded cell may know it from its throughput */
    uint64_t chunk_bytes; /* of chunk:, 0 without */
    unsigned threads;     /* of threads:, 1 without */
    int plain;            /* no chunk axis: show it as a row of its own */
    struct span axis[NAME_AXES]; /* text NULL: what it normally is */
};

/* Takes a name apart; the spans point into it. Cannot fail: what is not understood makes the name
 * plain, its series then is the whole name. Known parts in any order: those of axes.def, file:
 * sync: size: chunk: threads: repeats: iterations: min_time: min_warmup_time: real_time
 * process_time manual_time. */
void name_parse(const char *name, struct name *parts);

/* What our kernels do with the bytes; of other programs' benchmarks a writer. The names of readers
 * and channels begin so, and say the state of the file. */
enum bm_kind name_kind(const struct name *parts);

/* The kernel belongs to the family that maps the file (its name begins with Mmap or ReadMmap). */
int name_is_mapping(const struct name *parts);

/* The cell measures the machine: file:none, and no channel. */
int name_is_control(const struct name *parts);

/* "order"; the value, also where it is what it normally is; whether all are the same. */
const char *name_axis_key(enum name_axis axis);
struct span name_axis_value(const struct span axes[NAME_AXES], enum name_axis axis);
int name_axes_equal(const struct span a[NAME_AXES], const struct span b[NAME_AXES]);

/* "Write/file:new/sync:none", or with "/order:random": what the cells of a writer have in common,
 * but for sizes and threads. The caller's; NULL: no memory. */
char *name_segments_case(struct span series, struct span file, struct span sync,
                         const struct span axes[NAME_AXES]);

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
