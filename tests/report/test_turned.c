/* SPDX-License-Identifier: Apache-2.0 */
/* The table turns to what varies: states, orders and kinds instead of chunk sizes. */
#include "src/report/show.h"
#include "tests/support/make_results.h"
#include "tests/support/printed.h"
#include "tests/support/support.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static const uint64_t chunks[] = {1024, 4096, 16384, 65536};
static const struct show_options nothing_asked_for;

/* One chunk size, and next to no noise. */
static struct run *run_of(const struct make_writer *writers, size_t count)
{
    struct make_spec spec = make_spec_of(writers, count, chunks, 1);

    spec.samples = 10;
    spec.noise = 0.0005;
    return make_run(&spec);
}

/* States go down the one table where there is one chunk size, and programs get a table a state. */
static void the_table_turns_to_what_varies(void **state)
{
    struct make_writer four[] = {{.name = "Mmap", .fixed_ns = 2e6},
                                 {.name = "Write", .fixed_ns = 1e6},
                                 {.name = "Mmap", .fixed_ns = 5.4e6, .file = "cold"},
                                 {.name = "Write", .fixed_ns = 1e6, .file = "cold"}};
    struct run *run = run_of(four, 4);
    (void)state;
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
    run = run_of(four, 4);
    text = printed_answer(run);
    finds(text, "which is faster depends on the state: Write takes up to 2.00");
    finds(text, "Mmap up to 2.00 times");
    free(text);
    run_free(run);
}

static void what_cannot_be_told_in_some_lines_is_said(void **state)
{
    struct make_writer six[] = {{.name = "Mmap", .fixed_ns = 2e6},
                                {.name = "Write", .fixed_ns = 1e6},
                                {.name = "Mmap", .fixed_ns = 5.4e6, .file = "cold"},
                                {.name = "Write", .fixed_ns = 1e6, .file = "cold"},
                                {.name = "Mmap", .fixed_ns = 1e6, .file = "truncate"},
                                {.name = "Write", .fixed_ns = 1e6, .file = "truncate"}};
    struct run *run = run_of(six, 6);
    char *text = printed_answer(run);

    (void)state;
    finds(text,
          "\nWrite is faster than Mmap in 2 of 3 states, and cannot be told from it in the\n"
          "rest: Mmap takes up to 5.40 times (cold) as long.\n");
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
    struct run *run = run_of(four, 4);
    (void)state;
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
    struct run *random = run_of(four + 2, 2);
    text = printed(random, &(struct show_options){.rows = 1}, &format_text);
    finds(text, "10 MiB, file new, sync none, order random");
    finds(text, "All cells: file new, sync none, order random, size 10 MiB, chunk 1 KiB\n");
    free(text);
    run_free(random);
    run_free(run);
}

static void a_number_says_what_it_is(void **state)
{
    struct make_writer four[] = {{.name = "Uring", .fixed_ns = 2e6},
                                 {.name = "UringFixed", .fixed_ns = 1e6},
                                 {.name = "Uring", .fixed_ns = 5e6, .file = "new/depth:1"},
                                 {.name = "UringFixed", .fixed_ns = 4e6, .file = "new/depth:1"}};
    struct run *run = run_of(four, 4);

    (void)state;
    char *text = printed_answer(run);
    finds(text, "\ndepth 32   2.00        *1.00\ndepth 1    5.00        *4.00\n");
    free(text);
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
    struct run *run = run_of(some, 6);
    (void)state;
    char *text = printed_answer(run);
    finds(text, "10 MiB, sync none, in chunks of 1 KiB; 2 processors\n");
    finds(text, "\nnew    1.00\ncold   2.00\n");
    finds(text, "\nfrom process to process, 10 MiB\n");
    finds(text, "\nreading, 10 MiB, in chunks of 1 KiB\n");
    finds(text, "\ncached                 3.00\ncold        8.00      *4.00\n");
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

    (void)state;
    for (size_t i = 0; i < 8; i++)
        channels[i] = (struct make_writer){.name = names[i],
                                           .file = "none",
                                           .fixed_ns = 2e6 + (double)i * 1e6,
                                           .per_call_ns = 100};
    channels[6].fixed_ns = 1e6;
    struct make_spec spec = make_spec_of(channels, 8, chunks, 4);
    spec.noise = 0.02;
    struct run *run = make_run(&spec);
    char *text = printed_answer(run);
    lines_of(text, 80);
    finds(text, "\n chunk  Slots  SlotsFutex  Ring  Pipe  Socket   PipeVmsplice\n");
    finds(text, "use ChannelPipeVmsplice; ChannelSlots takes ");
    finds(text, "also\nmeasured: ChannelTcp, ChannelEventfd\n");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table_turns_to_what_varies),
        cmocka_unit_test(what_cannot_be_told_in_some_lines_is_said),
        cmocka_unit_test(the_order_is_an_axis_as_the_state_is),
        cmocka_unit_test(a_number_says_what_it_is),
        cmocka_unit_test(the_table_of_each_kind_turns),
        cmocka_unit_test(the_answer_has_a_column_for_every_kind_of_channel),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
