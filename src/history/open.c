/* SPDX-License-Identifier: Apache-2.0 */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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
        error = opened->backend->open(opened, where);
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
