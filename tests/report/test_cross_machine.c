/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results compare --cross-machine: what is said of machines side by side. */
#include "tests/support/make_machine.h"
#include "tests/support/make_sides.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_NEAR "aaaaaaaa"
#define KEY_FAR "cccccccc"

static void make_machine(const char *name, const struct made_machine *costs, int controls)
{
    char *path = path_in(name), *text = machine_text(costs, controls);
    write_file(path, text);
    free(path);
    free(text);
}

static void only_what_moved_is_explained(void **state)
{
    struct made_machine copying = machine_here, files = machine_here, unnamed = machine_here;

    (void)state;
    copying.copy_ns *= 1.4;
    copying.context = ",\"machine_key\":\"" KEY_B
                      "\",\"cpu_model\":\"B 2\","
                      "\"file_system\":\"ext4\",\"dirty_ratio\":\"99\"";
    files.rest = 3;
    files.context = ",\"machine_key\":\"" KEY_B "\",\"cpu_model\":\"A 1\",\"file_system\":\"xfs\"";
    unnamed.call_ns = 900;
    unnamed.context =
        ",\"machine_key\":\"" KEY_B "\",\"cpu_model\":\"A 1\",\"file_system\":\"xfs\"";
    make_machine("here.json", &machine_here, 1);
    make_machine("copying.json", &copying, 1);
    make_machine("files.json", &files, 1);
    make_machine("unnamed.json", &unnamed, 1);
    make_machine("bare.json", &files, 0);
    SAYS("compare @here.json @copying.json --cross-machine --width 400", 4,
         "Copying memory takes 1.4", "Can explain it: the hardware: CPU model (A 1 and B 2).",
         "An empty system call: no clear difference");
    SAYS("compare @here.json @files.json --cross-machine --width 400", 4, "Write: a call ",
         "Copying memory: no clear difference",
         "Copying a MiB of memory in chunks of 256 KiB, a page fault of fresh memory in chunks of ",
         "moved for 2 of 2 writers", "most of it in fill",
         "Can explain the remainder: the file system: file system (ext4 and xfs).");
    SAYS("compare @here.json @unnamed.json --cross-machine --width 400", 4,
         "An empty system call takes 3", "Nothing that differs in the contexts can explain it.");
    SAYS("compare @here.json @bare.json --cross-machine --width 400", 4,
         "do not both have EmptyCall, Memcpy, MemcpyFresh", "of the same sizes");
    unnamed.context = ",\"machine_key\":\"" KEY_B "\",\"rotational\":\"1\"";
    files.context = ",\"machine_key\":\"" KEY_C "\",\"rotational\":\"none\"";
    make_machine("unnamed.json", &unnamed, 1);
    make_machine("bare.json", &files, 1);
    SAYS("compare @unnamed.json @bare.json --cross-machine --width 400", 4,
         "kind of disk (rotating and none)");
}

static void a_doubtful_run_is_told(void **state)
{
    struct made_machine busy = machine_here;

    (void)state;
    busy.context = ",\"machine_key\":\"" KEY_B "\",\"cores\":\"2\",\"load_before\":\"7.8\"";
    make_machine("busy.json", &busy, 1);
    SAYS("compare @here.json @busy.json --cross-machine --width 400", 4,
         "1 of 1 runs of the new side are doubtful, and a part of what differs can be due to that. "
         "The load was 7.8 on 2 cores");
    SAYS("compare @here.json @busy.json --cross-machine --format=json", 4,
         "\"code\": \"doubtful_runs\"", "\"refusal_code\": \"other_machines\"");
}

static void numbers_of_faults_that_differ_are_told(void **state)
{
    struct made_machine large = machine_here;

    (void)state;
    large.faults = 64;
    large.context = ",\"machine_key\":\"" KEY_B "\",\"file_system\":\"xfs\"";
    make_machine("large.json", &large, 1);
    SAYS("compare @here.json @large.json --cross-machine --width 400", 4,
         "The numbers of page faults differ, old and new: Mmap takes 256 and 64 a file. ");
    struct test_process process =
        run("compare @here.json @copying.json --cross-machine --width 400", NULL);
    assert_null(strstr(process.out, "numbers of page faults"));
    test_process_free(&process);
}

/* A median of one or two chunk sizes has no quartiles. */
static void few_chunk_sizes_have_no_quartiles(void **state)
{
    struct made_machine two = machine_here, files = machine_here;

    (void)state;
    files.rest = 3;
    files.context = ",\"machine_key\":\"" KEY_B "\",\"file_system\":\"xfs\"";
    two.chunk_count = files.chunk_count = 2;
    make_machine("two.json", &two, 1);
    make_machine("two_files.json", &files, 1);
    SAYS("compare @two.json @two_files.json --cross-machine --width 400", 4,
         ", over 2 chunk sizes");
}

static void side_by_side_in_every_format(void **state)
{
    struct test_process process =
        run("compare @here.json @files.json --cross-machine --format=json", NULL);
    json_t *root = json_loads(process.out, 0, NULL), *machines = json_object_get(root, "machines");

    (void)state;
    assert_int_equal(process.status, 4);
    assert_non_null(machines);
    json_t *cost = json_array_get(json_object_get(machines, "costs"), 0);
    assert_string_equal(json_string_value(json_object_get(cost, "writer")), "EmptyCall");
    assert_true(json_number_value(json_object_get(json_object_get(cost, "old_ns"), "low")) > 200);
    json_t *difference = json_array_get(json_object_get(machines, "differences"), 0);
    assert_string_equal(json_string_value(json_object_get(difference, "key")), "file_system");
    assert_string_equal(
        json_string_value(json_array_get(json_object_get(difference, "can_explain"), 0)), "rest");
    json_decref(root);
    test_process_free(&process);
    SAYS("compare @here.json @files.json --cross-machine --format=csv", 4,
         "\ncost,EmptyCall: an empty system call,,29");
    SAYS("compare @here.json @files.json --cross-machine --format=markdown", 4,
         "### The machines side by side", "| cost | old [95 %] | new [95 %] | new / old |",
         "### What can explain it");
    SAYS("compare @here.json @files.json", 4, "shows their ratios all the same");
}

/* results/ with a folder a machine, and one's own run. */
static void each_kept_machine_is_set_against_ones_own(void **state)
{
    struct made_machine other = machine_here;
    char *path;

    (void)state;
    other.rest = 9;
    other.context = ",\"machine_key\":\"" KEY_C "\",\"cpu_model\":\"C 3\"";
    static const char *const folders[] = {"kept", "kept/" KEY_A, "kept/" KEY_C, "kept/notes"};
    for (int i = 0; i < 4; i++) {
        path = path_in(folders[i]);
        assert_int_equal(mkdir(path, 0700), 0);
        free(path);
    }
    make_machine("kept/" KEY_A "/1.json", &machine_here, 1);
    make_machine("kept/" KEY_C "/1.json", &other, 1);
    make_machine("kept/notes/odd.json", &other, 1);
    /* A line a machine, the nearest first, and that one in full. */
    struct test_process process = run("compare @kept @files.json --cross-machine --ascii", NULL);
    const char *nearest = strstr(process.out, "\n" KEY_NEAR " "), *far;
    assert_int_equal(process.status, 4);
    far = strstr(process.out, "\n" KEY_FAR " ");
    assert_non_null(nearest);
    assert_non_null(far);
    assert_true(nearest < far);
    assert_non_null(strstr(process.out, "\n  " KEY_FAR ": C 3; other CPU model, file system\n"));
    assert_non_null(strstr(process.out, "Against ext4, A 1"));
    assert_null(strstr(process.out, "Against C 3"));
    assert_null(strstr(process.out, "against peers"));
    assert_non_null(strstr(process.out, "1 machine is not shown in full; --all"));
    test_process_free(&process);
    SAYS("compare @kept @files.json --cross-machine --all", 4, "Against ext4, A 1", "Against C 3",
         "The machines side by side");
    SAYS("compare @kept @files.json --cross-machine --format=json", 4,
         "\"machine_key\": \"" KEY_A "\"", "\"machine_key\": \"" KEY_C "\"");
    SAYS("compare @files.json @kept --cross-machine", 1, "has runs of several machines");
    /* One's own run is kept among them. */
    make_machine("kept/" KEY_A "/2.json", &machine_here, 1);
    process = run("compare @kept @kept/" KEY_A "/2.json --cross-machine --ascii", NULL);
    assert_int_equal(process.status, 4);
    assert_non_null(strstr(process.err, "2.json is the new side; the old one is taken without it"));
    assert_non_null(strstr(process.out, "1 machine beside the one on the new side"));
    assert_non_null(strstr(process.out, ": ext4, A 1; the machine of the new side\n"));
    assert_non_null(strstr(process.out, "Against C 3"));
    test_process_free(&process);
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(only_what_moved_is_explained),
        cmocka_unit_test(a_doubtful_run_is_told),
        cmocka_unit_test(numbers_of_faults_that_differ_are_told),
        cmocka_unit_test(few_chunk_sizes_have_no_quartiles),
        cmocka_unit_test(side_by_side_in_every_format),
        cmocka_unit_test(each_kept_machine_is_set_against_ones_own),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
