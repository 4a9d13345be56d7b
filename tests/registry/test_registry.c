/* SPDX-License-Identifier: Apache-2.0
 * What is checked of every kernel once, so that nobody has to check it in every sample. */
#include "src/kernel/kernel.h"
#include "tests/support/support.h"

#include <string.h>

/* Programs that read runs know the kind by the name. */
static void assert_named_by_kind(const struct bm_kernel *kernel)
{
    static const char *const starts[BM_KINDS] = {
        [BM_KIND_READER] = "Read", [BM_KIND_CHANNEL] = "Channel"};

    for (int kind = 0; kind < BM_KINDS; kind++)
        if (starts[kind] != NULL)
            assert_int_equal(strncmp(kernel->name, starts[kind], strlen(starts[kind])) == 0,
                             (int)kernel->kind == kind);
}

static void test_table_is_sound(void **state)
{
    (void)state;
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct bm_kernel *writer = bm_kernel_at(i);
        const char *c = writer->name;
        assert_true(*c >= 'A' && *c <= 'Z');
        for (; *c != '\0'; c++)
            assert_true((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z') ||
                        (*c >= '0' && *c <= '9'));
        assert_ptr_equal(bm_kernel_find(writer->name), writer);
        assert_true(strlen(writer->summary) > 20 && strlen(writer->summary) < 100);
        assert_non_null(writer->phase[BM_PHASE_FILL]);
        /* The same line has made the twin that walks over a list. */
        assert_non_null(writer->list_twin);
        assert_null(writer->list_twin->list_twin);
        assert_string_equal(writer->list_twin->name, writer->name);
        assert_int_equal(writer->list_twin->flags, writer->flags);
        assert_ptr_not_equal(writer->list_twin->phase[BM_PHASE_FILL], writer->phase[BM_PHASE_FILL]);
        assert_named_by_kind(writer);
        if (!bm_kernel_has_file(writer))
            continue;
        assert_non_null(writer->phase[BM_PHASE_CREATE]);
        assert_non_null(writer->phase[BM_PHASE_CLOSE]);
        if (writer->kind != BM_KIND_WRITER)
            continue;
        assert_non_null(writer->phase[BM_PHASE_SYNC]);
        /* Every mapping is synced a chunk at a time by its own loop. */
        assert_true(bm_kernel_is_mapping(writer) == (writer->fill_each != NULL) ||
                    !bm_kernel_is_mapping(writer));
    }
    assert_null(bm_kernel_at(bm_kernel_count()));
    assert_null(bm_kernel_find("Nothing"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_is_sound),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
