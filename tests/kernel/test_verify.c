/* SPDX-License-Identifier: Apache-2.0
 * Verification finds a file that does not hold what it should, and where. */
#include "tests/support/make_job.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

static void test_verification_finds_what_is_wrong(void **state)
{
    struct bm_job job = make_job(100000, 4096);
    struct bm_result result;
    const struct bm_kernel *writer = bm_kernel_find("Write");
    uint64_t offset = 0;
    char byte = 0;
    int fd;

    (void)state;
    assert_int_equal(bm_kernel_run(writer, &job, &result), 0);
    fd = openat(job_directory.fd, "file", O_RDWR);
    assert_int_equal(pread(fd, &byte, 1, 77777), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 77777), 1);
    assert_int_equal(bm_kernel_verify(writer, &job, &offset), -EBADMSG);
    assert_int_equal(offset, 77777);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, 77777), 1);
    assert_int_equal(bm_kernel_verify(writer, &job, &offset), 0);
    assert_int_equal(ftruncate(fd, 100001), 0);
    assert_int_equal(bm_kernel_verify(writer, &job, &offset), -EBADMSG);
    assert_int_equal(offset, 100000);
    assert_int_equal(ftruncate(fd, 99999), 0);
    assert_int_equal(bm_kernel_verify(writer, &job, &offset), -EBADMSG);
    assert_int_equal(offset, 99999);
    close(fd);
    /* Two chunks that have changed places: found because the source is different everywhere. */
    assert_int_equal(bm_job_remove(&job), 0);
    assert_int_equal(bm_kernel_run(writer, &job, &result), 0);
    fd = openat(job_directory.fd, "file", O_RDWR);
    assert_int_equal(pwrite(fd, (char *)job_source + 4096, 4096, 0), 4096);
    assert_int_equal(bm_kernel_verify(writer, &job, &offset), -EBADMSG);
    close(fd);
    assert_int_equal(bm_job_remove(&job), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_verification_finds_what_is_wrong),
    };

    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
