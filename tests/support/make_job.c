/* SPDX-License-Identifier: Apache-2.0 */
#include "make_job.h"

struct test_directory job_directory;
void *job_source;

int job_set_up(void **state)
{
    (void)state;
    test_directory_create(&job_directory);
    return bm_source_create(JOB_SOURCE_BYTES, &job_source);
}

int job_tear_down(void **state)
{
    (void)state;
    bm_source_destroy(job_source, JOB_SOURCE_BYTES);
    assert_int_equal(test_directory_count(&job_directory), 0);
    test_directory_remove(&job_directory);
    return 0;
}

struct bm_job make_job(uint64_t size, uint64_t chunk)
{
    return (struct bm_job){.dir_fd = job_directory.fd,
                           .name = "file",
                           .file_size_bytes = size,
                           .chunk_bytes = chunk,
                           .source = job_source,
                           .source_stride_bytes = chunk};
}
