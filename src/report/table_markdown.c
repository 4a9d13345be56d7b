/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <stdio.h>

/* A bar would end the cell, a backquote or a star change the type. */
static void put_escaped(FILE *out, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '`' || *text == '*' || *text == '<' || *text == '_')
            fputc('\\', out);
        fputc(*text, out);
    }
}

static void put_cell(FILE *out, const struct grid_cell *cell)
{
    const char *strong = cell->mark == MARK_BEST ? "**" : "";

    if (cell->text != NULL) {
        fputs(strong, out);
        put_escaped(out, cell->text);
        fputs(strong, out);
    }
    if (cell->tail != NULL)
        fprintf(out, " %s", cell->tail);
    if (cell->mark == MARK_TIED)
        fputs(" =", out);
}

void grid_write_markdown(const struct grid *grid)
{
    FILE *out = grid->document->out;

    for (size_t i = 0; i < grid->columns; i++) {
        fputs("| ", out);
        put_escaped(out, grid->column[i].heading);
        fputc(' ', out);
    }
    fputs("|\n", out);
    for (size_t i = 0; i < grid->columns; i++)
        fputs(grid->column[i].align == PAGE_LEFT ? "| :-- " : "| --: ", out);
    fputs("|\n", out);
    for (size_t row = 0; row < grid->rows; row++) {
        for (size_t i = 0; i < grid->columns; i++) {
            fputs("| ", out);
            put_cell(out, &grid->cell[row * grid->columns + i]);
            fputc(' ', out);
        }
        fputs("|\n", out);
    }
}
