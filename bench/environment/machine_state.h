/* SPDX-License-Identifier: Apache-2.0
 * What goes on beside a sample: time taken by the hypervisor, and pages that wait for the disk. */
#ifndef BENCH_MMAP_BENCH_ENVIRONMENT_MACHINE_STATE_H
#define BENCH_MMAP_BENCH_ENVIRONMENT_MACHINE_STATE_H

#include <stdint.h>

struct machine_state {
    uint64_t stolen_ns; /* since boot, over all processors */
    uint64_t dirty_bytes, writeback_bytes;
};

/* Some 50 microseconds. What cannot be read is 0. */
void machine_state_read(struct machine_state *state);

#endif
