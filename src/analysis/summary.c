/* SPDX-License-Identifier: Apache-2.0 */
#include "summary.h"

#include "src/statistics/quantiles.h"

#include <errno.h>
#include <stdlib.h>

int cell_summarise(const struct cell *cell, enum metric metric, struct summary *summary)
{
    const double *from = cell->values[metric];
    double *values = malloc((cell->samples + 1) * sizeof *values), none = (double)NAN;
    size_t count = 0, low, high;

    *summary = (struct summary){0, none, none, none, none, none, none, none, none};
    if (values == NULL)
        return -ENOMEM;
    for (size_t i = 0; from != NULL && i < cell->samples; i++)
        if (isfinite(from[i]))
            values[count++] = from[i];
    if (count > 0) {
        summary->samples = count;
        summary->median = stats_median_of(values, count);
        summary->location = stats_location(values, count);
        summary->pace = stats_pace(values, count);
        summary->minimum = values[0];
        summary->maximum = values[count - 1];
        double quartiles =
            stats_quantile(values, count, 0.75) - stats_quantile(values, count, 0.25);
        summary->spread = summary->median > 0 ? quartiles / summary->median : 0;
    }
    if (stats_median_ranks(count, 0.95, &low, &high) == 0) {
        summary->median_low = values[low];
        summary->median_high = values[high];
    }
    free(values);
    return count > 0 ? 0 : -ENODATA;
}
