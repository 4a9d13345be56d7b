/* SPDX-License-Identifier: Apache-2.0 */
/* How each cell of a machine went, run after run. */
#ifndef BENCH_MMAP_WATCH_CELL_HISTORY_H
#define BENCH_MMAP_WATCH_CELL_HISTORY_H

#include "run_window.h"
#include "src/changepoint/drift.h"

#include <stddef.h>

struct cell_history {
    size_t column; /* of window.series */
    const char *name;
    int is_control;
    size_t values; /* runs that have one */
    double first_ns, last_ns, median_ns;
    struct steps steps;
    struct drift drift; /* of the newest runs */
    size_t step_count; /* the first of the steps: those from drift.from on are cut out of a drift */
};

struct cell_histories {
    struct run_window window;
    struct step_options options;
    size_t count;
    struct cell_history *cells; /* by name, the controls last */
};

/* Every cell of the window, which then belongs to *histories, with all of its steps, and whether
 * they are a drift. *histories is to be freed in any case. -ENOMEM. */
int cell_histories_find(struct run_window *window, const struct step_options *options,
                        struct cell_histories *histories);
void cell_histories_free(struct cell_histories *histories);

/* The blessing that accepts that step, or NULL: one of the cell or of all, within STEP_NEAR runs
 * of it. */
const struct accepted_change *step_accepted(const struct run_window *window, const char *cell,
                                            size_t at);

#endif
