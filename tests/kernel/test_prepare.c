/* SPDX-License-Identifier: Apache-2.0
 * Before a sample the file is what its state says. */
#include "src/kernel/kernel.h"
#include "tests/support/make_job.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* 64 pages and a part of one; skips where the state cannot be. Returns a descriptor. */
static int open_prepared(struct bm_job *job, enum bm_file_state file_state)
{
    char reason[BM_REASON_BYTES];
    int fd;

    *job = make_job(64 * 4096 + 1000, 4096);
    job->state = file_state;
    if (bm_file_state_probe(job_directory.fd, "probe", file_state, reason) != 0) {
        printf("skipped: %s\n", reason);
        skip();
    }
    assert_int_equal(bm_kernel_prepare(NULL, job), 0);
    fd = openat(job_directory.fd, "file", O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    return fd;
}

static size_t resident_pages(int fd, size_t bytes)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), count = 0;
    unsigned char pages[256];
    void *map = mmap(NULL, bytes, PROT_READ, MAP_SHARED, fd, 0);

    assert_true(map != MAP_FAILED && (bytes + page - 1) / page <= sizeof pages);
    assert_int_equal(mincore(map, bytes, pages), 0);
    for (size_t i = 0; i < (bytes + page - 1) / page; i++)
        count += pages[i] & 1;
    munmap(map, bytes);
    return count;
}

static void test_cold_file_has_no_page_in_memory(void **state)
{
    struct bm_job job;
    int fd = open_prepared(&job, BM_FILE_STATE_COLD);

    (void)state;
    assert_int_equal(resident_pages(fd, job.file_size_bytes), 0);
    close(fd);
    assert_int_equal(bm_job_remove(&job), 0);
    /* And a file that is not cold has all. */
    fd = open_prepared(&job, BM_FILE_STATE_OVERWRITE);
    assert_true(resident_pages(fd, job.file_size_bytes) * (size_t)sysconf(_SC_PAGESIZE) >=
                job.file_size_bytes);
    close(fd);
    assert_int_equal(bm_job_remove(&job), 0);
}

static void test_overwrite_states_hold_the_same_bytes(void **state)
{
    static const enum bm_file_state states[] = {BM_FILE_STATE_OVERWRITE, BM_FILE_STATE_OVERWRITE4K};
    char *texts[2], path[96];
    struct bm_job job;

    (void)state;
    snprintf(path, sizeof path, "%s/file", job_directory.path);
    for (int i = 0; i < 2; i++) {
        int fd = open_prepared(&job, states[i]);
        assert_int_equal(lseek(fd, 0, SEEK_END), job.file_size_bytes);
        close(fd);
        texts[i] = test_read_file(path);
        assert_non_null(texts[i]);
        assert_int_equal(bm_job_remove(&job), 0);
    }
    assert_memory_equal(texts[0], texts[1], job.file_size_bytes);
    free(texts[0]);
    free(texts[1]);
}

static void test_preallocated_extents_are_unwritten(void **state)
{
    enum { EXTENTS = 32 };
    _Alignas(
        struct fiemap) char room[sizeof(struct fiemap) + EXTENTS * sizeof(struct fiemap_extent)] = {
        0};
    struct fiemap *query = (struct fiemap *)(void *)room;
    struct bm_job job;
    int fd = open_prepared(&job, BM_FILE_STATE_PREALLOC), got;
    uint64_t bytes = 0;

    (void)state;
    query->fm_length = FIEMAP_MAX_OFFSET;
    query->fm_extent_count = EXTENTS;
    got = ioctl(fd, FS_IOC_FIEMAP, query);
    assert_int_equal(lseek(fd, 0, SEEK_END), job.file_size_bytes);
    close(fd);
    assert_int_equal(bm_job_remove(&job), 0);
    if (got < 0) {
        printf("skipped: no FIEMAP in %s\n", job_directory.path);
        skip();
    }
    for (unsigned i = 0; i < query->fm_mapped_extents; i++) {
        assert_true(query->fm_extents[i].fe_flags & FIEMAP_EXTENT_UNWRITTEN);
        bytes += query->fm_extents[i].fe_length;
    }
    assert_true(bytes >= job.file_size_bytes);
}

/* A state that holds the right bytes already could not tell a writer that does nothing. */
static void test_states_hold_other_bytes(void **state)
{
    (void)state;
    for (int s = 0; s < BM_FILE_STATES; s++) {
        struct bm_job job = make_job(1 << 20, 4096);
        int expected =
            bm_file_state_flags((enum bm_file_state)s) & STATE_EXISTS ? -EBADMSG : -ENOENT;
        if (s == BM_FILE_STATE_NONE)
            continue;
        job.state = (enum bm_file_state)s;
        if (bm_file_state_probe(job_directory.fd, "probe", job.state, (char[BM_REASON_BYTES]){0}) !=
            0)
            continue;
        assert_int_equal(bm_kernel_prepare(NULL, &job), 0);
        assert_int_equal(bm_kernel_verify(bm_kernel_find("Write"), &job, NULL), expected);
        assert_int_equal(bm_job_remove(&job), 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cold_file_has_no_page_in_memory),
        cmocka_unit_test(test_overwrite_states_hold_the_same_bytes),
        cmocka_unit_test(test_preallocated_extents_are_unwritten),
        cmocka_unit_test(test_states_hold_other_bytes),
    };

    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
