/* SPDX-License-Identifier: Apache-2.0 */
/* What the library prints into a FILE that the caller gives. */
#include "src/report/document.h"
#include "src/report/show.h"
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/make_sides.h"

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
    return (struct make_spec){.writers = writers,
                              .writer_count = 2,
                              .chunks = chunks,
                              .chunk_count = 4,
                              .samples = 10,
                              .noise = 0.02,
                              .seed = 3,
                              .size_bytes = 10485760,
                              .counters = 1};
}

static const struct show_options nothing_asked_for;

static char *printed(const struct run *run, const struct show_options *options,
                     const struct format *format)
{
    static char *text; /* written behind the compiler's back, until fclose */
    static size_t length;
    struct view view = {.format = format, .width = 80, .ascii = 1};
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    assert_int_equal(report_run(out, run, &view, options), 0);
    fclose(out);
    return text;
}

static char *printed_answer(const struct run *run)
{
    return printed(run, &(struct show_options){.answer = ANSWER_OF_OWN_RUN}, &format_text);
}

static void the_answer_is_who_wins_a_table_the_crossover_and_the_verdict(void **state)
{
    static const char *const parts[] = {
        "10 MiB, file new, sync none; 2 processors\nChunks up to 4 KiB: use Write; Mmap takes 1.2",
        "\nChunks of 64 KiB: use Write; Mmap takes 4.1",
        "\n chunk",
        "\ntime per file in ms: median of 10 samples; * fastest\nCrossover at 1.",
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

static size_t lines_of(const char *text, size_t width)
{
    size_t lines = 0;

    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1, lines++)
        if ((size_t)(end - text) > width)
            fail_msg("%zu columns: %.*s", (size_t)(end - text), (int)(end - text), text);
    return lines;
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
        assert_int_equal(strstr(text, " not usable") != NULL, noisy);
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
    char *json[2], *both = NULL;
    for (int i = 0; i < 2; i++) {
        spec.sync = i == 0 ? "none" : "fdatasync";
        json[i] = make_json(&spec);
    }
    /* The rows of the second behind those of the first. */
    char *end = strrchr(json[0], ']'), *rows = strstr(json[1], "\"benchmarks\"");
    assert_true(asprintf(&both, "%.*s,%s", (int)(end - json[0]), json[0], strchr(rows, '[') + 1) >
                0);
    struct run *run;
    assert_int_equal(run_load_text(both, strlen(both), &run, NULL), 0);
    char *text = printed(run, &(struct show_options){.rows = 1}, &format_text);
    char *table = strstr(text, "\nwriter/file/sync/chunk ");
    assert_non_null(table);
    lines_of(table, 80);
    assert_non_null(strstr(table, "\nMmapPopulateWrite/overwrite4k/fdatasync/64 KiB "));
    assert_non_null(strstr(table, "\nWrite/new/none/1 KiB "));
    free(text);
    run_free(run);
    free(both);
    free(json[0]);
    free(json[1]);
}

static void finds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

/* States go down the one table where there is one chunk size, and programs get a table a state. */
static void the_table_turns_to_what_varies(void **state)
{
    struct make_writer four[] = {{.name = "Mmap", .fixed_ns = 2e6},
                                 {.name = "Write", .fixed_ns = 1e6},
                                 {.name = "Mmap", .fixed_ns = 5.4e6, .file = "cold"},
                                 {.name = "Write", .fixed_ns = 1e6, .file = "cold"}};
    struct make_spec spec = spec_of();
    (void)state;
    spec.writers = four;
    spec.writer_count = 4;
    spec.chunk_count = 1;
    spec.noise = 0.0005;
    struct run *run = make_run(&spec);
    char *text = printed_answer(run);
    finds(text, "10 MiB, sync none, in chunks of 1 KiB; 2 processors\n");
    finds(text, "\n      Mmap   Write\n");
    finds(text, "\nnew   2.00   *1.00\ncold  5.40   *1.00\n");
    finds(text,
          "\nWrite is faster than Mmap in every state: Mmap takes up to 5.40 times (cold) as\n"
          "long.\n");
    free(text);
    text = printed(run, &nothing_asked_for, &format_json);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL);
    assert_int_equal(json_array_size(json_object_get(root, "tables")), 2);
    json_decref(root);
    free(text);
    text = printed(run, &nothing_asked_for, &format_text);
    finds(text, "% of the time per file; 10 MiB, file\ncold, sync none\n");
    free(text);
    run_free(run);
    four[2].fixed_ns = 5e5;
    run = make_run(&spec);
    text = printed_answer(run);
    finds(text, "which is faster depends on the state: Write takes up to 2.00");
    finds(text, "Mmap up to 2.00 times");
    free(text);
    run_free(run);
}

/* So do orders, and each has a row of its own in a list. */
static void the_order_is_an_axis_as_the_state_is(void **state)
{
    struct make_writer four[] = {{.name = "Mmap", .fixed_ns = 2e6},
                                 {.name = "Write", .fixed_ns = 1e6},
                                 {.name = "Mmap", .fixed_ns = 5.4e6, .file = "new/order:random"},
                                 {.name = "Write", .fixed_ns = 1e6, .file = "new/order:random"}};
    struct make_spec spec = spec_of();
    (void)state;
    spec.writers = four;
    spec.writer_count = 4;
    spec.chunk_count = 1;
    spec.noise = 0.0005;
    struct run *run = make_run(&spec);
    char *text = printed_answer(run);
    finds(text, "10 MiB, file new, sync none, in chunks of 1 KiB; 2 processors\n");
    finds(text, "\nsequential  2.00   *1.00\nrandom      5.40   *1.00\n");
    finds(text,
          "\nWrite is faster than Mmap in every order: Mmap takes up to 5.40 times (random)\n"
          "as long.\n");
    free(text);
    text = printed(run, &(struct show_options){.rows = 1}, &format_text);
    finds(text, "\nwriter  order ");
    finds(text, "\nMmap    random ");
    free(text);
    text = printed(run, &nothing_asked_for, &format_json);
    json_t *root = json_loads(text, JSON_REJECT_DUPLICATES, NULL), *tables;
    tables = json_object_get(root, "tables");
    assert_int_equal(json_array_size(tables), 2);
    assert_true(json_is_null(json_object_get(json_array_get(tables, 0), "order")));
    assert_string_equal(json_string_value(json_object_get(json_array_get(tables, 1), "order")),
                        "random");
    json_decref(root);
    free(text);
    spec.writers = four + 2;
    spec.writer_count = 2;
    struct run *random = make_run(&spec);
    text = printed(random, &(struct show_options){.rows = 1}, &format_text);
    finds(text, "10 MiB, file new, sync none, order random");
    finds(text, "All cells: file new, sync none, order random, size 10 MiB, chunk 1 KiB\n");
    free(text);
    run_free(random);
    run_free(run);
}

/* Each kind has a table of its own that turns; channels have no file state. */
static void the_table_of_each_kind_turns(void **state)
{
    struct make_writer some[] = {{.name = "Write", .fixed_ns = 1e6},
                                 {.name = "Write", .fixed_ns = 2e6, .file = "cold"},
                                 {.name = "ChannelPipe", .fixed_ns = 9e6, .file = "none"},
                                 {.name = "ReadCall", .fixed_ns = 3e6, .file = "cached"},
                                 {.name = "ReadCall", .fixed_ns = 4e6, .file = "cold"},
                                 {.name = "ReadMmap", .fixed_ns = 8e6, .file = "cold"}};
    struct make_spec spec = spec_of();
    (void)state;
    spec.writers = some;
    spec.writer_count = 6;
    spec.chunk_count = 1;
    spec.noise = 0.0005;
    struct run *run = make_run(&spec);
    char *text = printed_answer(run);
    finds(text, "10 MiB, sync none, in chunks of 1 KiB; 2 processors\n");
    finds(text, "\nnew    1.00\ncold   2.00\n");
    finds(text, "\nfrom process to process, 10 MiB\n");
    finds(text, "\nreading, 10 MiB, in chunks of 1 KiB\n");
    finds(text, "\ncached                *3.00\ncold        8.00      *4.00\n");
    finds(text, "ReadCall is faster than ReadMmap in every state: ReadMmap takes up to 2.00 times");
    free(text);
    run_free(run);
}

/* Those of the exercise and its relatives, whoever wins; the two of the exercise are compared. */
static void the_answer_has_a_column_for_every_kind_of_channel(void **state)
{
    static const char *const names[] = {"ChannelSlots",        "ChannelSlotsFutex", "ChannelRing",
                                        "ChannelPipe",         "ChannelSocket",     "ChannelTcp",
                                        "ChannelPipeVmsplice", "ChannelEventfd"};
    struct make_writer channels[8];
    struct make_spec spec = spec_of();

    (void)state;
    for (size_t i = 0; i < 8; i++)
        channels[i] = (struct make_writer){.name = names[i],
                                           .file = "none",
                                           .fixed_ns = 2e6 + (double)i * 1e6,
                                           .per_call_ns = 100};
    channels[6].fixed_ns = 1e6;
    spec.writers = channels;
    spec.writer_count = 8;
    struct run *run = make_run(&spec);
    char *text = printed_answer(run);
    lines_of(text, 80);
    finds(text, "\n chunk  Slots  SlotsFutex  Ring  Pipe  Socket   PipeVmsplice\n");
    finds(text, "use ChannelPipeVmsplice; ChannelSlots takes ");
    finds(text, "ChannelTcp,\nChannelEventfd\n");
    finds(text, "ChannelSlots is faster than ChannelPipe at every chunk size: ");
    free(text);
    const struct view view = view_default();
    char *lesson = NULL;
    size_t length;
    FILE *out = open_memstream(&lesson, &length);
    assert_int_equal(report_lesson(out, run, &view, &nothing_asked_for), 0);
    fclose(out);
    finds(lesson, "Slots in a memory-mapped file, from process to process, 10 MiB\n");
    finds(lesson, "\nPipe, from process to process, 10 MiB\n");
    finds(lesson, "The memory-mapped file with slots is faster wherever");
    free(lesson);
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

static void failed_cells_stand_in_the_table_as_failed(void **state)
{
    static const char json[] =
        "{\"benchmarks\":[{\"name\":\"Mmap/"
        "chunk:8\",\"error_occurred\":true,\"error_message\":\"No "
        "space left on device\"},{\"name\":\"Write/chunk:8\",\"real_time\":5}]}";
    struct run *run;

    (void)state;
    assert_int_equal(run_load_text(json, sizeof json - 1, &run, NULL), 0);
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
        cmocka_unit_test(the_table_turns_to_what_varies),
        cmocka_unit_test(the_order_is_an_axis_as_the_state_is),
        cmocka_unit_test(the_table_of_each_kind_turns),
        cmocka_unit_test(the_answer_has_a_column_for_every_kind_of_channel),
        cmocka_unit_test(rows_of_many_kinds_keep_their_names),
        cmocka_unit_test(an_interrupted_run_says_so_and_what_each_cell_lacks),
        cmocka_unit_test(output_that_cannot_be_written_is_an_error),
        cmocka_unit_test(the_fastest_of_each_row_is_marked),
        cmocka_unit_test(failed_cells_stand_in_the_table_as_failed),
        cmocka_unit_test(unknown_pairs_and_metrics_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
