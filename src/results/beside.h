/* SPDX-License-Identifier: Apache-2.0 */
/* What the costs of two machines are put together from. */
#ifndef RESULTS_BESIDE_H
#define RESULTS_BESIDE_H

#include "bench_mmap/machines.h"

/* So many processes say themselves how much they differ. */
enum { BESIDE_LEAST_FOR_STUDENT = 3 };
/* By so much other processes differ more than a process's own interval says (results.h). */
#define BESIDE_PROCESS_WIDENING 2.5

/* What one run says that something costs. */
struct reading {
    char *writer;
    const char *what; /* static; NULL: the writer's model does not hold */
    int is_control;
    int at_most;
    uint64_t size_bytes, chunk_bytes; /* only costs of the same are alike; 0: of any */
    struct results_interval ns;       /* of the bootstrap over the samples */
    char *refusal;                    /* of a model that does not hold: a phrase */
};

struct readings {
    size_t count;
    struct reading *reading;
};

/* The whats of the controls. */
extern const char *const beside_control_what[RESULTS_ASPECT_FILE];
extern const char *const beside_control_writer[RESULTS_ASPECT_FILE];

/* The controls' costs, then those of every writer's model. readings_free() in any case. */
int beside_read(const struct results_run *run, uint64_t seed, struct readings *readings);
void readings_free(struct readings *readings);

/* The parts of the cells that both sides have, from the controls' costs in beside; then the
 * writers' rests. */
int beside_take_apart(const struct results_side *old_side, const struct results_side *new_side,
                      struct results_beside *beside);

/* What else a reader must know: missing controls, few runs, runs that are doubtful. */
int beside_note(const struct results_side *const sides[2], struct results_beside *beside);

/* For the shows: the control's cost of an aspect, or NULL. */
const struct results_cost *beside_control(const struct results_beside *beside,
                                          enum results_aspect aspect);

#endif
