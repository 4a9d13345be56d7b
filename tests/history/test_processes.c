/* SPDX-License-Identifier: Apache-2.0 */
/* Many processes at one store, and some of them are killed. */
#include "src/base/random.h"
#include "tests/support/store_tests.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void waits_for_others_and_then_gives_up(void **state)
{
    struct history *first = test_open(store_url, HISTORY_CREATE), *second;
    struct test_run_spec spec = {.machine = "aa"};
    char *text = test_run_text(&spec);
    struct timespec begin, end;

    (void)state;
    assert_int_equal(store_begin(first, 1), 0);
    if (store_backend == TEST_POSTGRESQL)
        store_run(first, "LOCK TABLE bench_run IN ACCESS EXCLUSIVE MODE");
    second = test_open(store_url, HISTORY_READ);
    history_close(second);
    second = test_open(store_url, HISTORY_WRITE);
    second->patience_s = 0.3;
    if (store_backend == TEST_POSTGRESQL)
        store_run(second, "SET lock_timeout = 300");
    clock_gettime(CLOCK_MONOTONIC, &begin);
    assert_int_equal(store_add(second, text, NULL, NULL, NULL), -EBUSY);
    clock_gettime(CLOCK_MONOTONIC, &end);
    assert_true(
        (double)(end.tv_sec - begin.tv_sec) + 1e-9 * (double)(end.tv_nsec - begin.tv_nsec) >= 0.3);
    assert_int_equal(history_end(first, 0), 0);
    assert_int_equal(store_add(second, text, NULL, NULL, NULL), 0);
    history_close(first);
    history_close(second);
    free(text);
}

enum { PROCESSES = 8 };

/* Runs that each adds; stores that are made; kills. */
static int runs_each(void) { return test_extent(10, 25, 100); }
static int rounds(void) { return test_extent(5, 10, 40); }
static int kills(void) { return test_extent(5, 10, 30); }

/* In a process of its own. Processes of another number add other runs. A byte goes to `confirmed`
 * (-1: none) after each. */
static void add_many(uint64_t process, int runs, int confirmed)
{
    struct history *history;
    int error = history_open(store_url, HISTORY_CREATE, &history);

    for (int i = 0; error == 0 && i < runs; i++) {
        struct history_added added;
        char machine[10];
        snprintf(machine, sizeof machine, "m%d", i % 3);
        struct test_run_spec spec = {
            .machine = machine, .minute = i, .seed = 1000 * process + (uint64_t)i};
        char *text = test_run_text(&spec);
        error = history_add(history, text, strlen(text), NULL, &added, NULL);
        if (error == 0 && confirmed >= 0 && write(confirmed, "+", 1) != 1)
            error = -errno;
        free(text);
        free(added.machine);
    }
    if (error != 0)
        fprintf(stderr, "process %d: %s (%s)\n", (int)process, strerror(-error),
                history_problem(history));
    history_close(history);
    _exit(error != 0);
}

static void run_processes(int same, int runs)
{
    pid_t children[PROCESSES];
    int failed = 0, status;

    fflush(NULL);
    for (uint64_t p = 0; p < PROCESSES; p++) {
        children[p] = fork();
        assert_true(children[p] >= 0);
        if (children[p] == 0)
            add_many(same ? 0 : p, runs, -1);
    }
    for (size_t p = 0; p < PROCESSES; p++) {
        assert_int_equal(waitpid(children[p], &status, 0), children[p]);
        failed += status != 0;
    }
    assert_int_equal(failed, 0);
}

/* Processes that find nothing there make it at the same moment; nothing but its name is known
 * before: each round is another store. */
static void is_made_by_many_at_once(void **state)
{
    struct history *history;

    (void)state;
    for (int round = 0; round < rounds(); round++) {
        run_processes(1, 0);
        history = test_open(store_url, HISTORY_READ);
        assert_int_equal(store_count(history, "SELECT count(*) FROM bench_store"), 1);
        history_close(history);
        assert_int_equal(store_tear_down(state), 0);
        assert_int_equal(store_set_up(state), 0);
    }
}

static void adds_a_run_once_when_many_bring_it_at_once(void **state)
{
    enum { RUNS = 20 };

    (void)state;
    run_processes(1, RUNS);
    struct history *history = test_open(store_url, HISTORY_READ);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_run"), RUNS);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_text"), RUNS);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_value"), 4 * RUNS);
    history_close(history);
}

static void loses_nothing_when_many_write_at_once(void **state)
{
    (void)state;
    run_processes(0, runs_each());
    struct history *history = test_open(store_url, HISTORY_READ);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_run"),
                     PROCESSES * runs_each());
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_text"),
                     PROCESSES * runs_each());
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_value"),
                     4 * PROCESSES * runs_each());
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_cell"), 4);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_machine"), 3);
    history_close(history);
}

/* Each run is there with its text and all its cells, or not at all; those that were confirmed are.
 */
static void check_whole(int64_t confirmed)
{
    struct history *history = test_open(store_url, HISTORY_WRITE);
    struct history_runs list;

    /* One view of it: a server may yet be about to finish what the dead one had sent. */
    assert_int_equal(store_begin(history, 0), 0);
    int64_t runs = store_count(history, "SELECT count(*) FROM bench_run");
    int64_t texts = store_count(history, "SELECT count(*) FROM bench_text");
    int64_t values = store_count(history, "SELECT count(*) FROM bench_value");
    assert_int_equal(history_end(history, 0), 0);
    assert_true(runs >= confirmed);
    assert_int_equal(texts, runs);
    assert_int_equal(values, 4 * runs);
    assert_int_equal(history_list(history, NULL, 3, &list), 0);
    for (size_t i = 0; i < list.count; i++) {
        char *text;
        size_t length;
        assert_int_equal(history_export(history, list.runs[i].id, &text, &length), 0);
        free(text);
    }
    history_runs_free(&list);
    history_close(history);
}

static void holds_a_run_wholly_or_not_at_all_after_a_kill(void **state)
{
    struct random random;
    int status, ends[2];
    int64_t confirmed = 0;
    char byte;

    (void)state;
    random_seed(&random, (uint64_t)getpid());
    history_close(test_open(store_url, HISTORY_CREATE));
    for (uint64_t i = 0; i < (uint64_t)kills(); i++) {
        struct timespec pause = {0, (long)(1000000 + random_below(&random, 60000000))};
        fflush(NULL);
        assert_int_equal(pipe(ends), 0);
        pid_t child = fork();
        assert_true(child >= 0);
        if (child == 0)
            add_many(i, runs_each(), ends[1]);
        close(ends[1]);
        /* The first kill comes after a run at least; the others may come before one. */
        if (i == 0)
            confirmed += read(ends[0], &byte, 1);
        nanosleep(&pause, NULL);
        kill(child, SIGKILL);
        assert_int_equal(waitpid(child, &status, 0), child);
        while (read(ends[0], &byte, 1) == 1)
            confirmed++;
        close(ends[0]);
        check_whole(confirmed);
    }
    assert_true(confirmed > 0);
    struct history *history = test_open(store_url, HISTORY_READ);
    print_message("%lld runs after %d kills, %lld of them confirmed\n",
                  (long long)store_count(history, "SELECT count(*) FROM bench_run"), kills(),
                  (long long)confirmed);
    history_close(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(waits_for_others_and_then_gives_up),
        STORE_TEST(is_made_by_many_at_once),
        STORE_TEST(adds_a_run_once_when_many_bring_it_at_once),
        STORE_TEST(loses_nothing_when_many_write_at_once),
        STORE_TEST(holds_a_run_wholly_or_not_at_all_after_a_kill),
    };
    return STORE_TESTS(tests);
}
