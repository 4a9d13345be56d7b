/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results ab with programs that take turns: shell scripts, which speak the protocol by hand
 * and write down in whose turn they are. */
#include "tests/support/make_sides.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

enum { ROUNDS = 6 };

static int set_up(void **state)
{
    static const struct made_side sides[] = {
        {.name = "old", .runs = ROUNDS, .extra = ",\"lockstep\":\"0\",\"round\":\"%zu\""},
        {.name = "new",
         .runs = ROUNDS,
         .extra = ",\"lockstep\":\"0\",\"round\":\"%zu\"",
         .first_minute = 1},
        {.name = "apart", .runs = ROUNDS, .extra = ",\"round\":\"%zu\"", .first_minute = 1}};

    (void)state;
    test_directory_create(&place);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++)
        make_side(&sides[i]);
    return 0;
}

/* `cells` are what it lists, `calls` what it does: "turn A" for a call of a cell's function. */
static void make_program(const char *name, const char *side, const char *cells, const char *calls)
{
    char *path = path_in(name), *text = NULL;

    assert_true(
        asprintf(
            &text,
            "#!/bin/sh\nlist= round=1 me=%s here=%s\nfor flag; do case $flag in\n"
            "--benchmark_list_tests=*) list=1;;\n"
            "--benchmark_out=*) out=${flag#*=};;\n"
            "--benchmark_context=*) context=$flag round=${flag##*round=} "
            "round=${round%%%%,*};;\nesac; done\n"
            "[ \"${BENCHMARK_LOCKSTEP%%,*}\" = 3,4 ] || exit 8\n"
            "note() { echo \"$*\" >>$here/log; }\n"
            "turn() { echo $1 >&4; [ \"$(head -c 1 <&3)\" = g ] || { note $me left; exit 9; }\n"
            "note $me $1; }\n"
            "echo >&4\n"
            "[ $list ] && { printf '%%s\\n' %s; exit; }\n%s\ncp $here/%s/$round.json $out\n",
            side, place.path, cells, calls, side) > 0);
    write_file(path, text);
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
    free(text);
}

/* One that cannot. */
static void make_other(const char *name, const char *side)
{
    char *path = path_in(name), *text = NULL;

    assert_true(asprintf(&text,
                         "#!/bin/sh\nfor flag; do case $flag in\n"
                         "--benchmark_list_tests=*) echo A/threads:1; exit;;\n"
                         "--benchmark_out=*) out=${flag#*=};;\n"
                         "--benchmark_context=*) echo $flag >>%s/log; round=${flag##*round=} "
                         "round=${round%%%%,*};;\nesac; done\ncp %s/%s/$round.json $out\n",
                         place.path, place.path, side) > 0);
    write_file(path, text);
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
    free(text);
}

/* What was written since the last time; the caller's. */
static char *take_log(void)
{
    char *path = path_in("log"), *text = test_read_file(path);

    (void)remove(path);
    free(path);
    return text != NULL ? text : calloc(1, 1);
}

/* Runs `words` and compares the log; | stands for a line, and a pair in brackets for both orders.
 */
static void takes_turns(const char *words, int status, const char *expected)
{
    SAYS(words, status, "the two take turns before every sample, on processor ");
    char *log = take_log(), *at = log;

    for (const char *cell = expected; *cell != '\0'; cell++) {
        char first[2][10];
        int count = *cell == '[' ? 2 : 1;
        for (int i = 0; i < count; i++) {
            snprintf(first[i], sizeof first[i], "%.*s", (int)strcspn(at, "\n"), at);
            at += strcspn(at, "\n") + 1;
        }
        if (count == 2) { /* "[A" */
            cell++;
            assert_string_not_equal(first[0], first[1]);
            assert_int_equal(first[0][4], *cell);
            assert_int_equal(first[1][4], *cell);
        } else { /* "oX" */
            assert_int_equal(first[0][0], *cell++);
            assert_int_equal(first[0][4], *cell);
        }
    }
    assert_string_equal(at, "");
    free(log);
}

static void both_get_a_turn_before_either_gets_another(void **state)
{
    (void)state;
    make_program("a.sh", "old", "A B", "turn A; turn B; turn A; turn A; turn B; turn B");
    make_program("b.sh", "new", "A B", "turn A; turn B; turn A; turn A; turn B; turn B");
    takes_turns("ab @a.sh @b.sh --rounds 1 --seed 1", 4, "[A[B[A[A[B[B");
}

static void the_order_is_drawn_by_the_seed(void **state)
{
    char *logs[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        SAYS("ab @a.sh @b.sh --rounds 1 --seed 7", 4, "seed 7");
        logs[i] = take_log();
    }
    assert_string_equal(logs[0], logs[1]);
    size_t old_first = 0, pairs = 0;
    for (char *line = strtok(logs[0], "\n"); line != NULL; line = strtok(NULL, "\n"))
        old_first += pairs++ % 2 == 0 && *line == 'o';
    assert_int_equal(pairs, 12);
    assert_in_range(old_first, 1, 5);
    free(logs[0]);
    free(logs[1]);
}

static void a_cell_of_one_side_is_passed_over(void **state)
{
    (void)state;
    make_program("c.sh", "old", "A X B", "turn A; turn X; turn B; turn A; turn A; turn X; turn B");
    make_program("d.sh", "new", "A B Y", "turn A; turn B; turn Y; turn A; turn A; turn B; turn Y");
    takes_turns("ab @c.sh @d.sh --rounds 1", 4, "[AoX[BnY[A[AoX[BnY");
}

/* Where times decide how often a function is called, the numbers differ. */
static void who_needs_more_calls_of_a_cell_goes_on(void **state)
{
    (void)state;
    make_program("e.sh", "old", "A B", "turn A; turn A; turn A; turn B");
    make_program("f.sh", "new", "A B", "turn A; turn B; turn B");
    takes_turns("ab @e.sh @f.sh --rounds 1", 4, "[AoAoA[BnB");
}

static void a_comparison_says_how_it_was_made(void **state)
{
    struct test_process process = run("ab @a.sh @b.sh --rounds 1 --format json", NULL);
    json_t *root = json_loads(process.out, 0, NULL);

    (void)state;
    assert_string_equal(json_string_value(json_object_get(root, "turns")), "lockstep");
    json_decref(root);
    test_process_free(&process);
    process = run("compare @old @apart --format json", NULL);
    root = json_loads(process.out, 0, NULL);
    assert_true(json_is_null(json_object_get(root, "turns")));
    json_decref(root);
    test_process_free(&process);
    SAYS("compare @old @new", 0, "6 rounds of old and new, which took turns before every sample");
    free(take_log());
}

static void programs_that_cannot_run_one_after_the_other(void **state)
{
    (void)state;
    make_other("g.sh", "apart");
    SAYS("ab @a.sh @g.sh --rounds 1 --cpu any", 1, "g.sh does not take turns", "exit status 8");
    make_other("h.sh", "apart");
    free(take_log());
    SAYS("ab @h.sh @g.sh --rounds 1", 4, "h.sh does not take turns, on processor ");
    char *log = take_log();
    assert_non_null(strstr(log, "side=old,pinned="));
    assert_non_null(strstr(log, "side=new,pinned="));
    free(log);
    SAYS("ab @h.sh @g.sh --rounds 1 --cpu any", 4, "one after the other");
    log = take_log();
    assert_null(strstr(log, "pinned"));
    free(log);
    SAYS("ab @h.sh @g.sh --cpu 9999", 1, "--cpu=9999: no processor that may be used");
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* In a turn of its own, and while the other one has its turn. */
static void a_partner_that_dies_ends_the_pair(void **state)
{
    (void)state;
    make_program("dies.sh", "new", "A B", "turn A; [ $round = 2 ] && exit 7; turn B");
    SAYS("ab @a.sh @dies.sh --rounds 6 --keep @kept", 1, "round 2: ", "exit status 7",
         "1 rounds of old and new", "1 round are kept in ");
    char *log = take_log();
    assert_non_null(strstr(log, "old left"));
    free(log);
    make_program("long.sh", "old", "A B", "turn A; exec sleep 20");
    make_program("killed.sh", "new", "A B", "(sleep 0.2; kill -9 $$) 3<&- 4>&- & turn A; turn A");
    double begin = seconds();
    SAYS("ab @long.sh @killed.sh --rounds 6 --seed 1", 1, "killed.sh failed with exit status 137");
    assert_true(seconds() - begin < 5);
    free(take_log());
}

static void a_partner_that_hangs_ends_the_pair(void **state)
{
    (void)state;
    make_program("hangs.sh", "new", "A B", "turn A; turn A; exec sleep 20");
    SAYS("ab @a.sh @hangs.sh --rounds 6 --hang 1", 1, "round 1: ", "hangs.sh hung");
    char *log = take_log();
    assert_non_null(strstr(log, "old left"));
    free(log);
}

static void ctrl_c_ends_both(void **state)
{
    (void)state;
    make_program("slow.sh", "old", "A B", "turn A; sleep 20; turn B");
    struct test_process process = run("ab @slow.sh @b.sh --rounds 6 --seed 5", "6 rounds, seed");
    assert_non_null(strstr(process.err, "Stopped after 0 of 6 rounds."));
    assert_int_equal(process.status, 4);
    test_process_free(&process);
    free(take_log());
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_get_a_turn_before_either_gets_another),
        cmocka_unit_test(the_order_is_drawn_by_the_seed),
        cmocka_unit_test(a_cell_of_one_side_is_passed_over),
        cmocka_unit_test(who_needs_more_calls_of_a_cell_goes_on),
        cmocka_unit_test(a_comparison_says_how_it_was_made),
        cmocka_unit_test(programs_that_cannot_run_one_after_the_other),
        cmocka_unit_test(a_partner_that_dies_ends_the_pair),
        cmocka_unit_test(a_partner_that_hangs_ends_the_pair),
        cmocka_unit_test(ctrl_c_ends_both),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
