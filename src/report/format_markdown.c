/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

/* A bar would end the cell, the others begin type, a tag, an escape; an end of a bracket a link,
 * where what it leads to follows. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        int is_link = *text == ']' && text[1] != '\0' && strchr("([:", text[1]) != NULL;
        if (is_link || strchr("\\|`*<_", *text) != NULL)
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void put_line(struct document *document, const char *lead, char *text)
{
    fputs(lead, document->out);
    put_escaped(document->out, document_loosen(text));
    fputc('\n', document->out);
}

static void put_heading(struct document *document, char *text) { put_line(document, "### ", text); }

static void put_paragraph(struct document *document, const char *lead, char *text)
{
    fputs(document->after_table ? "\n" : "", document->out);
    put_line(document, *lead == '\0' ? "" : "- ", text);
}

static void put_cell(FILE *out, const struct table_cell *cell)
{
    const char *strong = cell->mark == MARK_BEST ? "**" : "";

    if (cell->datum.words != NULL) {
        fputs(strong, out);
        put_escaped(out, cell->datum.words);
        fputs(strong, out);
    }
    if (cell->tail != NULL) {
        fputc(' ', out);
        put_escaped(out, cell->tail);
    }
    if (cell->mark == MARK_TIED)
        fputs(" =", out);
}

static void put_table(struct document *document, const struct table *table)
{
    FILE *out = document->out;

    for (size_t i = 0; i < table->columns; i++) {
        fputs("| ", out);
        put_escaped(out, table->column[i].heading);
        fputc(' ', out);
    }
    fputs("|\n", out);
    for (size_t i = 0; i < table->columns; i++)
        fputs(table->column[i].align == ALIGN_LEFT ? "| :-- " : "| --: ", out);
    fputs("|\n", out);
    for (size_t row = 0; row < table->rows; row++) {
        for (size_t i = 0; i < table->columns; i++) {
            fputs("| ", out);
            put_cell(out, &table->cell[row * table->columns + i]);
            fputc(' ', out);
        }
        fputs("|\n", out);
    }
}

const struct format format_markdown = {
    .name = "markdown",
    .heading = put_heading,
    .paragraph = put_paragraph,
    .table = put_table,
};
