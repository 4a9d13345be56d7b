/* SPDX-License-Identifier: Apache-2.0 */
/* What a run's context says about the machine, and what of its times that can explain. */
#ifndef RESULTS_CONTEXT_H
#define RESULTS_CONTEXT_H

#include "bench_mmap/machines.h"

struct context_key {
    const char *key;
    const char *name;
    int in_machine_key;
    enum results_layer layer;
    unsigned explains; /* bits: 1 << enum results_aspect */
};

extern const struct context_key context_keys[];
extern const size_t context_key_count;

/* "unknown" for NULL. */
const char *context_value_or_unknown(const char *value);

enum { CONTEXT_MACHINE_MAX = 400 };

/* "ext4 on virtio, Linux 6.18, AMD EPYC, 2 cores, machine 1f..."; "" when the run says nothing. */
void context_machine(const struct results_run *run, char text[CONTEXT_MACHINE_MAX]);

#endif
