/* SPDX-License-Identifier: Apache-2.0 */
/* Tests that are run with a new store of each back end. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_STORE_TESTS_H
#define BENCH_MMAP_TESTS_SUPPORT_STORE_TESTS_H

#include "make_store.h"
#include "src/history/store.h"

/* Of the test that is running: the store is not there as yet. */
extern enum test_backend store_backend;
extern char *store_url;

int store_set_up(void **state);
int store_tear_down(void **state);

/* The number that a statement gives. */
int64_t store_count(struct history *history, const char *sql);
/* Runs a statement; fails the test when that fails. */
void store_run(struct history *history, const char *sql);
/* history_add() with that origin. */
int store_add(struct history *history, const char *text, const char *machine, const char *date,
              struct load_problem *problem);

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, store_set_up, store_tear_down)
/* All of them with SQLite, then with PostgreSQL where a server can be started; how many failed. */
#define STORE_TESTS(tests) store_tests(tests, sizeof(tests) / sizeof(tests)[0])
int store_tests(const struct CMUnitTest *tests, size_t count);

#endif
