/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_mmap says about bad input, and what it lists. */
#include "bench_mmap/kernel.h"
#include "src/report/option_table.h"
#include "tests/support/run_bench.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void bad_values_get_a_sentence(void **state)
{
    static const struct {
        const char *argument, *named; /* what the sentence must name */
    } cases[] = {
        {"--dir=", "directory"},
        {"--dir=/does/not/exist", "No such file"},
        {"--dir=/proc/version", "not a directory"},
        {"--dir=/proc", "/proc"},
        {"--file_size=0", "at least 1"},
        {"--file_size=-1", "not a size"},
        {"--file_size=10X", "not a size"},
        {"--file_size=1.5", "not a size"},
        {"--file_size=99999999999999999999", "too large"},
        {"--file_size=9999999T", "too large"},
        {"--file_size=7000000T", "--file_size"},
        {"--file_size=", "not a size"},
        {"--file_size", "missing"},
        {"--chunks=", "not a size"},
        {"--chunks=1K,,2K", "value 2 of the list is empty"},
        {"--chunks=4K..1K", "backwards"},
        {"--chunks=1..", "not two sizes"},
        {"--chunks=0", "at least 1"},
        {"--chunks=lesson,1", "not a size"},
        {"--chunks=20M", "larger than the file"},
        {"--chunks=4K..1x", "=4K..1x: "},
        {"--chunks=4K..", "=4K..: "},
        {"--benchmark_out=", "name the file"},
        {"--file=old", "overwrite"},
        {"--file=none", "overwrite"},
        {"--file=", "overwrite"},
        {"--sync=always", "fdatasync"},
        {"--order=backwards", "random"},
        {"--order=", "random"},
        {"--kind=reader", "channel"},
        {"--file=cached", "--file=cached: not a state for what --kind asks for"},
        {"--verify=yes", "first"},
        {"--mode=there", "roundtrip"},
        {"--mode=all", "--kind=channel"},
        {"--cpu=0", "--kind=channel"},
        {"--cpu=0,0,0", "more than two"},
        {"--cpu=99999", "not a processor"},
        {"--cpu=first", "not a processor"},
        {"--progress=1", "auto"},
        {"--writers=1", "no value"},
        {"--nonsense", "--help"},
        {"--chunk=4K", "; is --chunks meant?"},
        {"--benchmark_repetition=3", "; is --benchmark_repetitions meant?"},
        {"--benchmark_filter=^Wrte/", "; is Write meant?"},
        {"--benchmark_filter=[a", "regular expression: "},
        {"Mmap", "; --benchmark_filter=REGEX chooses kernels\n"},
        {"--dirt=/tmp", "--help"},
        {"--benchmark_nonsense=1", "--help"},
        {"--benchmark_filter=Nothing", "matches none"},
        {"--benchmark_filter=(", "regular expression"},
        {"--benchmark_filter", "missing"},
        {"--benchmark_repetitions=0", "number"},
        {"--benchmark_repetitions=many", "number"},
        {"--benchmark_min_time=soon", "seconds"},
        {"--benchmark_min_warmup_time=-1", "seconds"},
        {"--benchmark_enable_random_interleaving=perhaps", "true"},
        {"--benchmark_format=xml", "json"},
        {"--benchmark_out_format=xml", "json"},
        {"--benchmark_time_unit=h", "ms"},
        {"--benchmark_context=novalue", "KEY=VALUE"},
        {"--benchmark_out=/does/not/exist/run.json", "No such file"},
        {"--benchmark_out=/tmp", "Is a directory"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_process process = RUN(cases[i].argument);
        if (process.status != 1 || strstr(process.err, cases[i].named) == NULL)
            fail_msg("%s: status %d, \"%s\" not in: %s", cases[i].argument, process.status,
                     cases[i].named, process.err);
        assert_one_sentence(process.err, "bench_mmap: ");
        assert_string_equal(process.out, "");
        test_process_free(&process);
        assert_int_equal(test_directory_count(&directory), 0);
    }
}

static void bad_variables_get_a_sentence(void **state)
{
    static const struct {
        const char *variable, *problem;
    } cases[] = {{"BENCHMARK_REPETITIONS=often", "not a number from 1"},
                 {"BENCHMARK_MIN_TIME=soon", "neither seconds"},
                 {"BENCHMARK_MIN_WARMUP_TIME=", "not a number of seconds"},
                 {"BENCHMARK_LIST_TESTS=perhaps", "neither true nor false"},
                 {"BENCHMARK_CONTEXT=novalue", "not of the form"},
                 {"BENCHMARK_FORMAT=xml", "not known; one of console"}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const environment[] = {cases[i].variable, NULL};
        struct test_process process = run_with(environment, NULL, (const char *const[]){NULL});
        char expected[128];

        snprintf(expected, sizeof expected, "bench_mmap: %s in the environment: %s",
                 cases[i].variable, cases[i].problem);
        assert_int_equal(process.status, 1);
        /* Of the framework, which reads its variables before main(), there is no line. */
        assert_one_sentence(process.err, expected);
        assert_string_equal(process.out, "");
        test_process_free(&process);
    }
}

static void too_many_chunks_get_a_sentence(void **state)
{
    char *list = malloc(80000);
    size_t used = (size_t)sprintf(list, "--chunks=1");
    struct test_process process;

    (void)state;
    for (int i = 2; i <= 10000; i++)
        used += (size_t)sprintf(list + used, ",%d", i);
    process = RUN(list);
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_mmap: --chunks: more than");
    test_process_free(&process);
    free(list);
}

static void bad_thread_counts_get_a_sentence(void **state)
{
    static const char *const arguments[] = {"--threads=0",   "--threads=65", "--threads=x",
                                            "--threads=",    "--threads",    "--threads=-1",
                                            "--threads=1,,", "--threads=2x", "--threads=1,65"};

    (void)state;
    for (size_t i = 0; i < sizeof arguments / sizeof arguments[0]; i++) {
        struct test_process process = RUN(arguments[i]);
        if (process.status != 1 || strstr(process.err, "--threads") == NULL)
            fail_msg("%s: status %d: %s", arguments[i], process.status, process.err);
        assert_one_sentence(process.err, "bench_mmap: ");
        assert_string_equal(process.out, "");
        test_process_free(&process);
    }
}

static void variables_of_the_framework_work(void **state)
{
    const char *const environment[] = {"BENCHMARK_REPETITIONS=2", "BENCHMARK_FILTER=^Write/",
                                       "BENCHMARK_FORMAT=json", "BENCHMARK_CONTEXT=a=b", NULL};
    struct test_process process =
        run_with(environment, NULL, (const char *const[]){"--chunks=1M", NULL});
    json_error_t error;
    json_t *run = json_loads(process.out, 0, &error);

    (void)state;
    assert_int_equal(process.status, 0);
    assert_non_null(run);
    assert_int_equal(json_array_size(json_object_get(run, "benchmarks")), 2 + 4);
    assert_string_equal(json_string_value(json_object_get(json_object_get(run, "context"), "a")),
                        "b");
    assert_null(strstr(process.err, "Failed to add"));
    json_decref(run);
    test_process_free(&process);
}

static void lists_are_made_from_the_tables(void **state)
{
    struct test_process list = RUN("--writers", "--kind=all"), help = RUN("--help"),
                        version = RUN("--version");

    (void)state;
    for (const char *at = list.out; *at != '\0'; at += strcspn(at, "\n") + 1)
        if (strcspn(at, "\n") > HELP_WIDTH)
            fail_msg("too wide: %.*s", (int)strcspn(at, "\n"), at);
    test_unfold(help.out);
    test_unfold(list.out);
    assert_int_equal(list.status, 0);
    assert_int_equal(help.status, 0);
    assert_int_equal(version.status, 0);
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        assert_non_null(strstr(list.out, bm_kernel_name(bm_kernel_at(i))));
        assert_non_null(strstr(list.out, bm_kernel_summary(bm_kernel_at(i))));
    }
    for (int i = 0; i < BM_FILE_STATES; i++) {
        if (i != BM_FILE_STATE_NONE)
            assert_non_null(strstr(help.out, bm_file_state_summary((enum bm_file_state)i)));
    }
    for (int i = 0; i < BM_SYNC_MODES; i++)
        assert_non_null(strstr(help.out, bm_sync_mode_summary((enum bm_sync_mode)i)));
    for (int i = 0; i < BM_ORDERS; i++)
        assert_non_null(strstr(help.out, bm_order_summary((enum bm_order)i)));
    assert_non_null(strstr(help.out, "--benchmark_filter=<regex>"));
    assert_int_equal(strncmp(version.out, "bench_mmap " BENCH_MMAP_VERSION,
                             sizeof "bench_mmap " BENCH_MMAP_VERSION - 1),
                     0);
    assert_int_equal(test_directory_count(&directory), 0);
    test_process_free(&list);
    test_process_free(&help);
    test_process_free(&version);
}

static size_t count_names(const char *argument)
{
    struct test_process process = RUN("--chunks=64K", "--benchmark_list_tests", argument);
    size_t count = count_lines(process.out, "");

    assert_int_equal(process.status, 0);
    test_process_free(&process);
    return count;
}

/* A filter, also an empty one, sees all writers. */
static void the_headline_is_measured_where_nobody_asks_for_more(void **state)
{
    struct test_process headline = RUN("--chunks=64K", "--benchmark_list_tests", "--dir=.");
    size_t all = count_names("--all");
    char line[64];

    (void)state;
    assert_int_equal(headline.status, 0);
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const char *name = bm_kernel_name(bm_kernel_at(i));
        snprintf(line, sizeof line, "%s/", name);
        if (strcmp(name, "Uring") != 0) /* not everywhere */
            assert_int_equal(count_lines(headline.out, line),
                             bm_kernel_is_headline(i) &&
                                 bm_kernel_kind(bm_kernel_at(i)) == BM_KIND_WRITER);
    }
    assert_true(all > count_lines(headline.out, ""));
    assert_int_equal(count_names("--benchmark_filter="), all);
    assert_int_equal(count_names("--benchmark_filter=^Pwrite/"), 1);
    test_process_free(&headline);
}

/* The names that these arguments select, one of 64 KiB and one file state each. */
static char *names_of(const char *kind, const char *file)
{
    struct test_process process =
        RUN("--chunks=64K", "--benchmark_list_tests",
            "--benchmark_filter=Mmap/|Read(Call|Mmap|Memory)/", kind, file);
    char *names = process.out;

    assert_int_equal(process.status, 0);
    process.out = NULL;
    test_process_free(&process);
    return names;
}

/* Steps of two from 1K on and 10M; of several kinds steps of four. A control that only makes calls
 * is measured with every kind. */
static void several_kinds_take_fewer_chunk_sizes_and_repetitions(void **state)
{
    static const struct {
        const char *kind;
        size_t chunks;
    } cases[] = {{"--kind=read", 15}, {"--kind=read,channel", 8}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_process process =
            RUN("--benchmark_list_tests", "--benchmark_filter=ReadCall/|EmptyCall/", cases[i].kind);
        assert_int_equal(count_lines(process.out, "ReadCall/"), cases[i].chunks);
        assert_int_equal(count_lines(process.out, "EmptyCall/"), cases[i].chunks);
        assert_non_null(strstr(process.out, "/chunk:1024/"));
        assert_non_null(strstr(process.out, "/chunk:10485760/"));
        test_process_free(&process);
    }
    struct test_process process = RUN("--kind=read,channel", "--file_size=64K", "--chunks=64K",
                                      "--benchmark_filter=^EmptyCall/", "--summary=never");
    assert_int_equal(process.status, 0);
    assert_non_null(strstr(process.err, "files of 64.0 KiB: 12 samples"));
    test_process_free(&process);
}

/* Each kind has its own states: its default where --file names none of them, and its own `all`. */
static void kinds_have_their_own_states(void **state)
{
    static const char read[] =
        "ReadMmap/file:cached/sync:none/size:10485760/chunk:65536/manual_time\n"
        "ReadCall/file:cached/sync:none/size:10485760/chunk:65536/manual_time\n"
        "ReadMemory/file:none/sync:none/size:10485760/chunk:65536/manual_time\n";
    struct {
        const char *kind, *file, *names;
        size_t count;
    } cases[] = {
        {"--kind=read", "--dir=.", read, 3},
        {"--kind=write,read", "--file=overwrite", read, 4},
        {"--kind=read", "--file=all", NULL, 7},
        {"--kind=all", "--file=cold", NULL, 4},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char *names = names_of(cases[i].kind, cases[i].file);
        assert_int_equal(count_lines(names, ""), cases[i].count);
        if (cases[i].names != NULL)
            assert_non_null(strstr(names, cases[i].names));
        free(names);
    }
}

static void what_a_kind_does_not_have_is_refused(void **state)
{
    struct test_process process = RUN("--kind=read", "--file=cached,new");

    (void)state;
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_mmap: --file=new: not a state");
    test_process_free(&process);
    process = RUN("--kind=read", "--sync=fsync");
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_mmap: --sync=fsync: ");
    test_process_free(&process);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bad_values_get_a_sentence),
        cmocka_unit_test(bad_variables_get_a_sentence),
        cmocka_unit_test(too_many_chunks_get_a_sentence),
        cmocka_unit_test(bad_thread_counts_get_a_sentence),
        cmocka_unit_test(variables_of_the_framework_work),
        cmocka_unit_test(lists_are_made_from_the_tables),
        cmocka_unit_test(kinds_have_their_own_states),
        cmocka_unit_test(several_kinds_take_fewer_chunk_sizes_and_repetitions),
        cmocka_unit_test(what_a_kind_does_not_have_is_refused),
        cmocka_unit_test(the_headline_is_measured_where_nobody_asks_for_more),
    };

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
