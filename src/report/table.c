/* SPDX-License-Identifier: Apache-2.0 */
#include "table.h"

#include "figure.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static char *__attribute__((format(printf, 2, 0)))
print(struct document *document, const char *format, va_list arguments)
{
    return document_loosen(document_print(document, format, arguments));
}

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
            table_heading(table, i, "%s", column->heading);
    }
}

void table_column(struct table *table, enum align align, int family, const char *heading, ...)
{
    struct column *column = add_column(table);
    va_list arguments;

    if (column == NULL)
        return;
    va_start(arguments, heading);
    *column = (struct column){
        .heading = print(table->document, heading, arguments), .align = align, .family = family};
    va_end(arguments);
}

void table_heading(struct table *table, size_t column, const char *heading, ...)
{
    va_list arguments;

    va_start(arguments, heading);
    char *text = print(table->document, heading, arguments);
    va_end(arguments);
    if (text != NULL)
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

void table_say(struct table *table, const char *format, ...)
{
    va_list arguments;

    table_none(table, 1);
    va_start(arguments, format);
    if (last_cell(table) != NULL)
        last_cell(table)->words = print(table->document, format, arguments);
    va_end(arguments);
}

void table_words(struct table *table, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (last_cell(table) != NULL)
        last_cell(table)->words = print(table->document, format, arguments);
    va_end(arguments);
}

void table_tail(struct table *table, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    if (last_cell(table) != NULL)
        last_cell(table)->tail = print(table->document, format, arguments);
    va_end(arguments);
}

void table_mark(struct table *table, enum mark mark)
{
    if (last_cell(table) != NULL)
        last_cell(table)->mark = mark;
}

static struct figure word_number(enum as as, double number)
{
    static struct figure (*const of[])(double) = {
        [AS_IS] = figure_count,        [AS_TIME] = figure_time,     [AS_BYTES] = figure_bytes,
        [AS_PERCENT] = figure_percent, [AS_CHANGE] = figure_change, [AS_P] = figure_p};

    return of[as](number);
}

static const char *word(struct document *document, enum as as, const struct datum *datum)
{
    switch (datum->kind) {
    case DATUM_TEXT:
        return datum->text.text == NULL
                   ? NULL
                   : document_say(document, "%.*s", (int)datum->text.length, datum->text.text);
    case DATUM_NUMBER:
        return document_say(document, "%s", word_number(as, datum->number).text);
    case DATUM_COUNT:
        return document_say(document, "%s", word_number(as, (double)datum->count).text);
    case DATUM_INTEGER:
        return document_say(document, "%s", word_number(as, (double)datum->integer).text);
    case DATUM_INTERVAL:
        return document_say(document, "%s", figure_change_interval(datum->interval).text);
    default:
        return NULL;
    }
}

static void word_cells(struct table *table)
{
    for (size_t i = 0; i < table->rows * table->columns; i++) {
        struct table_cell *cell = &table->cell[i];
        const char *words =
            word(table->document, table->column[i % table->columns].as, &cell->datum);
        if (cell->words == NULL && words != NULL) {
            table->at = i + 1;
            table_words(table, "%s", words);
        }
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
