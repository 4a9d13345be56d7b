/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results compare, ab and selftest as a user meets them. */
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

/* A shell script in the place of a benchmark program: writes the run of that round and side, after
 * doing what `before` says. */
static void make_program(const char *name, const char *side, const char *before)
{
    char *path = path_in(name), *text = NULL;

    assert_true(asprintf(&text,
                         "#!/bin/sh\nround=1\nfor flag; do case $flag in\n"
                         "--benchmark_out=*) out=${flag#*=};;\n"
                         "--benchmark_context=*) round=${flag##*round=}; round=${round%%%%,*};;\n"
                         "esac; done\n%s\n"
                         "sed \"s/\\\"round\\\":\\\"[0-9]*\\\"/\\\"round\\\":\\\"$round\\\"/\" "
                         "\"%s/%s/$round.json\" > \"$out\"\n",
                         before, place.path, side) > 0);
    write_file(path, text);
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
    free(text);
}

static void ab_compares_two_commands(void **state)
{
    (void)state;
    make_program("a.sh", "old", ":");
    make_program("b.sh", "slow", "echo warning >&2");
    SAYS("ab @a.sh @b.sh --rounds 10 --seed 3 --keep @kept", 3, "10 rounds, seed 3",
         "Slower: Mmap");
    char *old_path = path_in("kept/old/10.json"), *new_path = path_in("kept/new/10.json");
    assert_int_equal(access(old_path, R_OK), 0);
    assert_int_equal(access(new_path, R_OK), 0);
    free(old_path);
    free(new_path);
    SAYS("compare @kept/old @kept/new", 3, "10 rounds of old and new", "Slower: Mmap");
}

static char *read_kept(const char *name)
{
    char *path = path_in(name), *text = test_read_file(path);

    free(path);
    return text;
}

/* Whatever it is called, what is there is somebody's, and no round is run over it. */
static void ab_replaces_nothing_that_is_kept(void **state)
{
    static const char *const names[] = {"mine/new/7.json", "mine/new/1.stderr", "mine/new/notes"};

    (void)state;
    make_program("once.sh", "old", "touch $(dirname $0)/was_run");
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char *path = path_in(names[i]), *made = path_in("mine"), *ran = path_in("was_run");
        char *command = NULL;
        assert_true(asprintf(&command, "rm -rf %s; mkdir -p %s/new", made, made) > 0);
        assert_int_equal(system(command), 0);
        write_file(path, "mine");
        SAYS("ab @once.sh @b.sh --rounds 1 --keep @mine", 1,
             "mine/new is no empty directory; give --keep another.");
        char *text = read_kept(names[i]);
        assert_string_equal(text, "mine");
        assert_int_not_equal(access(ran, F_OK), 0);
        free(text);
        free(command);
        free(ran);
        free(made);
        free(path);
    }
}

/* Without --keep nothing stays. */
static void ab_cleans_up(void **state)
{
    (void)state;
    size_t before = test_directory_count(&place);
    char *variable = NULL;
    char *a = path_in("a.sh"), *b = path_in("b.sh");
    assert_true(asprintf(&variable, "TMPDIR=%s", place.path) > 0);
    const char *argv[] = {BENCH_RESULTS_PROGRAM, "ab", a, b, "--rounds=2", NULL};
    struct test_process process = test_run(argv, (const char *const[]){variable, NULL}, NULL);
    assert_int_equal(process.status, 4);
    assert_int_equal(test_directory_count(&place), before);
    test_process_free(&process);
    free(variable);
    free(a);
    free(b);
}

static void ab_passes_flags_and_context_on(void **state)
{
    (void)state;
    make_program("flags.sh", "old", "echo \"$@\" >> $(dirname $0)/flags.txt");
    SAYS("ab @flags.sh @b.sh --rounds 1 -- --benchmark_filter=x --benchmark_context=who=me", 4,
         "No verdict");
    char *path = path_in("flags.txt"), *text = test_read_file(path);
    assert_non_null(text);
    assert_non_null(strstr(text, "--benchmark_filter=x"));
    assert_non_null(strstr(text, "--benchmark_context=who=me,round=1,side=old"));
    assert_non_null(strstr(text, "--benchmark_out_format=json"));
    free(path);
    free(text);
}

static void ab_explains_commands_that_fail(void **state)
{
    (void)state;
    make_program("fails.sh", "old", "[ $round = 3 ] && { echo the reason >&2; exit 7; }");
    make_program("silent.sh", "old", "exit 0");
    make_program("hangs.sh", "old", "exec sleep 100");
    make_program("garbage.sh", "old", "echo '{' > $out; exit 0");
    SAYS("ab @fails.sh @b.sh --rounds 6 --keep @kept2", 1, "round 3: ", "exit status 7",
         "the reason", "2 rounds are kept in ");
    SAYS("compare @kept2/old @kept2/new", 4, "2 rounds of old and new");
    SAYS("ab @silent.sh @b.sh", 1, "wrote no JSON");
    SAYS("ab @garbage.sh @b.sh", 1, "old/1.json, line 2");
    SAYS("ab @hangs.sh @b.sh --timeout 1", 1, "did not end within 1 s");
    /* That it takes no turns is not the reason. */
    struct test_process absent = run("ab @b.sh @no.sh", NULL);
    assert_int_equal(absent.status, 1);
    assert_non_null(strstr(absent.err, "no.sh cannot be run."));
    assert_null(strstr(absent.err, "take turns"));
    test_process_free(&absent);
    SAYS("ab @a.sh @a.sh", 1, "the same program");
    SAYS("ab @a.sh", 1, "name two commands");
}

static void ab_stops_with_what_it_has(void **state)
{
    (void)state;
    make_program("slowly.sh", "old", "sleep 0.3");
    struct test_process process =
        run("ab @slowly.sh @b.sh --rounds 10 --keep @kept3", "10 rounds, seed");
    assert_non_null(strstr(process.err, "Stopped after "));
    assert_int_equal(process.status, 4);
    test_process_free(&process);
    SAYS("ab @slowly.sh @b.sh --rounds 10 --max-time 1", 4, "Stopped after ");
}

/* A clear case is decided at the first look, a hopeless one goes on to the last round. */
static void ab_until_ends_when_all_is_decided(void **state)
{
    static const struct made_side sides[] = {
        {.name = "many", .runs = 12, .extra = ",\"round\":\"%zu\""},
        {.name = "manyslow",
         .runs = 12,
         .extra = ",\"round\":\"%zu\"",
         .first_minute = 1,
         .slow = 1.5},
    };

    (void)state;
    make_side(&sides[0]);
    make_side(&sides[1]);
    make_program("c.sh", "many", ":");
    make_program("d.sh", "manyslow", ":");
    SAYS("ab @c.sh @d.sh --until --rounds 12 --margin=20% --keep @kept4", 3, "at most 12 rounds",
         "Slower: Mmap", "10 rounds of old and new");
    SAYS("ab @c.sh @d.sh --until --rounds 12 --margin=0.01%", 3, "12 rounds of old and new");
}

#define FAST_FLAGS                                                                                 \
    " --file_size=64K --dir=@ --chunks=4K,16K --benchmark_filter=^(Mmap|Write)/ "                  \
    "--benchmark_repetitions=3"

static void make_slow_program(const char *name, const char *setting)
{
    char *path = path_in(name), text[500];

    snprintf(text, sizeof text, "#!/bin/sh\nBENCH_MMAP_SLOW=%s exec %s \"$@\"\n", setting,
             BENCH_MMAP_SLOW_PROGRAM);
    write_file(path, text);
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
}

static void ab_finds_a_calibrated_slow_down(void **state)
{
    (void)state;
    make_slow_program("spin.sh", "*:2000");
    make_slow_program("spin_write.sh", "Write:2000");
    SAYS("ab " BENCH_MMAP_PROGRAM " @spin.sh --rounds 14 --" FAST_FLAGS, 3, "Slower: ");
    SAYS("ab " BENCH_MMAP_PROGRAM " @spin_write.sh --rounds 14 --" FAST_FLAGS, 3, "Slower: Write");
}

static void selftest_reports_noise_and_plan(void **state)
{
    (void)state;
    SAYS("selftest " BENCH_MMAP_PROGRAM " --rounds 12 --seed 5 --" FAST_FLAGS, 0,
         "As ab compares, ",
         "One after the other, each 6 rounds against the next 6: ", " of 1 comparisons ",
         "\nfind something slower or faster, although", "between the repetitions of one process",
         "drift", "\nOf the variance of a process ", "rounds  a writer");
    SAYS("selftest", 1, "name a command");
    SAYS("selftest x --rounds=3", 1, "--rounds=3: give a number from 6 to");
}

/* Only the test program has it. */
static void the_production_program_has_no_slow_down(void **state)
{
    FILE *file = fopen(BENCH_MMAP_PROGRAM, "rb");
    static char block[1 << 16];
    size_t kept = 0, got;

    (void)state;
    assert_non_null(file);
    while ((got = fread(block + kept, 1, sizeof block - kept, file)) > 0) {
        assert_null(memmem(block, kept + got, "BENCH_MMAP_SLOW", 15));
        size_t all = kept + got;
        kept = all < 15 ? all : 15;
        memmove(block, block + all - kept, kept);
    }
    fclose(file);
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
        cmocka_unit_test(ab_compares_two_commands),
        cmocka_unit_test(ab_replaces_nothing_that_is_kept),
        cmocka_unit_test(ab_cleans_up),
        cmocka_unit_test(ab_passes_flags_and_context_on),
        cmocka_unit_test(ab_explains_commands_that_fail),
        cmocka_unit_test(ab_stops_with_what_it_has),
        cmocka_unit_test(ab_until_ends_when_all_is_decided),
        cmocka_unit_test(ab_finds_a_calibrated_slow_down),
        cmocka_unit_test(selftest_reports_noise_and_plan),
        cmocka_unit_test(the_production_program_has_no_slow_down),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
