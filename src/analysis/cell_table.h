/* SPDX-License-Identifier: Apache-2.0 */
/* What the samples of one cell say, and tables of cells: chunk sizes down, writers across. */
#ifndef BENCH_MMAP_ANALYSIS_CELL_TABLE_H
#define BENCH_MMAP_ANALYSIS_CELL_TABLE_H

#include "src/base/arena.h"
#include "src/run/run.h"

#include <stddef.h>
#include <stdint.h>

struct summary {
    size_t samples;
    double median;
    double median_low; /* 95 % order-statistic interval; NaN below 6 samples */
    double median_high;
    double location; /* stats_location() */
    double pace;     /* stats_pace() */
    double minimum;
    double maximum;
    double spread; /* (third - first quartile) / median; 0 when the median is 0 */
};

/* -ENODATA when the cell has no finite value of that metric (summary->samples is 0 then). */
int cell_summarise(const struct cell *cell, enum metric metric, struct summary *summary);

struct cell_table {
    const struct run *run;
    enum bm_kind kind;
    struct span file; /* text NULL: the names have no such part */
    struct span sync;
    uint64_t size_bytes; /* 0: not in the names */
    unsigned threads;
    struct span axis[NAME_AXES];
    size_t chunk_count;
    uint64_t *chunk_bytes; /* ascending */
    size_t writer_count;
    char **writers;            /* mappings first, then the others, each in file order */
    size_t mapping_count;      /* how many of them are mappings */
    const struct cell **cells; /* [chunk * writer_count + writer], NULL: not measured */
};

struct cell_tables {
    struct arena arena; /* of everything */
    size_t count;
    struct cell_table *tables; /* in file order, controls (file:none) not among them */
    /* [count]: where one chunk size was measured in several tables of one kind and mode, with
     * latencies or all without, a table with a line for each of them, in their order, and all
     * writers. Its chunk_bytes number the lines, from 1 on. NULL: the table is none of such. */
    const struct cell_table **turned;
    size_t plain_count;
    const struct cell **plain; /* cells without a chunk axis */
};

/* The tables point into the run, which must outlive them. -E2BIG: writers x chunk sizes of one
 * table exceed four million. */
int cell_tables_make(const struct run *run, struct cell_tables *tables);
void cell_tables_free(struct cell_tables *tables);

const struct cell *cell_table_at(const struct cell_table *table, size_t chunk, size_t writer);

/* With a clock between the chunks: the times of files rank nothing. */
int cell_table_has_latencies(const struct cell_table *table);

/* The index of the chunk size that is nearest in ratio. */
size_t cell_table_nearest(const struct cell_table *table, uint64_t chunk_bytes);

/* The index of that writer, or -ENOENT. */
int cell_table_writer(const struct cell_table *table, const char *writer);

/* The control cell of that name for the table's file size and that chunk, or NULL. */
const struct cell *cell_table_control(const struct cell_table *table, const char *writer,
                                      uint64_t chunk_bytes);

#endif
