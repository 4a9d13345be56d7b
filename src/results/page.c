/* SPDX-License-Identifier: Apache-2.0 */
#include "page.h"

#include "format.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { WIDTH_DEFAULT = 100, WIDTH_LEAST = 40 };

struct results_view results_view_default(void)
{
    return (struct results_view){.format = RESULTS_FORMAT_TEXT, .width = WIDTH_DEFAULT};
}

struct page page_begin(FILE *out, const struct results_view *view)
{
    return (struct page){.out = out, .view = view};
}

int page_finish(struct page *page)
{
    if (page->error == 0 && (fflush(page->out) != 0 || ferror(page->out)))
        page->error = -EIO;
    return page->error;
}

int page_text_width(const char *text)
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

static char *print(struct page *page, const char *format, va_list arguments)
{
    char *text = NULL;

    if (page->error != 0)
        return NULL;
    if (vasprintf(&text, format, arguments) < 0) {
        page->error = -ENOMEM;
        return NULL;
    }
    if (!page->view->unicode)
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

const char *page_style(const struct page *page, const char *code)
{
    return page->view->colour && page->view->format == RESULTS_FORMAT_TEXT ? code : "";
}

void page_gap(struct page *page)
{
    if (page->begun)
        fputc('\n', page->out);
    page->begun = 1;
    page->after_grid = 0;
}

static int width_of(const struct page *page)
{
    int width = page->view->width == 0 ? WIDTH_DEFAULT : page->view->width;
    return width < WIDTH_LEAST ? WIDTH_LEAST : width;
}

/* Without the last line's end. */
static void wrap(struct page *page, const char *lead, char *text)
{
    int indent = page_text_width(lead), at = indent;
    const char *separator = "";
    char *rest = NULL;

    fputs(lead, page->out);
    for (char *word = strtok_r(text, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        int width = page_text_width(word);
        if (at > indent && at + 1 + width > width_of(page)) {
            fprintf(page->out, "\n%*s", indent, "");
            at = indent;
            separator = "";
        }
        fprintf(page->out, "%s%s", separator, loosen(word));
        at += width + (*separator != '\0');
        separator = " ";
    }
}

void page_heading(struct page *page, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(page, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    page_gap(page);
    if (page->view->format == RESULTS_FORMAT_MARKDOWN) {
        fprintf(page->out, "### %s\n", loosen(text));
    } else {
        fputs(page_style(page, "\033[1m"), page->out);
        wrap(page, "", text);
        fprintf(page->out, "%s\n", page_style(page, "\033[0m"));
    }
    free(text);
}

static void paragraph(struct page *page, const char *lead, char *text)
{
    if (page->view->format == RESULTS_FORMAT_MARKDOWN) {
        fprintf(page->out, "%s%s%s\n", page->after_grid ? "\n" : "", *lead == '\0' ? "" : "- ",
                loosen(text));
    } else {
        wrap(page, lead, text);
        fputc('\n', page->out);
    }
    page->after_grid = 0;
}

void page_paragraph(struct page *page, const char *lead, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(page, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    page_gap(page);
    paragraph(page, lead, text);
    free(text);
}

void page_note(struct page *page, const char *lead, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    char *text = print(page, format, arguments);
    va_end(arguments);
    if (text == NULL)
        return;
    page->begun = 1;
    paragraph(page, lead, text);
    free(text);
}

void grid_begin(struct grid *grid, struct page *page) { *grid = (struct grid){.page = page}; }

void grid_column(struct grid *grid, enum page_align align, int family, const char *format, ...)
{
    va_list arguments;
    struct grid_column *larger = realloc(grid->column, (grid->columns + 1) * sizeof *grid->column);
    if (larger == NULL) {
        grid->page->error = -ENOMEM;
        return;
    }
    grid->column = larger;
    va_start(arguments, format);
    larger[grid->columns] =
        (struct grid_column){loosen(print(grid->page, format, arguments)), align, family};
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
            grid->page->error = -ENOMEM;
            return 0;
        }
        grid->cell = larger;
        grid->row_capacity = capacity;
    }
    for (size_t i = 0; i < grid->columns; i++)
        grid->cell[grid->rows * grid->columns + i] =
            (struct grid_cell){NULL, NULL, RESULTS_UNMARKED};
    return grid->rows++;
}

static void __attribute__((format(printf, 3, 0)))
put_text(struct page *page, char **slot, const char *format, va_list arguments)
{
    char *text = loosen(print(page, format, arguments));

    if (page->error != 0)
        return;
    free(*slot);
    *slot = text;
}

void grid_set(struct grid *grid, size_t row, size_t column, const char *format, ...)
{
    va_list arguments;

    if (grid->page->error != 0)
        return;
    va_start(arguments, format);
    put_text(grid->page, &grid->cell[row * grid->columns + column].text, format, arguments);
    va_end(arguments);
}

void grid_tail(struct grid *grid, size_t row, size_t column, const char *format, ...)
{
    va_list arguments;

    if (grid->page->error != 0)
        return;
    va_start(arguments, format);
    put_text(grid->page, &grid->cell[row * grid->columns + column].tail, format, arguments);
    va_end(arguments);
}

void grid_mark(struct grid *grid, size_t row, size_t column, enum results_mark mark)
{
    if (grid->page->error == 0)
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
    if (grid->page->error == 0)
        drop_empty(grid);
    if (grid->page->error == 0 && grid->columns > 0 && grid->rows > 0) {
        page_gap(grid->page);
        if (grid->page->view->format == RESULTS_FORMAT_MARKDOWN)
            grid_write_markdown(grid);
        else
            grid_write_text(grid);
        grid->page->after_grid = 1;
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
