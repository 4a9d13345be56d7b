/* SPDX-License-Identifier: Apache-2.0 */
/* What is kept of a run, and how it is found again. */
#include "tests/support/store_tests.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void gives_back_what_was_added(void **state)
{
    const struct test_run_spec spec = {.machine = "aa", .context = ",\"strange\":\"\\u00e4 '%$1\""};
    char *text = test_run_text(&spec), *back;
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_added added, again;
    size_t length;

    (void)state;
    assert_int_equal(history_add(history, text, strlen(text), NULL, &added, NULL), 0);
    assert_false(added.already);
    assert_string_equal(added.machine, "aa");
    assert_int_equal(added.date_s, 1767225600);
    history_close(history);

    history = test_open(store_url, HISTORY_READ);
    assert_int_equal(history_export(history, added.id, &back, &length), 0);
    assert_int_equal(length, strlen(text));
    assert_memory_equal(back, text, length + 1);
    free(back);
    history_close(history);

    history = test_open(store_url, HISTORY_WRITE);
    const struct history_origin other = {.machine = "bb", .date = "2030-01-01T00:00:00Z"};
    assert_int_equal(history_add(history, text, strlen(text), &other, &again, NULL), 0);
    assert_true(again.already);
    assert_string_equal(again.machine, "aa");
    assert_int_equal(again.date_s, added.date_s);
    assert_string_equal(again.id, added.id);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_run"), 1);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_machine"), 1);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_value"), 4);
    history_close(history);
    free(added.machine);
    free(again.machine);
    free(text);
}

static void orders_runs_by_date_and_then_by_addition(void **state)
{
    static const int minutes[] = {10, 30, 20, 10};
    static const size_t order[] = {0, 3, 2, 1};
    struct history_added added[4];
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_runs runs;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct test_run_spec spec = {.machine = "aa", .minute = minutes[i], .seed = i};
        added[i] = test_add(history, &spec);
        assert_int_equal(added[i].late, i >= 2);
    }
    struct test_run_spec other = {.machine = "bb", .minute = 5};
    assert_false(test_add(history, &other).late);
    assert_int_equal(history_list(history, "aa", 0, &runs), 0);
    assert_int_equal(runs.count, 4);
    for (size_t i = 0; i < 4; i++)
        assert_string_equal(runs.runs[i].id, added[order[i]].id);
    history_runs_free(&runs);
    assert_int_equal(history_list(history, "aa", 2, &runs), 0);
    assert_int_equal(runs.count, 2);
    assert_string_equal(runs.runs[0].id, added[2].id);
    assert_string_equal(runs.runs[1].id, added[1].id);
    history_runs_free(&runs);
    assert_int_equal(history_list(history, NULL, 0, &runs), 0);
    assert_int_equal(runs.count, 5);
    assert_string_equal(runs.runs[0].machine, "bb");
    history_runs_free(&runs);
    assert_int_equal(history_list(history, "cc", 0, &runs), 0);
    assert_int_equal(runs.count, 0);
    history_runs_free(&runs);
    history_close(history);
}

static void wants_a_machine_and_a_date(void **state)
{
    static const char dateless[] =
        "{\"context\":{\"machine_key\":\"aa\"},\"benchmarks\":[{\"name\":\"BM_x\","
        "\"run_type\":\"iteration\",\"real_time\":1.5,\"cpu_time\":1,\"time_unit\":\"us\"}]}";
    const struct test_run_spec anonymous = {0};
    char *text = test_run_text(&anonymous);
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct load_problem problem;

    (void)state;
    assert_int_equal(store_add(history, text, NULL, NULL, &problem), -ENOKEY);
    assert_null(problem.what);
    assert_int_equal(store_add(history, text, "", NULL, NULL), -ENOKEY);
    assert_int_equal(store_add(history, text, "a\nb", NULL, NULL), -ENOKEY);
    assert_int_equal(store_add(history, text, "\xff", NULL, NULL), -ENOKEY);
    assert_int_equal(store_add(history, dateless, NULL, NULL, NULL), -EDOM);
    assert_int_equal(store_add(history, dateless, NULL, "yesterday", NULL), -EDOM);
    assert_int_equal(store_add(history, dateless, NULL, "2026-02-30T00:00:00Z", NULL), -EDOM);
    static const char *const no_dates[] = {"",
                                           "2026-1-01T00:00:00Z",
                                           "2026-01-01",
                                           "2026-13-01T00:00:00Z",
                                           "2026-01-01T24:00:00Z",
                                           "2026-01-01T00:00:00+1",
                                           "2026-01-01T00:00:00 ",
                                           "-026-01-01T00:00:00"};
    for (size_t i = 0; i < sizeof no_dates / sizeof no_dates[0]; i++)
        assert_int_equal(store_add(history, dateless, NULL, no_dates[i], NULL), -EDOM);
    assert_int_equal(store_add(history, "{", "aa", NULL, &problem), -EBADMSG);
    assert_non_null(problem.what);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_run"), 0);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_machine"), 0);
    assert_int_equal(store_add(history, text, "\xc3\xa4 'b\" $1", NULL, NULL), 0);
    assert_int_equal(store_add(history, dateless, NULL, "2026-01-01T02:00:00+02:00", NULL), 0);
    struct history_runs runs;
    assert_int_equal(history_list(history, "aa", 0, &runs), 0);
    assert_int_equal(runs.count, 1);
    assert_int_equal(runs.runs[0].date_s, 1767225600);
    history_runs_free(&runs);
    assert_int_equal(history_list(history, "\xc3\xa4 'b\" $1", 0, &runs), 0);
    assert_int_equal(runs.count, 1);
    history_runs_free(&runs);
    history_close(history);
    free(text);
}

/* Two runs whose ids begin with the same 4 digits, by trying. */
static void make_twins(uint64_t *first, uint64_t *second, char prefix[5])
{
    static uint64_t seen[65536];
    char id[HISTORY_ID + 1];

    memset(seen, 0, sizeof seen);
    for (uint64_t seed = 1;; seed++) {
        struct test_run_spec spec = {.machine = "aa", .seed = seed};
        char *text = test_run_text(&spec);
        run_id_of_text(text, strlen(text), id);
        free(text);
        id[4] = '\0';
        uint64_t *at = &seen[strtoul(id, NULL, 16)];
        if (*at != 0) {
            *first = *at;
            *second = seed;
            memcpy(prefix, id, 5);
            return;
        }
        *at = seed;
    }
}

static void finds_a_run_by_the_beginning_of_its_id(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_runs found;
    uint64_t seeds[2];
    char prefix[5], longer[10], *text;
    size_t length, same = 4;

    (void)state;
    make_twins(&seeds[0], &seeds[1], prefix);
    struct test_run_spec first = {.machine = "aa", .seed = seeds[0]};
    struct test_run_spec second = {.machine = "aa", .seed = seeds[1]};
    struct history_added one = test_add(history, &first);
    assert_int_equal(history_find(history, prefix, &found), 0);
    assert_string_equal(found.runs[0].id, one.id);
    history_runs_free(&found);
    struct history_added two = test_add(history, &second);
    assert_int_equal(history_find(history, prefix, &found), -ENOTUNIQ);
    assert_int_equal(history_export(history, prefix, &text, &length), -ENOTUNIQ);
    while (one.id[same] == two.id[same])
        same++;
    snprintf(longer, sizeof longer, "%.*s", (int)same + 1, two.id);
    for (char *at = longer; *at != '\0'; at++)
        *at = (char)(*at >= 'a' ? *at - 'a' + 'A' : *at);
    assert_int_equal(history_find(history, longer, &found), 0);
    assert_int_equal(found.count, 1);
    assert_string_equal(found.runs[0].id, two.id);
    history_runs_free(&found);
    assert_int_equal(history_find(history, "abc", &found), -EINVAL);
    assert_int_equal(history_find(history, "xyzz", &found), -EINVAL);
    prefix[0] = prefix[0] == '0' ? '1' : '0';
    assert_int_equal(history_find(history, prefix, &found), -ENOENT);
    assert_int_equal(found.count, 0);
    history_close(history);
}

static void keeps_the_context(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_runs runs;

    (void)state;
    struct test_run_spec spec = {
        .machine = "aa",
        .context = ",\"kernel\":\"6.1\",\"git_revision\":\"abc\",\"load_before\":\"0.5\"",
        .minute = 1};
    test_add(history, &spec);
    spec.minute = 2;
    spec.context = ",\"kernel\":\"6.1\",\"git_revision\":\"abc\",\"load_before\":\"1.5\"";
    test_add(history, &spec);
    /* What changes with every run is no other environment. */
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_environment"), 1);
    spec.minute = 3;
    spec.context = ",\"kernel\":\"6.2\",\"kernel\":\"6.3\"";
    test_add(history, &spec);
    assert_int_equal(store_count(history, "SELECT count(*) FROM bench_environment"), 2);
    assert_int_equal(history_list(history, "aa", 0, &runs), 0);
    assert_int_equal(runs.count, 3);
    assert_string_equal(history_context(&runs.runs[0], "load_before"), "0.5");
    assert_string_equal(history_context(&runs.runs[1], "load_before"), "1.5");
    assert_string_equal(history_context(&runs.runs[1], "kernel"), "6.1");
    assert_string_equal(history_context(&runs.runs[1], "date"), "2026-01-01T00:02:00+00:00");
    assert_string_equal(history_context(&runs.runs[2], "kernel"), "6.3");
    assert_string_equal(runs.runs[1].revision, "abc");
    assert_null(runs.runs[2].revision);
    assert_null(history_context(&runs.runs[2], "load_before"));
    assert_int_equal(runs.runs[0].cells, 4);
    assert_int_equal(runs.runs[0].samples, 12);
    for (size_t i = 1; i < runs.runs[0].context_count; i++)
        assert_true(strcmp(runs.runs[0].context[i - 1].key, runs.runs[0].context[i].key) < 0);
    history_runs_free(&runs);
    history_close(history);
}

static void lists_machines(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct history_machines machines;
    const struct test_run_spec specs[] = {
        {.machine = "b", .minute = 9, .context = ",\"cores\":\"2\""},
        {.machine = "B", .minute = 3, .context = ",\"cores\":\"4\""},
        {.machine = "b", .minute = 7, .context = ",\"cores\":\"8\""}};

    (void)state;
    assert_int_equal(history_machines(history, &machines), 0);
    assert_int_equal(machines.count, 0);
    history_machines_free(&machines);
    for (size_t i = 0; i < 3; i++)
        test_add(history, &specs[i]);
    assert_int_equal(history_machines(history, &machines), 0);
    assert_int_equal(machines.count, 2);
    assert_string_equal(machines.machines[0].key, "B");
    assert_int_equal(machines.machines[1].runs, 2);
    assert_int_equal(machines.machines[1].first_date_s, 1767225600 + 7 * 60);
    assert_int_equal(machines.machines[1].last_date_s, 1767225600 + 9 * 60);
    assert_string_equal(history_context(&machines.newest.runs[0], "cores"), "4");
    /* Of the newest by its date, not of the last that was added. */
    assert_string_equal(history_context(&machines.newest.runs[1], "cores"), "2");
    history_machines_free(&machines);
    history_close(history);
}

static void keeps_blessings(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct test_run_spec spec = {.machine = "aa"}, other = {.machine = "bb"};
    struct history_added added = test_add(history, &spec), elsewhere = test_add(history, &other);
    struct history_blessing blessing = {.cell = "Mmap/file:new/sync:none/size:1048576/chunk:4096",
                                        .reason = "it's 5 % for safety\n",
                                        .time_s = 77};
    struct history_blessings list;

    (void)state;
    memcpy(blessing.run, added.id, 13);
    char whole[200];
    struct history_query query = {.machine = "aa"};
    struct history_series series;
    assert_int_equal(history_read(history, &query, &series), 0);
    snprintf(whole, sizeof whole, "%s", series.cells[0].name);
    history_series_free(&series);
    assert_int_equal(history_bless(history, &blessing), -ESRCH);
    blessing.cell = whole;
    blessing.machine = "bb";
    assert_int_equal(history_bless(history, &blessing), -ENXIO);
    blessing.machine = "aa";
    assert_int_equal(history_bless(history, &blessing), 0);
    memcpy(blessing.run, elsewhere.id, sizeof blessing.run);
    blessing.machine = blessing.cell = NULL;
    assert_int_equal(history_bless(history, &blessing), 0);
    blessing.reason = " ";
    assert_int_equal(history_bless(history, &blessing), -EINVAL);
    assert_int_equal(history_blessings(history, NULL, &list), 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.blessings[0].cell, whole);
    assert_string_equal(list.blessings[0].run, added.id);
    assert_string_equal(list.blessings[0].reason, "it's 5 % for safety?");
    assert_int_equal(list.blessings[0].time_s, 77);
    history_blessings_free(&list);
    assert_int_equal(history_blessings(history, "bb", &list), 0);
    assert_int_equal(list.count, 1);
    assert_null(list.blessings[0].cell);
    assert_string_equal(list.blessings[0].machine, "bb");
    history_blessings_free(&list);
    history_close(history);
}

static void count_damage(void *data, const struct history_damage *damage)
{
    *(unsigned *)data |= 1u << damage->kind;
}

/* The kinds of damage that are found. */
static unsigned damages_of(struct history *history, size_t runs)
{
    unsigned kinds = 0;
    struct history_checking checking = {.tell = count_damage, .data = &kinds};

    assert_int_equal(history_verify(history, &checking), 0);
    assert_int_equal(checking.runs, runs);
    assert_int_equal(checking.damages > 0, kinds != 0);
    return kinds;
}

static void notices_a_text_that_is_not_the_runs(void **state)
{
    struct history *history = test_open(store_url, HISTORY_CREATE);
    struct test_run_spec one = {.machine = "aa"}, two = {.machine = "aa", .minute = 1};
    struct history_added first = test_add(history, &one), second = test_add(history, &two);
    char *text;
    size_t length;

    (void)state;
    assert_int_equal(damages_of(history, 2), 0);
    store_run(history, "UPDATE bench_value SET pace_ns = pace_ns + 1 WHERE run = 1");
    assert_int_equal(damages_of(history, 2), 1u << DAMAGE_VALUES);
    store_run(history, "UPDATE bench_value SET pace_ns = pace_ns - 1 WHERE run = 1");
    store_run(history,
              "UPDATE bench_text SET zstd = (SELECT zstd FROM bench_text WHERE run = 1)"
              " WHERE run = 2");
    assert_int_equal(damages_of(history, 2), 1u << DAMAGE_TEXT);
    assert_int_equal(history_export(history, first.id, &text, &length), 0);
    free(text);
    assert_int_equal(history_export(history, second.id, &text, &length), -EUCLEAN);
    assert_null(text);
    store_run(history, "UPDATE bench_run SET bytes = 1000000000000 WHERE seq = 1");
    assert_int_equal(history_export(history, first.id, &text, &length), -EUCLEAN);
    store_run(history, "UPDATE bench_run SET context = '{\"a\": 5' WHERE seq = 1");
    struct history_runs runs;
    assert_int_equal(history_list(history, NULL, 0, &runs), -EUCLEAN);
    assert_int_equal(runs.count, 0);
    history_close(history);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        STORE_TEST(gives_back_what_was_added),
        STORE_TEST(orders_runs_by_date_and_then_by_addition),
        STORE_TEST(wants_a_machine_and_a_date),
        STORE_TEST(finds_a_run_by_the_beginning_of_its_id),
        STORE_TEST(keeps_the_context),
        STORE_TEST(lists_machines),
        STORE_TEST(keeps_blessings),
        STORE_TEST(notices_a_text_that_is_not_the_runs),
    };
    return STORE_TESTS(tests);
}
