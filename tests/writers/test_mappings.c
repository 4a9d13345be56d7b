/* SPDX-License-Identifier: Apache-2.0
 * A mapping has the pages and the stores that its writer is named for, and leaves the file offset.
 */
#include "src/kernel/kernel.h"
#include "tests/support/confine.h"
#include "tests/support/make_job.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

static off_t offset_seen;

static int fill_and_see_offset(struct bm_sample *sample)
{
    int error = ((const struct bm_kernel *)sample->handle)->phase[BM_PHASE_FILL](sample);

    offset_seen = lseek(sample->fd, 0, SEEK_CUR);
    return error;
}

static int open_and_keep(struct bm_sample *sample)
{
    sample->handle = (void *)(uintptr_t)sample->job->user;
    return bm_open_file(sample);
}

static off_t offset_after(const char *name)
{
    struct bm_job job = make_job(100000, 4096);
    struct bm_kernel spy = *bm_kernel_find(name);
    struct bm_result result;

    spy.phase[BM_PHASE_CREATE] = open_and_keep;
    spy.phase[BM_PHASE_FILL] = fill_and_see_offset;
    job.user = (void *)(uintptr_t)bm_kernel_find(name);
    assert_int_equal(bm_kernel_run(&spy, &job, &result), 0);
    assert_int_equal(bm_kernel_verify(&spy, &job, NULL), 0);
    assert_int_equal(bm_job_remove(&job), 0);
    return offset_seen;
}

static void test_mapping_and_pwrite_leave_the_file_offset(void **state)
{
    (void)state;
    assert_int_equal(offset_after("Mmap"), 0);
    assert_int_equal(offset_after("Pwrite"), 0);
    assert_int_equal(offset_after("Write"), 100000);
}

/* With SIGXFSZ as the shell leaves it: a file of the largest size that it may have is written. */
static void test_windows_keep_within_the_size_of_the_file(void **state)
{
    int status;
    pid_t child = fork();

    (void)state;
    if (child == 0) {
        struct bm_job job = make_job(100000, 4096);
        struct bm_result result;
        int error = setrlimit(RLIMIT_FSIZE, &(struct rlimit){100000, 100000});
        _exit(error != 0 || bm_kernel_run(bm_kernel_find("MmapWindow"), &job, &result) != 0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_int_equal(unlinkat(job_directory.fd, make_job(1, 1).name, 0), 0);
}

/* What smaps says of huge pages while a mapping is full. */
static unsigned long long huge_kilobytes;

static int fill_and_see_pages(struct bm_sample *sample)
{
    int error = bm_kernel_find("Mmap")->phase[BM_PHASE_FILL](sample);
    char *rollup = test_read_file("/proc/self/smaps_rollup");
    const char *line = rollup != NULL ? strstr(rollup, "\nShmemPmdMapped:") : NULL;

    if (line != NULL)
        sscanf(line, " ShmemPmdMapped: %llu", &huge_kilobytes);
    free(rollup);
    return error;
}

static unsigned long long huge_kilobytes_of(const char *name, struct bm_job *job)
{
    struct bm_kernel spy = *bm_kernel_find(name);
    struct bm_result result;

    huge_kilobytes = 0;
    spy.phase[BM_PHASE_FILL] = fill_and_see_pages;
    if (bm_kernel_run(&spy, job, &result) != 0 || bm_kernel_verify(&spy, job, NULL) != 0)
        return 1;
    bm_job_remove(job);
    /* The counter is of all processes. */
    if (bm_kernel_wants_huge_pages(&spy) ? result.huge_bytes / 1024 < huge_kilobytes
                                         : result.huge_bytes != 0)
        return 2;
    return huge_kilobytes;
}

static int fill_huge_pages(const char *path)
{
    struct bm_job job = {.name = "file", .file_size_bytes = 8 << 20, .chunk_bytes = 65536};
    char reason[BM_REASON_BYTES];
    struct bm_limits limits;
    void *source;

    if (!confine_mount_tmpfs("size=64m,huge=advise", path))
        return CONFINE_IMPOSSIBLE;
    job.dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (job.dir_fd < 0 || bm_source_create(65536, &source) != 0)
        return 1;
    job.source = source;
    if (bm_kernel_probe(bm_kernel_find("MmapHuge"), job.dir_fd, "probe", &limits, reason) != 0) {
        fprintf(stderr, "MmapHuge on tmpfs with huge=advise: %s\n", reason);
        return access("/sys/kernel/mm/transparent_hugepage/shmem_enabled", F_OK) < 0
                   ? CONFINE_IMPOSSIBLE
                   : 1;
    }
    if (huge_kilobytes_of("MmapHuge", &job) < limits.size_min_bytes / 1024)
        return 2;
    /* Pages that fallocate() has made before are small ones. */
    if (bm_kernel_probe(bm_kernel_find("MmapHugeFalloc"), job.dir_fd, "probe", &limits, reason) !=
        -ENOTSUP)
        return 4;
    /* Without the advice there are none: what is seen is what the writer does. */
    return huge_kilobytes_of("Mmap", &job) == 0 ? 0 : 3;
}

static void test_huge_pages_are_seen_in_smaps(void **state)
{
    (void)state;
    assert_confined_child("huge_pages", job_directory.path);
}

/* Whether a writer of huge pages is here does not depend on whether one is free just now. */
static void test_place_decides_whether_huge_pages_can_be(void **state)
{
    static const char advised[] = "always within_size [advise] never deny force";
    static const struct {
        struct bm_huge_place place;
        enum bm_huge huge;
    } cases[] = {
        {{"ext4", "rw,discard", "", 6, 16, false}, BM_HUGE_POSSIBLE},
        {{"ext4", "rw", "", 7, 0, false}, BM_HUGE_POSSIBLE},
        {{"ext4", "rw", "", 6, 15, false}, BM_HUGE_UNKNOWN},
        {{"ext4", "rw,data=journal", "", 6, 18, false}, BM_HUGE_UNKNOWN},
        {{"xfs", "rw", "", 5, 18, false}, BM_HUGE_POSSIBLE},
        {{"overlay", "rw", "", 6, 18, false}, BM_HUGE_UNKNOWN},
        {{"", "", "", 6, 18, false}, BM_HUGE_UNKNOWN},
        {{"tmpfs", "rw,size=64m", "", 6, 18, false}, BM_HUGE_NEVER},
        {{"tmpfs", "rw,huge=never", "", 6, 18, false}, BM_HUGE_NEVER},
        {{"tmpfs", "rw,size=64m,huge=advise", "", 6, 18, false}, BM_HUGE_POSSIBLE},
        {{"tmpfs", "rw,huge=always", "always [deny] force", 6, 18, false}, BM_HUGE_NEVER},
        {{"tmpfs", "rw", "always deny [force]", 6, 18, false}, BM_HUGE_POSSIBLE},
        {{"tmpfs", "rw,huge=advise", "", 6, 18, true}, BM_HUGE_NEVER},
        {{"tmpfs", "rw,huge=always", "", 6, 18, true}, BM_HUGE_POSSIBLE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_huge_place place = cases[i].place;
        if (place.shmem_enabled[0] == '\0')
            memcpy(place.shmem_enabled, advised, sizeof advised);
        if (bm_huge_of(&place) != cases[i].huge)
            fail_msg("%s %s, Linux %u.%u: %d", place.type, place.options, place.linux_major,
                     place.linux_minor, bm_huge_of(&place));
    }
}

/* Whether one of the functions, which may have been inlined into each other, has the instruction.
 */
static bool has_instruction(const char *code, const char *const *functions, const char *instruction)
{
    for (; *functions != NULL; functions++) {
        char start[64];
        const char *at, *end, *found;
        snprintf(start, sizeof start, "<%s>:\n", *functions);
        at = strstr(code, start);
        if (at == NULL)
            continue;
        end = strstr(at, "\n\n");
        found = strstr(at, instruction);
        if (found != NULL && (end == NULL || found < end))
            return true;
    }
    return false;
}

static void test_stores_are_of_the_named_kind(void **state)
{
    static const char *const streaming[] = {"fill_streaming",   "stream",     "fence",
                                            "_mm_stream_si128", "_mm_sfence", NULL};
    static const char *const string[] = {"fill_string", "store_string", NULL};
    const char *argv[] = {"objdump", "-d", "--no-show-raw-insn", BENCH_MMAP_PROGRAM, NULL};
    struct test_process process;

    (void)state;
#ifndef __x86_64__
    printf("skipped: written for x86-64\n");
    skip();
#endif
    process = test_run(argv, NULL, NULL);
    if (process.status != 0 || strstr(process.out, "<fill_string>:") == NULL) {
        printf("skipped: no objdump, or no symbols\n");
        test_process_free(&process);
        skip();
    }
    assert_true(has_instruction(process.out, streaming, "movnt"));
    assert_true(has_instruction(process.out, streaming, "sfence"));
    assert_true(has_instruction(process.out, string, "rep movsb"));
    test_process_free(&process);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_mapping_and_pwrite_leave_the_file_offset),
        cmocka_unit_test(test_windows_keep_within_the_size_of_the_file),
        cmocka_unit_test(test_huge_pages_are_seen_in_smaps),
        cmocka_unit_test(test_place_decides_whether_huge_pages_can_be),
        cmocka_unit_test(test_stores_are_of_the_named_kind),
    };

    if (argc == 3 && strcmp(argv[1], "huge_pages") == 0)
        return fill_huge_pages(argv[2]);
    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
