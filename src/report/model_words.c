/* SPDX-License-Identifier: Apache-2.0 */
#include "model_words.h"

#include "format.h"

#include <math.h>
#include <stdio.h>

static const struct {
    const char *word;
    const char *code;
} refusals[] = {[MODEL_HOLDS] = {NULL, NULL},
                [MODEL_TOO_FEW] = {"too few sizes", "too_few_sizes"},
                [MODEL_STRUCTURE] = {"pattern in the residuals", "pattern"},
                [MODEL_SCATTER] = {"scatter", "scatter"},
                [MODEL_ZERO_TIMES] = {"times of zero", "zero_times"},
                [MODEL_NO_COUNTS] = {"no counts", "no_counts"}};

const char *model_refusal_word(const struct model *model) { return refusals[model->refusal].word; }

const char *model_refusal_code(const struct model *model) { return refusals[model->refusal].code; }

int model_refusal_text(const struct model *model, char text[MODEL_REFUSAL_MAX])
{
    text[0] = '\0';
    switch (model->refusal) {
    case MODEL_HOLDS:
        break;
    case MODEL_TOO_FEW:
        return snprintf(text, MODEL_REFUSAL_MAX, "%zu chunk sizes are too few", model->points);
    case MODEL_STRUCTURE:
        return snprintf(text, MODEL_REFUSAL_MAX,
                        "its misses follow a pattern (%s %s than measured at %s): the cost of a "
                        "call changes with its size, as with large folios or caches",
                        figure_percent(fabs(model->worst_residual)).text,
                        model->worst_residual > 0 ? "less" : "more",
                        figure_bytes((double)model->worst_chunk_bytes).text);
    case MODEL_SCATTER:
        return snprintf(text, MODEL_REFUSAL_MAX, "it would miss by %s",
                        figure_percent(model->residual).text);
    case MODEL_NO_COUNTS:
        return snprintf(text, MODEL_REFUSAL_MAX,
                        "the run does not say how many chunks or calls a file took");
    case MODEL_ZERO_TIMES:
        return snprintf(text, MODEL_REFUSAL_MAX, "some times read zero");
    }
    return 0;
}
