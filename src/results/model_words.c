/* SPDX-License-Identifier: Apache-2.0 */
#include "model_words.h"

#include "format.h"

#include <math.h>

double model_fault_bound(const struct results_model *model)
{
    if (model->refusal != RESULTS_MODEL_HOLDS || model->used[RESULTS_TERM_FAULT] ||
        !(model->faults_per_file >= 100))
        return (double)NAN;
    return model->cost_ns[RESULTS_TERM_FIXED].estimate / model->faults_per_file;
}

int model_refusal(const struct results_model *model, char text[MODEL_REFUSAL_MAX])
{
    char residual[FORMAT_MAX], worst[FORMAT_MAX], at[FORMAT_MAX];

    format_percent(model->residual, residual);
    format_percent(fabs(model->worst_residual), worst);
    format_bytes((double)model->worst_chunk_bytes, at);
    text[0] = '\0';
    switch (model->refusal) {
    case RESULTS_MODEL_HOLDS:
        return 0;
    case RESULTS_MODEL_TOO_FEW:
        return snprintf(text, MODEL_REFUSAL_MAX, "%zu chunk sizes are too few", model->points);
    case RESULTS_MODEL_STRUCTURE:
        return snprintf(text, MODEL_REFUSAL_MAX,
                        "its misses follow a pattern (%s %s than measured at %s): the cost of a "
                        "call changes with its size, as with large folios or caches",
                        worst, model->worst_residual > 0 ? "less" : "more", at);
    case RESULTS_MODEL_SCATTER:
        return snprintf(text, MODEL_REFUSAL_MAX, "it would miss by %s", residual);
    case RESULTS_MODEL_NO_COUNTS:
        return snprintf(text, MODEL_REFUSAL_MAX,
                        "the run does not say how many chunks or calls a file took");
    case RESULTS_MODEL_ZERO_TIMES:
        return snprintf(text, MODEL_REFUSAL_MAX, "some times read zero");
    }
    return 0;
}
