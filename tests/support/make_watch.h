/* SPDX-License-Identifier: Apache-2.0 */
/* Stores that hold the history of a machine with known changes. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_WATCH_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_WATCH_H

#include "make_store.h"

#include <math.h>
#include <stddef.h>
#include <stdint.h>

enum { WATCH_RUNS_MOST = 120, WATCH_CELLS = 11, WATCH_CONTROLS = 2 };

/* What a factor may be besides a number. */
#define WATCH_MISSING ((double)NAN)
#define WATCH_FAILED ((double)INFINITY)

struct watch_spec {
    const char *machine; /* NULL: aa */
    size_t runs;
    uint64_t seed;
    double noise; /* deviation of the log from run to run; 0: 0.02 */
    /* On a cell's time in that run: writer and chunk size. NULL: 1. */
    double (*factor)(const char *writer, uint64_t chunk_bytes, size_t run);
    /* Members of a run's context with a comma in front. NULL: none. */
    const char *(*context)(size_t run);
    /* The hour after 2026-01-01 at which it was measured. NULL: its number. */
    int (*hour)(size_t run);
    int aggregates_only; /* the files keep medians only */
    int one_revision;    /* all runs are of "r0000" */
    size_t slow_from;    /* four samples each, of which from that run on the fastest alone stays as
                            it was; 0: one sample */
};

struct watch_ids {
    char of[WATCH_RUNS_MOST][HISTORY_ID + 1];
};

/*
 * Adds the runs in their order: Mmap, Write and Pwrite with chunks of 4096, 65536 and 1048576
 * bytes, and the controls Memcpy and EmptyCall. Revision "r0012" is run 12's. ids may be NULL.
 */
void watch_make(const char *url, const struct watch_spec *spec, struct watch_ids *ids);

/* "Write/file:new/sync:none/size:1048576/chunk:4096/manual_time" */
void watch_name(const char *writer, uint64_t chunk_bytes, char name[120]);

/* The text of one of these runs; the caller's. */
char *watch_text(const struct watch_spec *spec, size_t run);

enum { WATCH_RUNS = 60, WATCH_STEP = 50 };

void watch_store(const char *name, const struct watch_spec *spec, struct watch_ids *ids);
/* Runs of another program: so many cells, of which Cell07 takes twice as long in the newer half. */
void watch_many(const char *name, int runs, int count);
int watch_is(const char *writer, const char *name);

/* Write takes 15 % longer from WATCH_STEP on, and a new kernel and governor are there. */
double watch_slower(const char *writer, uint64_t chunk_bytes, size_t run);
const char *watch_kernel(size_t run);
/* The cell of Mmap with 64 KiB chunks takes 30 % longer from WATCH_STEP on. */
double watch_cell_slower(const char *writer, uint64_t chunk_bytes, size_t run);

/* What the program prints with these words (as in SAYS) does not hold that. */
void lacks(const char *words, const char *part);

/* What `check` says in JSON: the status, the code of the verdict, and the name of the row that
 * comes first when that is a finding (NULL: it is none). */
void check_finds(const char *words, int status, const char *verdict_code, const char *first_row);

/* step.db in place, which no test changes: WATCH_RUNS runs that watch_slower makes slower. The
 * set-up of a group of tests. */
extern struct watch_ids step_ids;
int step_store_make(void **state);

#endif
