/* SPDX-License-Identifier: Apache-2.0 */
/* A grid for a terminal: numbers at their decimal points, folded by family where it is too wide. */
#include "document.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, WIDTH_DEFAULT = 100, WIDTH_LEAST = 40 };

struct shape {
    int whole;    /* of a number: up to the decimal point; of a text: all of it */
    int fraction; /* the point and what follows */
    int tail;
    int marked; /* a column for the mark is needed */
    int width;  /* all of it, the heading included */
};

static const struct grid_cell *cell_at(const struct grid *grid, size_t row, size_t column)
{
    return &grid->cell[row * grid->columns + column];
}

static int whole_width(const struct grid_cell *cell, enum page_align align)
{
    if (cell->text == NULL)
        return 0;
    const char *point = align == PAGE_NUMBER ? strchr(cell->text, '.') : NULL;
    return point != NULL ? (int)(point - cell->text) : document_text_width(cell->text);
}

static int larger(int a, int b) { return a > b ? a : b; }

static struct shape measure(const struct grid *grid, size_t column)
{
    struct shape shape = {0, 0, 0, 0, 0};
    enum page_align align = grid->column[column].align;

    for (size_t row = 0; row < grid->rows; row++) {
        const struct grid_cell *cell = cell_at(grid, row, column);
        int whole = whole_width(cell, align);
        shape.whole = larger(shape.whole, whole);
        if (cell->text != NULL)
            shape.fraction = larger(shape.fraction, document_text_width(cell->text) - whole);
        if (cell->tail != NULL)
            shape.tail = larger(shape.tail, document_text_width(cell->tail));
        shape.marked |= cell->mark != MARK_NONE;
    }
    int content = shape.marked + shape.whole + shape.fraction + (shape.tail > 0) + shape.tail;
    shape.width = larger(content, shape.marked + document_text_width(grid->column[column].heading));
    if (align == PAGE_NUMBER) /* a wide heading moves the numbers to its right end */
        shape.whole += shape.width - content;
    return shape;
}

static void put_spaces(FILE *out, int count) { fprintf(out, "%*s", larger(count, 0), ""); }

static void put_heading(const struct grid *grid, size_t column, const struct shape *shape)
{
    FILE *out = grid->document->out;
    const char *heading = grid->column[column].heading;
    int space = shape->width - document_text_width(heading);

    if (grid->column[column].align != PAGE_LEFT)
        put_spaces(out, space);
    fprintf(out, "%s%s%s", document_style(grid->document, "\033[1m"), heading,
            document_style(grid->document, "\033[0m"));
    if (grid->column[column].align == PAGE_LEFT)
        put_spaces(out, space);
}

static void put_cell(const struct grid *grid, size_t row, size_t column, const struct shape *shape)
{
    static const char *const marks[] = {" ", "=", "*"};
    static const char *const styles[] = {"", "\033[32m", "\033[1;32m"};
    const struct grid_cell *cell = cell_at(grid, row, column);
    FILE *out = grid->document->out;
    enum page_align align = grid->column[column].align;
    const char *text = cell->text == NULL ? "" : cell->text;
    int whole = whole_width(cell, align);
    int tail = cell->tail == NULL ? 0 : document_text_width(cell->tail);
    int styled = cell->mark != MARK_NONE;
    int used = shape->marked + document_text_width(text);

    if (align == PAGE_RIGHT)
        put_spaces(out, shape->width - used);
    if (align == PAGE_NUMBER) {
        put_spaces(out, shape->whole - whole);
        used += shape->whole - whole;
    }
    if (styled)
        fputs(document_style(grid->document, styles[cell->mark]), out);
    fprintf(out, "%s%s", shape->marked ? marks[cell->mark] : "", text);
    if (styled)
        fputs(document_style(grid->document, "\033[0m"), out);
    if (align == PAGE_RIGHT)
        return;
    if (tail > 0) {
        put_spaces(out, shape->width - used - tail);
        fprintf(out, "%s%s%s", document_style(grid->document, "\033[2m"), cell->tail,
                document_style(grid->document, "\033[0m"));
    } else {
        put_spaces(out, shape->width - used);
    }
}

static void put_rule(const struct grid *grid, const struct shape *shapes, size_t from, size_t to)
{
    int total = shapes[0].width;

    for (size_t i = from; i < to; i++)
        total += GAP + shapes[i].width;
    for (int i = 0; i < total; i++)
        fputs(grid->document->view->unicode ? "─" : "-", grid->document->out);
    fputc('\n', grid->document->out);
}

/* One fold: the first column and those from `from` to `to`. */
static void put_fold(const struct grid *grid, const struct shape *shapes, size_t from, size_t to)
{
    FILE *out = grid->document->out;

    put_heading(grid, 0, &shapes[0]);
    for (size_t i = from; i < to; i++) {
        put_spaces(out, GAP);
        put_heading(grid, i, &shapes[i]);
    }
    fputc('\n', out);
    put_rule(grid, shapes, from, to);
    for (size_t row = 0; row < grid->rows; row++) {
        put_cell(grid, row, 0, &shapes[0]);
        for (size_t i = from; i < to; i++) {
            put_spaces(out, GAP);
            put_cell(grid, row, i, &shapes[i]);
        }
        fputc('\n', out);
    }
}

static size_t family_end(const struct grid *grid, size_t from)
{
    size_t to = from;
    while (to < grid->columns && grid->column[to].family == grid->column[from].family)
        to++;
    return to;
}

static int width_between(const struct shape *shapes, size_t from, size_t to)
{
    int width = 0;
    for (size_t i = from; i < to; i++)
        width += GAP + shapes[i].width;
    return width;
}

/* Whole families as long as they fit; a family that never fits alone is cut where it must be. */
static size_t fold_end(const struct grid *grid, const struct shape *shapes, size_t from, int room)
{
    size_t to = from;

    while (to < grid->columns) {
        size_t next = family_end(grid, to);
        if (width_between(shapes, from, next) > room)
            break;
        to = next;
    }
    if (to > from)
        return to;
    size_t end = family_end(grid, from);
    for (to = from + 1; to < end; to++)
        if (width_between(shapes, from, to + 1) > room)
            break;
    /* As many columns in each fold, rather than a last one with a single column. */
    size_t folds = (end - from + (to - from) - 1) / (to - from);
    return from + (end - from + folds - 1) / folds;
}

/* Padding at the end of a line is of no use to anyone. */
static void copy_trimmed(const char *text, FILE *out)
{
    while (*text != '\0') {
        size_t length = strcspn(text, "\n"), kept = length;
        while (kept > 0 && text[kept - 1] == ' ')
            kept--;
        (void)fwrite(text, 1, kept, out); /* the caller looks at ferror() */
        fputc('\n', out);
        text += length + (text[length] == '\n');
    }
}

static void put_folds(const struct grid *grid, const struct shape *shapes)
{
    int width = grid->document->view->width == 0 ? WIDTH_DEFAULT : grid->document->view->width;

    if (grid->columns == 1)
        put_fold(grid, shapes, 1, 1);
    for (size_t from = 1; from < grid->columns;) {
        size_t to = fold_end(grid, shapes, from, larger(width, WIDTH_LEAST) - shapes[0].width);
        if (from > 1)
            fputc('\n', grid->document->out);
        put_fold(grid, shapes, from, to);
        from = to;
    }
}

void grid_write_text(const struct grid *grid)
{
    struct document *document = grid->document;
    struct shape *shapes = malloc(grid->columns * sizeof *shapes);
    FILE *out = document->out;
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);

    if (shapes == NULL || memory == NULL) {
        document->error = -ENOMEM;
    } else {
        for (size_t i = 0; i < grid->columns; i++)
            shapes[i] = measure(grid, i);
        document->out = memory;
        put_folds(grid, shapes);
        document->out = out;
    }
    if (memory != NULL && fclose(memory) != 0)
        document->error = -ENOMEM;
    if (document->error == 0)
        copy_trimmed(text, out);
    free(text);
    free(shapes);
}
