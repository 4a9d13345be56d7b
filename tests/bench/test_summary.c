/* SPDX-License-Identifier: Apache-2.0 */
/* What the library prints into a FILE that the caller gives. */
#include "src/report/document.h"
#include "src/report/show.h"
#include "src/run/load.h"
#include "tests/support/make_results.h"
#include "tests/support/make_sides.h"

#include <errno.h>
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

static char *printed_summary(const struct run *run)
{
    static char *text; /* written behind the compiler's back, until fclose */
    static size_t length;
    struct view view = view_default();
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    assert_int_equal(report_summary(out, run, &view), 0);
    fclose(out);
    return text;
}

static void the_summary_is_the_table_the_crossovers_and_the_verdict(void **state)
{
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    char *text = printed_summary(run);

    (void)state;
    assert_non_null(strstr(text, "10 MiB, file new, sync none"));
    assert_non_null(strstr(text, "Mmap and Write:\n  below 1."));
    assert_non_null(strstr(text, "This run: nothing found"));
    assert_null(strstr(text, "What it costs"));
    assert_null(strstr(text, "Where the time goes"));
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
        assert_int_equal(report_run(full, run, &view, &nothing_asked_for), -EIO);
        fclose(full);
    }
    run_free(run);
}

static void the_fastest_of_each_row_is_marked(void **state)
{
    struct make_spec spec = spec_of();
    struct run *run = make_run(&spec);
    char *text = printed_summary(run);
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
    char *text = printed_summary(run);
    assert_non_null(strstr(text, "error"));
    assert_non_null(strstr(text, "1 cell failed; the first is Mmap/chunk:8: No space left"));
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
        cmocka_unit_test(the_summary_is_the_table_the_crossovers_and_the_verdict),
        cmocka_unit_test(output_that_cannot_be_written_is_an_error),
        cmocka_unit_test(the_fastest_of_each_row_is_marked),
        cmocka_unit_test(failed_cells_stand_in_the_table_as_failed),
        cmocka_unit_test(unknown_pairs_and_metrics_are_errors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
