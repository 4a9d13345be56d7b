/* SPDX-License-Identifier: Apache-2.0 */
/* Stores of other versions, and how one becomes another. */
#include "tests/support/store_tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const tables[] = {"blessing", "cell_list",   "value",   "text", "run",
                                     "cell",     "environment", "machine", "store"};

static void drop_tables(struct history *history)
{
    char sql[60];

    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        snprintf(sql, sizeof sql, "DROP TABLE bench_%s", tables[i]);
        store_run(history, sql);
    }
}

enum { KEPT_SCHEMA = 2, KEPT_RUNS = 4 };

static int make_kept(struct history *history, void *data)
{
    (void)data;
    return schema_migrate(history, 0, KEPT_SCHEMA);
}

/* What a program of that schema put into a store: bytes are written in SQLite's way. */
static void fill_kept(struct history *history)
{
    char *sql = test_read_file(TEST_DATA_DIR "/store_schema_2.sql"), *rest = sql, *end;

    assert_non_null(sql);
    for (; (end = strstr(rest, ";\n")) != NULL; rest = end + 2) {
        char *bytes = NULL, *own = NULL;
        *end = '\0';
        if (store_backend == TEST_POSTGRESQL)
            bytes = strstr(rest, "X'");
        if (bytes != NULL)
            assert_true(asprintf(&own, "%.*s'\\x%s", (int)(bytes - rest), rest, bytes + 2) > 0);
        store_run(history, own != NULL ? own : rest);
        free(own);
    }
    free(sql);
}

static void tell_nothing(void *data, const struct history_damage *damage)
{
    (void)data, (void)damage;
}

static void brings_an_older_store_up_to_date(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_checking checking = {.tell = tell_nothing};
    struct history_blessings list;
    struct history_series series;

    (void)state;
    drop_tables(history);
    assert_int_equal(store_write(history, make_kept, NULL), 0);
    fill_kept(history);
    history_close(history);
    assert_int_equal(history_open(store_url, HISTORY_READ, &history), -ESTALE);
    assert_non_null(strstr(history_problem(history), "schema is 2"));
    history_close(history);
    history = test_open(store_url, HISTORY_WRITE);
    assert_int_equal(store_count(history, "SELECT schema FROM bench_store"), schema_newest());
    assert_int_equal(history_verify(history, &checking), 0);
    assert_int_equal(checking.runs, KEPT_RUNS);
    assert_int_equal(checking.damages, 0);
    assert_int_equal(history_blessings(history, NULL, &list), 0);
    assert_int_equal(list.count, 1);
    history_blessings_free(&list);
    assert_int_equal(history_read(history, &(struct history_query){.machine = "aa"}, &series), 0);
    assert_int_equal(series.runs.count, 3);
    assert_int_equal(series.cell_count, 4);
    assert_true(series.cells[0].values[0].location_ns == 1015198.0);
    history_series_free(&series);
    /* What comes now is the same as what was there. */
    test_add(history, &(struct test_run_spec){.machine = "aa"});
    assert_int_equal(history_verify(history, &checking), 0);
    assert_int_equal(checking.damages, 0);
    history_close(history);
}

/* A value of the old store is lost: it is not taken for one that never was. */
static void finds_what_an_older_store_had_lost(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_series series;

    (void)state;
    drop_tables(history);
    assert_int_equal(store_write(history, make_kept, NULL), 0);
    fill_kept(history);
    store_run(history, "DELETE FROM bench_value WHERE run = 1 AND cell = 2");
    history_close(history);
    history = test_open(store_url, HISTORY_WRITE);
    assert_int_equal(history_read(history, &(struct history_query){.machine = "aa"}, &series),
                     -EUCLEAN);
    assert_non_null(strstr(history_problem(history), "run 0c463a47ddec"));
    assert_int_equal(history_read(history, &(struct history_query){.machine = "bb"}, &series), 0);
    history_series_free(&series);
    history_close(history);
}

static int make_anew(struct history *history, void *data)
{
    (void)data;
    return schema_migrate(history, 0, schema_newest());
}

/* Half a migration would leave a store that no version knows. */
static void leaves_an_older_store_as_it_is_when_a_migration_fails(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);

    (void)state;
    drop_tables(history);
    /* All tables but the last can be made: none of them stays. */
    store_run(history, "CREATE TABLE bench_cell_list (id BIGINT)");
    assert_int_not_equal(store_write(history, make_anew, NULL), 0);
    assert_int_equal(store_count(history, history->backend->has_store), 0);
    store_run(history, "DROP TABLE bench_cell_list");
    assert_int_equal(store_write(history, make_anew, NULL), 0);
    assert_int_equal(store_count(history, history->backend->has_store), 1);
    /* The table that the migration makes is in the way. */
    store_run(history, "UPDATE bench_store SET schema = 1");
    history_close(history);
    assert_int_not_equal(history_open(store_url, HISTORY_WRITE, &history), 0);
    history_close(history);
    assert_int_equal(history_open(store_url, HISTORY_READ, &history), -ESTALE);
    history_close(history);
}

static void refuses_a_newer_store(void **state)
{
    static const enum history_mode modes[] = {HISTORY_READ, HISTORY_WRITE, HISTORY_CREATE};
    struct history *history = test_open(store_url, HISTORY_CREATE);

    (void)state;
    store_run(history, "UPDATE bench_store SET schema = 99");
    history_close(history);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(history_open(store_url, modes[i], &history), -ENOTSUP);
        assert_non_null(strstr(history_problem(history), "99"));
        history_close(history);
    }
}

static void is_not_there_until_it_is_made(void **state)
{
    struct history *history;

    (void)state;
    assert_int_equal(history_open(store_url, HISTORY_READ, &history), -ENOENT);
    history_close(history);
    assert_int_equal(history_open(store_url, HISTORY_WRITE, &history), -ENOENT);
    history_close(history);
    history_close(test_open(store_url, HISTORY_CREATE));
    history_close(test_open(store_url, HISTORY_READ));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(brings_an_older_store_up_to_date),
        STORE_TEST(finds_what_an_older_store_had_lost),
        STORE_TEST(leaves_an_older_store_as_it_is_when_a_migration_fails),
        STORE_TEST(refuses_a_newer_store),
        STORE_TEST(is_not_there_until_it_is_made),
    };
    return STORE_TESTS(tests);
}
