/* SPDX-License-Identifier: Apache-2.0 */
/* What the library prints into a FILE that the caller gives. */
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/printed.h"

#include <errno.h>
#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const uint64_t chunks[] = {1024, 4096, 16384, 65536};
static const struct make_writer writers[] = {
    {.name = "Mmap", .fixed_ns = 9e6},
    {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 1000},
};

static struct make_spec spec_of(void)
{
    struct make_spec spec = make_spec_of(writers, 2, chunks, 4);

    spec.samples = 10;
    spec.noise = 0.02;
    return spec;
}

static const struct show_options nothing_asked_for;

static void the_answer_is_who_wins_a_table_the_crossover_and_the_verdict(void **state)
{
    static const char *const parts[] = {
        "10 MiB, file new, sync none; 2 processors\nChunks up to 4 KiB: use Write; Mmap takes 1.2",
        "\nChunks of 64 KiB: use Write; Mmap takes 4.1",
        "\n chunk",
        "\ntime per file in ms: median of 10 samples; * fastest by their faster half\n",
        "Crossover at 1.",
        ": Mmap below it, Write above it.\n\nThis run: nothing found",
        "\nMore: --rows; --all; --benchmark_out=RUN.json and bench_results show RUN.json\n"};
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    char *text = printed_answer(run), *at = text;

    (void)state;
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        char *found = strstr(at, parts[i]);
        if (found == NULL)
            fail_msg("'%s' is not in:\n%s", parts[i], at);
        at = found + 1;
    }
    assert_null(strstr(text, "What it costs"));
    assert_null(strstr(text, "Where the time goes"));
    free(text);
    run_free(run);
}

/* A headline run, quiet and so noisy that nearly everything is tied and doubtful. */
static void the_answer_fits_a_screen(void **state)
{
    static const char *const names[] = {
        "Mmap",  "MmapPopulateWrite", "Write", "WriteFalloc", "Writev",
        "Stdio", "StdioLarge",        "Uring"};
    struct make_writer headline[11] = {{.name = "Memcpy", .fixed_ns = 1e6, .file = "none"},
                                       {.name = "MemcpyFresh", .fixed_ns = 2e6, .file = "none"},
                                       {.name = "EmptyCall", .fixed_ns = 1e5, .file = "none"}};
    uint64_t sizes[15] = {1024};
    struct make_spec spec = spec_of();

    (void)state;
    for (size_t i = 0; i < 8; i++)
        headline[3 + i] = (struct make_writer){
            .name = names[i], .fixed_ns = 2e6 + (i < 2 ? 5e6 : 0), .per_call_ns = i < 2 ? 0 : 800};
    for (size_t i = 1; i < 15; i++)
        sizes[i] = i == 14 ? 10485760 : 2 * sizes[i - 1];
    spec.writers = headline;
    spec.writer_count = 11;
    spec.chunks = sizes;
    spec.chunk_count = 15;
    spec.context =
        ",\"file_system\":\"ext4\",\"block_device\":\"QEMU HARDDISK\",\"kernel\":"
        "\"6.18.44-fc-v445\",\"cpu_model\":\"AMD EPYC 7763 64-Core Processor\","
        "\"cores\":\"2\",\"load_before\":\"3.5\"";
    for (int noisy = 0; noisy < 2; noisy++) {
        spec.noise = noisy ? 0.6 : 0.02;
        struct run *run = make_run(&spec);
        char *text = printed_answer(run);
        size_t lines = lines_of(text, 80);
        if (lines > 24 || lines < 15)
            fail_msg("%zu lines:\n%s", lines, text);
        assert_non_null(strstr(text, "\nChunks up to 4 KiB: use "));
        assert_non_null(strstr(text, "\nChunks of 64 KiB: use "));
        assert_non_null(strstr(text, "\nChunks from 1 MiB on: use "));
        assert_non_null(strstr(text, "also measured: "));
        assert_non_null(strstr(text, "This run is doubtful."));
        free(text);
        run_free(run);
    }
}

/* The same for programs. */
static void the_winners_have_figures(void **state)
{
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    char *text = printed(run, &(struct show_options){.answer = ANSWER_OF_FILE}, &format_json);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_t *table = json_array_get(json_object_get(root, "tables"), 0);
    json_t *winners = json_object_get(table, "winners"), *small = json_array_get(winners, 0);
    json_t *ratio = json_object_get(small, "next_ratio");

    (void)state;
    assert_int_equal(json_array_size(winners), 2); /* no chunk is large */
    assert_string_equal(json_string_value(json_object_get(small, "chunks")), "small");
    assert_int_equal(json_integer_value(json_object_get(small, "least_bytes")), 1024);
    assert_int_equal(json_integer_value(json_object_get(small, "most_bytes")), 4096);
    assert_string_equal(json_string_value(json_object_get(small, "answer")), "ranked");
    assert_string_equal(json_string_value(json_object_get(small, "fastest")), "Write");
    assert_int_equal(json_array_size(json_object_get(small, "tied")), 0);
    assert_string_equal(json_string_value(json_object_get(small, "next")), "Mmap");
    double truth =
        9e6 / sqrt(make_time(&writers[1], 10485760, 1024) * make_time(&writers[1], 10485760, 4096));
    assert_true(fabs(json_number_value(json_object_get(ratio, "estimate")) / truth - 1) < 0.03);
    assert_non_null(json_object_get(table, "cells"));
    assert_non_null(json_object_get(table, "pairs"));
    json_decref(root);
    free(text);
    run_free(run);
}

/* What is the same in all cells stands above the rows; a part that differs has a column. */
static void rows_leave_out_what_is_the_same(void **state)
{
    static const struct make_writer two[] = {
        {.name = "MmapPopulateWrite", .fixed_ns = 9e6, .file = "overwrite4k"},
        {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 1000},
        {.name = "EmptyCall", .fixed_ns = 1e5, .file = "none"}};
    struct make_spec spec = spec_of();
    spec.writers = two;

    (void)state;
    for (size_t count = 1; count <= 3; count++) {
        spec.writer_count = count;
        struct run *run = make_run(&spec);
        char *text =
            printed(run, &(struct show_options){.answer = ANSWER_OF_FILE, .rows = 1}, &format_text);
        char *rows = strstr(text, "\nAll cells: ");
        lines_of(text, 80);
        assert_non_null(rows);
        const char *heading = strchr(strstr(rows, "\n\n") + 1, '\n') + 1;
        assert_memory_equal(heading, "writer ", 7);
        assert_int_equal(strncmp(rows + 12, "file overwrite4k, sync none, size 10 MiB\n", 41) == 0,
                         count == 1);
        assert_int_equal(strncmp(rows + 12, "sync none, size 10 MiB\n", 23) == 0, count > 1);
        assert_int_equal(strstr(heading, " file ") != NULL, count > 1);
        assert_null(strstr(heading, "sync"));
        for (size_t w = 0; w < count; w++) {
            size_t of_writer = 0;
            for (char *at = rows; (at = strstr(at + 1, two[w].name)) != NULL;)
                of_writer += at[-1] == '\n';
            assert_int_equal(of_writer, spec.chunk_count);
        }
        free(text);
        run_free(run);
    }
}

static void an_interrupted_run_says_so_and_what_each_cell_lacks(void **state)
{
    struct make_spec spec = spec_of();

    (void)state;
    spec.context = ",\"interrupted\":\"Interrupt\",\"repetitions\":\"20\",\"cells_selected\":\"9\"";
    struct run *run = make_run(&spec);
    char *text = printed_answer(run);
    assert_non_null(
        strstr(text, "This run is doubtful. It was interrupted after 80 of 180 samples."));
    assert_non_null(strstr(text, "*2.20 10 of 20\n"));
    free(text);
    text = printed(run, &(struct show_options){.rows = 1}, &format_text);
    assert_non_null(strstr(text, "MiB/s  10 of 20\n"));
    free(text);
    text = printed(run, &nothing_asked_for, &format_json);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    json_t *table = json_array_get(json_object_get(root, "tables"), 0);
    json_t *cell = json_array_get(json_object_get(table, "cells"), 0);
    json_t *findings = json_object_get(json_object_get(root, "verdict"), "findings");
    json_t *finding = json_array_get(findings, 0);
    assert_true(json_number_value(json_object_get(cell, "missing")) == 0.5);
    assert_string_equal(json_string_value(json_object_get(finding, "code")), "interrupted");
    assert_true(json_number_value(json_object_get(finding, "samples")) == 80);
    assert_true(json_number_value(json_object_get(finding, "of_samples")) == 180);
    json_decref(root);
    free(text);
    run_free(run);
}

/* One size is no "1 sizes", nor has it a least and a most; an interval as wide as its figure says
 * that the figure is of no use. */
static void a_single_size_is_told_as_one(void **state)
{
    struct make_spec spec = spec_of();
    (void)state;
    spec.chunk_count = 1;
    for (int noisy = 0; noisy < 2; noisy++) {
        spec.noise = noisy ? 2.5 : 0.02;
        struct run *run = make_run(&spec);
        char *text = printed(run, &nothing_asked_for, &format_text);
        assert_null(strstr(text, " sizes"));
        assert_null(strstr(text, "least at"));
        assert_non_null(strstr(text, noisy ? "cannot be told apart at the size measured\n"
                                           : "is faster at the size measured: "));
        assert_int_equal(strstr(text, ">100 %") != NULL, noisy);
        free(text);
        run_free(run);
    }
}

/* Where a table must be folded, each line still says which cell it is of. */
static void rows_of_many_kinds_keep_their_names(void **state)
{
    static const struct make_writer two[] = {
        {.name = "MmapPopulateWrite", .fixed_ns = 9e6, .file = "overwrite4k"},
        {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 1000}};
    struct make_spec spec = spec_of();
    (void)state;
    spec.writers = two;
    struct make_spec synced = spec;
    synced.sync = "fdatasync";
    struct run *run = make_joined_run(&spec, &synced);
    char *text = printed(run, &(struct show_options){.rows = 1}, &format_text);
    char *table = strstr(text, "\nwriter/file/sync/chunk ");
    assert_non_null(table);
    lines_of(table, 80);
    assert_non_null(strstr(table, "\nMmapPopulateWrite/overwrite4k/fdatasync/64 KiB "));
    assert_non_null(strstr(table, "\nWrite/new/none/1 KiB "));
    free(text);
    run_free(run);
}

static void output_that_cannot_be_written_is_an_error(void **state)
{
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    struct view view = view_default();

    (void)state;
    for (size_t n = 0; format_at(n) != NULL; n++) {
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        view.format = format_at(n);
        assert_int_equal(report_run(full, run, &view, &nothing_asked_for), -ENOSPC);
        fclose(full);
    }
    run_free(run);
}

static void the_fastest_of_each_row_is_marked(void **state)
{
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    char *text = printed_answer(run);
    char *first = strstr(text, "\n 1 KiB"), *last = strstr(text, "\n64 KiB");

    (void)state;
    assert_non_null(first);
    assert_non_null(last);
    char *star = strchr(first, '*'), *number = strpbrk(first + 7, "0123456789");
    assert_ptr_equal(number, star + 1); /* Mmap's, the first column */
    star = strchr(last, '*');
    number = strpbrk(last + 8, "0123456789");
    assert_true(star > number);
    free(text);
    run_free(run);
}

/* Rows of a run as they are, for what a made one has not. */
static struct run *run_of_rows(const char *rows)
{
    char *text = NULL;
    struct run *run;

    assert_true(asprintf(&text, "{\"benchmarks\":[%s]}", rows) > 0);
    assert_int_equal(run_load_text(text, strlen(text), &run, NULL), 0);
    free(text);
    return run;
}

#define ROW(name, time)                                                                            \
    "{\"name\":\"" name "\",\"run_type\":\"iteration\",\"iterations\":1,\"real_time\":" time       \
    ",\"cpu_time\":1,\"time_unit\":\"ms\"}"
#define FAILED_ROW(name)                                                                           \
    "{\"name\":\"" name                                                                            \
    "\",\"run_type\":\"iteration\",\"error_occurred\":true,"                                       \
    "\"error_message\":\"No space left on device\"}"

/* A size that one lacks is none at which the other is faster, nor is a single time the fastest. */
static void what_was_measured_for_one_alone_is_not_compared(void **state)
{
    struct run *run = run_of_rows(ROW("Mmap/chunk:8", "9") "," FAILED_ROW("Write/chunk:8") "," ROW(
        "Mmap/chunk:64", "9") "," ROW("Write/chunk:64", "3") "," ROW("Mmap/chunk:512",
                                                                     "9") "," ROW("Write/chunk:512",
                                                                                  "3"));
    char *text = printed_answer(run);

    (void)state;
    finds(text, "\n  8 B  9.00   error\n");
    finds(text, "Write is faster than Mmap at every chunk size that both have: 3.00 times.");
    free(text);
    text = printed(run, &nothing_asked_for, &format_text);
    finds(text, "Write is faster at every size measured for both: Mmap takes 3.00 times as long");
    free(text);
    run_free(run);
}

static void times_of_zero_have_no_ratio(void **state)
{
    struct run *run = run_of_rows(
        ROW("Mmap/chunk:8", "0") "," ROW("Mmap/chunk:8", "0") "," ROW("Mmap/chunk:8", "0") "," ROW(
            "Write/chunk:8", "3") "," ROW("Write/chunk:8", "3.1") "," ROW("Write/chunk:8", "3"));
    char *text = printed_answer(run);

    (void)state;
    finds(text, "Chunks of 8 B: use Mmap, whose time reads zero.\n");
    finds(text, "\nMmap is faster than Write at every chunk size: its times read zero.\n");
    assert_null(strstr(text, " - times"));
    free(text);
    text = printed(run, &nothing_asked_for, &format_text);
    finds(text, "\n  Mmap is faster at the size measured\n");
    assert_null(strstr(text, " - times"));
    free(text);
    run_free(run);
}

/* Also in full, where they are all that there is. */
static void controls_alone_have_their_rows(void **state)
{
    static const struct make_writer control = {
        .name = "EmptyCall", .fixed_ns = 1e5, .file = "none"};
    struct make_spec spec = make_spec_of(&control, 1, chunks, 1);
    struct run *run = make_run(&spec);
    char *text = printed(run, &nothing_asked_for, &format_text);

    (void)state;
    finds(text, "\nEmptyCall ");
    free(text);
    run_free(run);
}

static void failed_cells_stand_in_the_table_as_failed(void **state)
{
    struct run *run = run_of_rows(FAILED_ROW("Mmap/chunk:8") "," ROW("Write/chunk:8", "5"));

    (void)state;
    char *text = printed_answer(run);
    assert_non_null(strstr(text, "error"));
    assert_non_null(strstr(text, "doubtful. 1 cell failed; the first is Mmap/chunk:8: No space"));
    free(text);
    run_free(run);
}

static void unknown_pairs_and_metrics_are_errors(void **state)
{
    static const char *const pairs[] = {"Mmap:Nonesuch", NULL};
    struct make_spec spec = spec_of();
    spec.counters = 0;
    struct run *run = make_run(&spec);
    struct view view = view_default();

    (void)state;
    assert_int_equal(report_run(stdout, run, &view, &(struct show_options){.pairs = pairs}),
                     -ENOENT);
    assert_int_equal(report_run(stdout, run, &view, &(struct show_options){.metric = METRIC_FILL}),
                     -ENODATA);
    run_free(run);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_answer_is_who_wins_a_table_the_crossover_and_the_verdict),
        cmocka_unit_test(the_answer_fits_a_screen),
        cmocka_unit_test(the_winners_have_figures),
        cmocka_unit_test(rows_leave_out_what_is_the_same),
        cmocka_unit_test(a_single_size_is_told_as_one),
        cmocka_unit_test(rows_of_many_kinds_keep_their_names),
        cmocka_unit_test(an_interrupted_run_says_so_and_what_each_cell_lacks),
        cmocka_unit_test(output_that_cannot_be_written_is_an_error),
        cmocka_unit_test(the_fastest_of_each_row_is_marked),
        cmocka_unit_test(what_was_measured_for_one_alone_is_not_compared),
        cmocka_unit_test(times_of_zero_have_no_ratio),
        cmocka_unit_test(controls_alone_have_their_rows),
        cmocka_unit_test(failed_cells_stand_in_the_table_as_failed),
        cmocka_unit_test(unknown_pairs_and_metrics_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
