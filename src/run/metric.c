/* SPDX-License-Identifier: Apache-2.0 */
#include "metric.h"

#include <errno.h>
#include <string.h>

static const struct metric_info metrics[METRICS] = {
    [METRIC_TIME] = {"time", "real_time", "time per file", METRIC_KIND_TIME},
    [METRIC_CPU] = {"cpu", "cpu_time", "CPU time per file", METRIC_KIND_TIME},
    [METRIC_CREATE] = {"create", "create_ns", "time to create", METRIC_KIND_TIME},
    [METRIC_SIZE] = {"size", "size_ns", "time to set the size", METRIC_KIND_TIME},
    [METRIC_MAP] = {"map", "map_ns", "time to map", METRIC_KIND_TIME},
    [METRIC_FILL] = {"fill", "fill_ns", "time to fill", METRIC_KIND_TIME},
    [METRIC_SYNC] = {"sync", "sync_ns", "time to sync", METRIC_KIND_TIME},
    [METRIC_UNMAP] = {"unmap", "unmap_ns", "time to unmap", METRIC_KIND_TIME},
    [METRIC_CLOSE] = {"close", "close_ns", "time to close", METRIC_KIND_TIME},
    [METRIC_MINOR_FAULTS] = {"faults", "minor_faults", "page faults per file", METRIC_KIND_COUNT},
    [METRIC_MAJOR_FAULTS] = {"major-faults", "major_faults", "major faults per file",
                             METRIC_KIND_COUNT},
    [METRIC_VOLUNTARY] = {"voluntary", "voluntary_switches", "voluntary switches per file",
                          METRIC_KIND_COUNT},
    [METRIC_INVOLUNTARY] = {"involuntary", "involuntary_switches", "involuntary switches per file",
                            METRIC_KIND_COUNT},
    [METRIC_CALLS] = {"calls", "calls", "write-side calls per file", METRIC_KIND_COUNT},
    [METRIC_STOLEN] = {"stolen", "stolen_ns", "time stolen per file", METRIC_KIND_TIME},
    [METRIC_DIRTY] = {"dirty", "dirty_bytes", "dirty page cache", METRIC_KIND_BYTES},
    [METRIC_WRITEBACK] = {"writeback", "writeback_bytes", "page cache in writeback",
                          METRIC_KIND_BYTES},
    [METRIC_THROUGHPUT] = {"throughput", "bytes_per_second", "throughput", METRIC_KIND_RATE},
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
