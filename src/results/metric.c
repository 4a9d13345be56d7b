/* SPDX-License-Identifier: Apache-2.0 */
#include "bench_mmap/results.h"

#include <errno.h>
#include <string.h>

static const struct results_metric_info metrics[RESULTS_METRICS] = {
    [RESULTS_TIME] = {"time", "real_time", "time per file", RESULTS_KIND_TIME},
    [RESULTS_CPU] = {"cpu", "cpu_time", "CPU time per file", RESULTS_KIND_TIME},
    [RESULTS_CREATE] = {"create", "create_ns", "time to create", RESULTS_KIND_TIME},
    [RESULTS_SIZE] = {"size", "size_ns", "time to set the size", RESULTS_KIND_TIME},
    [RESULTS_MAP] = {"map", "map_ns", "time to map", RESULTS_KIND_TIME},
    [RESULTS_FILL] = {"fill", "fill_ns", "time to fill", RESULTS_KIND_TIME},
    [RESULTS_SYNC] = {"sync", "sync_ns", "time to sync", RESULTS_KIND_TIME},
    [RESULTS_UNMAP] = {"unmap", "unmap_ns", "time to unmap", RESULTS_KIND_TIME},
    [RESULTS_CLOSE] = {"close", "close_ns", "time to close", RESULTS_KIND_TIME},
    [RESULTS_MINOR_FAULTS] = {"faults", "minor_faults", "page faults per file", RESULTS_KIND_COUNT},
    [RESULTS_MAJOR_FAULTS] = {"major-faults", "major_faults", "major faults per file",
                              RESULTS_KIND_COUNT},
    [RESULTS_VOLUNTARY] = {"voluntary", "voluntary_switches", "voluntary switches per file",
                           RESULTS_KIND_COUNT},
    [RESULTS_INVOLUNTARY] = {"involuntary", "involuntary_switches", "involuntary switches per file",
                             RESULTS_KIND_COUNT},
    [RESULTS_CALLS] = {"calls", "calls", "write-side calls per file", RESULTS_KIND_COUNT},
    [RESULTS_STOLEN] = {"stolen", "stolen_ns", "time stolen per file", RESULTS_KIND_TIME},
    [RESULTS_DIRTY] = {"dirty", "dirty_bytes", "dirty page cache", RESULTS_KIND_BYTES},
    [RESULTS_WRITEBACK] = {"writeback", "writeback_bytes", "page cache in writeback",
                           RESULTS_KIND_BYTES},
    [RESULTS_THROUGHPUT] = {"throughput", "bytes_per_second", "throughput", RESULTS_KIND_RATE},
};

const struct results_metric_info *results_metric_info(enum results_metric metric)
{
    return &metrics[metric];
}

int results_metric_find(const char *option, enum results_metric *metric)
{
    for (int i = 0; i < RESULTS_METRICS; i++) {
        if (strcmp(metrics[i].option, option) == 0) {
            *metric = (enum results_metric)i;
            return 0;
        }
    }
    return -ENOENT;
}
