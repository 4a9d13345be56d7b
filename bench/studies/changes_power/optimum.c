/* SPDX-License-Identifier: Apache-2.0 */
/* How much of a step can be found at all, when everything is known but whether and where. */
#include "changes_power.h"
#include "src/statistics/quantiles.h"

#include <math.h>
#include <stdlib.h>

enum { DRAWS = 400000, STEPS_DRAWN = 20000 };

struct known {
    double carried; /* 1 - persistence */
    double shift;   /* of the level, in deviations of what is new in a run */
    size_t after, newest;
};

/* The largest of the generalised least-squares estimates of a step, in their deviations, over all
 * places; what is before the newest runs counts only by its sum. */
static double largest(const struct known *known, struct random *random)
{
    double fresh[RUNS], sum = 0, newer = 0, n = RUNS, most = -INFINITY;
    size_t first = RUNS - known->newest;

    sum = sqrt((double)first) * random_normal(random);
    for (size_t i = first; i < RUNS; i++) {
        double step = i + known->after == RUNS ? 1 : i + known->after > RUNS ? known->carried : 0;
        fresh[i] = random_normal(random) + step * known->shift;
        sum += fresh[i];
    }
    for (size_t part = 1; part <= known->newest; part++) {
        double later = (double)part - 1, w = known->carried;
        double weights = 1 + later * w, squares = 1 + later * w * w;
        double value = fresh[RUNS - part] + w * newer - weights * sum / n;
        newer += fresh[RUNS - part];
        if (part >= STEP_LEAST)
            most = fmax(most, value / sqrt(squares - weights * weights / n));
    }
    return most;
}

double optimum(const struct scenario *scenario)
{
    struct watch_options options = watch_options_default();
    double persistence = scenario->noise == CORRELATED ? 0.5 : 0;
    double *drawn = calloc(DRAWS, sizeof *drawn), found = 0;
    struct random random;

    if (drawn == NULL || scenario->target != CELL || scenario->factor < 1 ||
        (scenario->noise != INDEPENDENT && scenario->noise != CORRELATED)) {
        free(drawn);
        return (double)NAN;
    }
    struct known known = {1 - persistence, 0, scenario->after, options.newest};
    random_seed(&random, 1);
    for (size_t d = 0; d < DRAWS; d++)
        drawn[d] = largest(&known, &random);
    stats_sort(drawn, DRAWS);
    double threshold = stats_quantile(drawn, DRAWS, 1 - options.alpha / (double)CELLS);
    known.shift = log(scenario->factor) / scenario->spread / sqrt(1 - persistence * persistence);
    for (size_t d = 0; d < STEPS_DRAWN; d++)
        found += largest(&known, &random) >= threshold;
    free(drawn);
    return found / (double)STEPS_DRAWN;
}
