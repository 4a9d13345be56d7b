/* SPDX-License-Identifier: Apache-2.0 */
#include "model_words.h"

#include "format.h"

#include <math.h>
#include <stdio.h>

int model_refusal_text(const struct model *model, char text[MODEL_REFUSAL_MAX])
{
    char residual[FORMAT_MAX], worst[FORMAT_MAX], at[FORMAT_MAX];

    format_percent(model->residual, residual);
    format_percent(fabs(model->worst_residual), worst);
    format_bytes((double)model->worst_chunk_bytes, at);
    text[0] = '\0';
    switch (model->refusal) {
    case MODEL_HOLDS:
        return 0;
    case MODEL_TOO_FEW:
        return snprintf(text, MODEL_REFUSAL_MAX, "%zu chunk sizes are too few", model->points);
    case MODEL_STRUCTURE:
        return snprintf(text, MODEL_REFUSAL_MAX,
                        "its misses follow a pattern (%s %s than measured at %s): the cost of a "
                        "call changes with its size, as with large folios or caches",
                        worst, model->worst_residual > 0 ? "less" : "more", at);
    case MODEL_SCATTER:
        return snprintf(text, MODEL_REFUSAL_MAX, "it would miss by %s", residual);
    case MODEL_NO_COUNTS:
        return snprintf(text, MODEL_REFUSAL_MAX,
                        "the run does not say how many chunks or calls a file took");
    case MODEL_ZERO_TIMES:
        return snprintf(text, MODEL_REFUSAL_MAX, "some times read zero");
    }
    return 0;
}

void model_refusal_members(struct document *document, const struct model *model)
{
    static const struct {
        const char *phrase;
        const char *code;
    } refusals[] = {[MODEL_HOLDS] = {NULL, NULL},
                    [MODEL_TOO_FEW] = {"too few sizes", "too_few_sizes"},
                    [MODEL_STRUCTURE] = {"pattern in the residuals", "pattern"},
                    [MODEL_SCATTER] = {"scatter", "scatter"},
                    [MODEL_ZERO_TIMES] = {"times of zero", "zero_times"},
                    [MODEL_NO_COUNTS] = {"no counts", "no_counts"}};
    char text[MODEL_REFUSAL_MAX];
    int refused = model_refusal_text(model, text) != 0;

    document_text(document, "refused", refusals[model->refusal].phrase);
    document_text(document, "code", refusals[model->refusal].code);
    document_text(document, "text", refused ? document_loosen(text) : NULL);
    document_count(document, "sizes", model->points);
    if (model->refusal == MODEL_STRUCTURE) {
        document_number(document, "worst_residual", model->worst_residual);
        document_count(document, "worst_chunk_bytes", model->worst_chunk_bytes);
    }
}
