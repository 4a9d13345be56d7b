/* SPDX-License-Identifier: Apache-2.0 */
/* What a run's context says about the machine, and what of its times that can explain. */
#ifndef BENCH_MMAP_RUN_CONTEXT_H
#define BENCH_MMAP_RUN_CONTEXT_H

#include "run.h"

#include <stddef.h>

/* What of a machine a control measures by itself, and what is left when these are accounted for. */
enum aspect {
    ASPECT_CALL,  /* EmptyCall: entering the kernel and leaving it */
    ASPECT_COPY,  /* Memcpy: copying memory */
    ASPECT_FAULT, /* MemcpyFresh less Memcpy: a page fault of fresh memory */
    ASPECT_FILE,  /* the rest of the writers' times: page cache, file system, device */
    ASPECTS
};

/* To what a key of the context belongs. */
enum layer { LAYER_HARDWARE, LAYER_KERNEL, LAYER_FILE_SYSTEM, LAYER_BUILD, LAYERS };

struct context_key {
    const char *key;
    const char *name;
    int in_machine_key;
    enum layer layer;
    unsigned explains; /* bits: 1 << enum aspect */
};

extern const struct context_key context_keys[];
extern const size_t context_key_count;

/* "unknown" for NULL. */
const char *context_value_or_unknown(const char *value);

enum { CONTEXT_MACHINE_MAX = 400 };

/* "ext4 on virtio, Linux 6.18, AMD EPYC, 2 cores, machine 1f..."; "" when the run says nothing. */
void context_machine(const struct run *run, char text[CONTEXT_MACHINE_MAX]);

#endif
