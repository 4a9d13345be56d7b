/* SPDX-License-Identifier: Apache-2.0 */
#include "metric.h"

#include <errno.h>
#include <string.h>

static const struct metric_info metrics[METRICS] = {
#define METRIC(symbol, option, key, label, kind) {option, key, label, METRIC_KIND_##kind},
#include "metrics.def"
};

const struct metric_info *metric_info(enum metric metric) { return &metrics[metric]; }

int metric_find(const char *option, enum metric *metric)
{
    for (int i = 0; i < METRICS; i++) {
        if (strcmp(metrics[i].option, option) == 0) {
            *metric = (enum metric)i;
            return 0;
        }
    }
    return -ENOENT;
}
