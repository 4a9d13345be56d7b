/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell went. */
#ifndef BENCH_MMAP_WATCH_CELL_HISTORY_H
#define BENCH_MMAP_WATCH_CELL_HISTORY_H

#include "run_window.h"
#include "src/changepoint/steps.h"

#include <stddef.h>

struct cell_history {
    size_t column; /* of past.series */
    const char *cell;
    int is_control;
    size_t values; /* runs that have one */
    double first_ns, last_ns, median_ns;
    struct steps steps;
};

struct cell_histories {
    struct run_window past;
    struct step_options options;
    size_t count;
    struct cell_history *traces; /* a cell each; by name, controls behind */
};

/* Every cell that is wanted, with all of its steps. *traces is to be freed in any case. The errors
 * of run_window_read(). */
int cell_histories_read(struct history *history, const struct run_window_query *query,
                        const struct step_options *options, struct cell_histories *traces);
void cell_histories_free(struct cell_histories *traces);

/* The blessing that accepts that step, or NULL: one of the cell or of all, within STEP_NEAR runs
 * of it. */
const struct accepted_change *step_accepted(const struct run_window *past, const char *cell,
                                            size_t at);

#endif
