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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(our_names_are_taken_apart),
        cmocka_unit_test(suffixes_of_google_benchmark_do_not_matter),
        cmocka_unit_test(arguments_before_the_chunk_belong_to_the_series),
        cmocka_unit_test(what_is_not_understood_is_plain),
        cmocka_unit_test(families_follow_from_the_name),
        cmocka_unit_test(sizes_are_read_as_people_write_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
