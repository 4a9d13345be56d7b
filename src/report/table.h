/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of a document: columns, and cells that hold what a program gets and what a reader sees.
 *
 *     static const struct column columns[] = {
 *         {.heading = "row", .key = "name", .csv = "name"},
 *         {.heading = "old", .key = "old_ns", .csv = "old_ns", .as = figure_time},
 *     };
 *     table_begin(&table, document, "rows", columns, 2);
 *     for (...) {
 *         table_row(&table);
 *         table_put(&table, name, old_ns);
 *     }
 *     table_end(&table);
 *
 * A column without a heading is not for readers, one without a key not for JSON, one without a csv
 * not for CSV.
 */
#ifndef BENCH_MMAP_REPORT_TABLE_H
#define BENCH_MMAP_REPORT_TABLE_H

#include "src/statistics/bootstrap.h"

#include "document.h"
#include "figure.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_NUMBER /* at the decimal point */ };

struct column {
    const char *heading; /* "": shown where some row has words for it */
    const char *key;     /* "since{}", "steps[]": of MEMBERS() */
    const char *csv;     /* of an interval three, with commas: "ratio,ratio_low,ratio_high" */
    enum align align;
    int family; /* columns of one family stay together when the table is folded */
    struct figure (*as)(double number); /* as readers get it; NULL: figure_count */
};

struct table_cell {
    struct datum datum; /* its words are a number for ALIGN_NUMBER, or NULL */
    const char *tail;   /* what follows the number, such as its interval; may be NULL */
    enum mark mark;
};

struct table {
    struct document *document;
    const char *key; /* of the list of rows; NULL: not for programs */
    size_t columns, rows;
    struct column *column;
    struct table_cell *cell; /* [row * columns + column] */
    size_t at;               /* the cell that is filled next */
    int is_hidden;           /* the row that was begun is not for this format */
};

/* columns may be NULL, and more are added before the first row. */
void table_begin(struct table *table, struct document *document, const char *key,
                 const struct column *columns, size_t count);
void table_add(struct table *table, const struct column *columns, size_t count);
#define table_of(table, document, key, columns)                                                    \
    table_begin(table, document, key, columns, sizeof(columns) / sizeof(columns)[0])
#define table_column(table, align_, family_, ...)                                                  \
    table_add(table,                                                                               \
              &(struct column){.heading = document_say((table)->document, __VA_ARGS__),            \
                               .align = (align_),                                                  \
                               .family = (family_)},                                               \
              1)
/* Says what is above an earlier column than the one added last. For readers only. */
void table_set_heading(struct table *table, size_t column, const char *heading);
#define table_heading(table, column, ...)                                                          \
    table_set_heading(table, column, document_say((table)->document, __VA_ARGS__))
void table_row(struct table *table);
/* The row just begun is for programs only. */
void table_hide_row(struct table *table);

/* The next cells of the row, up to 16 at a time. */
#define table_put(table, ...)                                                                      \
    table_fill(table, (struct datum[]){DATA(__VA_ARGS__)}, DATA_COUNT(__VA_ARGS__))
void table_fill(struct table *table, const struct datum *data, size_t count);
/* A cell for readers only (and for CSV). */
#define table_say(table, ...) table_put(table, WORDS(document_say((table)->document, __VA_ARGS__)))

/* What follows the number of the cell filled last; its mark. */
#define table_tail(table, ...) table_set_tail(table, document_say((table)->document, __VA_ARGS__))
void table_set_tail(struct table *table, const char *tail);
void table_mark(struct table *table, enum mark mark);

void table_end(struct table *table); /* writes it */

#endif
