/* SPDX-License-Identifier: Apache-2.0 */
/* What the parts of `bench_results show`, the lesson and the advice share. */
#ifndef BENCH_MMAP_REPORT_SHOW_COMMON_H
#define BENCH_MMAP_REPORT_SHOW_COMMON_H

#include "show.h"
#include "src/analysis/cell_table.h"
#include "table.h"

#include <stddef.h>

struct show {
    const struct run *run;
    const struct show_options *options;
    struct cell_tables tables;
    struct bootstrap bootstrap; /* of the time */
    struct bootstrap metric;    /* of the metric asked for when it is another time */
    struct document document;
};

/* Computes what all parts share. -ENODATA: no cell has the metric. */
int show_begin(struct show *show, FILE *out, const struct run *run, const struct view *view,
               const struct show_options *options);
/* In any case: finishes the document, where there was no error, and returns the first error. */
int show_end(struct show *show, int error);

/* What the rows of the table have in common: "10 MiB, file new, sync none"; "" without. */
const char *show_table_name(struct document *document, const struct cell_table *table);

/* "best" and "tied"; NULL for none. */
const char *show_mark(enum mark mark);

/* The parts: each writes one block. -ENOENT: a pair of the options names an unknown writer. */
int show_check_pairs(const struct show *show);
void show_table(struct show *show, const struct cell_table *table);
void show_plain(struct show *show);
void show_pairs(struct show *show, const struct cell_table *table);
void show_phases(struct show *show, const struct cell_table *table);
void show_models(struct show *show, size_t table);

#endif
