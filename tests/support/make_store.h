/* SPDX-License-Identifier: Apache-2.0 */
/* Stores for the tests of the history: files, and a PostgreSQL server of the test's own. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_STORE_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_STORE_H

#include "src/history/history.h"
#include "support.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum test_backend { TEST_SQLITE, TEST_POSTGRESQL };

/*
 * Starts a server that listens on a socket in a directory of its own, as an unprivileged user when
 * this process is root. NULL, or why it could not be done: a phrase. It ends with this process.
 * Its user keeper, whom a test may make, needs a password.
 */
const char *test_server_start(void);
/* Kills it at once, as a crash would; test_server_start() afterwards finds its data again. */
void test_server_crash(void);
pid_t test_server_pid(void);
void test_server_stop(void); /* and removes it all */
/* Runs a statement on it by psql; fails the test when that fails. */
void test_server_run(const char *sql);

/* The URL of a store that is not there as yet; below `place` for a file. The caller's. */
char *test_store_url(enum test_backend backend, const struct test_directory *place);

/* What a run says. Zeros and NULLs are fine. */
struct test_run_spec {
    const char *machine; /* NULL: no machine_key */
    int minute;          /* its date: so many minutes after 2026-01-01 */
    uint64_t seed;
    double slow;         /* factor on Mmap's times; 0: 1 */
    size_t samples;      /* 0: 3 */
    const char *context; /* further members, with a comma in front */
    int without_write;   /* Mmap only */
};

/* 2 writers x 2 chunk sizes; the caller's. */
char *test_run_text(const struct test_run_spec *spec);

struct history *test_open(const char *url, enum history_mode mode);
/* Adds it; fails the test when that fails. */
struct history_added test_add(struct history *history, const struct test_run_spec *spec);

#endif
