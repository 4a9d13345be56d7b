/* SPDX-License-Identifier: Apache-2.0 */
/* Stores of other versions, and how one becomes another. */
#include "tests/support/store_tests.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void brings_an_older_store_up_to_date(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct test_run_spec spec = {.machine = "aa"};
    struct history_added added = test_add(history, &spec);
    struct history_blessings list;
    struct history_runs runs;

    (void)state;
    store_run(history, "DROP TABLE bench_blessing");
    store_run(history, "UPDATE bench_store SET schema = 1");
    history_close(history);
    assert_int_equal(history_open(store_url, HISTORY_READ, &history), -ESTALE);
    assert_non_null(strstr(history_problem(history), "schema is 1"));
    history_close(history);
    history = test_open(store_url, HISTORY_WRITE);
    assert_int_equal(store_count(history, "SELECT schema FROM bench_store"), schema_newest());
    assert_int_equal(history_blessings(history, NULL, &list), 0);
    history_blessings_free(&list);
    assert_int_equal(history_find(history, added.id, &runs), 0);
    history_runs_free(&runs);
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
    static const char *const first_tables[] = {"store", "machine", "environment", "cell",
                                               "run",   "text",    "value"};
    struct history *history = test_open(store_url, HISTORY_CREATE);
    char sql[60];

    (void)state;
    /* All tables but the last can be made: none of them stays. */
    for (size_t i = 0; i < sizeof first_tables / sizeof first_tables[0]; i++) {
        snprintf(sql, sizeof sql, "DROP TABLE bench_%s", first_tables[i]);
        store_run(history, sql);
    }
    assert_int_not_equal(store_write(history, make_anew, NULL), 0);
    assert_int_equal(store_count(history, history->backend->has_store), 0);
    store_run(history, "DROP TABLE bench_blessing");
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
        STORE_TEST(leaves_an_older_store_as_it_is_when_a_migration_fails),
        STORE_TEST(refuses_a_newer_store),
        STORE_TEST(is_not_there_until_it_is_made),
    };
    return STORE_TESTS(tests);
}
