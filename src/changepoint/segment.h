/* SPDX-License-Identifier: Apache-2.0 */
/* The search for one stretch of runs that differs from the rest of its segment. */
#ifndef BENCH_MMAP_CHANGEPOINT_SEGMENT_H
#define BENCH_MMAP_CHANGEPOINT_SEGMENT_H

#include "steps.h"

#include <stddef.h>
#include <stdint.h>

/* As options->draws: p is Boole's bound over exact tails, 3 to 10 times too high, and costs
 * nothing. */
#define SEGMENT_BOUND_ONLY SIZE_MAX

struct segment_arc {
    size_t from, to; /* [from, to) of the segment; one of them is its end where there is one step */
    double score;    /* absolute */
    double p;
};

/* The arc that stands out most among up to STEP_WINDOW innovations, and the p value of having found
 * it by search. arc->p is 1 where the segment is too short. -ENOMEM. */
int segment_search(const double *innovation, size_t count, const struct step_options *options,
                   struct random *random, struct segment_arc *arc);

#endif
