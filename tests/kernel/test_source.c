/* SPDX-License-Identifier: Apache-2.0
 * The source holds nothing that a file system or a device could compress. */
#include "tests/support/make_job.h"

#include <unistd.h>

static void test_source_is_not_compressible(void **state)
{
    size_t counts[256] = {0};
    const unsigned char *bytes = job_source;

    (void)state;
    for (size_t i = 0; i < JOB_SOURCE_BYTES; i++)
        counts[bytes[i]]++;
    for (int i = 0; i < 256; i++) {
        assert_true(counts[i] > JOB_SOURCE_BYTES / 256 * 9 / 10);
        assert_true(counts[i] < JOB_SOURCE_BYTES / 256 * 11 / 10);
    }
    assert_memory_not_equal(bytes, bytes + 4096, 4096);
    assert_int_equal((uintptr_t)job_source % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_is_not_compressible),
    };

    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
