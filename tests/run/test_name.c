/* SPDX-License-Identifier: Apache-2.0 */
#include "src/base/number.h"
#include "src/run/name.h"
#include "tests/support/support.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void is(struct span span, const char *text)
{
    assert_int_equal(span.length, strlen(text));
    assert_memory_equal(span.text, text, span.length);
}

static void our_names_are_taken_apart(void **state)
{
    struct name name;

    (void)state;
    name_parse("Mmap/file:new/sync:none/size:10485760/chunk:4096/manual_time", &name);
    is(name.series, "Mmap");
    is(name.file, "new");
    is(name.sync, "none");
    assert_int_equal(name.size_bytes, 10485760);
    assert_int_equal(name.chunk_bytes, 4096);
    assert_int_equal(name.threads, 1);
    assert_false(name.plain);
    assert_true(name_is_mapping(&name));
    assert_false(name_is_control(&name));
}

/* Left out and normal are the same. */
static void further_axes_are_known_where_they_are_not_normal(void **state)
{
    struct name plain, named, random;
    char *group, *groups[4];
    struct arena arena = {0};
    size_t count = 0;

    (void)state;
    name_parse("Write/file:new/sync:none/size:8/chunk:4/manual_time", &plain);
    name_parse("Write/file:new/sync:none/order:sequential/size:8/chunk:4", &named);
    name_parse("Write/file:new/sync:none/order:random/size:8/chunk:4/manual_time", &random);
    assert_false(random.plain);
    is(random.series, "Write");
    is(random.axis[NAME_AXIS_ORDER], "random");
    assert_null(plain.axis[NAME_AXIS_ORDER].text);
    is(name_axis_value(plain.axis, NAME_AXIS_ORDER), "sequential");
    assert_true(name_axes_equal(plain.axis, named.axis));
    assert_false(name_axes_equal(plain.axis, random.axis));
    group = name_segments_case(random.series, random.file, random.sync, random.axis);
    assert_string_equal(group, "Write/file:new/sync:none/order:random");
    free(group);
    assert_int_equal(
        name_segments_group(&arena, groups, &count, "Write/file:new/sync:none/size:8/chunk:4"), 0);
    assert_int_equal(name_segments_group(&arena, groups, &count,
                                         "Write/file:new/sync:none/order:random/size:8/chunk:4"),
                     1);
    assert_int_equal(name_segments_group(&arena, groups, &count,
                                         "Write/file:new/sync:none/order:random/size:9/chunk:2"),
                     1);
    assert_string_equal(groups[0], "Write/file:new/sync:none");
    arena_free(&arena);
}

static void suffixes_of_google_benchmark_do_not_matter(void **state)
{
    static const char *const names[] = {
        "Write/chunk:8/iterations:1/repeats:20/manual_time/threads:4",
        "Write/chunk:8/min_time:0.500/process_time/real_time/threads:4",
        "Write/min_warmup_time:1/chunk:8/threads:4"};
    struct name name;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        name_parse(names[i], &name);
        is(name.series, "Write");
        assert_int_equal(name.chunk_bytes, 8);
        assert_int_equal(name.threads, 4);
        assert_null(name.file.text);
        assert_false(name.plain);
    }
}

static void arguments_before_the_chunk_belong_to_the_series(void **state)
{
    struct name name;

    (void)state;
    name_parse("BM_copy<int>/avx2/chunk:64", &name);
    is(name.series, "BM_copy<int>/avx2");
    assert_int_equal(name.chunk_bytes, 64);
}

static void what_is_not_understood_is_plain(void **state)
{
    static const char *const names[] = {"",
                                        "/",
                                        "BM_memcpy/64/8",
                                        "BM_x",
                                        "chunk:4",
                                        "Write/chunk:0",
                                        "Write/chunk:-1",
                                        "Write/chunk:4K",
                                        "Write/chunk:",
                                        "Write/chunk:99999999999999999999999",
                                        "Write/chunk:4/oops",
                                        "Write/size:0/chunk:4",
                                        "Write/chunk:4/threads:0",
                                        "Write/chunk:4/",
                                        "/chunk:4",
                                        "Write/chunk:4/real_timely"};
    struct name name;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        name_parse(names[i], &name);
        if (!name.plain)
            fail_msg("%s is not plain", names[i]);
        is(name.series, names[i]);
        assert_int_equal(name.chunk_bytes, 0);
    }
}

static void families_follow_from_the_name(void **state)
{
    struct name name;

    (void)state;
    name_parse("MmapFalloc/file:new/chunk:4", &name);
    assert_true(name_is_mapping(&name));
    name_parse("Memcpy/file:none/sync:none/size:8/chunk:4", &name);
    assert_false(name_is_mapping(&name));
    assert_true(name_is_control(&name));
    name_parse("Mma/chunk:4", &name);
    assert_false(name_is_mapping(&name));
}

static void sizes_are_read_as_people_write_them(void **state)
{
    static const struct {
        const char *text;
        uint64_t bytes;
    } good[] = {{"4096", 4096},        {"4K", 4096},      {"4k", 4096},
                {"4KiB", 4096},        {"1.5M", 1572864}, {"10MB", 10485760},
                {"1 GiB", 1073741824}, {"0", 0},          {"12B", 12}};
    static const char *const bad[] = {"",      "K",   "-1",   "4X",       "4KK",
                                      "4 K x", "0.3", "1e30", "99999999T"};
    uint64_t bytes;

    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_int_equal(number_parse_bytes(good[i].text, &bytes), 0);
        assert_true(bytes == good[i].bytes);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (number_parse_bytes(bad[i], &bytes) == 0)
            fail_msg("'%s' was taken for a size", bad[i]);
}

static void kinds_are_known_by_the_name(void **state)
{
    static const struct {
        const char *name;
        enum bm_kind kind;
        int is_mapping, is_control;
    } cases[] = {
        {"Mmap/file:cold/chunk:1", BM_KIND_WRITER, 1, 0},
        {"ReadMmap/file:cold/chunk:1", BM_KIND_READER, 1, 0},
        {"ReadMemory/file:none/chunk:1", BM_KIND_READER, 0, 1},
        {"ChannelPipe/file:none/chunk:1", BM_KIND_CHANNEL, 0, 0},
        {"ReadJson/4096", BM_KIND_WRITER, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct name parts;
        name_parse(cases[i].name, &parts);
        assert_int_equal(name_kind(&parts), cases[i].kind);
        assert_int_equal(name_is_mapping(&parts), cases[i].is_mapping);
        assert_int_equal(name_is_control(&parts), cases[i].is_control);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kinds_are_known_by_the_name),
        cmocka_unit_test(our_names_are_taken_apart),
        cmocka_unit_test(further_axes_are_known_where_they_are_not_normal),
        cmocka_unit_test(suffixes_of_google_benchmark_do_not_matter),
        cmocka_unit_test(arguments_before_the_chunk_belong_to_the_series),
        cmocka_unit_test(what_is_not_understood_is_plain),
        cmocka_unit_test(families_follow_from_the_name),
        cmocka_unit_test(sizes_are_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
