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
#include "figure.h"

enum align { ALIGN_LEFT, ALIGN_RIGHT, ALIGN_NUMBER /* at the decimal point */ };

struct column {
    const char *heading; /* "": shown where some row has words for it */
    const char *key;     /* "since{}", "steps[]": of what table_members() writes */
    const char *csv;     /* of an interval three, with commas: "ratio,ratio_low,ratio_high" */
    enum align align;
    int family; /* columns of one family stay together when the table is folded */
    struct figure (*as)(double number); /* as readers get it; NULL: figure_count */
};

struct table_cell {
    struct datum datum;
    const char *words; /* a number for ALIGN_NUMBER; NULL: as the column says */
    const char *tail;  /* what follows the number, such as its interval; may be NULL */
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
#define table_of(table, document, key, columns)                                                    \
    table_begin(table, document, key, columns, sizeof(columns) / sizeof(columns)[0])
void table_add_column(struct table *table, enum align align, int family, const char *heading);
#define table_column(table, align, family, ...)                                                    \
    table_add_column(table, align, family, document_say((table)->document, __VA_ARGS__))
/* Says what is above an earlier column than the one added last. For readers only. */
void table_set_heading(struct table *table, size_t column, const char *heading);
#define table_heading(table, column, ...)                                                          \
    table_set_heading(table, column, document_say((table)->document, __VA_ARGS__))
void table_row(struct table *table);
/* The row just begun is for programs only. */
void table_hide_row(struct table *table);

/* The next cells of the row: a value, nothing, words for readers only. */
#define table_put(table, value) table_fill(table, DATUM(value))
#define table_put_if(table, there, value)                                                          \
    table_fill(table, (there) ? DATUM(value) : (struct datum){.kind = DATUM_NONE})
void table_fill(struct table *table, struct datum datum);
/* `subject` must live until table_end(). */
void table_members(struct table *table,
                   void (*members)(struct document *document, const void *subject),
                   const void *subject);
void table_none(struct table *table, size_t count);
#define table_say(table, ...) (table_none(table, 1), table_words(table, __VA_ARGS__))

/* The cell filled last: what readers (and CSV, where there is no value) get instead of the value;
 * what follows the number; its mark. */
#define table_words(table, ...) table_set_words(table, document_say((table)->document, __VA_ARGS__))
void table_set_words(struct table *table, const char *words);
#define table_tail(table, ...) table_set_tail(table, document_say((table)->document, __VA_ARGS__))
void table_set_tail(struct table *table, const char *tail);
void table_mark(struct table *table, enum mark mark);

void table_end(struct table *table); /* writes it */

#endif
