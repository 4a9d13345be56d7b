/* SPDX-License-Identifier: Apache-2.0 */
/* What a run says. */
#ifndef BENCH_MMAP_REPORT_SHOW_H
#define BENCH_MMAP_REPORT_SHOW_H

#include "src/analysis/advice.h"
#include "table.h"

/* ANSWER_OF_OWN_RUN: of the program that has just measured it, which knows --rows and --all. */
enum show_answer { ANSWER_IN_FULL, ANSWER_OF_FILE, ANSWER_OF_OWN_RUN };

/* All zero: what a user gets who asks for nothing. */
struct show_options {
    enum show_answer answer; /* other than in full: on one screen */
    int rows;                /* a row a cell, too */
    const char *path; /* of the run, for who wants to know more; NULL: its JSON is not kept */
    enum metric metric;
    uint64_t chunk_bytes;     /* at which the phases are shown; 0: the size nearest to 4 KiB */
    const char *const *pairs; /* "Mmap:Write", NULL-terminated; NULL: the default pairs */
    const uint64_t *predict;  /* chunk sizes to predict */
    size_t predict_count;
    size_t replicates; /* of the bootstrap; 0: 1000 (fewer from 20,000 cells up, to save memory) */
    uint64_t seed;
};

/* All there is: who wins, tables, crossovers, where the time goes, the cost model, the verdict.
 * -ENOENT: a pair names a writer that no table has; others are of writing to out;
 * -ENODATA: no cell has the metric. */
int report_run(FILE *out, const struct run *run, const struct view *view,
               const struct show_options *options);

/* The two tables of the textbook exercise and its conclusion, for each kind and case, always as
 * text. Of the options only the bootstrap's count. -ENODATA: the run has no table with the first
 * two of show_known[]. */
int report_lesson(FILE *out, const struct run *run, const struct view *view,
                  const struct show_options *options);

struct advice_options {
    struct question question;
    size_t replicates;
    uint64_t seed;
};

/* Which writer is fastest, with the verdict on the run; 1 where the run cannot rank them. The
 * errors of advice_make and -EIO. */
int report_advice(FILE *out, const struct run *run, const struct view *view,
                  const struct advice_options *options);

/* For the files of this folder: what the parts of `bench_results show`, the lesson and the advice
 * share. */
struct show {
    const struct run *run;
    const struct show_options *options;
    struct cell_tables tables;
    const struct cell_table
        *turned;                /* what is shown instead of the table and others; NULL: itself */
    struct bootstrap bootstrap; /* of the time */
    struct bootstrap metric;    /* of the metric asked for when it is another time */
    struct advice
        bands[BANDS]; /* of the table that is shown; count 0: nothing was measured there */
    double planned;   /* samples of a cell, where the run was interrupted; else NaN, or 0 */
    struct document document;
};

/* Computes what all parts share. -ENODATA: no cell has the metric. */
int show_begin(struct show *show, FILE *out, const struct run *run, const struct view *view,
               const struct show_options *options);
/* In any case: finishes the document, where there was no error, and returns the first error. */
int show_end(struct show *show, int error);

/* A value for programs, in the object of a table or of an advice, for each further axis. */
void show_put_axes(struct document *document, const struct cell_table *table);

/* What the rows of the table have in common: "10 MiB, file new, sync none"; "" without. */
const char *show_table_name(struct document *document, const struct cell_table *table);

/* What tables differ in, whether those do that are turned, and the parts of a line of which they do
 * or, in the words of a table's name, do not. */
enum {
    TABLE_SIZE,
    TABLE_FILE,
    TABLE_SYNC,
    TABLE_THREADS,
    TABLE_AXES,
    TABLE_PARTS = TABLE_AXES + NAME_AXES
};
int show_varies(const struct show *show, int part);
const char *show_parts(struct show *show, size_t line, int varying);

/* What readers look for in the tables of a kind: of the first two, the textbook exercise's, it says
 * how they compare, and all have a column on one screen. */
enum { SHOW_KNOWN_MOST = 5 };
extern const char *const show_known[BM_KINDS][SHOW_KNOWN_MOST];

/* The pairs of writers to compare, one after the other: 1 and the pair, 0 beyond the last. */
int show_next_pair(const struct show *show, const struct cell_table *table, size_t n, size_t *first,
                   size_t *second);

/* "best" and "tied"; NULL for none. */
const char *show_mark(enum mark mark);

/* Of chunks that come back, the time of a round trip is what the time of a file is elsewhere; with
 * a clock between the chunks, that of a chunk. */
enum metric show_metric(const struct span axes[NAME_AXES], enum metric metric);

/* A cell's summary of show_metric(); a cell of which the file keeps only aggregates lends its
 * median. */
int show_summarise(const struct cell *cell, enum metric metric, struct summary *summary);

/* The parts: each writes one block. -ENOENT: a pair of the options names an unknown writer. */
int show_check_pairs(const struct show *show);
void show_winners(struct show *show, const struct cell_table *table); /* and fills `bands` */
void show_table(struct show *show, const struct cell_table *table);
void show_more(struct show *show); /* where to look further */
void show_plain(struct show *show);
/* Instead of the tables, winners and pairs of one chunk size each: one table. place: where that
 * was, or "". */
void show_turned(struct show *show, const char *place);
void show_rows(struct show *show);
void show_pairs(struct show *show, const struct cell_table *table);
void show_phases(struct show *show, const struct cell_table *table);
void show_latencies(struct show *show, const struct cell_table *table);
void show_models(struct show *show, size_t table);

/* Why a run could not be shown: a phrase. */
const char *show_problem(int error);

#endif
