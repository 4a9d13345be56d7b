/* SPDX-License-Identifier: Apache-2.0 */
/* The cost model. */
#ifndef BENCH_MMAP_ANALYSIS_MODEL_H
#define BENCH_MMAP_ANALYSIS_MODEL_H

#include "cell_table.h"
#include "src/statistics/bootstrap.h"

#include <stddef.h>
#include <stdint.h>

enum cost_term {
    TERM_FIXED,
    TERM_CHUNK, /* per chunk: the loop's own cost */
    TERM_CALL,
    TERM_FAULT,
    TERM_FOLIO, /* per piece of the page cache: as large as the chunk, at least a page */
    TERM_BYTE,
    TERMS
};

enum model_refusal {
    MODEL_HOLDS,
    MODEL_TOO_FEW,    /* fewer than 2 points more than terms */
    MODEL_STRUCTURE,  /* the residuals follow a pattern */
    MODEL_SCATTER,    /* the residuals are too large to be of use */
    MODEL_ZERO_TIMES, /* times below the clock's step */
    MODEL_NO_COUNTS,  /* neither the file's size nor calls or faults are known */
};

struct model {
    size_t writer;
    enum model_refusal refusal;
    size_t points;                  /* cells it was fitted to */
    int used[TERMS];                /* the run has the variation to separate it */
    struct interval cost_ns[TERMS]; /* of the used ones; per byte, call, ... */
    double residual;                /* relative, root mean square */
    double worst_residual;          /* the largest, signed: (measured - model) / measured */
    uint64_t worst_chunk_bytes;
    double faults_per_file; /* mean over the points, NaN without the counter */
    size_t replicates;
    double *draws; /* internal: [replicate * TERMS + term] */
};

/*
 * Fits T = fixed + per_chunk x chunks + per_call x calls + per_fault x faults (+ per_byte x size)
 * for one writer over a table's chunk sizes, and over the other tables of the same file state, sync
 * mode and threads when their sizes differ. Relative errors are minimised, costs are never negative
 * (Lawson and Hanson, Solving Least Squares Problems, chapter 23). A term is used only if its count
 * varies by half or more and is not nearly a multiple of one already used; order of preference:
 * calls, faults, chunks, bytes. Where this is refused, or it halves the residual, a term per folio
 * is used: a file system with large folios takes a page-cache piece as large as the chunk for each
 * call, but never less than a page, which bends the line at the page size. Intervals: 95 %,
 * bootstrap of every cell, and beyond noise of what the line misses at the sizes, as waves along
 * them.
 *
 * Refused (the costs are then NaN) when the relative residuals exceed 25 %, or when, ordered by
 * chunk size, they follow a pattern (von Neumann's ratio, Annals of Mathematical Statistics 12,
 * 1941, one-sided 5 %) and one exceeds 10 %.
 */
int model_fit(const struct bootstrap *bootstrap, const struct cell_tables *tables, size_t table,
              size_t writer, struct model *model);
void model_free(struct model *model);

/* Where the faults cannot be told from the fixed cost, it is at least known that they cost no more
 * than all of it: the most that one fault costs, in nanoseconds. NaN where nothing is known. */
double model_fault_bound(const struct model *model);

/* The model's time for a chunk size, its interval widened by the residual. Calls and faults are
 * interpolated between the measured sizes. -ERANGE outside of these, -ENODATA when refused. */
int model_predict(const struct model *model, const struct cell_table *table, uint64_t chunk_bytes,
                  struct interval *time_ns);

/* What each term contributes to that time; 0 where it is not used. The same errors. */
int model_terms(const struct model *model, const struct cell_table *table, uint64_t chunk_bytes,
                double terms_ns[TERMS]);

/* For the files of this folder: what a model is fitted to, a writer's times and counts, a point a
 * cell. */
struct model_point {
    const struct cell_estimate *cell;
    uint64_t chunk_bytes;
    double time_ns;      /* the location */
    double drawn_ns;     /* what is fitted: the location, or one replicate of it */
    double residual;     /* relative, of the fit */
    double count[TERMS]; /* per file; NaN: not known */
};

struct model_data {
    size_t count;
    struct model_point *point;
    int zero_times; /* a time is zero: below the clock's step */
    int replicated; /* every cell has two samples or more */
};

/* The writer's cells in the table, and in the other tables of the same file state, sync mode and
 * threads. model_data_free() in any case. */
int model_data_gather(const struct bootstrap *bootstrap, const struct cell_tables *tables,
                      size_t table, size_t writer, struct model_data *points);
void model_data_free(struct model_data *points);

/* The counts at any chunk size between the measured ones; -ERANGE outside. */
int model_data_counts_at(const struct cell_table *table, size_t writer, uint64_t chunk_bytes,
                         double *count);

#endif
