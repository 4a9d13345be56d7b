/* SPDX-License-Identifier: Apache-2.0 */
#include "store_tests.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum test_backend store_backend;
char *store_url;
static struct test_directory place;

int store_set_up(void **state)
{
    (void)state;
    store_url = test_store_url(store_backend, &place);
    return 0;
}

int store_tear_down(void **state)
{
    (void)state;
    free(store_url);
    return 0;
}

int64_t store_count(struct history *history, const char *sql)
{
    int64_t number = -1;
    assert_int_equal(store_integer(history, sql, NULL, 0, &number), 0);
    return number;
}

void store_run(struct history *history, const char *sql)
{
    int error = store_query(history, sql, NULL, 0, NULL, NULL);
    if (error != 0)
        fail_msg("%s: %s", sql, history_problem(history));
}

int store_add(struct history *history, const char *text, const char *machine, const char *date,
              struct load_problem *problem)
{
    const struct history_origin origin = {.machine = machine, .date = date};
    struct history_added added;
    int error = history_add(history, text, strlen(text), &origin, &added, problem);

    free(added.machine);
    return error;
}

int store_tests(const struct CMUnitTest *tests, size_t count)
{
    test_directory_create(&place);
    store_backend = TEST_SQLITE;
    int failed = _cmocka_run_group_tests("sqlite", tests, count, NULL, NULL);
    const char *reason = test_server_start();
    if (reason == NULL) {
        store_backend = TEST_POSTGRESQL;
        failed += _cmocka_run_group_tests("postgresql", tests, count, NULL, NULL);
    } else {
        print_message("skipped: the tests with PostgreSQL: %s\n", reason);
    }
    test_server_stop();
    test_directory_remove(&place);
    return failed;
}
