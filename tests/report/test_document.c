/* SPDX-License-Identifier: Apache-2.0 */
/* One document in every format. */
#include "src/report/figure.h"
#include "src/report/table.h"
#include "tests/support/support.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct interval interval = {1.05, 1.02, 1.08};
static const struct interval no_interval = {2, NAN, NAN};

typedef void write_function(struct document *document);

/* What `write` makes in that format; free() it. */
static char *printed(write_function *write, const struct view *view)
{
    static char *text; /* written behind the compiler's back, until fclose */
    static size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    struct document document = document_begin(out, view);
    write(&document);
    assert_int_equal(document_finish(&document), 0);
    fclose(out);
    return text;
}

static struct view view_of(const char *format)
{
    struct view view = view_default();

    view.format = format_find(format);
    view.ascii = 0;
    view.width = 60;
    assert_non_null(view.format);
    return view;
}

static void prints(write_function *write, const char *format, const char *expected)
{
    struct view view = view_of(format);
    char *text = printed(write, &view);

    assert_string_equal(text, expected);
    free(text);
}

static void write_words(struct document *document)
{
    document_heading(document, "A heading");
    document_paragraph(document, "", "A paragraph of %d words.", 5);
    document_note(document, "- ", "A note.");
    document_put(document, "text", "of a program");
}

static void readers_get_words_and_programs_get_members(void **state)
{
    (void)state;
    prints(write_words, "text", "A heading\n\nA paragraph of 5 words.\n- A note.\n");
    prints(write_words, "markdown", "### A heading\n\nA paragraph of 5 words.\n- A note.\n");
    prints(write_words, "csv", "");
    prints(write_words, "json", "{\n  \"text\": \"of a program\"\n}\n");
}

static void write_planted(struct document *document)
{
    static const char name[] = "a[b](c) ![d][e] <i> \\\x1b[31m\n::x\x1f%";

    document_heading(document, "%s", name);
    document_paragraph(document, "", "%s", name);
}

static void a_name_begins_nothing(void **state)
{
    (void)state;
    prints(write_planted, "markdown",
           "### a[b\\](c) ![d\\][e] \\<i> \\\\?[31m?::x %\n\n"
           "a[b\\](c) ![d\\][e] \\<i> \\\\?[31m?::x %\n");
    prints(write_planted, "text",
           "a[b](c) ![d][e] <i> \\?[31m?::x %\n\na[b](c) ![d][e] <i> \\?[31m?::x %\n");
}

static void write_members(struct document *document)
{
    static char one[] = "one";
    char *texts[] = {one};

    document_put(document, "none", (const char *)NULL);
    document_put(document, "odd", "\"\\\n");
    document_put(document, "glued", "3" FIGURE_GLUE "%");
    document_put(document, "number", 0.5);
    document_put(document, "nan", (double)NAN);
    document_put(document, "count", 18446744073709551615u);
    document_put(document, "integer", -3);
    document_put(document, "interval", no_interval);
    document_texts(document, "texts", texts, 1);
    document_open(document, "empty", '[');
    document_close(document, ']');
}

static void members_are_escaped_and_what_is_missing_is_null(void **state)
{
    (void)state;
    prints(write_members, "json",
           "{\n  \"none\": null,\n  \"odd\": \"\\\"\\\\\\u000a\",\n  \"glued\": \"3 %\",\n"
           "  \"number\": 0.5,\n  \"nan\": null,\n  \"count\": 18446744073709551615,\n"
           "  \"integer\": -3,\n  \"interval\": {\n    \"estimate\": 2,\n    \"low\": null,\n"
           "    \"high\": null\n  },\n  \"texts\": [\n    \"one\"\n  ],\n  \"empty\": []\n}\n");
    prints(write_members, "text", "");
}

static void write_nested(struct document *document, const void *subject)
{
    document_put(document, "name", (const char *)subject);
}

static void write_table(struct document *document)
{
    static const struct column columns[] = {
        {"row", "name", "name", ALIGN_LEFT, 0, NULL},
        {"time", "time_ns", "time_ns", ALIGN_RIGHT, 1, figure_time},
        {"change %", "ratio", "ratio,low,high", ALIGN_LEFT, 1, NULL},
        {.heading = ""},
        {.key = "code", .csv = "code"},
        {.key = "since{}"}};
    struct table table;

    table_begin(&table, document, NULL, columns, 6);
    table.key = "rows";
    table_row(&table);
    table_put(&table, "Mmap, \"mapped\" | *", 2.5e6, interval, NOTHING, "slower",
              MEMBERS(write_nested, "step"));
    table_row(&table);
    table_put(&table, "Write", SHOWN((double)NAN, "failed"), PERHAPS(0, interval),
              WORDS((const char *)NULL), NULL);
    table_end(&table);
}

static void a_table_is_cells_for_readers_and_values_for_programs(void **state)
{
    (void)state;
    prints(write_table, "text",
           "row                    time  change %\n"
           "──────────────────────────────────────────────\n"
           "Mmap, \"mapped\" | *  2.50 ms  +5.0 [+2.0, +8.0]\n"
           "Write                failed\n");
    prints(write_table, "markdown",
           "| row | time | change % |\n| :-- | --: | :-- |\n"
           "| Mmap, \"mapped\" \\| \\* | 2.50 ms | +5.0 [+2.0, +8.0] |\n| Write | failed |  |\n");
    prints(write_table, "csv",
           "name,time_ns,ratio,low,high,code\n"
           "\"Mmap, \"\"mapped\"\" | *\",2500000,1.05,1.02,1.08,slower\nWrite,,,,,\n");
    prints(write_table, "json",
           "{\n  \"rows\": [\n    {\n      \"name\": \"Mmap, \\\"mapped\\\" | *\",\n      "
           "\"time_ns\": 2500000,\n      \"ratio\": {\n        \"estimate\": 1.05,\n        "
           "\"low\": 1.02,\n        \"high\": 1.08\n      },\n      \"code\": \"slower\",\n      "
           "\"since\": {\n        \"name\": \"step\"\n      }\n    },\n    {\n      \"name\": "
           "\"Write\",\n      \"time_ns\": null,\n      \"code\": null\n    }\n  ]\n}\n");
}

static void write_rows_for_programs_only(struct document *document)
{
    static const struct column columns[] = {{"row", "name", "name", ALIGN_LEFT, 0, NULL}};

    for (int again = 0; again < 2; again++) {
        struct table table;
        table_begin(&table, document, "rows", columns, 1);
        table_row(&table);
        table_put(&table, "seen");
        table_row(&table);
        table_hide_row(&table);
        table_put(&table, "hidden");
        table_end(&table);
    }
}

static void hidden_rows_are_for_programs_and_a_heading_is_written_once(void **state)
{
    (void)state;
    prints(write_rows_for_programs_only, "text", "row\n────\nseen\n\nrow\n────\nseen\n");
    prints(write_rows_for_programs_only, "csv", "name\nseen\nhidden\nseen\nhidden\n");
}

static void write_long(struct document *document)
{
    document_paragraph(document, "- ",
                       "A sentence that is longer than a line of forty columns has to be "
                       "wrapped, but never between 3" FIGURE_GLUE "%% and its sign.");
}

static void sentences_are_wrapped_and_a_number_keeps_its_unit(void **state)
{
    struct view view = view_of("text");

    (void)state;
    view.width = 40;
    char *text = printed(write_long, &view);
    assert_string_equal(text,
                        "- A sentence that is longer than a line\n"
                        "  of forty columns has to be wrapped,\n"
                        "  but never between 3 % and its sign.\n");
    free(text);
}

static void write_wide(struct document *document)
{
    struct table table;

    table_begin(&table, document, NULL, NULL, 0);
    table_column(&table, ALIGN_RIGHT, 0, "chunk");
    for (int i = 1; i <= 4; i++)
        table_column(&table, ALIGN_NUMBER, (i + 1) / 2, "a wide one %d", i);
    table_row(&table);
    table_say(&table, "1 KiB");
    for (int i = 1; i <= 4; i++) {
        table_say(&table, "%d.5", i);
        if (i == 1)
            table_tail(&table, "±3 %%");
        table_mark(&table, i == 1 ? MARK_BEST : i == 3 ? MARK_TIED : MARK_NONE);
    }
    table_end(&table);
}

static void a_wide_table_is_folded_between_families(void **state)
{
    struct view view = view_of("text");

    (void)state;
    view.width = 40;
    view.ascii = 1;
    char *text = printed(write_wide, &view);
    assert_string_equal(text,
                        "chunk   a wide one 1  a wide one 2\n"
                        "----------------------------------\n"
                        "1 KiB     *1.5 +-3 %           2.5\n"
                        "\n"
                        "chunk   a wide one 3  a wide one 4\n"
                        "----------------------------------\n"
                        "1 KiB           =3.5           4.5\n");
    free(text);
    prints(write_wide, "markdown",
           "| chunk | a wide one 1 | a wide one 2 | a wide one 3 | a wide one 4 |\n"
           "| --: | --: | --: | --: | --: |\n| 1 KiB | **1.5** ±3 % | 2.5 | 3.5 = | 4.5 |\n");
    prints(write_wide, "csv", "");
    prints(write_wide, "json", "");
}

static void colours_carry_no_meaning_of_their_own(void **state)
{
    struct view view = view_of("text");
    char plain[2000];
    size_t at = 0;

    (void)state;
    char *text = printed(write_wide, &view);
    view.colour = 1;
    char *coloured = printed(write_wide, &view);
    assert_non_null(strchr(coloured, '\033'));
    for (const char *p = coloured; *p != '\0' && at < sizeof plain - 1; p++) {
        if (*p == '\033')
            p += strcspn(p, "m");
        else
            plain[at++] = *p;
    }
    plain[at] = '\0';
    assert_string_equal(plain, text);
    free(text);
    free(coloured);
}

static void output_that_cannot_be_written_is_an_error(void **state)
{
    (void)state;
    for (size_t n = 0; format_at(n) != NULL; n++) {
        struct view view = view_of(format_at(n)->name);
        FILE *full = fopen("/dev/full", "w");
        assert_non_null(full);
        struct document document = document_begin(full, &view);
        write_table(&document);
        assert_int_equal(document_finish(&document), -ENOSPC);
        fclose(full);
    }
}

/* The error is what document_finish() says, and nothing more is written or touched. */
static void an_error_sticks(void **state)
{
    (void)state;
    for (size_t n = 0; format_at(n) != NULL; n++) {
        struct view view = view_of(format_at(n)->name);
        FILE *out = fopen("/dev/null", "w");
        assert_non_null(out);
        struct document document = document_begin(out, &view);
        document.error = -ENOMEM;
        write_words(&document);
        write_wide(&document);
        write_rows_for_programs_only(&document);
        assert_int_equal(ftell(out), 0);
        assert_int_equal(document_finish(&document), -ENOMEM);
        fclose(out);
    }
}

static void a_format_is_found_by_its_name(void **state)
{
    (void)state;
    for (size_t n = 0; format_at(n) != NULL; n++)
        assert_ptr_equal(format_find(format_at(n)->name), format_at(n));
    assert_null(format_find("xml"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_name_begins_nothing),
        cmocka_unit_test(readers_get_words_and_programs_get_members),
        cmocka_unit_test(members_are_escaped_and_what_is_missing_is_null),
        cmocka_unit_test(a_table_is_cells_for_readers_and_values_for_programs),
        cmocka_unit_test(hidden_rows_are_for_programs_and_a_heading_is_written_once),
        cmocka_unit_test(sentences_are_wrapped_and_a_number_keeps_its_unit),
        cmocka_unit_test(a_wide_table_is_folded_between_families),
        cmocka_unit_test(colours_carry_no_meaning_of_their_own),
        cmocka_unit_test(output_that_cannot_be_written_is_an_error),
        cmocka_unit_test(an_error_sticks),
        cmocka_unit_test(a_format_is_found_by_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
