/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include <errno.h>

static const char *text_for_readers(const struct table *table, const char *text)
{
    return document_loosen(document_text_for_readers(table->document, text));
}

void table_add(struct table *table, const struct column *columns, size_t count)
{
    struct document *document = table->document;

    for (; document->error == 0 && count > 0; count--) {
        struct column *column =
            arena_append(&document->arena, &table->column, &table->columns, sizeof *column);
        if (column == NULL) {
            document->error = -ENOMEM;
            return;
        }
        *column = *columns++;
        if (column->heading != NULL)
            column->heading = text_for_readers(table, column->heading);
    }
}

void table_begin(struct table *table, struct document *document, const char *key,
                 const struct column *columns, size_t count)
{
    *table = (struct table){.document = document, .key = key};
    table_add(table, columns, count);
}

void table_set_heading(struct table *table, size_t column, const char *heading)
{
    if (column < table->columns)
        table->column[column].heading = text_for_readers(table, heading);
}

/* What the format calls the column; NULL: it is not for it. */
static const char *title(const struct format *format, const struct column *column)
{
    return format->paragraph != NULL ? column->heading
           : format->member != NULL  ? column->key
                                     : column->csv;
}

/* Whether this format shows anything of it: a table for others takes no memory. */
static int is_of_use(const struct table *table)
{
    const struct format *format = table->document->view->format;

    if (format->member != NULL)
        return table->key != NULL;
    for (size_t i = 0; i < table->columns; i++)
        if (title(format, &table->column[i]) != NULL)
            return 1;
    return 0;
}

void table_row(struct table *table)
{
    struct document *document = table->document;

    table->is_hidden = 0;
    if (document->error != 0 || (table->rows == 0 && !is_of_use(table)))
        return;
    table->at = table->rows * table->columns;
    if (arena_append(&document->arena, &table->cell, &table->rows,
                     table->columns * sizeof *table->cell) == NULL)
        document->error = -ENOMEM;
}

void table_hide_row(struct table *table)
{
    table->is_hidden = document_has_readers(table->document);
    table->rows -= table->is_hidden && table->rows > 0;
}

void table_fill(struct table *table, const struct datum *data, size_t count)
{
    for (; count > 0 && !table->is_hidden && table->at < table->rows * table->columns; count--) {
        struct datum *datum = &table->cell[table->at++].datum;
        *datum = *data++;
        if (datum->words != NULL)
            datum->words = text_for_readers(table, datum->words);
    }
}

/* NULL: there is none, for the row is not for this format, or there is no memory. */
static struct table_cell *last_cell(const struct table *table)
{
    return table->at > 0 && !table->is_hidden ? &table->cell[table->at - 1] : NULL;
}

void table_set_tail(struct table *table, const char *tail)
{
    if (last_cell(table) != NULL)
        last_cell(table)->tail = text_for_readers(table, tail);
}

void table_mark(struct table *table, enum mark mark)
{
    if (last_cell(table) != NULL)
        last_cell(table)->mark = mark;
}

/* What readers get of a value where nothing was said for it; NULL: nothing. */
static const char *word(const struct table *table, const struct column *column,
                        const struct datum *datum)
{
    struct figure (*as)(double) = column->as != NULL ? column->as : figure_count;

    switch (datum->kind) {
    case DATUM_TEXT:
        return datum->text.text == NULL
                   ? NULL
                   : text_for_readers(table,
                                      document_say(table->document, "%.*s", (int)datum->text.length,
                                                   datum->text.text));
    case DATUM_NUMBER:
        return text_for_readers(table, as(datum->number).text);
    case DATUM_COUNT:
        return text_for_readers(table, as((double)datum->count).text);
    case DATUM_INTEGER:
        return text_for_readers(table, as((double)datum->integer).text);
    case DATUM_INTERVAL:
        return text_for_readers(table, figure_change_interval(datum->interval).text);
    default:
        return NULL;
    }
}

static void word_cells(struct table *table)
{
    for (size_t at = 0; at < table->rows * table->columns; at++) {
        struct datum *datum = &table->cell[at].datum;
        if (datum->words == NULL)
            datum->words = word(table, &table->column[at % table->columns], datum);
    }
}

static int is_shown(const struct table *table, size_t column)
{
    const char *name = title(table->document->view->format, &table->column[column]);

    if (name == NULL || *name != '\0')
        return name != NULL;
    for (size_t row = 0; row < table->rows; row++)
        if (table->cell[row * table->columns + column].datum.words != NULL)
            return 1;
    return 0;
}

/* Leaves the columns that this format shows. */
static void drop_columns(struct table *table)
{
    size_t cells = 0, columns = 0;
    int *shown = document_take(table->document, table->columns + 1, sizeof *shown);

    if (shown == NULL)
        return;
    for (size_t i = 0; i < table->columns; i++)
        shown[i] = is_shown(table, i);
    for (size_t at = 0; at < table->rows * table->columns; at++)
        if (shown[at % table->columns])
            table->cell[cells++] = table->cell[at];
    for (size_t i = 0; i < table->columns; i++)
        if (shown[i])
            table->column[columns++] = table->column[i];
    table->columns = columns;
}

void table_end(struct table *table)
{
    struct document *document = table->document;
    int has_readers = document_has_readers(document);

    drop_columns(table);
    if (document->error != 0 || table->columns == 0 || (has_readers && table->rows == 0))
        return;
    if (has_readers) {
        word_cells(table);
        document_gap(document);
    }
    document->view->format->table(document, table);
    document->after_table = has_readers;
}
