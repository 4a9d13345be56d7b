/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of a store for `check` and `history` is of one moment. */
#include "src/watch/run_window.h"
#include "tests/support/store_tests.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { RUNS = 3 };

static struct {
    struct backend backend; /* the real one, but for its query */
    int begins;
    int added; /* what adding a run returned last */
} spy;

static int set_up(void **state)
{
    store_set_up(state);
    struct history *history = test_open(store_url, HISTORY_CREATE);
    for (int run = 0; run < RUNS; run++)
        test_add(history,
                 &(struct test_run_spec){.machine = "aa", .minute = run, .seed = (uint64_t)run});
    history_close(history);
    memset(&spy, 0, sizeof spy);
    return 0;
}

/* As another process would: a run of a new machine, and one more of the old one with a blessing. */
static void add_runs(double patience_s)
{
    static const char *const machines[] = {"aa", "bb"};
    static uint64_t seed = 100;
    struct history *history = test_open(store_url, HISTORY_WRITE);
    struct history_added added;

    history->patience_s = patience_s;
    for (size_t m = 0; m < 2; m++) {
        const struct test_run_spec spec = {.machine = machines[m], .minute = 60, .seed = seed++};
        char *text = test_run_text(&spec);
        spy.added = history_add(history, text, strlen(text), NULL, &added, NULL);
        if (spy.added == 0) {
            struct history_blessing blessing = {.reason = "meanwhile"};
            memcpy(blessing.run, added.id, sizeof blessing.run);
            assert_int_equal(history_bless(history, &blessing), 0);
        }
        free(added.machine);
        free(text);
    }
    history_close(history);
}

static int spy_query(struct history *history, const char *sql, const struct value *parameters,
                     size_t count, row_function *row, void *data)
{
    const struct backend *real =
        store_backend == TEST_SQLITE ? &backend_sqlite : &backend_postgresql;
    int error = real->query(history, sql, parameters, count, row, data);

    spy.begins += strncmp(sql, "BEGIN", 5) == 0;
    if (strcmp(sql, "COMMIT") == 0)
        add_runs(HISTORY_PATIENCE_S);
    return error;
}

static void assert_is_untouched(const struct run_window *window)
{
    assert_string_equal(window->machine, "aa");
    assert_int_equal(window->machines, 1);
    assert_int_equal(window->machine_runs, RUNS);
    assert_int_equal(window->series.runs.count, RUNS);
    assert_int_equal(window->blessings.count, 0);
}

static void runs_added_between_transactions_are_not_half_seen(void **state)
{
    struct history *history = test_open(store_url, HISTORY_READ);
    struct run_window window;

    (void)state;
    spy.backend = *history->backend;
    spy.backend.query = spy_query;
    history->backend = &spy.backend;
    assert_int_equal(run_window_read(history, &(struct run_window_query){.machine = "a"}, &window),
                     0);
    assert_is_untouched(&window);
    assert_int_equal(spy.begins, 1);
    assert_int_equal(spy.added, 0);
    run_window_free(&window);
    history_close(history);
}

static int add_and_want(const char *cell, void *data)
{
    (void)cell;
    if ((*(int *)data)++ == 0)
        add_runs(0.1);
    return 1;
}

/* A file cannot be written to meanwhile; a server has both. */
static void runs_added_while_it_reads_are_not_seen(void **state)
{
    struct history *history = test_open(store_url, HISTORY_READ);
    struct run_window window;
    int cells = 0;

    (void)state;
    assert_int_equal(
        run_window_read(history, &(struct run_window_query){.wants = add_and_want, .data = &cells},
                        &window),
        0);
    assert_is_untouched(&window);
    assert_int_equal(window.series.cell_count, cells);
    assert_int_equal(spy.added, store_backend == TEST_SQLITE ? -EBUSY : 0);
    run_window_free(&window);
    assert_int_equal(run_window_read(history, &(struct run_window_query){.machine = "aa"}, &window),
                     0);
    assert_int_equal(window.series.runs.count, store_backend == TEST_SQLITE ? RUNS : RUNS + 1);
    run_window_free(&window);
    history_close(history);
}

static void nothing_is_written_inside_a_snapshot(void **state)
{
    struct history *history = test_open(store_url, HISTORY_WRITE);
    const struct test_run_spec spec = {.machine = "aa", .seed = 50};
    char *text = test_run_text(&spec);
    struct history_added added;
    struct history_runs runs;

    (void)state;
    assert_int_equal(history_begin(history), 0);
    assert_int_equal(history_add(history, text, strlen(text), NULL, &added, NULL), -EPERM);
    assert_int_equal(history_list(history, "aa", 0, &runs), 0);
    assert_int_equal(runs.count, RUNS);
    history_runs_free(&runs);
    assert_int_equal(history_end(history, 0), 0);
    assert_int_equal(history_add(history, text, strlen(text), NULL, &added, NULL), 0);
    free(added.machine);
    free(text);
    history_close(history);
}

static void a_machine_is_found_by_the_beginning_of_its_key(void **state)
{
    struct history *history = test_open(store_url, HISTORY_WRITE);
    struct run_window window;

    (void)state;
    test_add(history, &(struct test_run_spec){.machine = "ab", .minute = 90, .seed = 60});
    assert_int_equal(run_window_read(history, &(struct run_window_query){.machine = "a"}, &window),
                     -EMLINK);
    run_window_free(&window);
    assert_int_equal(run_window_read(history, &(struct run_window_query){.machine = "b"}, &window),
                     -ESRCH);
    run_window_free(&window);
    assert_int_equal(run_window_read(history, &(struct run_window_query){.machine = NULL}, &window),
                     0);
    assert_string_equal(window.machine, "ab");
    run_window_free(&window);
    history_close(history);
}

/* They, and a cell that only they have, are no part of the series. */
static void runs_in_lockstep_are_left_out(void **state)
{
    static const char *const contexts[] = {",\"lockstep\":\"1\"", ",\"pinned\":\"0\""};
    struct history *history = test_open(store_url, HISTORY_WRITE);
    struct run_window window;

    (void)state;
    for (int i = 0; i < 2; i++)
        test_add(history, &(struct test_run_spec){.machine = "cc",
                                                  .minute = i,
                                                  .seed = 70 + (uint64_t)i,
                                                  .slow = 3,
                                                  .context = contexts[i]});
    for (int i = 2; i < 5; i++)
        test_add(history,
                 &(struct test_run_spec){
                     .machine = "cc", .minute = i, .seed = 70 + (uint64_t)i, .without_write = 1});
    assert_int_equal(run_window_read(history, &(struct run_window_query){.machine = "cc"}, &window),
                     0);
    assert_int_equal(window.series.runs.count, 3);
    assert_int_equal(window.series.cell_count, 2);
    for (size_t i = 0; i < 3; i++) {
        assert_null(history_context(&window.series.runs.runs[i], "lockstep"));
        assert_true(window.time_ns[i] < 2 * window.time_ns[0]);
        assert_true(window.time_ns[i] > window.time_ns[0] / 2);
    }
    run_window_free(&window);
    history_close(history);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, store_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(runs_added_between_transactions_are_not_half_seen),
        TEST(runs_added_while_it_reads_are_not_seen),
        TEST(nothing_is_written_inside_a_snapshot),
        TEST(a_machine_is_found_by_the_beginning_of_its_key),
        TEST(runs_in_lockstep_are_left_out),
    };
    return STORE_TESTS(tests);
}
