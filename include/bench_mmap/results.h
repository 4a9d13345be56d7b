/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading benchmark runs: load one, and say what it says.
 *
 * A run is one JSON file of Google Benchmark (1.7 to 1.9), written by bench_mmap or by any other
 * program. Cells whose names carry a chunk size
 * (`Mmap/file:new/sync:none/size:10485760/chunk:4096`) become tables of chunk sizes by writers;
 * others are listed one a row.
 *
 * Conventions. Every function returns 0 or -errno unless it says otherwise, prints nothing but to
 * the FILE given, never exits, and keeps no state: different runs may be used from different
 * threads at once, and one run by many readers. Times are nanoseconds, sizes bytes, in double or
 * uint64_t. Everything that draws random numbers takes a seed; the same seed and run give the same
 * result on every machine. -ENOMEM may come from every function that takes memory and is not listed
 * each time.
 *
 * Words: cell, sample, writer, file state, sync mode, phase and control mean what the project's
 * README says.
 */
#ifndef BENCH_MMAP_RESULTS_H
#define BENCH_MMAP_RESULTS_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- metrics: what a sample row holds ---- */

enum results_metric {
    RESULTS_TIME, /* real_time, per iteration */
    RESULTS_CPU,  /* cpu_time, per iteration */
    RESULTS_CREATE,
    RESULTS_SIZE,
    RESULTS_MAP,
    RESULTS_FILL,
    RESULTS_SYNC,
    RESULTS_UNMAP,
    RESULTS_CLOSE,
    RESULTS_MINOR_FAULTS,
    RESULTS_MAJOR_FAULTS,
    RESULTS_VOLUNTARY,
    RESULTS_INVOLUNTARY,
    RESULTS_CALLS,
    RESULTS_STOLEN,
    RESULTS_DIRTY,
    RESULTS_WRITEBACK,
    RESULTS_THROUGHPUT, /* bytes per second; computed from the size where the row has none */
    RESULTS_METRICS
};

enum results_kind { RESULTS_KIND_TIME, RESULTS_KIND_COUNT, RESULTS_KIND_BYTES, RESULTS_KIND_RATE };

struct results_metric_info {
    const char *option; /* what a user types: "fill" */
    const char *key;    /* the row's key: "fill_ns" */
    const char *label;  /* what a heading says: "time in fill" */
    enum results_kind kind;
};

/* Static; never NULL for a metric below RESULTS_METRICS. */
const struct results_metric_info *results_metric_info(enum results_metric metric);

/* The metric of that option name into *metric; -ENOENT when there is none. */
int results_metric_find(const char *option, enum results_metric *metric);

/* ---- names ---- */

/* A part of a name: not NUL-terminated; text is NULL when the name has no such part. */
struct results_span {
    const char *text;
    size_t length;
};

struct results_name {
    struct results_span series; /* what comes before the first known part: the writer */
    struct results_span file;   /* the value of file: */
    struct results_span sync;   /* the value of sync: */
    uint64_t size_bytes;  /* of size:, 0 without; a loaded cell may know it from its throughput */
    uint64_t chunk_bytes; /* of chunk:, 0 without */
    unsigned threads;     /* of threads:, 1 without */
    int plain;            /* no chunk axis: show it as a row of its own */
};

/* Takes a name apart; the spans point into it. Cannot fail: what is not understood makes the name
 * plain, its series then is the whole name. Known parts in any order: file: sync: size: chunk:
 * threads: repeats: iterations: min_time: min_warmup_time: real_time process_time manual_time. */
void results_name_parse(const char *name, struct results_name *parts);

/* The writer belongs to the family that maps the file (its name begins with Mmap). */
int results_name_is_mapping(const struct results_name *parts);

/* The cell measures the machine (file:none). */
int results_name_is_control(const struct results_name *parts);

/* ---- a run ---- */

struct results_cell {
    char *name; /* the run name, control characters replaced */
    struct results_name parts;
    size_t samples;                  /* rows that were measured and are finite */
    double *values[RESULTS_METRICS]; /* each NULL or `samples` long, in file order; NaN: not in that
                                        row. values[RESULTS_TIME] is set when samples > 0 */
    size_t errors;                   /* rows that failed */
    char *error;                     /* what the first of them says, or NULL */
    size_t skipped;                  /* rows that the program left out */
    size_t unusable;                 /* rows whose time is NaN, infinite or negative */
    size_t pooled;                   /* how often the repetitions begin anew under the same name */
    double aggregate_ns;      /* the file's own median (or mean) of a cell of which it keeps no
                                 rows; NaN when there is none */
    size_t capacity;          /* internal */
    uint64_t last_repetition; /* internal */
};

struct results_context {
    char *key;
    char *value; /* text as it is; numbers and short lists as the file writes them */
};

struct results_run {
    size_t cell_count;
    struct results_cell *cells; /* in the order of the file */
    size_t context_count;
    struct results_context *context;
    size_t sample_count; /* over all cells */
    uint32_t *slots;     /* internal: cells by name */
    size_t slot_count;   /* internal */
};

/* Where and why a file was refused. */
struct results_problem {
    const char *what; /* a phrase, static; never NULL after a failed load */
    size_t line;      /* from 1; 0 when no place is to blame */
    size_t column;
};

/*
 * Loads a run from a file ("-": standard input). Also takes a small CSV whose first heading is
 * chunk_bytes and whose others are WRITER_UNIT (mmap_s, write_ms, ...), a row a chunk size.
 * *run is the caller's, for results_free; on failure it is NULL. problem may be NULL.
 *
 * -ENOENT, -EACCES, -EISDIR, ...  what open(2) and read(2) say
 * -ENODATA  the file is empty, or a run without a row
 * -EBADMSG  not JSON, or cut off; a CSV cell that is no number
 * -EILSEQ   a text in it is not UTF-8
 * -E2BIG    nested deeper than 200
 * -EPROTO   JSON, but not of Google Benchmark (no list "benchmarks", a row without a name ...)
 */
int results_load(const char *path, struct results_run **run, struct results_problem *problem);

/* The same from memory; the text is not kept. */
int results_load_text(const char *text, size_t length, struct results_run **run,
                      struct results_problem *problem);

/* The bytes of a file ("-": standard input) and a NUL behind them, for free() in any case. The
 * errors of open(2) and read(2). */
int results_read(const char *path, char **text, size_t *length);

void results_free(struct results_run *run); /* NULL is fine */

/* The context's value of that key, or NULL. Valid as long as the run. */
const char *results_context(const struct results_run *run, const char *key);

/* The same as a number; fallback when it is missing or no number. */
double results_context_number(const struct results_run *run, const char *key, double fallback);

/* The cell of that name, or NULL. */
const struct results_cell *results_cell(const struct results_run *run, const char *name);

/* ---- statistics of one cell ---- */

/* Sorts in place, ascending. */
void results_sort(double *values, size_t count);

/* Of values sorted ascending, count >= 1. Quantile p in [0,1] by linear interpolation (type 7 of
 * Hyndman and Fan, The American Statistician 50, 1996). */
double results_quantile(const double *sorted, size_t count, double p);
double results_median(const double *sorted, size_t count);

/*
 * The location by which cells are compared: the mean of the fastest half of the samples,
 * (count+1)/2 of them. What else runs on a machine only ever adds time, and on a shared one it
 * often doubles it; then the median jumps between two levels while the faster half stays. Over the
 * 40 processes of one program in the project's A/A data the between-process standard deviation of
 * the log is 0.091 for it, 0.155 for the median and 0.158 for the mean; the crossover's is 0.13
 * octaves against 0.34 with medians. The fastest quarter (0.068) and the minimum (0.047) vary less
 * still on that machine, but rest on one or two samples where a run has five or fewer repetitions.
 */
double results_location(const double *sorted, size_t count);

/* A distribution-free interval of the median from order statistics: the 0-based ranks of the
 * narrowest symmetric pair whose binomial coverage is at least `confidence` (Conover, Practical
 * Nonparametric Statistics, section 3.2; 20 samples: the 6th and the 15th, 95.9 %). -ENODATA when
 * no pair has it (fewer than 6 samples at 0.95). */
int results_median_ranks(size_t count, double confidence, size_t *low, size_t *high);

/* Quantiles of the normal and of Student's distribution, p in (0,1). */
double results_normal_quantile(double p);
double results_student_quantile(double p, double degrees);

/* A small generator (xoshiro256++, seeded by splitmix64: Blackman and Vigna, 2019), so that results
 * are the same everywhere. */
struct results_random {
    uint64_t state[4];
};
void results_random_seed(struct results_random *random, uint64_t seed);
uint64_t results_random_next(struct results_random *random);
double results_random_unit(struct results_random *random);                /* [0,1) */
double results_random_normal(struct results_random *random);              /* mean 0, deviation 1 */
size_t results_random_below(struct results_random *random, size_t bound); /* bound >= 1 */

struct results_interval {
    double estimate; /* NaN: there is none */
    double low;      /* NaN: too few samples for an interval */
    double high;
};

struct results_summary {
    size_t samples;
    double median;
    double median_low; /* 95 % order-statistic interval; NaN below 6 samples */
    double median_high;
    double location;
    double minimum;
    double maximum;
    double spread; /* (third - first quartile) / median; 0 when the median is 0 */
};

/* -ENODATA when the cell has no finite value of that metric (summary->samples is 0 then). */
int results_summarise_cell(const struct results_cell *cell, enum results_metric metric,
                           struct results_summary *summary);

/* ---- tables: chunk sizes down, writers across ---- */

struct results_table {
    const struct results_run *run;
    struct results_span file; /* text NULL: the names have no such part */
    struct results_span sync;
    uint64_t size_bytes; /* 0: not in the names */
    unsigned threads;
    size_t chunk_count;
    uint64_t *chunk_bytes; /* ascending */
    size_t writer_count;
    struct results_span *writers;      /* mappings first, then the others, each in file order */
    size_t mapping_count;              /* how many of them are mappings */
    const struct results_cell **cells; /* [chunk * writer_count + writer], NULL: not measured */
};

struct results_tables {
    size_t count;
    struct results_table *tables; /* in file order, controls (file:none) not among them */
    size_t plain_count;
    const struct results_cell **plain; /* cells without a chunk axis */
};

/* The tables point into the run, which must outlive them. -E2BIG: writers x chunk sizes of one
 * table exceed four million. */
int results_tables(const struct results_run *run, struct results_tables *tables);
void results_tables_free(struct results_tables *tables);

const struct results_cell *results_table_cell(const struct results_table *table, size_t chunk,
                                              size_t writer);

/* The index of that writer, or -ENOENT. */
int results_table_writer(const struct results_table *table, const char *writer);

/* The control cell of that name for the table's file size and that chunk, or NULL. */
const struct results_cell *results_control(const struct results_table *table, const char *writer,
                                           uint64_t chunk_bytes);

/* ---- the bootstrap that every interval below rests on ---- */

/*
 * For every cell of a run, replicates of the log of results_location over resampled samples.
 * The percentile bootstrap is too narrow by sqrt((n-1)/n) and shifted by the estimator's bias; the
 * replicates are therefore stretched by sqrt(n/(n-1)) (Hesterberg, The American Statistician 69,
 * 2015) and centred on the estimate. With 20 samples a cell the 95 % intervals of crossovers and
 * model costs then cover the truth in 93 to 96 % (log-normal noise). Each cell's draws depend on
 * the seed and its name only, so the order of the file and the presence of other cells change
 * nothing.
 *
 * What such an interval covers is this process: repetitions inside one process share its memory
 * layout, its files' place on the disk and the machine's mood. In the project's A/A data other
 * processes of the same program differ by 2.2 to 2.5 times what these intervals say.
 */
struct results_bootstrap {
    const struct results_run *run;
    size_t replicates;
    double *estimate; /* [cell]: log of the location; -INFINITY for 0, NaN without samples */
    double *log;      /* [cell * replicates + b]; NaN for cells with fewer than 2 samples */
};

int results_bootstrap(const struct results_run *run, enum results_metric metric, size_t replicates,
                      uint64_t seed, struct results_bootstrap *bootstrap);
void results_bootstrap_free(struct results_bootstrap *bootstrap);

/* The interval exp(difference of logs): how many times as long a takes as b. */
int results_ratio(const struct results_bootstrap *bootstrap, const struct results_cell *a,
                  const struct results_cell *b, struct results_interval *ratio);

enum results_mark { RESULTS_UNMARKED, RESULTS_TIED, RESULTS_BEST };

/*
 * Marks the cells of a set (NULLs are passed over; marks[count]): the one of the smallest location,
 * and those that cannot be told from the best. Multiple comparisons with the best: for each cell in
 * turn the hypothesis "this one is the best" is tested against all others at once, one-sided, at 5
 * %, the critical value from the joint bootstrap (Hsu, Annals of Statistics 12, 1984). The true
 * best is left unmarked in at most 5 % of rows, whatever their number of cells. Cells within
 * RESULTS_TIE_MARGIN of the best are ties too: less is no reason to choose, and less than
 * other processes of the same program differ. A cell with fewer than 2 samples can only be the
 * best.
 */
#define RESULTS_TIE_MARGIN 0.02
int results_marks(const struct results_bootstrap *bootstrap,
                  const struct results_cell *const *cells, size_t count, enum results_mark *marks);

/* ---- crossovers ---- */

enum results_pair_state {
    RESULTS_PAIR_CROSSES,
    RESULTS_PAIR_FIRST,   /* the first is faster wherever they can be told apart */
    RESULTS_PAIR_SECOND,  /* the second */
    RESULTS_PAIR_UNTOLD,  /* nowhere told apart */
    RESULTS_PAIR_MISSING, /* no chunk size measured for both */
};

struct results_crossover {
    struct results_interval chunk_bytes; /* low 0 or high INFINITY: beyond what was measured */
    uint64_t below_bytes;                /* the measured sizes between which it lies */
    uint64_t above_bytes;
    int to_second;    /* above it the second writer is faster */
    int interpolated; /* 0: a time of zero at one end; only the bracket is known */
};

struct results_pair {
    size_t first; /* writers of the table */
    size_t second;
    enum results_pair_state state;
    size_t chunk_count;  /* sizes measured for both */
    size_t told_count;   /* of these, where the two can be told apart */
    size_t zero_count;   /* where one time was zero: below the clock's step */
    double ratio_lowest; /* time of the second / time of the first, over all sizes without zeros */
    double ratio_highest;
    uint64_t ratio_lowest_at; /* chunk bytes */
    uint64_t ratio_highest_at;
    size_t crossover_count;
    struct results_crossover *crossovers; /* by chunk size, ascending */
};

/*
 * Where the winner of two writers changes, by linear interpolation of the two curves in log time
 * over log chunk size, with 95 % bootstrap intervals. A change counts only between sizes at which
 * the winner is certain: |difference| beyond the normal quantile of its bootstrap error at 5 %
 * shared among the sizes (Bonferroni), so that two equal curves do not "cross" in noise. Cells with
 * a single sample have no error; there every difference counts and no interval is given.
 */
int results_pair(const struct results_bootstrap *bootstrap, const struct results_table *table,
                 size_t first, size_t second, struct results_pair *pair);
void results_pair_free(struct results_pair *pair);

/* The best mapping and the best other writer: the smallest geometric mean over the sizes measured
 * for every writer of its family. -ENOENT when the table lacks one of the two families. */
int results_best_pair(const struct results_bootstrap *bootstrap, const struct results_table *table,
                      size_t *mapping, size_t *other);

/* ---- the cost model ---- */

enum results_term {
    RESULTS_TERM_FIXED,
    RESULTS_TERM_CHUNK, /* per chunk: the loop's own cost */
    RESULTS_TERM_CALL,
    RESULTS_TERM_FAULT,
    RESULTS_TERM_FOLIO, /* per piece of the page cache: as large as the chunk, at least a page */
    RESULTS_TERM_BYTE,
    RESULTS_TERMS
};

enum results_refusal {
    RESULTS_MODEL_HOLDS,
    RESULTS_MODEL_TOO_FEW,    /* fewer than 2 points more than terms */
    RESULTS_MODEL_STRUCTURE,  /* the residuals follow a pattern */
    RESULTS_MODEL_SCATTER,    /* the residuals are too large to be of use */
    RESULTS_MODEL_ZERO_TIMES, /* times below the clock's step */
    RESULTS_MODEL_NO_COUNTS,  /* neither the file's size nor calls or faults are known */
};

struct results_model {
    size_t writer;
    enum results_refusal refusal;
    size_t points;                                  /* cells it was fitted to */
    int used[RESULTS_TERMS];                        /* the run has the variation to separate it */
    struct results_interval cost_ns[RESULTS_TERMS]; /* of the used ones; per byte, call, ... */
    double residual;                                /* relative, root mean square */
    double worst_residual; /* the largest, signed: (measured - model) / measured */
    uint64_t worst_chunk_bytes;
    double faults_per_file; /* medians over the points, NaN without the counter */
    double calls_per_file_lowest;
    double calls_per_file_highest;
    size_t replicates;
    double *draws; /* internal: [replicate * RESULTS_TERMS + term] */
};

/*
 * Fits T = fixed + per_chunk x chunks + per_call x calls + per_fault x faults (+ per_byte x size)
 * for one writer over a table's chunk sizes, and over the other tables of the same file state, sync
 * mode and threads when their sizes differ. Relative errors are minimised, costs are never negative
 * (Lawson and Hanson, Solving Least Squares Problems, chapter 23). A term is used only if its count
 * varies by half or more and is not nearly a multiple of one already used; order of preference:
 * calls, faults, chunks, bytes. Where this is refused, a term per folio is tried with it: a
 * file system with large folios takes a page-cache piece as large as the chunk for each call, but
 * never less than a page, which bends the line at the page size. Intervals: 95 %, bootstrap of
 * every cell.
 *
 * Refused (the costs are then NaN) when the relative residuals exceed 25 %, or when, ordered by
 * chunk size, they follow a pattern (von Neumann's ratio, Annals of Mathematical Statistics 12,
 * 1941, one-sided 5 %) and one exceeds 10 %.
 */
int results_model(const struct results_bootstrap *bootstrap, const struct results_tables *tables,
                  size_t table, size_t writer, struct results_model *model);
void results_model_free(struct results_model *model);

/* The model's time for a chunk size, its interval widened by the residual. Calls and faults are
 * interpolated between the measured sizes. -ERANGE outside of these, -ENODATA when refused. */
int results_model_predict(const struct results_model *model, const struct results_table *table,
                          uint64_t chunk_bytes, struct results_interval *time_ns);

/* ---- the verdict on the run itself ---- */

enum { RESULTS_VERDICT_TEXT = 240, RESULTS_FINDINGS_MAX = 16 };

struct results_finding {
    int doubt;                       /* 1: the figures are doubtful; 0: worth knowing */
    char text[RESULTS_VERDICT_TEXT]; /* one sentence */
};

struct results_verdict {
    size_t count;
    size_t doubts; /* these come first */
    struct results_finding findings[RESULTS_FINDINGS_MAX];
    double spread; /* median over the cells of (third - first quartile) / median; NaN: unknown */
    double stolen; /* share of the measured time, NaN: unknown */
    double drift;  /* change of the time from the first third of the repetitions to the last;
                      NaN: too few */
};

int results_verdict(const struct results_run *run, struct results_verdict *verdict);

/* ---- rendering ---- */

enum results_format {
    RESULTS_FORMAT_TEXT,
    RESULTS_FORMAT_MARKDOWN,
    RESULTS_FORMAT_CSV,
    RESULTS_FORMAT_JSON
};

struct results_view {
    enum results_format format;
    int width;   /* columns, at least 40; 0: 100 */
    int colour;  /* ANSI colours; they never carry meaning alone */
    int unicode; /* 0: ASCII only */
    enum results_metric metric;
    uint64_t chunk_bytes;     /* at which the phases are shown; 0: the size nearest to 4 KiB */
    const char *const *pairs; /* "Mmap:Write", NULL-terminated; NULL: the default pairs */
    const uint64_t *predict;  /* chunk sizes to predict */
    size_t predict_count;
    size_t replicates; /* of the bootstrap; 0: 1000 (fewer from 20,000 cells up, to save memory) */
    uint64_t seed;
};

/* What a user gets who asks for nothing: text, 100 columns, ASCII, no colour. */
struct results_view results_view_default(void);

/* The same with what suits a stream: a terminal's width (else COLUMNS, else 100), colour on a
 * terminal unless NO_COLOR is set, Unicode where the locale is UTF-8: the program has called
 * setlocale(LC_CTYPE, ""). */
struct results_view results_view_for(FILE *out);

/* All there is: tables, crossovers, where the time goes, the cost model, the verdict.
 * -ENOENT: a pair names a writer that no table has; -EIO: out could not be written;
 * -ENODATA: no cell has the view's metric. */
int results_show(FILE *out, const struct results_run *run, const struct results_view *view);

/* The short form for the end of a run: tables, crossovers, verdict; text only. The same errors. */
int results_summarise(FILE *out, const struct results_run *run, const struct results_view *view);

/* The two tables of the textbook exercise and its conclusion. -ENODATA: the run has no table with
 * both Mmap and Write. */
int results_lesson(FILE *out, const struct results_run *run, const struct results_view *view);

/* What to ask for advice about. NULL and 0: the run's first. */
struct results_question {
    uint64_t chunk_bytes; /* must be given */
    const char *file;
    const char *sync;
    uint64_t size_bytes;
};

struct results_advice_row {
    size_t writer;
    double time_ns;
    struct results_interval ratio; /* to the fastest */
    enum results_mark mark;
};

struct results_advice {
    const struct results_table *table;
    uint64_t chunk_below; /* measured sizes around the one asked for; equal: measured itself */
    uint64_t chunk_above;
    size_t count;
    struct results_advice_row *rows; /* fastest first */
    int cannot_tell;                 /* too few samples to rank */
};

/* -ENOENT: no table of that file state, sync mode and size; -ERANGE: no writer was measured at, or
 * on both sides of, that chunk size. */
int results_advise(const struct results_bootstrap *bootstrap, const struct results_tables *tables,
                   const struct results_question *question, struct results_advice *advice);
void results_advice_free(struct results_advice *advice);

/* Renders it with the cautions; *cannot_tell as in the advice. The errors of results_advise and
 * -EIO. */
int results_show_advice(FILE *out, const struct results_run *run, const struct results_view *view,
                        const struct results_question *question, int *cannot_tell);

/* "4K", "10MiB", "4096", "1.5M" into bytes; 1024-based. -EINVAL, -ERANGE. */
int results_parse_bytes(const char *text, uint64_t *bytes);

#ifdef __cplusplus
}
#endif

#endif
