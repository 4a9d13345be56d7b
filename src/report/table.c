/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include "format.h"
#include "src/base/array.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

void table_begin(struct table *table, struct document *document, const char *key,
                 const struct column *columns, size_t count)
{
    *table = (struct table){.document = document, .key = key};
    for (size_t i = 0; i < count; i++) {
        table_column(table, columns[i].align, columns[i].family, "%s",
                     columns[i].heading != NULL ? columns[i].heading : "");
        if (document->error != 0)
            return;
        struct column *added = &table->column[i];
        if (columns[i].heading == NULL) {
            free((char *)added->heading);
            added->heading = NULL;
        }
        added->key = columns[i].key;
        added->csv = columns[i].csv;
        added->as = columns[i].as;
    }
}

void table_column(struct table *table, enum align align, int family, const char *heading, ...)
{
    va_list arguments;
    struct column *larger = array_grow(table->column, table->columns, sizeof *larger);

    if (larger == NULL) {
        table->document->error = -ENOMEM;
        return;
    }
    table->column = larger;
    va_start(arguments, heading);
    char *text = document_loosen(document_print(table->document, heading, arguments));
    va_end(arguments);
    if (text != NULL)
        larger[table->columns++] =
            (struct column){.heading = text, .align = align, .family = family};
}

void table_heading(struct table *table, size_t column, const char *heading, ...)
{
    va_list arguments;

    va_start(arguments, heading);
    char *text = document_loosen(document_print(table->document, heading, arguments));
    va_end(arguments);
    if (text == NULL)
        return;
    free((char *)table->column[column].heading);
    table->column[column].heading = text;
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

size_t table_row(struct table *table)
{
    if (table->document->error != 0 || (table->rows == 0 && !is_of_use(table)))
        return 0;
    struct table_cell *larger =
        array_grow(table->cell, table->rows, table->columns * sizeof *larger);
    if (larger == NULL) {
        table->document->error = -ENOMEM;
        return 0;
    }
    table->cell = larger;
    table->at = table->rows * table->columns;
    for (size_t i = 0; i < table->columns; i++)
        larger[table->at + i] = (struct table_cell){.words = NULL};
    return table->rows++;
}

void table_hide_row(struct table *table)
{
    if (table->rows > 0)
        table->cell[(table->rows - 1) * table->columns].hidden = 1;
}

static void fill(struct table *table, struct datum datum)
{
    if (table->document->error == 0 && table->at < table->rows * table->columns)
        table->cell[table->at++].datum = datum;
}

void table_span(struct table *table, struct span text)
{
    fill(table, (struct datum){.kind = DATUM_TEXT, .text = text});
}

void table_text(struct table *table, const char *text)
{
    table_span(table, (struct span){text, text == NULL ? 0 : strlen(text)});
}

void table_number(struct table *table, double number)
{
    fill(table, (struct datum){.kind = DATUM_NUMBER, .number = number});
}

void table_count(struct table *table, uint64_t count)
{
    fill(table, (struct datum){.kind = DATUM_COUNT, .count = count});
}

void table_integer(struct table *table, int64_t integer)
{
    fill(table, (struct datum){.kind = DATUM_INTEGER, .integer = integer});
}

void table_interval(struct table *table, struct interval interval)
{
    fill(table, (struct datum){.kind = DATUM_INTERVAL, .interval = interval});
}

void table_members(struct table *table,
                   void (*members)(struct document *document, const void *subject),
                   const void *subject)
{
    fill(table, (struct datum){.kind = DATUM_MEMBERS, .members = members, .subject = subject});
}

void table_none(struct table *table, size_t count)
{
    while (count-- > 0)
        fill(table, (struct datum){.kind = DATUM_NONE});
}

/* NULL: there is no memory, or the table is not for this format. */
static struct table_cell *cell_at(const struct table *table, size_t row, size_t column)
{
    return row < table->rows ? &table->cell[row * table->columns + column] : NULL;
}

static void __attribute__((format(printf, 3, 0)))
put_text(struct document *document, char **slot, const char *format, va_list arguments)
{
    if (slot == NULL || document->view->format->table == NULL)
        return;
    char *text = document_loosen(document_print(document, format, arguments));
    if (text == NULL)
        return;
    free(*slot);
    *slot = text;
}

void table_words(struct table *table, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    put_text(table->document, table->at > 0 ? &table->cell[table->at - 1].words : NULL, format,
             arguments);
    va_end(arguments);
}

void table_set(struct table *table, size_t row, size_t column, const char *format, ...)
{
    struct table_cell *cell = cell_at(table, row, column);
    va_list arguments;

    va_start(arguments, format);
    put_text(table->document, cell != NULL ? &cell->words : NULL, format, arguments);
    va_end(arguments);
}

void table_tail(struct table *table, size_t row, size_t column, const char *format, ...)
{
    struct table_cell *cell = cell_at(table, row, column);
    va_list arguments;

    va_start(arguments, format);
    put_text(table->document, cell != NULL ? &cell->tail : NULL, format, arguments);
    va_end(arguments);
}

void table_mark(struct table *table, size_t row, size_t column, enum mark mark)
{
    struct table_cell *cell = cell_at(table, row, column);

    if (cell != NULL)
        cell->mark = mark;
}

static struct figure word_number(enum as as, double number)
{
    static struct figure (*const of[])(double) = {
        [AS_IS] = figure_count,        [AS_TIME] = figure_time,     [AS_BYTES] = figure_bytes,
        [AS_PERCENT] = figure_percent, [AS_CHANGE] = figure_change, [AS_P] = figure_p};

    return of[as](number);
}

static void word_cell(struct table *table, size_t row, size_t column)
{
    const struct datum *datum = &table->cell[row * table->columns + column].datum;
    struct figure figure;

    switch (datum->kind) {
    case DATUM_TEXT:
        if (datum->text.text != NULL)
            table_set(table, row, column, "%.*s", (int)datum->text.length, datum->text.text);
        return;
    case DATUM_NUMBER:
        figure = word_number(table->column[column].as, datum->number);
        break;
    case DATUM_COUNT:
        figure = word_number(table->column[column].as, (double)datum->count);
        break;
    case DATUM_INTEGER:
        figure = word_number(table->column[column].as, (double)datum->integer);
        break;
    case DATUM_INTERVAL:
        figure = figure_change_interval(datum->interval);
        break;
    default:
        return;
    }
    table_set(table, row, column, "%s", figure.text);
}

static int is_shown(const struct table *table, size_t column)
{
    const struct format *format = table->document->view->format;

    if (format->paragraph == NULL)
        return table->column[column].csv != NULL;
    if (table->column[column].heading == NULL || table->column[column].heading[0] != '\0')
        return table->column[column].heading != NULL;
    for (size_t row = 0; row < table->rows; row++)
        if (table->cell[row * table->columns + column].words != NULL)
            return 1;
    return 0;
}

static void free_cell(struct table_cell *cell)
{
    free(cell->words);
    free(cell->tail);
}

static void drop_hidden_rows(struct table *table)
{
    size_t kept = 0, columns = table->columns;

    for (size_t row = 0; row < table->rows; row++) {
        struct table_cell *cell = &table->cell[row * columns];
        if (cell->hidden) {
            for (size_t i = 0; i < columns; i++)
                free_cell(&cell[i]);
            continue;
        }
        memmove(&table->cell[kept++ * columns], cell, columns * sizeof *cell);
    }
    table->rows = kept;
}

/* Leaves the columns that this format shows. */
static void drop_hidden_columns(struct table *table)
{
    size_t kept = 0, columns = table->columns;

    for (size_t i = 0; i < columns; i++) {
        int shown = is_shown(table, i);
        for (size_t row = 0; row < table->rows; row++) {
            struct table_cell *cell = &table->cell[row * columns + i];
            if (shown)
                table->cell[row * columns + kept] = *cell;
            else
                free_cell(cell);
        }
        if (shown)
            table->column[kept++] = table->column[i];
        else
            free((char *)table->column[i].heading);
    }
    /* Now the rows move together. */
    for (size_t row = 0; row < table->rows; row++)
        for (size_t i = 0; i < kept; i++)
            table->cell[row * kept + i] = table->cell[row * columns + i];
    table->columns = kept;
}

static void put_for_readers(struct table *table)
{
    if (table->columns == 0 || table->rows == 0)
        return;
    for (size_t row = 0; row < table->rows; row++)
        for (size_t i = 0; i < table->columns; i++)
            if (table->cell[row * table->columns + i].words == NULL)
                word_cell(table, row, i);
    document_gap(table->document);
    table->document->view->format->table(table->document, table);
    table->document->after_table = 1;
}

static void put_members(const struct table *table)
{
    struct document *document = table->document;

    document_open(document, table->key, '[');
    for (size_t row = 0; row < table->rows; row++) {
        document_open(document, NULL, '{');
        for (size_t i = 0; i < table->columns; i++)
            if (table->column[i].key != NULL && document->error == 0)
                document->view->format->member(document, table->column[i].key,
                                               &table->cell[row * table->columns + i].datum);
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
    if (document->error == 0 && format->table != NULL && format->paragraph != NULL)
        drop_hidden_rows(table);
    if (document->error == 0 && format->table != NULL)
        drop_hidden_columns(table);
    if (document->error == 0 && format->table != NULL && format->paragraph != NULL)
        put_for_readers(table);
    else if (document->error == 0 && format->table != NULL && table->columns > 0)
        format->table(document, table);
    for (size_t i = 0; i < table->columns; i++)
        free((char *)table->column[i].heading);
    for (size_t i = 0; i < table->rows * table->columns; i++)
        free_cell(&table->cell[i]);
    free(table->column);
    free(table->cell);
    *table = (struct table){0};
}
