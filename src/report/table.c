/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static struct column *add_column(struct table *table)
{
    struct document *document = table->document;
    struct column *column = document->error != 0 ? NULL
                                                 : arena_append(&document->arena, &table->column,
                                                                &table->columns, sizeof *column);

    if (column == NULL && document->error == 0)
        document->error = -ENOMEM;
    return column;
}

void table_begin(struct table *table, struct document *document, const char *key,
                 const struct column *columns, size_t count)
{
    *table = (struct table){.document = document, .key = key};
    for (size_t i = 0; i < count; i++) {
        struct column *column = add_column(table);
        if (column == NULL)
            return;
        *column = columns[i];
        if (column->heading != NULL)
            table_set_heading(table, i, column->heading);
    }
}

void table_add_column(struct table *table, enum align align, int family, const char *heading)
{
    struct column *column = add_column(table);

    if (column == NULL)
        return;
    *column = (struct column){.align = align, .family = family};
    table_set_heading(table, table->columns - 1, heading);
}

void table_set_heading(struct table *table, size_t column, const char *heading)
{
    if (column < table->columns)
        table->column[column].heading =
            document_loosen(document_text_for_readers(table->document, heading));
}

/* Whether this format shows anything of it: a table for others takes no memory. */
static int is_of_use(const struct table *table)
{
    const struct format *format = table->document->view->format;

    if (format->table == NULL)
        return table->key != NULL;
    for (size_t i = 0; i < table->columns; i++)
        if ((format->paragraph == NULL ? table->column[i].csv : table->column[i].heading) != NULL)
            return 1;
    return 0;
}

void table_row(struct table *table)
{
    struct document *document = table->document;

    if (document->error != 0 || (table->rows == 0 && !is_of_use(table)))
        return;
    table->at = table->rows * table->columns;
    if (arena_append(&document->arena, &table->cell, &table->rows,
                     table->columns * sizeof *table->cell) == NULL)
        document->error = -ENOMEM;
}

void table_hide_row(struct table *table)
{
    if (table->rows > 0)
        table->cell[(table->rows - 1) * table->columns].hidden = 1;
}

void table_fill(struct table *table, struct datum datum)
{
    if (table->document->error == 0 && table->at < table->rows * table->columns)
        table->cell[table->at++].datum = datum;
}

void table_members(struct table *table,
                   void (*members)(struct document *document, const void *subject),
                   const void *subject)
{
    table_fill(table,
               (struct datum){.kind = DATUM_MEMBERS, .members = members, .subject = subject});
}

void table_none(struct table *table, size_t count)
{
    while (count-- > 0)
        table_fill(table, (struct datum){.kind = DATUM_NONE});
}

/* NULL: the table is not for this format, or there is no memory. */
static struct table_cell *last_cell(const struct table *table)
{
    return table->at > 0 && table->document->view->format->table != NULL
               ? &table->cell[table->at - 1]
               : NULL;
}

void table_set_words(struct table *table, const char *words)
{
    if (last_cell(table) != NULL)
        last_cell(table)->words =
            document_loosen(document_text_for_readers(table->document, words));
}

void table_set_tail(struct table *table, const char *tail)
{
    if (last_cell(table) != NULL)
        last_cell(table)->tail = document_loosen(document_text_for_readers(table->document, tail));
}

void table_mark(struct table *table, enum mark mark)
{
    if (last_cell(table) != NULL)
        last_cell(table)->mark = mark;
}

/* What readers get of a value where nothing was said for it; NULL: nothing. */
static const char *word(struct document *document, const struct column *column,
                        const struct datum *datum)
{
    struct figure (*as)(double) = column->as != NULL ? column->as : figure_count;
    struct figure figure;

    switch (datum->kind) {
    case DATUM_TEXT:
        return datum->text.text == NULL
                   ? NULL
                   : document_say(document, "%.*s", (int)datum->text.length, datum->text.text);
    case DATUM_NUMBER:
        figure = as(datum->number);
        break;
    case DATUM_COUNT:
        figure = as((double)datum->count);
        break;
    case DATUM_INTEGER:
        figure = as((double)datum->integer);
        break;
    case DATUM_INTERVAL:
        figure = figure_change_interval(datum->interval);
        break;
    default:
        return NULL;
    }
    return document_say(document, "%s", figure.text);
}

static void word_cells(struct table *table)
{
    for (table->at = 1; table->at <= table->rows * table->columns; table->at++) {
        const struct table_cell *cell = &table->cell[table->at - 1];
        const struct column *column = &table->column[(table->at - 1) % table->columns];
        const char *words =
            cell->words == NULL ? word(table->document, column, &cell->datum) : NULL;
        if (words != NULL)
            table_set_words(table, words);
    }
}

static int is_shown(const struct table *table, size_t column)
{
    const char *heading = table->column[column].heading;

    if (table->document->view->format->paragraph == NULL)
        return table->column[column].csv != NULL;
    if (heading == NULL || heading[0] != '\0')
        return heading != NULL;
    for (size_t row = 0; row < table->rows; row++)
        if (table->cell[row * table->columns + column].words != NULL)
            return 1;
    return 0;
}

/* Leaves the rows and columns that this format shows. */
static void drop_hidden(struct table *table)
{
    int for_readers = document_has_readers(table->document);
    size_t kept = 0, rows = 0, columns = table->columns;
    int *shown = document_take(table->document, columns + 1, sizeof *shown);
    struct table_cell *to = table->cell;

    if (shown == NULL)
        return;
    for (size_t i = 0; i < columns; i++)
        shown[i] = is_shown(table, i);
    for (size_t row = 0; row < table->rows; row++) {
        const struct table_cell *cell = &table->cell[row * columns];
        int is_hidden = for_readers && cell->hidden;
        for (size_t i = 0; !is_hidden && i < columns; i++)
            if (shown[i])
                *to++ = cell[i];
        rows += !is_hidden;
    }
    for (size_t i = 0; i < columns; i++)
        if (shown[i])
            table->column[kept++] = table->column[i];
    table->rows = rows;
    table->columns = kept;
}

static void put_members(const struct table *table)
{
    struct document *document = table->document;

    document_open(document, table->key, '[');
    for (size_t row = 0; row < table->rows; row++) {
        document_open(document, NULL, '{');
        for (size_t i = 0; i < table->columns; i++)
            if (table->column[i].key != NULL)
                document_member(document, table->column[i].key,
                                table->cell[row * table->columns + i].datum);
        document_close(document, '}');
    }
    document_close(document, ']');
}

void table_end(struct table *table)
{
    struct document *document = table->document;
    const struct format *format = document->view->format;

    if (document->error == 0 && format->member != NULL && table->key != NULL)
        put_members(table);
    if (document->error != 0 || format->table == NULL)
        return;
    drop_hidden(table);
    if (document_has_readers(document) && table->columns > 0 && table->rows > 0) {
        word_cells(table);
        document_gap(document);
        format->table(document, table);
        document->after_table = 1;
    } else if (!document_has_readers(document) && table->columns > 0) {
        format->table(document, table);
    }
}
