/* SPDX-License-Identifier: Apache-2.0 */
/* The writers of C's and C++'s streams. */
#include "src/kernel/kernel.h"
#include "tests/support/make_job.h"

#include <errno.h>

static int break_off(struct bm_sample *sample)
{
    (void)sample;
    return -EIO;
}

/* Such a stream has no buffer yet, of whose size the calls would be counted. */
static void a_stream_that_nothing_was_written_to_is_closed(void **state)
{
    static const char *const names[] = {"Stdio", "StdioLarge", "Fstream"};

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        struct bm_job job = make_job(1 << 20, 4096);
        struct bm_result result;
        for (int phase = BM_PHASE_SIZE; phase <= BM_PHASE_FILL; phase++) {
            struct bm_kernel spy = *bm_kernel_find(names[i]);
            spy.phase[phase] = break_off;
            assert_int_equal(bm_kernel_run(&spy, &job, &result), -EIO);
            assert_int_equal(result.failed_phase, phase);
            bm_job_remove(&job);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_that_nothing_was_written_to_is_closed),
    };
    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
