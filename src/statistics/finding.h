/* SPDX-License-Identifier: Apache-2.0 */
/* What a verdict says of a row. */
#ifndef BENCH_MMAP_STATISTICS_FINDING_H
#define BENCH_MMAP_STATISTICS_FINDING_H

enum change {
    CHANGE_SLOWER,
    CHANGE_FASTER,
    CHANGE_EQUIVALENT,   /* the interval lies within the margin */
    CHANGE_INCONCLUSIVE, /* none of these */
    CHANGE_DIVERGED,     /* it and its peers moved apart, and which of them it was is uncertain */
};

enum row_kind { ROW_ALL, ROW_WRITER, ROW_CELL };

#endif
