/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include "format.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH_DEFAULT = 100, WIDTH_LEAST = 40 };

struct view view_default(void)
{
    return (struct view){.format = VIEW_TEXT, .width = WIDTH_DEFAULT};
}

struct document document_begin(FILE *out, const struct view *view)
{
    return (struct document){.out = out, .view = view};
}

int document_finish(struct document *document)
{
    if (document->error == 0 && (fflush(document->out) != 0 || ferror(document->out)))
        document->error = -EIO;
    return document->error;
}

int document_text_width(const char *text)
{
    int width = 0;
    for (; *text != '\0'; text++)
        width += ((unsigned char)*text & 0xC0) != 0x80;
    return width;
}

/* The signs that the texts of this library use, in ASCII. None is longer than its UTF-8 form. */
static void make_ascii(char *text)
{
    static const struct {
        const char *sign;
        const char *ascii;
    } signs[] = {{"±", "+-"}, {"µ", "u"}, {"–", "-"}, {"×", "x"},   {"·", ","},
                 {"≤", "<="}, {"─", "-"}, {"│", "|"}, {"…", "..."}, {"−", "-"}};
    char *out = text;

    while (*text != '\0') {
        size_t i = 0, count = sizeof signs / sizeof signs[0];
        if ((unsigned char)*text < 0x80) {
            *out++ = *text++;
            continue;
        }
        while (i < count && strncmp(text, signs[i].sign, strlen(signs[i].sign)) != 0)
            i++;
        const char *ascii = i < count ? signs[i].ascii : "?";
        do /* pass it by first: what is written may lie on it */
            text++;
        while (((unsigned char)*text & 0xC0) == 0x80);
        memcpy(out, ascii, strlen(ascii));
        out += strlen(ascii);
    }
    *out = '\0';
}

static char *print(struct document *document, const char *format, va_list arguments)
{
    char *text = NULL;

    if (document->error != 0)
        return NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        document->error = -ENOMEM;
        return NULL;
    }
    if (!document->view->unicode)
        make_ascii(text);
    return text;
}

/* For what is never wrapped. */
static char *loosen(char *text)
{
    for (char *p = text; p != NULL && *p != '\0'; p++)
        if (*p == FORMAT_GLUE[0])
            *p = ' ';
    return text;
}

const char *document_style(const struct document *document, const char *code)
{
    return document->view->colour && document->view->format == VIEW_TEXT ? code : "";
}

void document_gap(struct document *document)
{
    if (document->begun)
        fputc('\n', document->out);
    document->begun = 1;
    document->after_grid = 0;
}

static int width_of(const struct document *document)
{
    int width = document->view->width == 0 ? WIDTH_DEFAULT : document->view->width;
    return width < WIDTH_LEAST ? WIDTH_LEAST : width;
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
        fprintf(document->out, "%s%s", separator, loosen(word));
        at += width + (*separator != '\0');
        separator = " ";
    }
}

void document_heading(struct document *document, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(document, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    document_gap(document);
    if (document->view->format == VIEW_MARKDOWN) {
        fprintf(document->out, "### %s\n", loosen(text));
    } else {
        fputs(document_style(document, "\033[1m"), document->out);
        wrap(document, "", text);
        fprintf(document->out, "%s\n", document_style(document, "\033[0m"));
    }
    free(text);
}

static void paragraph(struct document *document, const char *lead, char *text)
{
    if (document->view->format == VIEW_MARKDOWN) {
        fprintf(document->out, "%s%s%s\n", document->after_grid ? "\n" : "",
                *lead == '\0' ? "" : "- ", loosen(text));
    } else {
        wrap(document, lead, text);
        fputc('\n', document->out);
    }
    document->after_grid = 0;
}

void document_paragraph(struct document *document, const char *lead, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(document, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    document_gap(document);
    paragraph(document, lead, text);
    free(text);
}

void document_note(struct document *document, const char *lead, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(document, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    document->begun = 1;
    paragraph(document, lead, text);
    free(text);
}

void grid_begin(struct grid *grid, struct document *document)
{
    *grid = (struct grid){.document = document};
}

void grid_column(struct grid *grid, enum page_align align, int family, const char *format, ...)
{
    va_list arguments;
    struct grid_column *larger = realloc(grid->column, (grid->columns + 1) * sizeof *grid->column);
    if (larger == NULL) {
        grid->document->error = -ENOMEM;
        return;
    }
    grid->column = larger;
    va_start(arguments, format);
    larger[grid->columns] =
        (struct grid_column){loosen(print(grid->document, format, arguments)), align, family};
    va_end(arguments);
    if (larger[grid->columns].heading != NULL)
        grid->columns++;
}

size_t grid_row(struct grid *grid)
{
    if (grid->rows == grid->row_capacity) {
        size_t capacity = grid->row_capacity == 0 ? 16 : grid->row_capacity * 2;
        struct grid_cell *larger =
            realloc(grid->cell, capacity * (grid->columns + 1) * sizeof *larger);
        if (larger == NULL) {
            grid->document->error = -ENOMEM;
            return 0;
        }
        grid->cell = larger;
        grid->row_capacity = capacity;
    }
    for (size_t i = 0; i < grid->columns; i++)
        grid->cell[grid->rows * grid->columns + i] = (struct grid_cell){NULL, NULL, MARK_NONE};
    return grid->rows++;
}

static void __attribute__((format(printf, 3, 0)))
put_text(struct document *document, char **slot, const char *format, va_list arguments)
{
    char *text = loosen(print(document, format, arguments));

    if (document->error != 0)
        return;
    free(*slot);
    *slot = text;
}

void grid_set(struct grid *grid, size_t row, size_t column, const char *format, ...)
{
    va_list arguments;

    if (grid->document->error != 0)
        return;
    va_start(arguments, format);
    put_text(grid->document, &grid->cell[row * grid->columns + column].text, format, arguments);
    va_end(arguments);
}

void grid_tail(struct grid *grid, size_t row, size_t column, const char *format, ...)
{
    va_list arguments;

    if (grid->document->error != 0)
        return;
    va_start(arguments, format);
    put_text(grid->document, &grid->cell[row * grid->columns + column].tail, format, arguments);
    va_end(arguments);
}

void grid_mark(struct grid *grid, size_t row, size_t column, enum mark mark)
{
    if (grid->document->error == 0)
        grid->cell[row * grid->columns + column].mark = mark;
}

static int is_empty(const struct grid *grid, size_t column)
{
    if (grid->column[column].heading[0] != '\0')
        return 0;
    for (size_t row = 0; row < grid->rows; row++)
        if (grid->cell[row * grid->columns + column].text != NULL)
            return 0;
    return 1;
}

/* Columns without a heading that nobody filled are not shown. */
static void drop_empty(struct grid *grid)
{
    size_t kept = 0, columns = grid->columns;

    for (size_t i = 0; i < columns; i++) {
        if (is_empty(grid, i)) {
            free(grid->column[i].heading);
            continue;
        }
        grid->column[kept] = grid->column[i];
        for (size_t row = 0; row < grid->rows; row++)
            grid->cell[row * columns + kept] = grid->cell[row * columns + i];
        kept++;
    }
    /* Now the rows move together. */
    for (size_t row = 0; row < grid->rows; row++)
        for (size_t i = 0; i < kept; i++)
            grid->cell[row * kept + i] = grid->cell[row * columns + i];
    grid->columns = kept;
}

void grid_end(struct grid *grid)
{
    if (grid->document->error == 0)
        drop_empty(grid);
    if (grid->document->error == 0 && grid->columns > 0 && grid->rows > 0) {
        document_gap(grid->document);
        if (grid->document->view->format == VIEW_MARKDOWN)
            grid_write_markdown(grid);
        else
            grid_write_text(grid);
        grid->document->after_grid = 1;
    }
    for (size_t i = 0; i < grid->columns; i++)
        free(grid->column[i].heading);
    for (size_t i = 0; i < grid->rows * grid->columns; i++) {
        free(grid->cell[i].text);
        free(grid->cell[i].tail);
    }
    free(grid->column);
    free(grid->cell);
    *grid = (struct grid){0};
}
