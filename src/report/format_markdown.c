/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

static void put_heading(struct document *document, char *text)
{
    fprintf(document->out, "### %s\n", document_loosen(text));
}

static void put_paragraph(struct document *document, const char *lead, char *text)
{
    fprintf(document->out, "%s%s%s\n", document->after_table ? "\n" : "", *lead == '\0' ? "" : "- ",
            document_loosen(text));
}

/* A bar would end the cell, a backquote or a star change the type. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '`' || *text == '*' || *text == '<' || *text == '_')
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void put_cell(FILE *out, const struct table_cell *cell)
{
    const char *strong = cell->mark == MARK_BEST ? "**" : "";

    if (cell->datum.words != NULL) {
        fputs(strong, out);
        put_escaped(out, cell->datum.words);
        fputs(strong, out);
    }
    if (cell->tail != NULL)
        fprintf(out, " %s", cell->tail);
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
