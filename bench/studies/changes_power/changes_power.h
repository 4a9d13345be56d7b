/* SPDX-License-Identifier: Apache-2.0 */
/* Histories in which the truth is known, because it was put there. */
#ifndef BENCH_MMAP_BENCH_STUDIES_CHANGES_POWER_CHANGES_POWER_H
#define BENCH_MMAP_BENCH_STUDIES_CHANGES_POWER_CHANGES_POWER_H

#include "src/changepoint/newest.h"

#include <stddef.h>
#include <stdint.h>

enum { RUNS = 100, LEAST = 11, CELLS_MOST = 60, ALL_CELLS_MOST = CELLS_MOST + 2 };

/* How much is measured in each run. */
struct shape {
    size_t cells, writers, controls;
};
extern const struct shape large, small;

enum noise {
    INDEPENDENT,
    HEAVY,
    CORRELATED,
    COMMON,
    MIXED,
    SLOW_MODE,   /* of 10 %, which begins in one run of 30 and lasts 7 */
    BURSTS,      /* of three times the spread, which begin in one run of 30 and last 7 */
    COMMON_WALK, /* of 0.4 % a run, of all cells together */
    OWN_WALK,    /* the same, each cell its own */
    RECORDED     /* by a real machine: history_draw() begins it anew */
};
enum target { NOTHING, CELL, WRITER, EVERYTHING, HALF /* of each writer's cells */ };

struct scenario {
    enum noise noise;
    double spread; /* standard deviation of the log, whatever the noise */
    enum target target;
    double factor;
    size_t after; /* runs since the step */
    double least; /* share that must be found; 0: no target */
};

struct history {
    size_t runs, cells, writers; /* without the controls */
    size_t controls;
    double *log_time; /* [cell * runs + run] */
    double *time_ns;
    double *room;           /* as much: of history_until() */
    const double *recorded; /* [cell * runs + run], or NULL */
    size_t group[ALL_CELLS_MOST];
    int control[ALL_CELLS_MOST];
};

extern const char *const noise_names[];

int history_make(struct history *history, size_t runs, const struct shape *shape);
size_t history_columns(const struct history *history);
void history_drop(struct history *history);
void history_draw(struct history *history, enum noise noise, double spread, struct random *random);
/* The history as it was after so many runs, until the next call. */
struct watch_series history_until(const struct history *history, size_t runs);
/* A writer, a cell or everything takes longer from a run on. `place` is the writer or the cell. */
void history_slow(struct history *history, enum target target, size_t place, size_t from,
                  double factor);
int history_is_changed(const struct history *history, enum target target, size_t place,
                       size_t cell);
/* The row of a target; NULL: there is none, as of a half of all. */
const struct watch_row *history_row(const struct watch_result *watched, enum target target,
                                    size_t place);

/* Of a share that is taken in each of many histories. */
struct share {
    double hits, trials;            /* of all histories */
    double histories, sum, squares; /* of the histories' shares */
};

void share_add(struct share *share, size_t hits, size_t trials);
/* The wider of Wilson's interval, which takes the trials as independent, and Student's over the
 * histories, which does not. In 0 ... 1. */
struct interval share_interval(const struct share *share);
/* " 12.34 [10.00, 15.00] |", in per cent; " - |" without trials. */
void share_put(const struct share *share);

/* One of the histories that are drawn of a scenario. */
struct trial {
    const struct scenario *scenario;
    size_t number;
    uint64_t seed;           /* of the scenario */
    struct history *history; /* to be drawn */
    struct random *random;
    struct share *shares; /* what was found, of all trials */
};

enum { SHARES_MAX = 7 };

/* Another history of the same noise, of so many runs; of recorded runs a stretch of them that is
 * drawn. -EDOM: there are not so many. history_drop() in any case. */
int history_continue(const struct history *history, size_t runs, const struct trial *trial,
                     struct history *other);

/* The runs of a folder of JSON files, in the order of their dates, each cut into blocks of so many
 * repetitions (0: whole), as history->time_ns. -EBADMSG: a run lacks cells or samples of the first;
 * and the errors of run_load(). */
int recorded_read(const char *folder, size_t block, struct history *history);

/* A table of the report: its scenarios, and what is looked for in each. */
struct study {
    const char *head;
    const struct shape *shape;
    const struct scenario *scenarios;
    size_t count, histories; /* so many times as many histories as are asked for */
    size_t runs;             /* of a history; 0: RUNS */
    int is_long;             /* left out by --quick */
    int (*look)(const struct trial *trial);
    /* Prints the row. 1 when the scenario misses its target for certain. */
    int (*put)(const struct scenario *scenario, const struct share shares[SHARES_MAX]);
};

/* What a row of a table is drawn from. */
struct row {
    const struct study *study;
    const struct scenario *scenario;
    size_t histories;
    uint64_t seed;
};

enum { JOBS_MOST = 256 };

/* Looks at all histories of a row, in so many processes; what is found is the same however many
 * they are but for the order of its sums. -ECHILD: one died; and the errors of look(). */
int row_look(const struct row *row, struct history *history, size_t jobs,
             struct share shares[SHARES_MAX]);

extern const struct study null_study, step_study, dozen_study, twenty_study, limit_study,
    alarm_study, recorded_study;
extern const char *const target_names[];

#endif
