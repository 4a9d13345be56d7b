/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* How often a transaction is tried that others were in the way of. */
enum { TRIES = 5 };

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

struct value value_bytes(const void *bytes, size_t length)
{
    return (struct value){.kind = VALUE_BYTES, .bytes = bytes, .length = length};
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

int store_query(struct history *history, const char *sql, const struct value *parameters,
                size_t count, row_function *row, void *data)
{
    return history->backend->query(history, sql, parameters, count, row, data);
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
    const struct dialect *dialect = &history->backend->dialect;
    return store_query(history, to_write ? dialect->begin_write : dialect->begin_read, NULL, 0,
                       NULL, NULL);
}

int store_end(struct history *history, int error)
{
    char problem[sizeof history->problem];

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

int store_write(struct history *history, int (*work)(struct history *history, void *data),
                void *data)
{
    int error = -EAGAIN;

    for (int tries = 0; error == -EAGAIN && tries < TRIES; tries++) {
        error = store_begin(history, 1);
        if (error == 0)
            error = store_end(history, work(history, data));
    }
    return error == -EAGAIN ? -EBUSY : error;
}

static const char *after(const char *text, const char *start)
{
    size_t length = strlen(start);
    return strncmp(text, start, length) == 0 ? text + length : NULL;
}

/* postgresql://user:secret@host/name without the secret. As libpq reads it, only a slash ends what
 * may be a user; a secret with a slash is none for libpq, but what was meant shows in a port that
 * is no number. */
static char *without_password(const char *url)
{
    const char *begin = strstr(url, "://"), *end, *colon;
    char *name = NULL;

    if (begin == NULL)
        return strdup(url);
    begin += 3;
    end = begin + strcspn(begin, "/");
    const char *at = memrchr(begin, '@', (size_t)(end - begin));
    colon = memchr(begin, ':', (size_t)(end - begin));
    if (at == NULL && colon != NULL && *begin != '[' &&
        colon + 1 + strspn(colon + 1, "0123456789") != end)
        at = strrchr(end, '@');
    colon = at != NULL && colon < at ? colon : NULL;
    /* libpq takes it as a parameter, too. */
    const char *parameter = strstr(url, "password=");
    size_t shown = parameter != NULL ? (size_t)(parameter - url) : strlen(url);
    int length = colon == NULL || shown < (size_t)(at - url)
                     ? asprintf(&name, "%.*s", (int)shown, url)
                     : asprintf(&name, "%.*s%.*s", (int)(colon - url), url,
                                (int)(shown - (size_t)(at - url)), at);
    return length < 0 ? NULL : name;
}

static int choose(struct history *history, const char *url, const char **where)
{
    const char *scheme = strstr(url, "://");

    *where = after(url, "sqlite:");
    history->backend = &backend_sqlite;
    if (*where != NULL)
        return **where != '\0' ? 0 : -EINVAL;
    *where = url;
    if (after(url, "postgresql://") != NULL || after(url, "postgres://") != NULL) {
        history->backend = &backend_postgresql;
        return 0;
    }
    /* A path may hold "://" behind a slash; what stands before a scheme may not. */
    if (*url == '\0' || (scheme != NULL && memchr(url, '/', (size_t)(scheme - url)) == NULL)) {
        store_problem(history, "a store is a file or postgresql://");
        return -EINVAL;
    }
    return 0;
}

int history_open(const char *url, enum history_mode mode, struct history **history)
{
    struct history *opened = calloc(1, sizeof *opened);
    const char *where;

    *history = opened;
    if (opened == NULL)
        return -ENOMEM;
    opened->mode = mode;
    opened->patience_s = HISTORY_PATIENCE_S;
    opened->name = without_password(url);
    int error = opened->name == NULL ? -ENOMEM : choose(opened, url, &where);
    if (error == 0)
        error = opened->backend->open(opened, where, mode);
    if (error == 0)
        error = schema_check(opened);
    return error;
}

void history_close(struct history *history)
{
    if (history == NULL)
        return;
    if (history->connection != NULL)
        history->backend->close(history);
    free(history->name);
    free(history);
}

const char *history_problem(const struct history *history) { return history->problem; }

const char *history_name(const struct history *history)
{
    return history->name != NULL ? history->name : "";
}
