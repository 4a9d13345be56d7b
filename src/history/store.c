/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"
#include "src/base/arena.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a transaction is tried that others were in the way of. */
enum { TRIES = 5, ID_LEAST = 4 };

struct value value_integer(int64_t integer)
{
    return (struct value){.kind = VALUE_INTEGER, .integer = integer};
}

struct value value_real(double real)
{
    return (struct value){.kind = isfinite(real) ? VALUE_REAL : VALUE_NULL, .real = real};
}

struct value value_text(const char *text)
{
    if (text == NULL)
        return (struct value){.kind = VALUE_NULL};
    return (struct value){.kind = VALUE_TEXT, .bytes = text, .length = strlen(text)};
}

void store_problem(struct history *history, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(history->problem, sizeof history->problem, format, arguments);
    va_end(arguments);
    size_t length = strlen(history->problem);
    while (length > 0 && strchr(".\n ", history->problem[length - 1]) != NULL)
        history->problem[--length] = '\0';
    for (char *at = history->problem; *at != '\0'; at++)
        if ((unsigned char)*at < ' ')
            *at = ' ';
}

int row_is(const struct value *columns, const char *kinds)
{
    for (; *kinds != '\0'; kinds++, columns++)
        if ((*kinds == 'i' && columns->kind != VALUE_INTEGER) ||
            (*kinds == 't' && columns->kind != VALUE_TEXT))
            return 0;
    return 1;
}

char *row_text(const struct value *column, struct arena *arena)
{
    return column->kind == VALUE_TEXT ? arena_copy(arena, column->bytes, column->length) : NULL;
}

int store_query(struct history *history, const char *sql, const struct value *parameters,
                size_t count, row_function *row, void *data)
{
    return history->backend->query(history, sql, parameters, count, row, data);
}

int store_rows(struct history *history, const struct row_statement *statement, size_t rows,
               const struct value *values, void *data)
{
    char *sql = NULL;
    size_t size, number = 0;
    FILE *out = open_memstream(&sql, &size);

    if (out == NULL)
        return -ENOMEM;
    fputs(statement->start, out);
    for (size_t i = 0; i < rows; i++) {
        fputs(i > 0 ? ", " : " ", out);
        for (const char *at = statement->row; *at != '\0'; at++)
            *at == '?' ? fprintf(out, "$%zu", ++number) : fputc(*at, out);
    }
    fputs(statement->end, out);
    int error = text_close(out, &sql);
    if (error == 0)
        error = store_query(history, sql, values, number, statement->take, data);
    free(sql);
    return error;
}

int id_range(const char *id, struct id_range *range)
{
    size_t length = strlen(id);

    if (length < ID_LEAST || length > HISTORY_ID || strspn(id, "0123456789abcdefABCDEF") != length)
        return -EINVAL;
    *range = (struct id_range){0};
    for (size_t i = 0; i < length; i++)
        range->high[i] = range->low[i] = (char)tolower(id[i]);
    /* No digit comes behind f, under every order of letters. */
    range->high[length] = 'g';
    range->parameters[0] = value_text(range->low);
    range->parameters[1] = value_text(range->high);
    return 0;
}

struct first {
    int found;
    int64_t integer;
};

static int take_first(void *data, const struct value *columns)
{
    struct first *first = data;

    if (!first->found)
        first->integer = columns[0].integer;
    first->found = 1;
    return 0;
}

int store_integer(struct history *history, const char *sql, const struct value *parameters,
                  size_t count, int64_t *integer)
{
    struct first first = {0};
    int error = store_query(history, sql, parameters, count, take_first, &first);

    if (error != 0)
        return error;
    *integer = first.integer;
    return first.found ? 0 : -ENODATA;
}

int store_begin(struct history *history, int to_write)
{
    const struct backend *backend = history->backend;

    if (history->depth > 0 && to_write)
        return -EPERM;
    int error = history->depth > 0
                    ? 0
                    : store_query(history, to_write ? backend->begin_write : backend->begin_read,
                                  NULL, 0, NULL, NULL);
    history->depth += error == 0;
    return error;
}

int history_end(struct history *history, int error)
{
    char problem[sizeof history->problem];

    if (--history->depth > 0)
        return error;
    if (error == 0)
        error = store_query(history, "COMMIT", NULL, 0, NULL, NULL);
    if (error == 0)
        return 0;
    /* What went wrong first is what counts; the back end may have rolled back by itself. */
    memcpy(problem, history->problem, sizeof problem);
    (void)store_query(history, "ROLLBACK", NULL, 0, NULL, NULL);
    memcpy(history->problem, problem, sizeof problem);
    return error;
}

int history_begin(struct history *history) { return store_begin(history, 0); }

int store_write(struct history *history, int (*work)(struct history *history, void *data),
                void *data)
{
    int error = -EAGAIN;

    for (int tries = 0; error == -EAGAIN && tries < TRIES; tries++) {
        error = store_begin(history, 1);
        if (error == 0)
            error = history_end(history, work(history, data));
    }
    return error == -EAGAIN ? -EBUSY : error;
}
