/* SPDX-License-Identifier: Apache-2.0 */
/* The tables of a store, and how an older one becomes a newer one. STORE.md explains them. */
#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { STATEMENTS_MOST = 12, STATEMENT_MOST = 1000 };

/* Each takes a store from the version before it to its own; a store that others may have is never
 * changed in any other way. {identity}, {bytes} and {clustered} are words of the dialect. */
static const struct migration {
    const char *statements[STATEMENTS_MOST];
} migrations[] = {
    {{
        "CREATE TABLE bench_store (schema BIGINT NOT NULL)",
        "INSERT INTO bench_store VALUES (0)",
        "CREATE TABLE bench_machine (id {identity}, key TEXT NOT NULL UNIQUE)",
        "CREATE TABLE bench_environment (id {identity}, digest TEXT NOT NULL UNIQUE,"
        " context TEXT NOT NULL)",
        "CREATE TABLE bench_cell (id {identity}, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE bench_run (seq {identity}, id TEXT NOT NULL UNIQUE, machine BIGINT NOT NULL,"
        " date_s BIGINT NOT NULL, added_s BIGINT NOT NULL, revision TEXT, source TEXT,"
        " cells BIGINT NOT NULL, samples BIGINT NOT NULL, errors BIGINT NOT NULL,"
        " environment BIGINT NOT NULL, context TEXT NOT NULL, bytes BIGINT NOT NULL)",
        "CREATE INDEX bench_run_by_date ON bench_run (machine, date_s, seq)",
        "CREATE TABLE bench_text (run BIGINT PRIMARY KEY, zstd {bytes} NOT NULL)",
        "CREATE TABLE bench_value (run BIGINT NOT NULL, cell BIGINT NOT NULL,"
        " location_ns DOUBLE PRECISION, pace_ns DOUBLE PRECISION, samples BIGINT NOT NULL,"
        " errors BIGINT NOT NULL, PRIMARY KEY (run, cell)) {clustered}",
    }},
    {{
        "CREATE TABLE bench_blessing (seq {identity}, machine BIGINT NOT NULL, cell BIGINT,"
        " run BIGINT NOT NULL, reason TEXT NOT NULL, time_s BIGINT NOT NULL)",
    }},
};

int64_t schema_newest(void) { return sizeof migrations / sizeof migrations[0]; }

static const char *word(const struct dialect *dialect, const char *at, size_t *length)
{
    const struct {
        const char *name;
        const char *text;
    } words[] = {{"{identity}", dialect->identity},
                 {"{bytes}", dialect->bytes},
                 {"{clustered}", dialect->clustered}};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        *length = strlen(words[i].name);
        if (strncmp(at, words[i].name, *length) == 0)
            return words[i].text;
    }
    return NULL;
}

static int run_statement(struct history *history, const char *statement)
{
    char sql[STATEMENT_MOST];
    size_t used = 0, length;

    for (const char *at = statement; *at != '\0'; at += length) {
        const char *text = *at == '{' ? word(&history->backend->dialect, at, &length) : NULL;
        if (text == NULL) {
            text = at;
            length = 1;
        }
        size_t more = text == at ? 1 : strlen(text);
        if (used + more >= sizeof sql)
            return -E2BIG;
        memcpy(sql + used, text, more);
        used += more;
    }
    sql[used] = '\0';
    return store_query(history, sql, NULL, 0, NULL, NULL);
}

int schema_migrate(struct history *history, int64_t from, int64_t to)
{
    int error = 0;

    for (int64_t v = from; error == 0 && v < to; v++)
        for (size_t i = 0; error == 0 && i < STATEMENTS_MOST; i++)
            if (migrations[v].statements[i] != NULL)
                error = run_statement(history, migrations[v].statements[i]);
    if (error == 0)
        error = store_query(history, "UPDATE bench_store SET schema = $1",
                            (struct value[]){value_integer(to)}, 1, NULL, NULL);
    return error;
}

/* 0: there is no store. */
static int read_version(struct history *history, int64_t *version)
{
    const struct dialect *dialect = &history->backend->dialect;
    int64_t count = 0;
    int error = store_integer(history, dialect->has_store, NULL, 0, &count);

    *version = 0;
    if (error == 0 && count == 0) {
        error = store_integer(history, dialect->has_others, NULL, 0, &count);
        if (error == 0 && count > 0) {
            store_problem(history, "the tables of another program are in it");
            return -EPROTO;
        }
        return error;
    }
    if (error == 0)
        error = store_integer(history, "SELECT schema FROM bench_store", NULL, 0, version);
    if (error == -ENODATA || (error == 0 && *version < 1)) {
        store_problem(history, "the table bench_store does not hold a version");
        return -EUCLEAN;
    }
    return error;
}

static int judge(struct history *history, int64_t version)
{
    if (version > schema_newest()) {
        store_problem(history, "its schema is %lld, and this program knows up to %lld",
                      (long long)version, (long long)schema_newest());
        return -ENOTSUP;
    }
    if (version == 0 && history->mode != HISTORY_CREATE)
        return -ENOENT;
    if (version < schema_newest() && history->mode == HISTORY_READ) {
        store_problem(history, "its schema is %lld, and this program wants %lld",
                      (long long)version, (long long)schema_newest());
        return -ESTALE;
    }
    return 0;
}

/* Another process may have done it meanwhile. */
static int bring_up_to_date(struct history *history, void *data)
{
    const char *lock = history->backend->dialect.lock_schema;
    int64_t version;
    int error = lock != NULL ? store_query(history, lock, NULL, 0, NULL, NULL) : 0;

    (void)data;
    if (error == 0)
        error = read_version(history, &version);
    if (error == 0)
        error = judge(history, version);
    if (error == 0 && version < schema_newest())
        error = schema_migrate(history, version, schema_newest());
    return error;
}

/* In one view of the store: between two looks another process may make it, and its tables would be
 * taken for those of another program. */
static int look_at_version(struct history *history, int64_t *version)
{
    int error = store_begin(history, 0);

    return error == 0 ? store_end(history, read_version(history, version)) : error;
}

int schema_check(struct history *history)
{
    int64_t version = 0;
    int error = look_at_version(history, &version);

    if (error == 0)
        error = judge(history, version);
    if (error == 0 && version < schema_newest())
        error = store_write(history, bring_up_to_date, NULL);
    return error;
}
