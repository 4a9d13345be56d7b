/* SPDX-License-Identifier: Apache-2.0 */
/* For a terminal: paragraphs wrapped, numbers at their decimal points, tables folded by family
 * where they are too wide. */
#include "table.h"

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
    int whole; /* of a number: up to the decimal point; of a text: all of it */
    int tail;
    int marked; /* a column for the mark is needed */
    int width;  /* all of it, the heading included */
};

static const struct table_cell *cell_at(const struct table *table, size_t row, size_t column)
{
    return &table->cell[row * table->columns + column];
}

static int width_or_0(const char *text) { return text == NULL ? 0 : document_text_width(text); }

static int whole_width(const char *words, enum align align)
{
    const char *point = align == ALIGN_NUMBER && words != NULL ? strchr(words, '.') : NULL;
    return point != NULL ? (int)(point - words) : width_or_0(words);
}

static struct shape measure(const struct table *table, size_t column)
{
    struct shape shape = {0, 0, 0, 0};
    enum align align = table->column[column].align;
    int fraction = 0;

    for (size_t row = 0; row < table->rows; row++) {
        const struct table_cell *cell = cell_at(table, row, column);
        int whole = whole_width(cell->datum.words, align);
        shape.whole = larger(shape.whole, whole);
        fraction = larger(fraction, width_or_0(cell->datum.words) - whole);
        shape.tail = larger(shape.tail, width_or_0(cell->tail));
        shape.marked |= cell->mark != MARK_NONE;
    }
    int content = shape.marked + shape.whole + fraction + (shape.tail > 0) + shape.tail;
    shape.width =
        larger(content, shape.marked + document_text_width(table->column[column].heading));
    if (align == ALIGN_NUMBER) /* a wide heading moves the numbers to its right end */
        shape.whole += shape.width - content;
    return shape;
}

/* A line of a table, of which the first `at` columns are written. */
struct line {
    const struct document *document;
    int at;
};

/* Nothing is written up to there before there is a text: lines end without blanks. */
static void put_at(struct line *line, int column, const char *code, const char *mark,
                   const char *text)
{
    FILE *out = line->document->out;
    size_t all = strlen(text), length = all;

    while (length > 0 && text[length - 1] == ' ')
        length--;
    if (length == 0 && *mark <= ' ')
        return;
    fprintf(out, "%*s%s%s%.*s%s", larger(column - line->at, 0), "", style(line->document, code),
            mark, (int)length, text, *code != '\0' ? style(line->document, "\033[0m") : "");
    line->at = column + (*mark != '\0') + document_text_width(text) - (int)(all - length);
}

static void put_heading(struct line *line, int left, const struct column *column,
                        const struct shape *shape)
{
    if (column->align != ALIGN_LEFT)
        left += shape->width - document_text_width(column->heading);
    put_at(line, left, "\033[1m", "", column->heading);
}

static void put_cell(struct line *line, int left, const struct table_cell *cell, enum align align,
                     const struct shape *shape)
{
    static const char *const marks[] = {" ", "=", "*"};
    static const char *const codes[] = {"", "\033[32m", "\033[1;32m"};
    const char *words = cell->datum.words == NULL ? "" : cell->datum.words;
    int right = left + shape->width;

    if (align == ALIGN_RIGHT)
        left = right - shape->marked - document_text_width(words);
    if (align == ALIGN_NUMBER)
        left += shape->whole - whole_width(words, align);
    put_at(line, left, codes[cell->mark], shape->marked ? marks[cell->mark] : "", words);
    if (cell->tail != NULL && align != ALIGN_RIGHT)
        put_at(line, right - document_text_width(cell->tail), "\033[2m", "", cell->tail);
}

/* The headings, or a row, of the first column and of those from `from` to `to`. Returns its width.
 */
static int put_line(const struct table *table, const struct shape *shapes, size_t from, size_t to,
                    const struct table_cell *row)
{
    struct line line = {table->document, 0};
    int left = 0;

    for (size_t i = 0; i < to; i = i == 0 ? from : i + 1) {
        if (row == NULL)
            put_heading(&line, left, &table->column[i], &shapes[i]);
        else
            put_cell(&line, left, &row[i], table->column[i].align, &shapes[i]);
        left += shapes[i].width + GAP;
    }
    fputc('\n', table->document->out);
    return left - GAP;
}

static void put_fold(const struct table *table, const struct shape *shapes, size_t from, size_t to)
{
    int width = put_line(table, shapes, from, to, NULL);

    for (int i = 0; i < width; i++)
        fputs(table->document->view->ascii ? "-" : "─", table->document->out);
    fputc('\n', table->document->out);
    for (size_t row = 0; row < table->rows; row++)
        put_line(table, shapes, from, to, cell_at(table, row, 0));
}

static int ends_family(const struct table *table, size_t column)
{
    return column + 1 == table->columns ||
           table->column[column + 1].family != table->column[column].family;
}

/* Whole families as long as they fit; a family that never fits alone is cut where it must be. */
static size_t fold_end(const struct table *table, const struct shape *shapes, size_t from, int room)
{
    size_t to = from, fit = from, end = from;

    for (; fit < table->columns && (room -= GAP + shapes[fit].width) >= 0; fit++)
        if (ends_family(table, fit))
            to = fit + 1;
    if (to > from || from == table->columns)
        return to;
    while (!ends_family(table, end++))
        ;
    /* As many columns in each fold, rather than a last one with a single column. */
    size_t most = fit > from ? fit - from : 1, folds = (end - from + most - 1) / most;
    return from + (end - from + folds - 1) / folds;
}

static void put_table(struct document *document, const struct table *table)
{
    struct shape *shapes = document_take(document, table->columns, sizeof *shapes);
    size_t from = 1;

    if (shapes == NULL)
        return;
    for (size_t i = 0; i < table->columns; i++)
        shapes[i] = measure(table, i);
    do {
        size_t to = fold_end(table, shapes, from, width_of(document) - shapes[0].width);
        if (from > 1)
            fputc('\n', document->out);
        put_fold(table, shapes, from, to);
        from = to;
    } while (from < table->columns);
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
