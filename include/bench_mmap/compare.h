/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Did it get slower? Two builds compared by the runs of several processes of each.
 *
 * The conventions are those of results.h. The choices and their evidence:
 * src/results/STATISTICS.md.
 *
 * The unit of replication is the process. A cell's value in a process is results_pace() of its
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
#ifndef BENCH_MMAP_COMPARE_H
#define BENCH_MMAP_COMPARE_H

#include "bench_mmap/results.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- estimates and tests on plain numbers ---- */

/*
 * The mean of the fastest quarter of the samples, (count + 3) / 4 of them; sorted ascending. It
 * varies less between processes than results_location(), which one run's table needs more than a
 * comparison does.
 */
double results_pace(const double *sorted, size_t count);

/* Hodges and Lehmann's estimate of the centre (the median of the Walsh averages) and the exact
 * interval that belongs to Wilcoxon's signed-rank test (Hollander, Wolfe and Chicken, Nonparametric
 * Statistical Methods, 3rd ed., 3.2 and 3.3). From 200 values on the rank is that of the normal
 * approximation. The interval is NaN where too few values for that confidence. count >= 1. */
int results_signed_rank(const double *values, size_t count, double confidence,
                        struct results_interval *shift);

/* The same of the shift from the first sample to the second: the median of the differences, the
 * interval of the rank-sum test (4.2 and 4.3 there); normal approximation from 50 values a side. */
int results_rank_sum(const double *first, size_t first_count, const double *second,
                     size_t second_count, double confidence, struct results_interval *shift);

/* P(signed-rank statistic <= at) and P(rank-sum statistic (Mann and Whitney's U) <= at) without
 * ties; exact at any size. Negative: -errno. */
double results_signed_rank_below(size_t count, size_t at);
double results_rank_sum_below(size_t first_count, size_t second_count, size_t at);

/* What the max-T test permutes. */
struct results_family {
    size_t units;          /* rounds, or processes */
    size_t rows;           /* hypotheses */
    const double *value;   /* [unit * rows + row]: of rounds new - old, of processes the value */
    const size_t *stratum; /* [row], 0 or 1: each gets half of alpha, where both have rows */
    size_t new_units;      /* 0: units are rounds, their signs are flipped; else the last new_units
                              processes are the new side, and sides are permuted */
    uint64_t seed;
    size_t draws; /* where enumerating takes more than 16,384; 0: 9,999 */
};

/*
 * Adjusted p values by the step-down max-T test of Westfall and Young (Resampling-Based Multiple
 * Testing, 1993, 2.6): each row's sum over its rounds (or over the new processes, centred), divided
 * by its root sum of squares; whole rounds are flipped (processes exchanged), so that the rows keep
 * their dependence. Exact where 2^(rounds-1) or the number of divisions is at most 16,384; else
 * sampled, with the +1 of Phipson and Smyth (2010). p[rows]. *critical (may be NULL): per stratum,
 * the value that the largest statistic passes in 5 % / strata of the draws. *exact may be NULL.
 */
int results_max_t(const struct results_family *family, double alpha, double *p, double critical[2],
                  int *exact);

/* ---- a comparison of samples ---- */

struct results_samples {
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

enum { RESULTS_LEAST_PROCESSES = 6 };

struct results_compare_options {
    double margin;     /* 0.02: a change below 2 % is none */
    double alpha;      /* 0.05: chance of any false finding in the whole comparison */
    double confidence; /* 0.95, of the intervals */
    uint64_t seed;
    size_t draws;      /* 0: 9,999 */
    int paired;        /* pair the runs of the two sides in their order */
    int cross_machine; /* compare although the machines differ: no gate verdict */
};

struct results_compare_options results_compare_default(void);

enum results_change {
    RESULTS_SLOWER,
    RESULTS_FASTER,
    RESULTS_SAME,   /* the interval lies within the margin */
    RESULTS_UNTOLD, /* none of these */
    RESULTS_APART,  /* it and its peers moved apart, and which of them it was is uncertain */
};

enum results_row_kind { RESULTS_ROW_ALL, RESULTS_ROW_WRITER, RESULTS_ROW_CELL };

struct results_compare_row {
    enum results_row_kind kind;
    size_t index;                     /* the writer or the cell */
    double old_ns, new_ns;            /* geometric means over the processes (and cells) */
    struct results_interval ratio;    /* of its own times */
    struct results_interval relative; /* against its peers; NaN: it has none */
    double p_ratio, p_relative;       /* adjusted; NaN without a test */
    double p;                         /* the smaller of them */
    int by_relative;                  /* the change was found against the peers only */
    double visible; /* the smallest slow-down that would probably have been found: 0.05 for 5 %;
                       NaN: unknown */
    double rounds_needed; /* to show that the time is the same; NaN: unknown */
    enum results_change change;
};

struct results_change_table {
    size_t count;
    struct results_compare_row *rows; /* all, writers, cells */
    int exact;                        /* the p values are exact */
    int tested;                       /* enough processes for a test */
};

/* -EINVAL: no cell, no process on a side, or counts that do not fit together. */
int results_compare_samples(const struct results_samples *samples,
                            const struct results_compare_options *options,
                            struct results_change_table *table);
void results_change_table_free(struct results_change_table *table);

/* ---- a comparison of runs ---- */

struct results_side {
    size_t count;
    struct results_run *const *runs;
};

enum results_gate {
    RESULTS_GATE_OPEN,     /* there is a verdict */
    RESULTS_GATE_FEW,      /* fewer than RESULTS_LEAST_PROCESSES a side */
    RESULTS_GATE_BLOCKS,   /* all of one side was measured before the other, or nobody knows when */
    RESULTS_GATE_MACHINES, /* other machines */
    RESULTS_GATE_DIFFERENT, /* the same names stand for other things */
    RESULTS_GATE_NOTHING,   /* no cell in common */
};

struct results_beside; /* machines.h */

struct results_comparison {
    enum results_gate gate;
    int slower; /* how many rows; none where the gate is closed */
    int faster;
    int apart;
    int compared; /* there is a table */
    struct results_change_table table;
    struct results_samples samples; /* what was compared */
    size_t old_count, new_count;    /* processes of it */
    char **cell_names;              /* [samples.cells] */
    char **group_names;             /* [samples.groups] */
    size_t note_count;
    char **notes;             /* sentences: what was left out, what differs */
    char *refusal;            /* why there is no verdict: a sentence; NULL when there is one */
    double seconds_per_round; /* from the runs' dates; NaN: unknown */
    struct results_compare_options options;
    struct results_beside *beside; /* with cross_machine, where the machines are others; or NULL */
};

/*
 * Pairs the runs by "round" in their contexts (ab writes it) or, when options->paired, in their
 * order; leaves out what cannot be compared and says so in the notes. 0 also where nothing could be
 * compared: look at the gate. -EINVAL: a side has no run.
 */
int results_compare(const struct results_side *old_side, const struct results_side *new_side,
                    const struct results_compare_options *options,
                    struct results_comparison *comparison);
void results_comparison_free(struct results_comparison *comparison);

/* 0 nothing slower, 3 slower, 4 no verdict, or something moved and may have become slower. */
int results_comparison_status(const struct results_comparison *comparison);

/* all: rows without a finding too. -EIO. */
int results_show_comparison(FILE *out, const struct results_comparison *comparison,
                            const struct results_view *view, int all);

#ifdef __cplusplus
}
#endif

#endif
