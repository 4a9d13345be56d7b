/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results ab and selftest as a user meets them. */
#include "tests/support/make_sides.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int set_up(void **state)
{
    static const struct made_side sides[] = {
        {.name = "old", .runs = 10, .extra = ",\"round\":\"%zu\""},
        {.name = "slow", .runs = 10, .extra = ",\"round\":\"%zu\"", .first_minute = 1, .slow = 1.1},
    };

    (void)state;
    test_directory_create(&place);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        make_side(&sides[i]);
    return 0;
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
