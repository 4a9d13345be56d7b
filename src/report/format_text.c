/* SPDX-License-Identifier: Apache-2.0 */
/* For a terminal: paragraphs wrapped, numbers at their decimal points, tables folded by family
 * where they are too wide. */
#include "figure.h"
#include "table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { GAP = 2, WIDTH_LEAST = 40 };

static const char *style(const struct document *document, const char *code)
{
    return document->view->colour ? code : "";
}

static int larger(int a, int b) { return a > b ? a : b; }

static int width_of(const struct document *document)
{
    return larger(document->view->width == 0 ? VIEW_WIDTH : document->view->width, WIDTH_LEAST);
}

/* Without the last line's end. */
static void wrap(struct document *document, const char *lead, char *text)
{
    int indent = document_text_width(lead), at = indent;
    const char *separator = "";
    char *rest = NULL;

    fputs(lead, document->out);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        int width = document_text_width(word);
        if (at > indent && at + 1 + width > width_of(document)) {
            fprintf(document->out, "\n%*s", indent, "");
            at = indent;
            separator = "";
        }
        fprintf(document->out, "%s%s", separator, document_loosen(word));
        at += width + (*separator != '\0');
        separator = " ";
    }
}

struct shape {
    int whole;    /* of a number: up to the decimal point; of a text: all of it */
    int fraction; /* the point and what follows */
    int tail;
    int marked; /* a column for the mark is needed */
    int width;  /* all of it, the heading included */
};

static const struct table_cell *cell_at(const struct table *table, size_t row, size_t column)
{
    return &table->cell[row * table->columns + column];
}

static int whole_width(const struct table_cell *cell, enum align align)
{
    if (cell->datum.words == NULL)
        return 0;
    const char *point = align == ALIGN_NUMBER ? strchr(cell->datum.words, '.') : NULL;
    return point != NULL ? (int)(point - cell->datum.words)
                         : document_text_width(cell->datum.words);
}

static struct shape measure(const struct table *table, size_t column)
{
    struct shape shape = {0, 0, 0, 0, 0};
    enum align align = table->column[column].align;

    for (size_t row = 0; row < table->rows; row++) {
        const struct table_cell *cell = cell_at(table, row, column);
        int whole = whole_width(cell, align);
        shape.whole = larger(shape.whole, whole);
        if (cell->datum.words != NULL)
            shape.fraction = larger(shape.fraction, document_text_width(cell->datum.words) - whole);
        if (cell->tail != NULL)
            shape.tail = larger(shape.tail, document_text_width(cell->tail));
        shape.marked |= cell->mark != MARK_NONE;
    }
    int content = shape.marked + shape.whole + shape.fraction + (shape.tail > 0) + shape.tail;
    shape.width =
        larger(content, shape.marked + document_text_width(table->column[column].heading));
    if (align == ALIGN_NUMBER) /* a wide heading moves the numbers to its right end */
        shape.whole += shape.width - content;
    return shape;
}

static void put_spaces(FILE *out, int count) { fprintf(out, "%*s", larger(count, 0), ""); }

static void put_heading(const struct table *table, size_t column, const struct shape *shape)
{
    FILE *out = table->document->out;
    const char *heading = table->column[column].heading;
    int space = shape->width - document_text_width(heading);

    if (table->column[column].align != ALIGN_LEFT)
        put_spaces(out, space);
    fprintf(out, "%s%s%s", style(table->document, "\033[1m"), heading,
            style(table->document, "\033[0m"));
    if (table->column[column].align == ALIGN_LEFT)
        put_spaces(out, space);
}

static void put_cell(const struct table *table, size_t row, size_t column,
                     const struct shape *shape)
{
    static const char *const marks[] = {" ", "=", "*"};
    static const char *const styles[] = {"", "\033[32m", "\033[1;32m"};
    const struct table_cell *cell = cell_at(table, row, column);
    FILE *out = table->document->out;
    enum align align = table->column[column].align;
    const char *text = cell->datum.words == NULL ? "" : cell->datum.words;
    int whole = whole_width(cell, align);
    int tail = cell->tail == NULL ? 0 : document_text_width(cell->tail);
    int styled = cell->mark != MARK_NONE;
    int used = shape->marked + document_text_width(text);

    if (align == ALIGN_RIGHT)
        put_spaces(out, shape->width - used);
    if (align == ALIGN_NUMBER) {
        put_spaces(out, shape->whole - whole);
        used += shape->whole - whole;
    }
    if (styled)
        fputs(style(table->document, styles[cell->mark]), out);
    fprintf(out, "%s%s", shape->marked ? marks[cell->mark] : "", text);
    if (styled)
        fputs(style(table->document, "\033[0m"), out);
    if (align == ALIGN_RIGHT)
        return;
    if (tail > 0) {
        put_spaces(out, shape->width - used - tail);
        fprintf(out, "%s%s%s", style(table->document, "\033[2m"), cell->tail,
                style(table->document, "\033[0m"));
    } else {
        put_spaces(out, shape->width - used);
    }
}

static void put_rule(const struct table *table, const struct shape *shapes, size_t from, size_t to)
{
    int total = shapes[0].width;

    for (size_t i = from; i < to; i++)
        total += GAP + shapes[i].width;
    for (int i = 0; i < total; i++)
        fputs(table->document->view->ascii ? "-" : "─", table->document->out);
    fputc('\n', table->document->out);
}

/* One fold: the first column and those from `from` to `to`. */
static void put_fold(const struct table *table, const struct shape *shapes, size_t from, size_t to)
{
    FILE *out = table->document->out;

    put_heading(table, 0, &shapes[0]);
    for (size_t i = from; i < to; i++) {
        put_spaces(out, GAP);
        put_heading(table, i, &shapes[i]);
    }
    fputc('\n', out);
    put_rule(table, shapes, from, to);
    for (size_t row = 0; row < table->rows; row++) {
        put_cell(table, row, 0, &shapes[0]);
        for (size_t i = from; i < to; i++) {
            put_spaces(out, GAP);
            put_cell(table, row, i, &shapes[i]);
        }
        fputc('\n', out);
    }
}

static size_t family_end(const struct table *table, size_t from)
{
    size_t to = from;
    while (to < table->columns && table->column[to].family == table->column[from].family)
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
static size_t fold_end(const struct table *table, const struct shape *shapes, size_t from, int room)
{
    size_t to = from;

    while (to < table->columns) {
        size_t next = family_end(table, to);
        if (width_between(shapes, from, next) > room)
            break;
        to = next;
    }
    if (to > from)
        return to;
    size_t end = family_end(table, from);
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

static void put_folds(const struct table *table, const struct shape *shapes)
{
    int width = width_of(table->document);

    if (table->columns == 1)
        put_fold(table, shapes, 1, 1);
    for (size_t from = 1; from < table->columns;) {
        size_t to = fold_end(table, shapes, from, width - shapes[0].width);
        if (from > 1)
            fputc('\n', table->document->out);
        put_fold(table, shapes, from, to);
        from = to;
    }
}

static void put_table(struct document *document, const struct table *table)
{
    struct shape *shapes = malloc(table->columns * sizeof *shapes);
    FILE *out = document->out;
    char *text = NULL;
    size_t length = 0;
    FILE *memory = open_memstream(&text, &length);

    if (shapes == NULL || memory == NULL) {
        document->error = -ENOMEM;
    } else {
        for (size_t i = 0; i < table->columns; i++)
            shapes[i] = measure(table, i);
        document->out = memory;
        put_folds(table, shapes);
        document->out = out;
    }
    if (memory != NULL && fclose(memory) != 0)
        document->error = -ENOMEM;
    if (document->error == 0)
        copy_trimmed(text, out);
    free(text);
    free(shapes);
}

static void put_heading_line(struct document *document, char *text)
{
    fputs(style(document, "\033[1m"), document->out);
    wrap(document, "", text);
    fprintf(document->out, "%s\n", style(document, "\033[0m"));
}

static void put_paragraph(struct document *document, const char *lead, char *text)
{
    wrap(document, lead, text);
    fputc('\n', document->out);
}

const struct format format_text = {
    .name = "text",
    .heading = put_heading_line,
    .paragraph = put_paragraph,
    .table = put_table,
};
