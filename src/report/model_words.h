/* SPDX-License-Identifier: Apache-2.0 */
/* What a cost model says beside its figures. */
#ifndef BENCH_MMAP_REPORT_MODEL_WORDS_H
#define BENCH_MMAP_REPORT_MODEL_WORDS_H

#include "document.h"
#include "src/analysis/model.h"

enum { MODEL_REFUSAL_MAX = 240 };

/* Why it does not hold, a phrase; 0 and "" when it does. */
int model_refusal_text(const struct model *model, char text[MODEL_REFUSAL_MAX]);

/* The same as members of an object, with a code and figures; null when it holds. */
void model_refusal_members(struct document *document, const struct model *model);

#endif
