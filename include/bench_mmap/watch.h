/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history of one machine, told: what changed, since which run, and what else changed there.
 *
 * The conventions are those of results.h. Nothing here knows where runs are kept: the caller gives
 * them, oldest first, and keeps what the pointers point to.
 */
#ifndef BENCH_MMAP_WATCH_H
#define BENCH_MMAP_WATCH_H

#include "bench_mmap/changes.h"

#ifdef __cplusplus
extern "C" {
#endif

struct results_past_run {
    int64_t date_s; /* since 1970, UTC */
    const char *id;
    const char *revision; /* NULL: unknown */
    size_t context_count;
    const struct results_context *context;
};

/* A change that was accepted: a new baseline begins at that run. */
struct results_accepted {
    size_t run;
    const char *cell; /* NULL: all cells */
    const char *reason;
};

struct results_story {
    const char *machine;
    const struct results_past_run *run; /* [past.runs] */
    const char *const *cell;            /* [past.cells] */
    const char *const *group;           /* [past.groups] */
    const uint32_t *errors;             /* [cell * runs + run]: rows that failed; NULL: none did */
    size_t accepted_count;
    const struct results_accepted *accepted;
};

/* 0 nothing slower; 3 slower; 4: a control moved, or rows moved apart, or too few runs to tell. */
int results_watch_status(const struct results_watched *watched);

/* all: rows without a finding too. -EIO. */
int results_show_watch(FILE *out, const struct results_past *past,
                       const struct results_story *story, const struct results_watched *watched,
                       const struct results_watch_options *options,
                       const struct results_view *view, int all);

/* A line and its steps for each cell. -EIO. */
int results_show_history(FILE *out, const struct results_past *past,
                         const struct results_story *story, const struct results_view *view);

#ifdef __cplusplus
}
#endif

#endif
