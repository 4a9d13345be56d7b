/* SPDX-License-Identifier: Apache-2.0 */
/* What a cost model says beside its figures. */
#ifndef RESULTS_MODEL_WORDS_H
#define RESULTS_MODEL_WORDS_H

#include "bench_mmap/results.h"

enum { MODEL_REFUSAL_MAX = 240 };

/* Why it does not hold, a phrase; 0 and "" when it does. */
int model_refusal(const struct results_model *model, char text[MODEL_REFUSAL_MAX]);

/* Where the faults cannot be told from the fixed cost, it is at least known that they cost no more
 * than all of it; NaN when there is nothing to say. */
double model_fault_bound(const struct results_model *model);

#endif
