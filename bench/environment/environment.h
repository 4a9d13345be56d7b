/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this machine, its Linux and the file system under the target directory are: the context of a
 * run, and the machine key that says which runs may be compared. The fields stand in
 * src/run/context_fields.def.
 */
#ifndef BENCH_MMAP_BENCH_ENVIRONMENT_ENVIRONMENT_H
#define BENCH_MMAP_BENCH_ENVIRONMENT_ENVIRONMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ENVIRONMENT_VALUE_SIZE = 512 };

struct environment_entry {
    const char *key; /* static text */
    /* Never NULL: one line of valid UTF-8 without control characters, shorter than
     * ENVIRONMENT_VALUE_SIZE bytes; "unknown" where the machine does not tell. */
    char *value;
    bool in_machine_key;
};

struct environment {
    struct environment_entry *entries; /* in the order of the table, "machine_key" last */
    size_t count;
    /* 16 lower-case hexadecimal digits: FNV-1a (64 bits) over "key=value\n" of every entry that is
     * in the machine key, in the order of the entries. */
    char machine_key[17];
    double uptime_seconds; /* when it was collected; negative where unknown */
};

/* Fills `environment` for the file system that the open directory `dir_fd` lies on. `root` is put
 * before every /proc, /sys, /dev and /run path ("" on a real machine, a folder of fixtures in
 * tests). The mount is found by the id in /proc/self/fdinfo/<dir_fd>, so a fixture answers for the
 * descriptor whose number its fdinfo file has. Where /proc does not tell the mount, the file
 * system's type is asked of `dir_fd` itself.
 * Errors: -ENOMEM (nothing to free then); what cannot be read becomes "unknown".
 * environment_free() after success. */
int environment_collect(struct environment *environment, int dir_fd, const char *root);

/* Adds the fields that are read after the measurement, before the machine key's entry, which stays
 * the last. A second call replaces their values. `root` as above.
 * Errors: -ENOMEM; `environment` stays valid. */
int environment_collect_after(struct environment *environment, const char *root);

/* The value of a key, NULL when there is no such key. Valid until `environment` changes. */
const char *environment_get(const struct environment *environment, const char *key);

/* True when the file system lives in memory (tmpfs, ramfs, and devtmpfs, hugetlbfs built on them).
 */
bool environment_is_memory_backed(const struct environment *environment);

/* Safe on a zeroed or already freed environment. */
void environment_free(struct environment *environment);

/* What goes on beside a sample: time taken by the hypervisor, and pages that wait for the disk. */
struct machine_state {
    uint64_t stolen_ns; /* since boot, over all processors */
    uint64_t dirty_bytes, writeback_bytes;
};

/* Some 50 microseconds. What cannot be read is 0. */
void machine_state_read(struct machine_state *state);

#endif
