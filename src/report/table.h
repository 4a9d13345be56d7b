/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of a document: columns, and cells that hold what a program gets and what a reader sees.
 *
 *     static const struct column columns[] = {
 *         {.heading = "row", .key = "name", .csv = "name"},
 *         {.heading = "old", .key = "old_ns", .csv = "old_ns", .as = AS_TIME},
 *     };
 *     table_begin(&table, document, "rows", columns, 2);
 *     for (...) {
 *         table_row(&table);
 *         table_put(&table, name);    // the first column
 *         table_put(&table, old_ns);  // the next
 *     }
 *     table_end(&table);
 *
 * A column without a heading is not for readers, one without a key not for JSON, one without a csv
 * not for CSV.
 */
#ifndef BENCH_MMAP_REPORT_TABLE_H
#define BENCH_MMAP_REPORT_TABLE_H

#include "src/statistics/best_set.h"

#include "document.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_NUMBER /* at the decimal point */ };

/* How a reader sees a value for which table_words() says nothing. */
enum as {
    AS_IS,
    AS_TIME,
    AS_BYTES,
    AS_PERCENT,
    AS_CHANGE /* of a ratio: "+3.1 [+2.0, +4.2]" */,
    AS_P
};

struct column {
    const char *heading; /* "": shown where some row has words for it */
    const char *key;     /* "since{}", "steps[]": of what table_members() writes */
    const char *csv;     /* of an interval three, with commas: "ratio,ratio_low,ratio_high" */
    enum align align;
    int family; /* columns of one family stay together when the table is folded */
    enum as as;
};

struct table_cell {
    struct datum datum;
    char *words; /* a number for ALIGN_NUMBER; NULL: as the column says */
    char *tail;  /* what follows the number, such as its interval; may be NULL */
    enum mark mark;
    int hidden; /* in a row's first cell: the row is not for readers */
};

struct table {
    struct document *document;
    const char *key; /* of the list of rows; NULL: not for programs */
    size_t columns, rows;
    struct column *column;
    struct table_cell *cell; /* [row * columns + column] */
    size_t at;               /* the cell that is filled next */
};

/* columns may be NULL, and more are added by table_column(), before the first row. */
void table_begin(struct table *table, struct document *document, const char *key,
                 const struct column *columns, size_t count);
/* Says what is above an earlier column than the one added last. For readers only. */
void table_column(struct table *table, enum align align, int family, const char *heading, ...)
    __attribute__((format(printf, 4, 5)));
void table_heading(struct table *table, size_t column, const char *heading, ...)
    __attribute__((format(printf, 3, 4)));
void table_row(struct table *table);
/* The row just begun is for programs only. */
void table_hide_row(struct table *table);

/* The next cells of the row: a value, nothing, words for readers only. */
#define table_put(table, value) table_fill(table, DATUM(value))
void table_fill(struct table *table, struct datum datum);
/* `subject` must live until table_end(). */
void table_members(struct table *table,
                   void (*members)(struct document *document, const void *subject),
                   const void *subject);
void table_none(struct table *table, size_t count);
void table_say(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The cell filled last: what readers (and CSV, where there is no value) get instead of the value;
 * what follows the number; its mark. */
void table_words(struct table *table, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void table_tail(struct table *table, const char *format, ...) __attribute__((format(printf, 2, 3)));
void table_mark(struct table *table, enum mark mark);

void table_end(struct table *table); /* writes it */

#endif
