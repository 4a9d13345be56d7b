/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did it get slower? Two builds compared by the runs of several processes of each.
 *
 * The choices and their evidence: METHOD.md.
 *
 * The unit of replication is the process. A cell's value in a process is stats_pace() of its
 * samples; ratios are new to old, so 1.05 is 5 % slower. Two questions are asked of each row:
 *
 * own       did its time change?
 * relative  did it change against its peers in the same process? A cell's peers are the other cells
 *           of its writer (of the run, where its writer has fewer than 4), a writer's those of the
 *           other writers. What the machine does to a process, it does to all of its rows alike,
 *           and that drops out here.
 *
 * A build that slows down everything moves no row against its peers: the own times, and the row
 * over all cells, are there for it.
 */
#ifndef BENCH_MMAP_COMPARISON_COMPARISON_H
#define BENCH_MMAP_COMPARISON_COMPARISON_H

#include "note.h"
#include "src/base/interval.h"
#include "src/run/run.h"
#include "src/statistics/finding.h"

#include <regex.h>
#include <stddef.h>
#include <stdint.h>

struct samples {
    size_t processes;
    size_t cells;
    size_t groups;              /* writers */
    const size_t *group;        /* [cell] */
    const double *const *value; /* [process * cells + cell]: times, all finite and > 0 */
    const size_t *count;        /* [process * cells + cell], all >= 1 */
    /* Rounds: processes 2r (old) and 2r+1 (new) belong together. Otherwise 0, and the last
     * new_processes are the new side. */
    size_t rounds;
    size_t new_processes;
};

enum { LEAST_PROCESSES = 6 };

struct comparison_options {
    double margin;     /* 0.02: a change below 2 % is none */
    double alpha;      /* 0.05: chance of any false finding in the whole comparison */
    double confidence; /* 0.95, of the intervals */
    uint64_t seed;
    size_t draws;    /* 0: 9,999 */
    double must_see; /* 0.10: a slow-down of 10 % of a writer or of everything must be seen */
    const regex_t *allow_missing; /* the cells that the new side may lack, or NULL */
    int paired;                   /* pair the runs of the two sides in their order */
    int cross_machine;            /* compare although the machines differ: no gate verdict */
};

struct comparison_options comparison_options_default(void);

struct comparison_row {
    struct finding finding;     /* its p is the smaller of the two */
    double old_ns, new_ns;      /* geometric means over the processes (and cells) */
    double p_ratio, p_relative; /* adjusted; NaN without a test */
    double rounds_needed;       /* to show that the time is the same; NaN: unknown */
};

struct comparison_table {
    size_t count;
    struct comparison_row *rows; /* all, writers, cells */
    int exact;                   /* the p values are exact */
    int tested;                  /* enough processes for a test */
};

/* -EINVAL: no cell, no process on a side, or counts that do not fit together. */
int compare_samples(const struct samples *samples, const struct comparison_options *options,
                    struct comparison_table *table);
void comparison_table_free(struct comparison_table *table);

struct side {
    size_t count;
    struct run *const *runs;
};

enum gate {
    GATE_OPEN,      /* there is a verdict */
    GATE_FEW,       /* fewer than LEAST_PROCESSES a side */
    GATE_BLOCKS,    /* all of one side was measured before the other, or nobody knows when */
    GATE_PAIRS,     /* runs that do not belong together are paired, or a run stands there twice */
    GATE_MACHINES,  /* other machines */
    GATE_DIFFERENT, /* the same names stand for other things */
    GATE_NOTHING,   /* no cell in common */
};

/* How the two of a round were run, by their contexts. */
enum turns {
    TURNS_UNKNOWN,
    TURNS_ROUNDS, /* one process after the other */
    TURNS_SAMPLES /* in lockstep: both alive, with a turn each before every sample */
};

struct machine_costs;

struct comparison {
    struct arena arena; /* of the names and notes */
    enum gate gate;
    enum turns turns;
    int slower; /* how many rows; none where the gate is closed */
    int faster;
    int diverged;
    int compared;   /* there is a table */
    size_t missing; /* cells of the old side that could not be compared */
    size_t failed;  /* cells that failed on the new side alone */
    struct comparison_table table;
    struct samples samples;      /* what was compared */
    size_t old_count, new_count; /* processes of it */
    char **cell_names;           /* [samples.cells] */
    char **group_names;          /* [samples.groups] */
    struct note refusal;         /* why there is no verdict; NOTE_NONE: there is one */
    struct notes notes;          /* what was left out, what differs */
    double seconds_per_round;    /* from the runs' dates; NaN: unknown */
    struct comparison_options options;
    struct machine_costs *costs; /* with cross_machine, where the machines are others; or NULL */
};

/*
 * Pairs the runs by "round" in their contexts (ab writes it) or, when options->paired, in their
 * order; leaves out what cannot be compared and says so in the notes. 0 also where nothing could be
 * compared: look at the gate. -EINVAL: a side has no run.
 */
int compare_sides(const struct side *old_side, const struct side *new_side,
                  const struct comparison_options *options, struct comparison *comparison);
void comparison_free(struct comparison *comparison);

/* The whole name of a row's writer or cell, as long as the comparison lives; NULL: all cells. */
const char *comparison_row_name(const struct comparison *comparison, const struct finding *row);

/* The slow-down that would have been seen in four of five comparisons: of the worst writer, or of
 * everything. NaN: unknown, or there is no such row. */
double comparison_seen(const struct comparison *comparison, enum row_kind kind);

/* What must be seen would have been, of every writer and of everything. */
int comparison_sees_enough(const struct comparison *comparison);

/*
 * 3  something became slower, or failed on the new side alone
 * 4  no verdict; cells of the old side could not be compared; something moved and may have become
 *    slower; or what must be seen could have been missed
 * 0  otherwise
 */
int comparison_status(const struct comparison *comparison);

#endif
