/* SPDX-License-Identifier: Apache-2.0 */
#include "latency.h"

#include "src/base/clock.h"

#include <stdlib.h>

enum { PERCENTILES = LATENCY_FIGURES - 1, READINGS = 64 };

const char *const latency_counters[LATENCY_FIGURES] = {"p50_ns",  "p90_ns", "p99_ns",
                                                       "p999_ns", "max_ns", "clock_ns"};
static const unsigned per_thousand[PERCENTILES] = {500, 900, 990, 999, 1000};

static int by_time(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

    return (x > y) - (x < y);
}

static uint64_t clock_reading_ns(void)
{
    uint64_t begin_ns = clock_ns(), end_ns = begin_ns;

    for (int i = 0; i < READINGS; i++)
        end_ns = clock_ns();
    return (end_ns - begin_ns) / READINGS;
}

void latency_figures(uint64_t *laps_ns, uint64_t count, uint64_t figures_ns[LATENCY_FIGURES])
{
    qsort(laps_ns, (size_t)count, sizeof *laps_ns, by_time);
    for (int i = 0; i < PERCENTILES; i++)
        figures_ns[i] = laps_ns[(count * per_thousand[i] + 999) / 1000 - 1];
    figures_ns[PERCENTILES] = clock_reading_ns();
}
