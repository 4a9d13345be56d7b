/* SPDX-License-Identifier: Apache-2.0 */
/* What a cost model says beside its figures. */
#ifndef BENCH_MMAP_REPORT_MODEL_WORDS_H
#define BENCH_MMAP_REPORT_MODEL_WORDS_H

#include "src/analysis/model.h"

enum { MODEL_REFUSAL_MAX = 240 };

/* Why it does not hold, a phrase; 0 and "" when it does. */
int model_refusal_text(const struct model *model, char text[MODEL_REFUSAL_MAX]);

#endif
