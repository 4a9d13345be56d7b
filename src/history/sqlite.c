/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A store in a file. It keeps SQLite's rollback journal: a write-ahead log needs memory that all
 * processes share, which network file systems do not have, and cannot be read in a directory that
 * may not be written. synchronous=EXTRA also makes durable that the journal is gone.
 */
#include "src/base/clock.h"
#include "src/base/random.h"
#include "src/base/replace.h"
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PAUSE_LEAST_US = 500, PAUSE_MOST_US = 8000 };

struct connection {
    sqlite3 *database;
    double since_s; /* when it began to wait */
    struct random random;
};

static const struct {
    int code;
    int error;
} codes[] = {
    {SQLITE_BUSY, -EBUSY},     {SQLITE_LOCKED, -EBUSY},    {SQLITE_FULL, -ENOSPC},
    {SQLITE_READONLY, -EROFS}, {SQLITE_CORRUPT, -EUCLEAN}, {SQLITE_NOTADB, -EPROTO},
    {SQLITE_PERM, -EACCES},    {SQLITE_AUTH, -EACCES},     {SQLITE_NOMEM, -ENOMEM},
    {SQLITE_TOOBIG, -EFBIG},   {SQLITE_NOLFS, -EFBIG},
};

static int is_denied(int error) { return error == EACCES || error == EPERM || error == EROFS; }

/* What Linux said, where that is why SQLite could not read, write or open. */
static int error_of_system(const struct history *history, int code)
{
    const struct connection *connection = history->connection;
    int error = code == SQLITE_IOERR || code == SQLITE_CANTOPEN
                    ? sqlite3_system_errno(connection->database)
                    : 0;

    if (error == ENOSPC || error == EDQUOT)
        return -ENOSPC;
    if (!is_denied(error) || code != SQLITE_CANTOPEN)
        return -EIO;
    return history->mode == HISTORY_READ ? -EACCES : -EROFS;
}

static int fail(struct history *history, int result)
{
    const struct connection *connection = history->connection;
    int code = result & 0xff;

    store_problem(history, "%s", sqlite3_errmsg(connection->database));
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        if (codes[i].code == code)
            return codes[i].error;
    return error_of_system(history, code);
}

/* Short pauses of random length: with SQLite's own, which grow, who has waited longest comes last.
 */
static int wait_for_others(void *data, int times)
{
    const struct history *history = data;
    struct connection *connection = history->connection;

    if (times == 0)
        connection->since_s = clock_s();
    if (clock_s() - connection->since_s >= history->patience_s)
        return 0;
    size_t pause_us =
        PAUSE_LEAST_US + random_below(&connection->random, PAUSE_MOST_US - PAUSE_LEAST_US);
    struct timespec pause = {0, 1000 * (long)pause_us};
    nanosleep(&pause, NULL);
    return 1;
}

/* Why a store could not be made. */
static int error_of_making(int error)
{
    if (error == ENOENT || error == ENOTDIR)
        return -ENOTDIR;
    return is_denied(error) ? -EROFS : -error;
}

static int make_directory(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *directory = slash != NULL && slash > path ? strndup(path, (size_t)(slash - path)) : NULL;

    if (directory == NULL)
        return slash != NULL && slash > path ? -ENOMEM : 0;
    int error = mkdir(directory, 0777) != 0 && errno != EEXIST ? error_of_making(errno) : 0;
    free(directory);
    return error;
}

static int refuse(struct history *history, const char *phrase)
{
    store_problem(history, "%s", phrase);
    return -EPROTO;
}

static int look_at_file(struct history *history, const char *path)
{
    struct stat status;

    if (is_link_of_another(path))
        return refuse(history, "a link of another user");
    if (stat(path, &status) == 0)
        return S_ISREG(status.st_mode) ? 0 : refuse(history, "not a regular file");
    if (history->mode != HISTORY_CREATE || (errno != ENOENT && errno != ENOTDIR))
        return errno == ENOTDIR ? -ENOENT : -errno;
    int error = make_directory(path);
    if (error != 0)
        return error;
    /* An empty file is an empty database; and SQLite would not say why it cannot make one. Where a
     * link leads nowhere no file is made: somebody else may have put it there. */
    int file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0 && errno == EEXIST)
        return stat(path, &status) == 0 ? 0 : -ENOENT;
    return file >= 0 ? -close(file) : error_of_making(errno);
}

/* What SQLite opens beside it, and waits for for ever where it is a pipe. */
static int look_beside(struct history *history, const char *path)
{
    static const char *const ends[] = {"-journal", "-wal", "-shm"};
    char *real = realpath(path, NULL), *beside;
    struct stat status;
    int error = real == NULL ? -errno : 0;

    for (size_t i = 0; error == 0 && i < sizeof ends / sizeof ends[0]; i++) {
        if (asprintf(&beside, "%s%s", real, ends[i]) < 0) {
            error = -ENOMEM;
        } else {
            if (lstat(beside, &status) == 0 && !S_ISREG(status.st_mode))
                error = refuse(history, "its journal is not a regular file");
            free(beside);
        }
    }
    free(real);
    return error;
}

static int prepare(struct history *history)
{
    struct connection *connection = history->connection;
    sqlite3 *database = connection->database;

    random_seed(&connection->random, (uint64_t)(1e9 * clock_s()));
    sqlite3_extended_result_codes(database, 1);
    sqlite3_busy_handler(database, wait_for_others, history);
    if (history->mode != HISTORY_READ && sqlite3_db_readonly(database, "main") == 1)
        return -EROFS;
    int result = sqlite3_exec(database,
                              "PRAGMA synchronous = EXTRA; PRAGMA cache_size = -16384; "
                              "PRAGMA trusted_schema = OFF",
                              NULL, NULL, NULL);
    /* Not opened read-only: what a killed process left behind could not be rolled back. */
    if (result == SQLITE_OK && history->mode == HISTORY_READ)
        result = sqlite3_exec(database, "PRAGMA query_only = ON", NULL, NULL, NULL);
    return result == SQLITE_OK ? 0 : fail(history, result);
}

static int open_sqlite(struct history *history, const char *where)
{
    struct connection *connection = calloc(1, sizeof *connection);
    char *path = NULL;
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
                (history->mode == HISTORY_CREATE ? SQLITE_OPEN_CREATE : 0);

    if (connection == NULL)
        return -ENOMEM;
    history->connection = connection;
    int error = look_at_file(history, where);
    if (error == 0)
        error = look_beside(history, where);
    if (error != 0)
        return error;
    /* Names such as ":memory:" have a meaning of their own. */
    if (asprintf(&path, "%s%s", *where == '/' ? "" : "./", where) < 0)
        return -ENOMEM;
    int result = sqlite3_open_v2(path, &connection->database, flags, NULL);
    free(path);
    if (connection->database == NULL)
        return -ENOMEM;
    return result == SQLITE_OK ? prepare(history) : fail(history, result);
}

static void close_sqlite(struct history *history)
{
    struct connection *connection = history->connection;

    sqlite3_close(connection->database);
    free(connection);
    history->connection = NULL;
}

static int bind(sqlite3_stmt *statement, int at, const struct value *value)
{
    switch (value->kind) {
    case VALUE_INTEGER:
        return sqlite3_bind_int64(statement, at, value->integer);
    case VALUE_REAL:
        return sqlite3_bind_double(statement, at, value->real);
    case VALUE_TEXT:
        return sqlite3_bind_text64(statement, at, value->bytes, value->length, SQLITE_STATIC,
                                   SQLITE_UTF8);
    case VALUE_BYTES:
        return sqlite3_bind_blob64(statement, at, value->bytes, value->length, SQLITE_STATIC);
    case VALUE_NULL:
        break;
    }
    return sqlite3_bind_null(statement, at);
}

/* Six columns of each of many rows: only what the kind needs is written. A text may be copied for
 * its NUL: -ENOMEM. */
static int read_column(sqlite3_stmt *statement, int at, struct value *column)
{
    int type = sqlite3_column_type(statement, at);

    switch (type) {
    case SQLITE_INTEGER:
        column->kind = VALUE_INTEGER;
        column->integer = sqlite3_column_int64(statement, at);
        break;
    case SQLITE_FLOAT:
        column->kind = VALUE_REAL;
        column->real = sqlite3_column_double(statement, at);
        break;
    case SQLITE_TEXT:
    case SQLITE_BLOB:
        column->kind = type == SQLITE_TEXT ? VALUE_TEXT : VALUE_BYTES;
        column->bytes = type == SQLITE_TEXT ? (const char *)sqlite3_column_text(statement, at)
                                            : sqlite3_column_blob(statement, at);
        column->length = (size_t)sqlite3_column_bytes(statement, at);
        if (column->bytes == NULL && (type == SQLITE_TEXT || column->length > 0))
            return -ENOMEM;
        break;
    default:
        column->kind = VALUE_NULL;
        break;
    }
    return 0;
}

static int query_sqlite(struct history *history, const char *sql, const struct value *parameters,
                        size_t count, row_function *row, void *data)
{
    const struct connection *connection = history->connection;
    struct value columns[COLUMNS_MOST] = {0};
    sqlite3_stmt *statement = NULL;
    int result = sqlite3_prepare_v2(connection->database, sql, -1, &statement, NULL), error = 0;

    history->problem[0] = '\0';
    for (size_t i = 0; result == SQLITE_OK && i < count; i++)
        result = bind(statement, (int)i + 1, &parameters[i]);
    while (error == 0 && (result == SQLITE_OK || result == SQLITE_ROW) &&
           (result = sqlite3_step(statement)) == SQLITE_ROW) {
        for (int i = 0; error == 0 && i < sqlite3_data_count(statement) && i < COLUMNS_MOST; i++)
            error = read_column(statement, i, &columns[i]);
        if (error == 0 && row != NULL)
            error = row(data, columns);
    }
    if (error == 0 && result != SQLITE_DONE)
        error = fail(history, result);
    sqlite3_finalize(statement);
    return error;
}

const struct backend backend_sqlite = {
    .migrations = migrations_sqlite,
    .begin_read = "BEGIN",
    .begin_write = "BEGIN IMMEDIATE",
    .has_store = "SELECT count(*) FROM sqlite_schema WHERE name = 'bench_store'",
    .has_others = "SELECT count(*) FROM sqlite_schema",
    .open = open_sqlite,
    .close = close_sqlite,
    .query = query_sqlite,
};
