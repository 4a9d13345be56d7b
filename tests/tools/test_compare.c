/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results compare as a user meets it. */
#include "tests/support/make_sides.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    static const struct made_side sides[] = {
        {.name = "old", .runs = 10, .extra = ",\"round\":\"%zu\""},
        {.name = "new", .runs = 10, .extra = ",\"round\":\"%zu\"", .first_minute = 1},
        {.name = "slow", .runs = 10, .extra = ",\"round\":\"%zu\"", .first_minute = 1, .slow = 1.1},
        {.name = "plain", .runs = 10, .first_minute = 1},
        {.name = "plainslow", .runs = 10, .first_minute = 1, .slow = 1.1},
        {.name = "late", .runs = 10, .first_minute = 40},
        {.name = "few", .runs = 5, .extra = ",\"round\":\"%zu\"", .first_minute = 1},
        {.name = "mapping",
         .runs = 10,
         .extra = ",\"round\":\"%zu\"",
         .first_minute = 1,
         .writers = 1},
        {.name = "large",
         .runs = 10,
         .extra = ",\"round\":\"%zu\"",
         .first_minute = 1,
         .size_bytes = 1 << 21},
        {.name = "here", .runs = 10, .extra = ",\"machine_key\":\"aa\",\"cpu_model\":\"A 1\""},
        {.name = "there",
         .runs = 10,
         .first_minute = 1,
         .slow = 1.5,
         .extra = ",\"machine_key\":\"bb\",\"cpu_model\":\"B 2\""},
        {.name = "kernel",
         .runs = 10,
         .first_minute = 1,
         .extra = ",\"machine_key\":\"aa\",\"cpu_model\":\"A 1\",\"kernel\":\"7.0\""},
        {.name = "settings_a",
         .runs = 6,
         .extra = ",\"machine_key\":\"aa\",\"dirty_expire_centisecs\":\"3000\","
                  "\"io_uring_disabled\":\"0\""},
        {.name = "settings_b",
         .runs = 6,
         .first_minute = 1,
         .extra = ",\"machine_key\":\"aa\",\"dirty_expire_centisecs\":\"500\","
                  "\"io_uring_disabled\":\"2\""},
        {.name = "empty", .runs = 0},
    };
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        make_side(&sides[i]);
    return 0;
}

static void compare_finds_what_became_slower(void **state)
{
    (void)state;
    SAYS("compare @old @slow", 3, "Slower: Mmap",
         "10 rounds of old and new, one after the other, 8 cells", "slower", "p is exact");
    SAYS("compare @slow @old", 0, "Faster, and nothing became slower: Mmap");
    SAYS("compare @old @new", 0, "Nothing became slower", "all of file:new/sync:none/size:1048576");
}

static void runs_without_rounds_are_permuted_or_paired(void **state)
{
    (void)state;
    SAYS("compare @here @kernel", 0, "10 old and 10 new processes");
    SAYS("compare @old @plainslow", 3, "10 old and 10 new processes", "Slower: Mmap");
    SAYS("compare @old @plainslow --paired", 3, "10 rounds of old and new", "Slower: Mmap");
}

static void what_allows_no_verdict_gets_a_sentence_and_status_4(void **state)
{
    (void)state;
    SAYS("compare @old @few", 4, "No verdict", "fewer than 6 a side", "5 runs are left out");
    SAYS("compare @old/1.json @slow/1.json", 4, "No verdict", "1 and 1 processes");
    SAYS("compare @plain @late", 4, "measured one after the other", "bench_results ab");
    SAYS("compare @old @large", 4, "no cell in common", "only on the old side");
}

static void other_machines_are_refused_by_name(void **state)
{
    struct test_process process = run("compare @here @there", NULL);

    (void)state;
    assert_int_equal(process.status, 4);
    assert_non_null(strstr(process.out, "CPU model (A 1 and B 2)"));
    assert_null(strstr(process.out, "Mmap"));
    test_process_free(&process);
    SAYS("compare @here @there --cross-machine", 4, "No verdict", "Mmap", "+50");
    SAYS("compare @here @kernel", 0, "Nothing became slower");
}

static void settings_that_differ_are_named(void **state)
{
    (void)state;
    SAYS("compare @settings_a @settings_b", 0,
         "age at which dirty pages are written (3000 and 500)", "io_uring switched off (0 and 2)");
}

static void cells_of_one_side_are_listed_and_left_out(void **state)
{
    (void)state;
    SAYS("compare @old @mapping", 4, "A time is the mean of the fastest quarter of a run's samples",
         "10 rounds of old and new, one after the other, 4 cells",
         "Left out, only on the old side: Write/file:new/sync:none/size:1048576/chunk:4096");
}

static void bad_input_is_an_error(void **state)
{
    char *path = path_in("bad.json"), *closed = path_in("closed");

    (void)state;
    write_file(path, "{\"benchmarks\": 5}");
    assert_int_equal(mkdir(closed, 0), 0);
    if (geteuid() != 0) /* root may read everything */
        SAYS("compare @old @closed", 1, "closed cannot be read: Permission denied.");
    rmdir(closed);
    free(closed);
    SAYS("compare @old", 1, "name two runs");
    SAYS("compare @old @old", 1, "are the same");
    SAYS("compare @old @missing", 1, "missing cannot be read");
    SAYS("compare @old @empty", 1, "has no .json file");
    SAYS("compare @old @bad.json", 1, "bad.json");
    SAYS("compare @old @new --margin=x", 1, "--margin=x: give a share such as 2% or 0.02");
    SAYS("compare @old @new --alpha=2", 1, "--alpha=2: give a share");
    free(path);
}

/* Zero, negative and failed rows: the cell is left out by name, the others are compared. */
static void unusable_cells_are_left_out(void **state)
{
    static const char row[] =
        "{\"name\":\"%s\",\"run_name\":\"%s\",\"run_type\":\"iteration\","
        "\"repetition_index\":0,\"iterations\":1,\"real_time\":%s,"
        "\"cpu_time\":1,\"time_unit\":\"us\"%s}";
    char *directories[2] = {path_in("odd1"), path_in("odd2")};

    (void)state;
    for (int side = 0; side < 2; side++) {
        assert_int_equal(mkdir(directories[side], 0700), 0);
        for (int i = 0; i < 8; i++) {
            char name[40], rows[4][400], text[2000], time[20];
            snprintf(time, sizeof time, "1.%d%d", i, side);
            snprintf(rows[0], sizeof rows[0], row, "BM_a/1", "BM_a/1", time, "");
            snprintf(rows[1], sizeof rows[1], row, "BM_zero", "BM_zero", side ? "0" : "1", "");
            snprintf(rows[2], sizeof rows[2], row, "BM_less", "BM_less", side ? "-3" : "1", "");
            snprintf(rows[3], sizeof rows[3], row, "BM_bad", "BM_bad", "0",
                     ",\"error_occurred\":true,\"error_message\":\"no\"");
            snprintf(text, sizeof text,
                     "{\"context\":{\"date\":\"2026-01-01T00:%02d:00+00:00\"},\"benchmarks\":["
                     "%s,%s,%s,%s]}",
                     2 * i + side, rows[0], rows[1], rows[2], rows[3]);
            snprintf(name, sizeof name, "odd%d/%d.json", side + 1, i);
            char *path = path_in(name);
            write_file(path, text);
            free(path);
        }
        free(directories[side]);
    }
    SAYS("compare @odd1 @odd2", 4, "8 old and 8 new processes, 1 cells", "BM_a",
         "zero (below the clock's step) or negative: BM_zero, BM_less",
         "Left out, failed on the old side, or on both: BM_bad");
}

static void every_format_says_the_same(void **state)
{
    struct test_process process = run("compare @old @slow --format=json", NULL);
    json_t *root = json_loads(process.out, 0, NULL);

    (void)state;
    assert_int_equal(process.status, 3);
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(root, "gate")), "open");
    assert_int_equal(json_integer_value(json_object_get(root, "rounds")), 10);
    json_t *row = json_array_get(json_object_get(root, "rows"), 0);
    assert_string_equal(json_string_value(json_object_get(row, "change")), "slower");
    double ratio = json_number_value(json_object_get(json_object_get(row, "ratio"), "estimate"));
    assert_true(ratio > 1.04 && ratio < 1.15);
    json_decref(root);
    test_process_free(&process);
    SAYS("compare @old @slow --format=csv", 3, "kind,name,change,old_ns", "writer,Mmap,slower,");
    SAYS("compare @old @slow --format=markdown", 3, "### Slower: Mmap", "| row | old | new |");
    SAYS("compare @old @slow --all", 3, "Write/chunk:262144");
    SAYS("compare @old @slow --ascii", 3, "+10");
}

static void github_gets_annotations_and_a_summary(void **state)
{
    char *summary = path_in("summary.md"), *variable = NULL;

    (void)state;
    assert_true(asprintf(&variable, "GITHUB_STEP_SUMMARY=%s", summary) > 0);
    char *old_path = path_in("old"), *slow_path = path_in("slow");
    const char *argv[] = {BENCH_RESULTS_PROGRAM, "compare", old_path, slow_path, "--github", NULL};
    struct test_process process = test_run(argv, (const char *const[]){variable, NULL}, NULL);
    char *text = test_read_file(summary);
    assert_int_equal(process.status, 3);
    assert_non_null(strstr(process.out, "::error title=Slower::Mmap"));
    assert_non_null(text);
    assert_non_null(strstr(text, "### Slower: Mmap"));
    test_process_free(&process);
    free(text);
    free(old_path);
    free(slow_path);
    free(summary);
    free(variable);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(compare_finds_what_became_slower),
        cmocka_unit_test(runs_without_rounds_are_permuted_or_paired),
        cmocka_unit_test(what_allows_no_verdict_gets_a_sentence_and_status_4),
        cmocka_unit_test(other_machines_are_refused_by_name),
        cmocka_unit_test(settings_that_differ_are_named),
        cmocka_unit_test(cells_of_one_side_are_listed_and_left_out),
        cmocka_unit_test(bad_input_is_an_error),
        cmocka_unit_test(unusable_cells_are_left_out),
        cmocka_unit_test(every_format_says_the_same),
        cmocka_unit_test(github_gets_annotations_and_a_summary),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
