/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of headings, paragraphs and grids, as text or Markdown. Errors stick: they are looked at
 * once, with document_finish, and everything in between may be called regardless.
 */
#ifndef BENCH_MMAP_REPORT_DOCUMENT_H
#define BENCH_MMAP_REPORT_DOCUMENT_H

#include "src/statistics/best_set.h"
#include "view.h"

#include <stddef.h>
#include <stdio.h>

struct document {
    FILE *out;
    const struct view *view;
    int error;
    int begun;      /* something was written: a blank line is due before the next block */
    int after_grid; /* in Markdown a line right below a table would be one of its rows */
};

enum page_align { PAGE_LEFT, PAGE_RIGHT, PAGE_NUMBER /* at the decimal point */ };

struct grid_cell {
    char *text; /* a number for PAGE_NUMBER; NULL: empty */
    char *tail; /* what follows the number, such as its interval; may be NULL */
    enum mark mark;
};

struct grid_column {
    char *heading;
    enum page_align align;
    int family; /* columns of one family stay together when the grid is folded */
};

struct grid {
    struct document *document;
    size_t columns, rows, row_capacity;
    struct grid_column *column;
    struct grid_cell *cell; /* [row * columns + column] */
};

struct document document_begin(FILE *out, const struct view *view);
int document_finish(struct document *document); /* 0 or -errno; -EIO when out is in error */

void document_heading(struct document *document, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
/* Wrapped to the width; `lead` stands before the first line, the others are indented as far. */
void document_paragraph(struct document *document, const char *lead, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A paragraph directly below the block before it. */
void document_note(struct document *document, const char *lead, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first column is repeated in every fold. */
void grid_begin(struct grid *grid, struct document *document);
void grid_column(struct grid *grid, enum page_align align, int family, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
size_t grid_row(struct grid *grid);
void grid_set(struct grid *grid, size_t row, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void grid_tail(struct grid *grid, size_t row, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void grid_mark(struct grid *grid, size_t row, size_t column, enum mark mark);
void grid_end(struct grid *grid); /* writes and frees it */

/* For grid_text.c and grid_markdown.c. */
void grid_write_text(const struct grid *grid);
void grid_write_markdown(const struct grid *grid);
int document_text_width(const char *text);    /* columns: code points, less the combining ones */
void document_gap(struct document *document); /* the blank line between blocks */
const char *document_style(const struct document *document,
                           const char *code); /* "" without colour */

#endif
