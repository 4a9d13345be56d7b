/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results show and advise as a user meets them. */
#include "tests/support/make_results.h"
#include "tests/support/shown_run.h"

#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* One sentence on stderr, nothing on stdout. */
static void complains(const char *words, int status, const char *expected)
{
    struct test_process output = run(words, NULL);
    char *end = strchr(output.err, '\n');

    if (output.status != status || strstr(output.err, expected) == NULL)
        fail_msg("'%s' exits with %d: %s", words, output.status, output.err);
    assert_string_equal(output.out, "");
    assert_non_null(end);
    assert_string_equal(end, "\n");
    test_process_free(&output);
}

static void help_lists_every_command_and_option(void **state)
{
    (void)state;
    SAYS("--help", 0, "show ", "advise ", "compare ", "ab ", "selftest ", "--version",
         "Exit status");
    SAYS("show --help", 0, "--metric=NAME", "--pair=A:B", "--predict=SIZE", "--lesson", "--strict",
         "--format=FORM", "--width=COLUMNS", "--color=WHEN");
    SAYS("advise --help", 0, "--chunk=SIZE", "--file=STATE");
    SAYS("claims --help", 0, "\n      holds  Mmap < 0.9 Write where file:new, chunk:..1K\n");
    SAYS("compare --help", 0, "--margin=SHARE", "--paired", "--cross-machine", "--github", "--all",
         "--seed=N");
    SAYS("ab --help", 0, "--rounds=N", "--until", "--max-time=SECONDS", "--timeout=SECONDS",
         "--keep=DIR");
    SAYS("--version", 0, "bench_results ");
}

static void show_prints_every_part(void **state)
{
    (void)state;
    SAYS("show @run.json --predict=12K", 0, "10 MiB, file new, sync none",
         "time per file in ms: median of 20", "±", "Mmap and Write:", "is faster, above it Write",
         "Where the time goes, in chunks of 4 KiB", "What it costs", "per call, ", "predicted, ms",
         "12 KiB");
    SAYS("show @run.json --pair=MmapFalloc:Pwrite", 0, "MmapFalloc and Pwrite:");
    SAYS("show @run.json --metric throughput", 0, "throughput in GiB/s");
    SAYS("show @run.json --metric=faults", 0, "page faults per file", "2560");
    SAYS("advise @run.json --chunk 4K", 0, "in chunks of 4 KiB", "Use ");
    SAYS("advise @run.json --chunk=3000", 0, "interpolated between 2 KiB and 4 KiB");
    SAYS("show @run.json --lesson", 0, "Memory-mapped file", "Straight write", "Block Size (bytes)",
         "Run Time", "....", "The memory-mapped file wins at small");
}

static void what_goes_well_says_nothing_on_stderr(void **state)
{
    struct test_process shown = run("show @run.json", NULL);

    (void)state;
    assert_int_equal(shown.status, 0);
    assert_string_equal(shown.err, "");
    test_process_free(&shown);
}

static void published_and_foreign_files_are_shown(void **state)
{
    (void)state;
    SAYS("show " TEST_DATA_DIR "/lesson.csv", 0, "below 155 B Mmap is faster");
    SAYS("show " TEST_DATA_DIR "/lesson.csv --lesson", 0, "5.343750",
         "Between 128 B and 256 B the");
    SAYS("show " TEST_DATA_DIR "/other_project.json", 0, "time per iteration in ns", "BM_memcpy/8 ",
         "no such device");
    SAYS("show " TEST_DATA_DIR "/google_benchmark_inputs.json", 0, "BM_SameTimes ");
}

static const char formats[] = /* ", text, markdown ..." */
#define FORMAT(name) ", " #name
#include "src/report/formats.def"
#undef FORMAT
    ;

static void bad_input_gets_one_sentence(void **state)
{
    static const char unusable[] =
        "{\"context\": {}, \"benchmarks\": [{\"name\": \"a\", \"run_type\": \"iteration\", "
        "\"iterations\": 1, \"real_time\": -1, \"cpu_time\": 1, \"time_unit\": \"ns\"}]}";
    static const char failed[] =
        "{\"benchmarks\": [{\"name\": \"a\", \"error_occurred\": true, "
        "\"error_message\": \"No space left on device\"}]}";
    char *path = path_in("unusable.json"), *failed_path = path_in("failed.json");

    (void)state;
    write_file(path, unusable);
    write_file(failed_path, failed);
    free(path);
    free(failed_path);
    complains("shwo @", 1, "there is no command 'shwo'; is show meant?");
    complains("frobnicate @", 1, "there is no command 'frobnicate'; bench_results --help");
    complains("show @run.json --anser", 1, "there is no option '--anser'; is --answer meant?");
    complains("show", 1, "name one run file");
    complains("show @run.json @run.json", 1, "name one run file");
    complains("show @run.json --frobnicate", 1, "there is no option '--frobnicate'");
    complains("show @run.json --chunk=3K", 1, "--chunk=3072: ");
    complains("show @run.json --chunk=0", 1, "--chunk=0: no size");
    complains("show @run.json --pair=Mmap:Mmap", 1, "two different kernels");
    complains("show @run.json --pair=Mmap:Writ", 1, "'Writ' was not measured; is Write meant?");
    complains("show @run.json --width=0", 1, "a number from 1 to 1000");
    complains("history --last=0", 1, "--last=0: give a number from 1");
    complains("advise @run.json --chunk=0", 1, "--chunk=0: no size");
    complains("show @unusable.json", 1, "unusable.json has a usable time");
    complains("show @failed.json", 1,
              "nothing was measured, everything failed; a: No space left on device.");
    complains("show @run.json --metric=parsecs", 1,
              "--metric=parsecs: not known; one of time, cpu,");
    complains("show @run.json --format xml", 1, "--format=xml: not known; one of");
    complains("show @run.json --format xml", 1, formats + 2);
    complains("show @run.json --chunk=four", 1, "--chunk=four: not a size");
    complains("show @run.json --width=wide", 1, "--width=wide: not a whole number");
    complains("show @run.json --predict=1K,x", 1, "--predict=x: not a size");
    complains("show @run.json --pair=Mmap", 1, "--pair=Mmap: give two kernels");
    complains("show @run.json --pair=Mmap:Nonesuch", 1, "'Nonesuch' was not measured");
    complains("show @run.json --metric", 1, "--metric: the value is missing");
    complains("show @run.json --lesson=yes", 1, "--lesson=yes: it takes no value");
    complains("show @run.json --replicates=3", 1, "--replicates=3: give a number from 100 to");
    complains("show /nonexistent/run.json", 1, "/nonexistent/run.json cannot be read");
    complains("show /dev/null", 1, "the file is empty");
    complains("show " TEST_DATA_DIR, 1, "cannot be read");
    complains("show " TEST_DATA_DIR "/other_project.json --lesson", 1, "needs them");
    complains("show " TEST_DATA_DIR "/other_project.json --metric=fill", 1,
              "has the metric 'fill'");
    complains("advise @run.json", 1, "--chunk=4K");
    complains("advise @run.json --chunk=4K --file=cold", 1, "file:cold");
    complains("advise @run.json --chunk=16M", 4, "nothing is guessed");
}

/* A line of its own may be a command to who reads it, and an escape one to the terminal. */
static void a_name_cannot_begin_a_line_or_an_escape(void **state)
{
    static const char name[] = "x\n::error title=planted::\033[31m\xff.json";
    const char *const commands[][5] = {{BENCH_RESULTS_PROGRAM, "show", name, NULL},
                                       {BENCH_RESULTS_PROGRAM, "show", "a", name, NULL},
                                       {BENCH_RESULTS_PROGRAM, name, NULL},
                                       {BENCH_RESULTS_PROGRAM, "compare", name, name, NULL},
                                       {BENCH_RESULTS_PROGRAM, "machines", "--db", name, NULL},
                                       {BENCH_MMAP_PROGRAM, "--dir", name, NULL}};

    (void)state;
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        struct test_process output = test_run(commands[i], NULL, NULL);
        assert_int_equal(output.status, 1);
        if (strstr(output.err, "\n::") != NULL || strpbrk(output.err, "\033\xff") != NULL ||
            strchr(output.err, '\n') != output.err + strlen(output.err) - 1)
            fail_msg("%zu: %s", i, output.err);
        test_process_free(&output);
    }
}

/* Few rows can make a table of writers by chunk sizes that nobody has the memory for. */
static void a_table_that_is_too_large_is_refused(void **state)
{
    enum { ROWS = 2001, ROW = 120 };
    char *text = malloc((size_t)ROWS * ROW + ROW), *path = path_in("large.json");
    int used = sprintf(text, "{\"benchmarks\": [");

    (void)state;
    for (int i = 1; i <= ROWS; i++)
        used += sprintf(text + used,
                        "%s{\"name\": \"W%d/chunk:%d\", \"real_time\": 1, \"time_unit\": \"ns\"}",
                        i > 1 ? "," : "", i, i);
    sprintf(text + used, "]}");
    write_file(path, text);
    complains("show @large.json", 1, "its kernels by its chunk sizes are more cells than a table");
    free(text);
    free(path);
}

static void strict_turns_doubt_into_status_4(void **state)
{
    struct test_process sound = run("show @run.json --strict", NULL);
    struct test_process doubtful = run("show " TEST_DATA_DIR "/lesson.csv --strict", NULL);

    (void)state;
    assert_int_equal(sound.status, 0);
    assert_int_equal(doubtful.status, 4);
    assert_non_null(strstr(doubtful.out, "This run is doubtful"));
    test_process_free(&sound);
    test_process_free(&doubtful);
}

static void a_doubt_has_a_code_and_figures_for_programs(void **state)
{
    struct test_process output = run("show " TEST_DATA_DIR "/lesson.csv --format=json", NULL);
    json_t *root = json_loads(output.out, JSON_REJECT_DUPLICATES, NULL);
    json_t *verdict = json_object_get(root, "verdict");
    json_t *finding = json_array_get(json_object_get(verdict, "findings"), 1);
    json_t *models = json_object_get(json_array_get(json_object_get(root, "tables"), 0), "models");

    (void)state;
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(finding, "kind")), "doubt");
    assert_string_equal(json_string_value(json_object_get(finding, "code")), "few_samples");
    assert_true(json_number_value(json_object_get(finding, "cells")) ==
                json_number_value(json_object_get(finding, "of_cells")));
    assert_non_null(
        strstr(json_string_value(json_object_get(finding, "text")), "too few for an interval"));
    json_t *model = json_array_get(models, 0);
    assert_string_equal(json_string_value(json_object_get(model, "code")), "no_counts");
    assert_string_equal(json_string_value(json_object_get(model, "refused")), "no counts");
    json_decref(root);
    test_process_free(&output);
}

/* Next to equal where a file takes one call. */
static void where_the_winner_is_unknown_is_said(void **state)
{
    static const uint64_t chunks[] = {1024, 2048, 10 << 20};
    static const struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 2.3e6, .per_chunk_ns = 20},
        {.name = "Write", .fixed_ns = 2.3e6, .per_call_ns = 1000}};
    struct make_spec spec = make_spec_of(writers, 2, chunks, 3);
    char *text = make_json(&spec), *path = path_in("level.json");

    (void)state;
    write_file(path, text);
    SAYS("show @level.json --width=200", 0,
         "Mmap is faster at 2 of the 3 sizes measured, and at the others the two cannot be told "
         "apart: Write takes ");
    free(text);
    free(path);
}

/* Both kinds in one file state: a table each, in its own words, with its own pair and floor. */
static void readers_have_tables_of_their_own(void **state)
{
    static const uint64_t chunks[] = {1024, 2048, 4096, 65536, 1048576};
    static const struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 5e6, .per_chunk_ns = 20},
        {.name = "Write", .fixed_ns = 2.3e6, .per_call_ns = 1000},
        {.name = "ReadMmap", .fixed_ns = 2e6, .per_chunk_ns = 10},
        {.name = "ReadCall", .fixed_ns = 1.4e6, .per_call_ns = 300},
        {.name = "ReadMemory", .fixed_ns = 0.7e6, .file = "none"},
    };
    struct make_spec spec = make_spec_of(writers, 5, chunks, 5);
    spec.noise = 0.01;
    spec.file = "cold";
    char *text = make_json(&spec), *path = path_in("both.json");
    json_t *root, *tables;

    (void)state;
    write_file(path, text);
    struct test_process output = run("show @both.json --format=json", NULL);
    root = json_loads(output.out, 0, NULL);
    tables = json_object_get(root, "tables");
    assert_int_equal(json_array_size(tables), 2);
    for (size_t t = 0; t < 2; t++) {
        const json_t *table = json_array_get(tables, t);
        const json_t *pair = json_array_get(json_object_get(table, "pairs"), 0);
        assert_string_equal(json_string_value(json_object_get(table, "kind")),
                            t == 0 ? "writer" : "reader");
        assert_string_equal(json_string_value(json_object_get(table, "file")), "cold");
        assert_string_equal(json_string_value(json_object_get(pair, "first")),
                            t == 0 ? "Mmap" : "ReadMmap");
        assert_string_equal(json_string_value(json_object_get(pair, "second")),
                            t == 0 ? "Write" : "ReadCall");
        assert_int_equal(json_array_size(json_object_get(pair, "crossovers")), 1);
    }
    json_decref(root);
    test_process_free(&output);
    SAYS("show @both.json", 0, "reading, 10 MiB, file cold\n", ": read with ReadMmap",
         "sum: the time of ReadMemory", "\nreader ", "  open  map  fill  unmap  close ");
    SAYS("show @both.json --lesson", 0, "Straight write", "Memory-mapped file, reading",
         "Straight read", "in larger chunks the straight read is faster");
    SAYS("advise @both.json --kind=read --chunk=4K", 0, "reading, 10 MiB", "Use Read");
    complains("advise @both.json --kind=channel --chunk=4K", 1, "both.json has no channel; ");
    complains("advise @both.json --kind=write --chunk=4K --mode=roundtrip", 1, " mode:roundtrip;");
    free(text);
    free(path);
}

/* Two channels, 256 chunks one way, and as many trips. */
static void write_channels(const char *path)
{
    static const char *const names[] = {"ChannelSlots", "ChannelPipe"};
    FILE *out = fopen(path, "w");
    int begun = 0;

    assert_non_null(out);
    fputs("{\"context\":{},\"benchmarks\":[", out);
    for (int i = 0; i < 24; i++) {
        int trips = i / 12, ns = (i / 6 % 2 + 1) * (1000000 + 1000 * (i % 6));
        char name[128];
        snprintf(name, sizeof name, "%s/file:none/sync:none%s/size:1048576/chunk:4096/manual_time",
                 names[i / 6 % 2], trips ? "/mode:roundtrip" : "");
        make_row(out,
                 &(struct make_row){
                     .name = name, .time_ns = ns, .repetition = (size_t)i % 6, .repetitions = 6},
                 &begun);
        fprintf(out, ",\"fill_ns\":%d,\"calls\":512", ns);
        if (trips)
            fprintf(out, ",\"trip_ns\":%g", ns / 256.0);
        fputc('}', out);
    }
    fputs("]}", out);
    assert_int_equal(fclose(out), 0);
}

static void channels_say_what_their_figures_are(void **state)
{
    char *path = path_in("channels.json"), *copy = path_in("more.json");
    const json_t *cell;
    size_t i;

    (void)state;
    write_channels(path);
    write_channels(copy);
    struct test_process output = run("show @channels.json", NULL);
    assert_non_null(strstr(output.out, "What the sender does, in chunks of 4 KiB"));
    assert_non_null(strstr(output.out, "system calls of a sample, which makes many trips"));
    /* Neither has phases, nor writes anything to a file. */
    assert_null(strstr(output.out, "create"));
    assert_null(strstr(output.out, "write-side"));
    test_process_free(&output);
    output = run("show @channels.json --metric=throughput --format=json", NULL);
    json_t *root = json_loads(output.out, 0, NULL);
    const json_t *trips = json_array_get(json_object_get(root, "tables"), 1);
    assert_string_equal(json_string_value(json_object_get(trips, "mode")), "roundtrip");
    json_array_foreach(json_object_get(trips, "cells"), i, cell)
        assert_null(json_string_value(json_object_get(cell, "mark")));
    assert_int_equal(i, 2);
    json_decref(root);
    test_process_free(&output);
    SAYS("show @channels.json --metric=throughput", 0, "throughput: these cells have none.");
    SAYS("show @channels.json --rows", 0, "All cells: size 1 MiB, chunk 4 KiB\n", "\nchannel ");
    SAYS("compare @channels.json @more.json", 4,
         "The times of mode:roundtrip are those of all trips of a sample");
    free(path);
    free(copy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_lists_every_command_and_option),
        cmocka_unit_test(show_prints_every_part),
        cmocka_unit_test(what_goes_well_says_nothing_on_stderr),
        cmocka_unit_test(published_and_foreign_files_are_shown),
        cmocka_unit_test(bad_input_gets_one_sentence),
        cmocka_unit_test(a_name_cannot_begin_a_line_or_an_escape),
        cmocka_unit_test(a_table_that_is_too_large_is_refused),
        cmocka_unit_test(strict_turns_doubt_into_status_4),
        cmocka_unit_test(where_the_winner_is_unknown_is_said),
        cmocka_unit_test(readers_have_tables_of_their_own),
        cmocka_unit_test(channels_say_what_their_figures_are),
        cmocka_unit_test(a_doubt_has_a_code_and_figures_for_programs),
    };
    return cmocka_run_group_tests(tests, make_shown_run, place_remove);
}
