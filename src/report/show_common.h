/* SPDX-License-Identifier: Apache-2.0 */
/* The parts of what `bench_results show` prints; each writes one block to the page. */
#ifndef BENCH_MMAP_REPORT_SHOW_COMMON_H
#define BENCH_MMAP_REPORT_SHOW_COMMON_H

#include "src/analysis/cell_table.h"
#include "table.h"

#include <stddef.h>
#include <stdio.h>

struct show {
    const struct run *run;
    const struct view *view;
    struct cell_tables tables;
    struct bootstrap bootstrap; /* of the time */
    struct bootstrap metric;    /* of the view's metric when it is another time */
    struct document document;
};

/* Computes what all parts share; show_end() in any case. -ENODATA: no cell has the metric;
 * -ENOENT: a pair of the view names an unknown writer. */
int show_begin(struct show *show, FILE *out, const struct run *run, const struct view *view);
void show_end(struct show *show);

void show_banner(struct show *show);
void show_table(struct show *show, const struct cell_table *table);
void show_plain(struct show *show);
void show_pairs(struct show *show, const struct cell_table *table);
void show_phases(struct show *show, const struct cell_table *table);
void show_models(struct show *show, size_t table);
void show_verdict(struct show *show);

/* What the rows of the table have in common: "10 MiB, file:new, sync:none"; "" without. */
void show_table_name(const struct cell_table *table, char *text, size_t size);

/* The n-th pair of writers to compare: 1 and the pair, 0 when there are no more. */
int show_next_pair(const struct show *show, const struct cell_table *table, size_t n, size_t *first,
                   size_t *second);

/* The index of the measured chunk size nearest to the view's (4 KiB by default), in ratio. */
size_t show_chunk(const struct show *show, const struct cell_table *table);

/* Marks of a row of the table for the view's metric; all MARK_NONE where less is not better.
 */
int show_marks(const struct show *show, const struct cell_table *table, size_t chunk,
               enum mark *marks);

int show_csv(struct show *show);
int show_json(struct show *show);

#endif
