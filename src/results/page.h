/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of headings, paragraphs and grids, as text or Markdown. Errors stick: they are looked at
 * once, with page_finish, and everything in between may be called regardless.
 */
#ifndef RESULTS_PAGE_H
#define RESULTS_PAGE_H

#include "bench_mmap/results.h"

struct page {
    FILE *out;
    const struct results_view *view;
    int error;
    int begun;      /* something was written: a blank line is due before the next block */
    int after_grid; /* in Markdown a line right below a table would be one of its rows */
};

enum page_align { PAGE_LEFT, PAGE_RIGHT, PAGE_NUMBER /* at the decimal point */ };

struct grid_cell {
    char *text; /* a number for PAGE_NUMBER; NULL: empty */
    char *tail; /* what follows the number, such as its interval; may be NULL */
    enum results_mark mark;
};

struct grid_column {
    char *heading;
    enum page_align align;
    int family; /* columns of one family stay together when the grid is folded */
};

struct grid {
    struct page *page;
    size_t columns, rows, row_capacity;
    struct grid_column *column;
    struct grid_cell *cell; /* [row * columns + column] */
};

struct page page_begin(FILE *out, const struct results_view *view);
int page_finish(struct page *page); /* 0 or -errno; -EIO when out is in error */

void page_heading(struct page *page, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Wrapped to the width; `lead` stands before the first line, the others are indented as far. */
void page_paragraph(struct page *page, const char *lead, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A paragraph directly below the block before it. */
void page_note(struct page *page, const char *lead, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The first column is repeated in every fold. */
void grid_begin(struct grid *grid, struct page *page);
void grid_column(struct grid *grid, enum page_align align, int family, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
size_t grid_row(struct grid *grid);
void grid_set(struct grid *grid, size_t row, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void grid_tail(struct grid *grid, size_t row, size_t column, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
void grid_mark(struct grid *grid, size_t row, size_t column, enum results_mark mark);
void grid_end(struct grid *grid); /* writes and frees it */

/* For grid_text.c and grid_markdown.c. */
void grid_write_text(const struct grid *grid);
void grid_write_markdown(const struct grid *grid);
int page_text_width(const char *text); /* columns: code points, less the combining ones */
void page_gap(struct page *page);      /* the blank line between blocks */
const char *page_style(const struct page *page, const char *code); /* "" without colour */

#endif
