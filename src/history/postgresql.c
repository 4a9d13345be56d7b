/* SPDX-License-Identifier: Apache-2.0 */
/* A store on a PostgreSQL server. Values go both ways in binary, and rows come one by one, so that
 * no result is in memory as a whole. */
#include "store.h"

#include <endian.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef HAVE_LIBPQ
#include <libpq-fe.h>

enum { PARAMETERS_MOST = 600 };
enum { OID_BYTEA = 17, OID_INT8 = 20, OID_INT4 = 23, OID_TEXT = 25, OID_FLOAT8 = 701 };

int history_has_postgresql(void) { return 1; }

/* By the beginning of the SQLSTATE. */
static const struct {
    const char *state;
    int error;
} states[] = {
    {"53100", -ENOSPC},       {"25006", -EROFS},        {"42501", -EACCES},   {"28", -EACCES},
    {"3D000", -ENOENT},       {"40001", -EAGAIN},       {"40P01", -EAGAIN},   {"55P03", -EBUSY},
    {"57014", -EBUSY},        {"57P03", -ECONNREFUSED}, {"57P", -ECONNRESET}, {"08", -ECONNRESET},
    {"53300", -ECONNREFUSED}, {"XX001", -EUCLEAN},      {"XX002", -EUCLEAN},  {"42P01", -EUCLEAN},
    {"42703", -EUCLEAN},      {"53200", -ENOMEM},       {"54", -EFBIG},
};

static int fail(struct history *history, const PGresult *result)
{
    PGconn *connection = history->connection;
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

    store_problem(history, "%s", text != NULL ? text : PQerrorMessage(connection));
    for (size_t i = 0; state != NULL && i < sizeof states / sizeof states[0]; i++)
        if (strncmp(state, states[i].state, strlen(states[i].state)) == 0)
            return states[i].error;
    /* What has no state does not come from the server, but from the lack of it. */
    return state == NULL || PQstatus(connection) == CONNECTION_BAD ? -ECONNRESET : -EIO;
}

static void say_nothing(void *data, const char *message) { (void)data, (void)message; }

/* Is that what was meant, or the rest of a password behind a slash or an at sign? */
static int is_place(const PQconninfoOption *option)
{
    if (option->val == NULL || *option->val == '\0')
        return 1;
    if (strcmp(option->keyword, "port") == 0)
        return option->val[strspn(option->val, "0123456789,")] == '\0';
    /* A name of the abstract name space begins with one. */
    return strcmp(option->keyword, "host") != 0 || strchr(option->val + 1, '@') == NULL;
}

/* libpq quotes what it cannot read: with a password in the URL that may be a part of it. */
static int check_url(struct history *history, const char *url)
{
    char *problem = NULL;
    PQconninfoOption *options = PQconninfoParse(url, &problem);
    int has_password = strcmp(history->name, url) != 0, good = options != NULL;

    for (size_t i = 0; has_password && good && options[i].keyword != NULL; i++)
        good = is_place(&options[i]);
    if (!good && has_password)
        store_problem(history, "%s",
                      "in a user or a password %, /, :, ? and @ are written %25, %2F, %3A, %3F and "
                      "%40");
    else if (problem != NULL)
        store_problem(history, "%s", problem);
    PQfreemem(problem);
    PQconninfoFree(options);
    return good ? 0 : -EINVAL;
}

static int run_plain(struct history *history, const char *sql)
{
    return store_query(history, sql, NULL, 0, NULL, NULL);
}

static int open_postgresql(struct history *history, const char *where)
{
    char patience[64];
    /* What the URL says comes behind these, and counts. A server that is cut off without a word
     * would else be waited for, for two hours. */
    static const char *const keys[] = {"connect_timeout",
                                       "fallback_application_name",
                                       "client_encoding",
                                       "keepalives_idle",
                                       "keepalives_interval",
                                       "keepalives_count",
                                       "tcp_user_timeout",
                                       "dbname",
                                       NULL};
    const char *const values[] = {"15", "bench_mmap", "UTF8", "15", "5", "3", "30000", where, NULL};

    int error = check_url(history, where);
    if (error != 0)
        return error;
    PGconn *connection = PQconnectdbParams(keys, values, 1);
    if (connection == NULL)
        return -ENOMEM;
    history->connection = connection;
    if (PQstatus(connection) != CONNECTION_OK) {
        store_problem(history, "%s", PQerrorMessage(connection));
        return -ECONNREFUSED;
    }
    PQsetNoticeProcessor(connection, say_nothing, NULL);
    snprintf(patience, sizeof patience, "SET lock_timeout = %.0f", 1e3 * history->patience_s);
    error = run_plain(history, patience);
    if (error == 0 && history->mode == HISTORY_READ)
        error = run_plain(history, "SET default_transaction_read_only = on");
    return error;
}

static void close_postgresql(struct history *history)
{
    PQfinish(history->connection);
    history->connection = NULL;
}

struct parameters {
    Oid types[PARAMETERS_MOST];
    const char *values[PARAMETERS_MOST];
    int lengths[PARAMETERS_MOST];
    int formats[PARAMETERS_MOST];
    uint64_t numbers[PARAMETERS_MOST]; /* in the order of the network */
};

static void put_number(struct parameters *to, size_t at, Oid type, uint64_t number)
{
    to->types[at] = type;
    to->numbers[at] = htobe64(number);
    to->values[at] = (const char *)&to->numbers[at];
    to->lengths[at] = (int)sizeof number;
}

static void put_parameter(struct parameters *to, size_t at, const struct value *value)
{
    uint64_t bits;

    to->formats[at] = 1;
    switch (value->kind) {
    case VALUE_INTEGER:
        put_number(to, at, OID_INT8, (uint64_t)value->integer);
        break;
    case VALUE_REAL:
        memcpy(&bits, &value->real, sizeof bits);
        put_number(to, at, OID_FLOAT8, bits);
        break;
    case VALUE_TEXT:
    case VALUE_BYTES:
        to->types[at] = value->kind == VALUE_TEXT ? OID_TEXT : OID_BYTEA;
        to->values[at] = value->length > 0 ? value->bytes : "";
        to->lengths[at] = (int)value->length;
        break;
    case VALUE_NULL:
        break;
    }
}

static struct value read_column(const PGresult *result, int at)
{
    const char *bytes = PQgetvalue(result, 0, at);
    size_t length = (size_t)PQgetlength(result, 0, at);
    uint32_t narrow;
    uint64_t wide;
    double real;

    if (PQgetisnull(result, 0, at))
        return (struct value){.kind = VALUE_NULL};
    if (length == sizeof narrow && PQftype(result, at) == OID_INT4) {
        memcpy(&narrow, bytes, sizeof narrow);
        return value_integer((int32_t)be32toh(narrow));
    }
    if (length == sizeof wide &&
        (PQftype(result, at) == OID_INT8 || PQftype(result, at) == OID_FLOAT8)) {
        memcpy(&wide, bytes, sizeof wide);
        wide = be64toh(wide);
        memcpy(&real, &wide, sizeof real);
        return PQftype(result, at) == OID_INT8 ? value_integer((int64_t)wide)
                                               : (struct value){.kind = VALUE_REAL, .real = real};
    }
    return (struct value){.kind = PQftype(result, at) == OID_BYTEA ? VALUE_BYTES : VALUE_TEXT,
                          .bytes = bytes,
                          .length = length};
}

static int take_result(struct history *history, const PGresult *result, row_function *row,
                       void *data)
{
    struct value columns[COLUMNS_MOST];
    ExecStatusType status = PQresultStatus(result);

    if (status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK)
        return 0;
    if (status != PGRES_SINGLE_TUPLE)
        return fail(history, result);
    for (int i = 0; i < PQnfields(result) && i < COLUMNS_MOST; i++)
        columns[i] = read_column(result, i);
    return row != NULL ? row(data, columns) : 0;
}

/* What the server still sends after an error is read and dropped: the next query wants to begin. */
static int take_results(struct history *history, row_function *row, void *data)
{
    PGconn *connection = history->connection;
    PGresult *result;
    int error = 0;

    while ((result = PQgetResult(connection)) != NULL) {
        if (error == 0)
            error = take_result(history, result, row, data);
        PQclear(result);
    }
    /* Whether the connection is lost shows only when all was read. */
    if (PQstatus(connection) == CONNECTION_BAD && (error == 0 || error == -EIO)) {
        if (error == 0)
            store_problem(history, "%s", PQerrorMessage(connection));
        error = -ECONNRESET;
    }
    return error;
}

static int query_postgresql(struct history *history, const char *sql,
                            const struct value *parameters, size_t count, row_function *row,
                            void *data)
{
    PGconn *connection = history->connection;
    struct parameters to = {0};

    history->problem[0] = '\0';
    if (count > PARAMETERS_MOST)
        return -E2BIG;
    for (size_t i = 0; i < count; i++) {
        if (parameters[i].length > INT32_MAX)
            return -EFBIG;
        put_parameter(&to, i, &parameters[i]);
    }
    if (!PQsendQueryParams(connection, sql, (int)count, to.types, to.values, to.lengths, to.formats,
                           1)) {
        store_problem(history, "%s", PQerrorMessage(connection));
        return -ECONNRESET;
    }
    PQsetSingleRowMode(connection);
    return take_results(history, row, data);
}

#else

int history_has_postgresql(void) { return 0; }

static int open_postgresql(struct history *history, const char *where)
{
    (void)history, (void)where;
    return -EPROTONOSUPPORT;
}

#define close_postgresql NULL
#define query_postgresql NULL

#endif

const struct backend backend_postgresql = {
    .migrations = migrations_postgresql,
    .begin_read = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
    .begin_write = "BEGIN",
    /* Any number that no other program is likely to take. */
    .lock_schema = "SELECT 1::bigint FROM pg_advisory_xact_lock(7811887236514)",
    .has_store =
        "SELECT count(*) FROM pg_catalog.pg_class"
        " WHERE oid = to_regclass('bench_store')",
    .has_others = "SELECT 0::bigint",
    .open = open_postgresql,
    .close = close_postgresql,
    .query = query_postgresql,
};
