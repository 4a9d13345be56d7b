/* SPDX-License-Identifier: Apache-2.0 */
/* The fastest writer for one case. */
#ifndef BENCH_MMAP_ANALYSIS_ADVICE_H
#define BENCH_MMAP_ANALYSIS_ADVICE_H

#include "cell_table.h"
#include "src/statistics/bootstrap.h"

#include <stddef.h>
#include <stdint.h>

/* What to ask for advice about. NULL and 0: the run's first. */
struct question {
    uint64_t chunk_bytes; /* must be given */
    const char *file;
    const char *sync;
    uint64_t size_bytes;
    const char *axis[NAME_AXES];
    int of_kind; /* 1 + enum bm_kind; 0: the run's first */
};

struct advice_row {
    size_t writer;
    double time_ns;
    struct interval ratio; /* to the fastest */
    enum mark mark;
};

struct advice {
    const struct cell_table *table;
    uint64_t chunk_below; /* measured sizes around the one asked for; equal: measured itself; of a
                             band the smallest and the largest */
    uint64_t chunk_above;
    size_t count;
    struct advice_row *rows; /* fastest first */
    int inconclusive;        /* too few samples to rank */
};

/* -ENXIO: no table of that kind; -ENOENT: no table of that file state, sync mode, size and axes;
 * -ERANGE: no writer was measured at, or on both sides of, that chunk size. */
int advice_make(const struct bootstrap *bootstrap, const struct cell_tables *tables,
                const struct question *question, struct advice *advice);

/* The same over the small, the middle and the large chunk sizes of a table: a writer's time is its
 * geometric mean over the sizes that belong there, of the middle ones only the nearest to 64 KiB; a
 * writer that was not measured at all of them is left out. -ERANGE: there is none. */
enum chunk_band { BAND_SMALL, BAND_MIDDLE, BAND_LARGE, BANDS };
enum { BAND_SMALL_BYTES = 4096, BAND_MIDDLE_BYTES = 65536, BAND_LARGE_BYTES = 1048576 };
int advice_for_band(const struct bootstrap *bootstrap, const struct cell_table *table,
                    enum chunk_band band, struct advice *advice);
void advice_free(struct advice *advice);

#endif
