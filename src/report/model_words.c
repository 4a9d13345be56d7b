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
