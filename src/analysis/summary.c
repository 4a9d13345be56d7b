/* SPDX-License-Identifier: Apache-2.0 */
#include "summary.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static int finite_values(const struct cell *cell, enum metric metric, double **out, size_t *count)
{
    *out = NULL;
    *count = 0;
    if (cell->samples == 0 || cell->values[metric] == NULL)
        return -ENODATA;
    double *values = malloc(cell->samples * sizeof *values);
    if (values == NULL)
        return -ENOMEM;
    for (size_t i = 0; i < cell->samples; i++)
        if (isfinite(cell->values[metric][i]))
            values[(*count)++] = cell->values[metric][i];
    if (*count == 0) {
        free(values);
        return -ENODATA;
    }
    *out = values;
    return 0;
}

int cell_summarise(const struct cell *cell, enum metric metric, struct summary *summary)
{
    double *values;
    size_t count, low, high;
    double none = (double)NAN;
    int error = finite_values(cell, metric, &values, &count);

    *summary = (struct summary){0, none, none, none, none, none, none, none};
    if (error != 0)
        return error;
    stats_sort(values, count);
    summary->samples = count;
    summary->median = stats_median(values, count);
    summary->location = stats_location(values, count);
    summary->minimum = values[0];
    summary->maximum = values[count - 1];
    if (stats_median_ranks(count, 0.95, &low, &high) == 0) {
        summary->median_low = values[low];
        summary->median_high = values[high];
    }
    double quartiles = stats_quantile(values, count, 0.75) - stats_quantile(values, count, 0.25);
    summary->spread = summary->median > 0 ? quartiles / summary->median : 0;
    free(values);
    return 0;
}
