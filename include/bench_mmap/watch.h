/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The history of a machine, watched: did its newest runs become slower, and how did each cell go?
 *
 * The conventions are those of history.h; how steps are found is said in changes.h, what is decided
 * with them in src/history/WATCH.md. A cell's value in a run is its pace (compare.h), as in a
 * comparison; where no run that is read has one, because the files keep aggregates only, it is
 * their median.
 */
#ifndef BENCH_MMAP_WATCH_H
#define BENCH_MMAP_WATCH_H

#include "bench_mmap/changes.h"
#include "bench_mmap/history.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- what a machine measured ---- */

/* A change that was accepted: a new level begins at that run. */
struct history_accepted {
    size_t run;       /* of past.series.runs */
    const char *cell; /* NULL: all */
    const char *reason;
};

struct history_past {
    char *machine;
    size_t machines;     /* in the store */
    size_t machine_runs; /* of this machine, those that were not read too */
    size_t newer;        /* of these, after the one that was asked about */
    struct history_series series;
    double *time_ns; /* [cell * series.runs.count + run]; NaN: none */
    struct history_blessings blessings;
    size_t accepted_count;
    struct history_accepted *accepted; /* those at a run of the series, by run */
};

struct history_past_query {
    const char *machine; /* NULL: that of `until`, or that of the newest run of the store */
    const char *until;   /* the run that counts as the newest: an id, or its beginning; or NULL */
    size_t newest;       /* so many runs at most; 0: all */
    int (*wants)(const char *cell, void *data); /* as in history_query */
    void *data;
};

/*
 * Reads it. *past is to be freed in any case.
 *
 * -ENODATA  the machine, or the store, has no run
 * -EXDEV    `until` is a run of another machine; past->machine is that
 * -ENOENT, -ENOTUNIQ, -EINVAL  `until` as in history_find()
 */
int history_past(struct history *history, const struct history_past_query *query,
                 struct history_past *past);
void history_past_free(struct history_past *past);

/* The id of that text: of a file that may be in the store. */
void history_identify(const char *text, size_t length, char id[HISTORY_ID + 1]);

/* ---- check ---- */

struct history_check {
    struct history_past past;
    struct results_watch_options options;
    size_t cells;   /* of past.series that are judged: those with a value in the newest runs */
    size_t *column; /* [cell] of past.series */
    size_t *group;  /* [cell] */
    size_t group_count;
    char **groups;                  /* [group] */
    struct results_watched watched; /* rows over these cells and groups, runs of the series */
    size_t judged;                  /* rows with runs enough for a verdict, controls not counted */
    size_t needed;                  /* runs from which on the first of them can be judged */
    size_t there;                   /* the most runs that a row has since it was last accepted */
    int newest_is_empty;            /* the newest run has no time of any cell */
};

/* Reads the newest RESULTS_STEP_WINDOW runs and looks. query's newest, wants and data are not used.
 * *check is to be freed in any case. The errors of history_past(). */
int history_check(struct history *history, const struct history_past_query *query,
                  const struct results_watch_options *options, struct history_check *check);
void history_check_free(struct history_check *check);

/* 0 nothing slower; 3 slower; 4: a control moved, something moved and may have become slower, or
 * too few runs to tell. */
int history_check_status(const struct history_check *check);

/* all: rows without a finding too. -EIO. */
int history_show_check(FILE *out, const struct history_check *check,
                       const struct results_view *view, int all);

/* ---- what else changed at a step ---- */

enum { HISTORY_NEAR = 2, HISTORY_COINCIDENCES = 12 };

struct history_coincidence {
    const char *key;    /* of the context */
    const char *name;   /* "kernel"; the key where it has none */
    const char *before; /* NULL: unknown */
    const char *after;
    int runs_later; /* than the step; up to HISTORY_NEAR of them earlier: negative */
};

/*
 * What of the context differs between run `before` and run `since`, of what describes a machine or
 * a build; of other keys what stays the same on both sides, from the run `from` on. Also what
 * changed for good within HISTORY_NEAR runs: a step's place is not surer than that. How many; they
 * point into the past.
 */
size_t history_coincidences(const struct history_past *past, size_t from, size_t before,
                            size_t since, struct history_coincidence found[HISTORY_COINCIDENCES]);

/* ---- history ---- */

struct history_trace {
    size_t column; /* of past.series */
    const char *cell;
    int is_control;
    size_t values; /* runs that have one */
    double first_ns, last_ns, median_ns;
    struct results_steps steps;
};

struct history_traces {
    struct history_past past;
    struct results_step_options options;
    size_t count;
    struct history_trace *traces; /* a cell each; by name, controls behind */
};

/* Every cell that is wanted, with all of its steps. *traces is to be freed in any case. The errors
 * of history_past(). */
int history_trace(struct history *history, const struct history_past_query *query,
                  const struct results_step_options *options, struct history_traces *traces);
void history_traces_free(struct history_traces *traces);

/* The blessing that accepts that step, or NULL: one of the cell or of all, within HISTORY_NEAR runs
 * of it. */
const struct history_accepted *history_step_accepted(const struct history_past *past,
                                                     const char *cell, size_t at);

/* all: every cell and every step. -EIO. */
int history_show_traces(FILE *out, const struct history_traces *traces,
                        const struct results_view *view, int all);

#ifdef __cplusplus
}
#endif

#endif
