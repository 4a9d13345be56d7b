/* SPDX-License-Identifier: Apache-2.0 */
/* Cells that are shown together: what their samples say, and how it is put into a table. */
#ifndef BENCH_MMAP_REPORT_SHOW_CELLS_H
#define BENCH_MMAP_REPORT_SHOW_CELLS_H

#include "show.h"

struct range {
    double lowest, highest; /* of the medians; NaN: there are none */
    size_t fewest, most;    /* samples a cell */
    int intervals;          /* some cell has one */
};

/* What is shown together: some are NULL. */
struct cells {
    const struct cell *const *cell;
    size_t count;
    struct summary *summary;
    const struct cell_estimate **estimate; /* by which they are marked */
    enum mark *mark;
    struct range range;
};

const struct bootstrap *cells_bootstrap(const struct show *show);

/* Their marks are not set yet. */
void cells_begin(struct cells *cells, struct show *show, const struct cell *const *cell,
                 size_t count);

/* For programs: a row a cell, full precision. */
void cells_put(struct show *show, const char *key, const struct cells *cells);

double cell_half_width(const struct summary *summary);

/* half 0: the interval is not shown. */
void cell_put_value(struct show *show, struct table *out, const struct cell *cell,
                    const struct summary *summary, const struct unit *unit, double half);

/* "time per file in ms: median of 20 samples": what a number in the table is. */
const char *cells_caption(struct show *show, const char *label, const char *unit,
                          const struct range *range);
void cells_put_caption(struct show *show, const char *caption, const struct range *range);

#endif
