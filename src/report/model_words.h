/* SPDX-License-Identifier: Apache-2.0 */
/* Why a cost model does not hold. */
#ifndef BENCH_MMAP_REPORT_MODEL_WORDS_H
#define BENCH_MMAP_REPORT_MODEL_WORDS_H

#include "src/analysis/model.h"

enum { MODEL_REFUSAL_MAX = 240 };

/* A phrase; 0 and "" when the model holds. */
int model_refusal_text(const struct model *model, char text[MODEL_REFUSAL_MAX]);

/* For programs; NULL when it holds. The word is older than the code and kept. */
const char *model_refusal_word(const struct model *model);
const char *model_refusal_code(const struct model *model);

#endif
