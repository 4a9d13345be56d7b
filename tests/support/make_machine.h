/* SPDX-License-Identifier: Apache-2.0 */
/* Runs of machines whose costs are known. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_MACHINE_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_MACHINE_H

#include <stddef.h>
#include <stdint.h>

#define KEY_A "aaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbb"
#define KEY_C "cccccccccccccccc"

enum { MACHINE_CHUNKS = 9, MACHINE_FILE_BYTES = 1 << 20, MACHINE_FAULTS = 256 };

struct made_machine {
    double call_ns, copy_ns, fault_ns; /* the copy: of a file */
    double rest;                       /* factor on what the writers take besides */
    double bend;                       /* Write's time is a power of the chunk: no model */
    double faults;                     /* of Mmap; 0: MACHINE_FAULTS, a page each */
    size_t chunk_count;                /* from 1 KiB on, doubled; 0: MACHINE_CHUNKS */
    uint64_t file_bytes;               /* 0: MACHINE_FILE_BYTES */
    const char *context;
    uint64_t seed;
};

/* The one that the others are variations of: its key is KEY_A. */
extern const struct made_machine machine_here;

/* A run of Mmap and Write there, with EmptyCall, Memcpy and MemcpyFresh or without; free() it. */
char *machine_text(const struct made_machine *machine, int controls);

#endif
