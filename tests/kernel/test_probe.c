/* SPDX-License-Identifier: Apache-2.0
 * What cannot be here ends in a reason: never in an error row, never in another path than the
 * writer is named for. And what is here is what it says. */
#include "src/kernel/kernel.h"
#include "tests/support/confine.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fiemap.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

static struct test_directory directory;
static char self[256], dir_flag[96];

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    snprintf(dir_flag, sizeof dir_flag, "--dir=%s", directory.path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    assert_int_equal(test_directory_count(&directory), 0);
    test_directory_remove(&directory);
    return 0;
}

#define MAX_WORDS 24

/* `words` are those of confine_main() and, behind "--", the flags of bench_mmap. Skips the test
 * where the constraint cannot be had. */
static struct test_process run_confined(const char *words)
{
    static char copy[512];
    const char *argv[MAX_WORDS] = {self, "confine"};
    size_t count = 2;
    char *rest = copy, *word;
    struct test_process process;

    snprintf(copy, sizeof copy, "%s", words);
    while ((word = strsep(&rest, " ")) != NULL && count < MAX_WORDS - 3) {
        argv[count++] = strcmp(word, "DIR") == 0 ? directory.path : word;
        if (strcmp(word, "--") == 0) {
            argv[count++] = BENCH_MMAP_PROGRAM;
            argv[count++] = dir_flag;
        }
    }
    process = test_run(argv, NULL, NULL);
    if (process.status == CONFINE_IMPOSSIBLE) {
        printf("skipped: %s", process.err);
        test_process_free(&process);
        skip();
    }
    return process;
}

static struct test_process run_constrained(const char *constraint, const char *flags)
{
    char words[512];

    snprintf(words, sizeof words, "%s -- %s", constraint, flags);
    return run_confined(words);
}

/* What the list says below the line of a writer or a state, up to the end of the line; NULL:
 * nothing about why it is not here. */
static char *reason_of(const char *list, const char *name)
{
    char start[64], *line, *reason;

    snprintf(start, sizeof start, "\n  %-18s ", name);
    line = strstr(list, start);
    if (line == NULL)
        fail_msg("%s is not in the list", name);
    line = strchr(line + 1, '\n') + 1;
    reason = line + strspn(line, " ");
    if (strncmp(reason, "not here: ", 10) != 0)
        return NULL;
    return strndup(reason + 10, strcspn(reason + 10, "\n"));
}

static bool is_listed(const char *names, const char *writer)
{
    char start[64];

    snprintf(start, sizeof start, "%s/", writer);
    return strncmp(names, start, strlen(start)) == 0 ||
           (snprintf(start, sizeof start, "\n%s/", writer), strstr(names, start) != NULL);
}

#define SMALL "--file_size=64K --chunks=16K"

static void assert_refused(const char *constraint, const char *name, const char *because)
{
    bool state = name[0] >= 'a' && name[0] <= 'z';
    struct test_process list = run_constrained(constraint, "--writers " SMALL);
    struct test_process names =
        run_constrained(constraint, "--benchmark_list_tests --file=all " SMALL);
    char *reason, part[64];

    assert_int_equal(list.status, 0);
    assert_int_equal(names.status, 0);
    reason = reason_of(list.out, name);
    if (reason == NULL)
        fail_msg("%s: %s is here", constraint, name);
    if (strstr(reason, because) == NULL && strstr(reason, "built without") == NULL)
        fail_msg("%s: %s is not here: %s", constraint, name, reason);
    snprintf(part, sizeof part, "/file:%s/", name);
    if (state ? strstr(names.out, part) != NULL : is_listed(names.out, name))
        fail_msg("%s: %s is not here, and is measured", constraint, name);
    assert_true(is_listed(names.out, "Write"));
    free(reason);
    test_process_free(&list);
    test_process_free(&names);
}

/* The others go on as if nothing were. */
static void assert_others_run(const char *constraint)
{
    struct test_process process =
        run_constrained(constraint, "--file=all --benchmark_repetitions=1 " SMALL);

    if (process.status != 0 || strstr(process.out, "error") != NULL)
        fail_msg("%s: status %d\n%s%s", constraint, process.status, process.out, process.err);
    test_process_free(&process);
}

static void test_refused_calls_are_reasons(void **state)
{
    static const struct {
        const char *constraint, *name, *because;
    } cases[] = {
        {"deny io_uring_setup EPERM", "Uring", "switched off"},
        {"deny io_uring_setup EPERM", "UringFixed", "switched off"},
        {"deny io_uring_setup ENOSYS", "Uring", "no io_uring"},
        {"deny io_uring_setup ENOSYS", "UringFixed", "no io_uring"},
        {"deny populate_write EINVAL", "MmapPopulateWrite", "MADV_POPULATE_WRITE"},
        {"deny dontcache EOPNOTSUPP", "Dontcache", "RWF_DONTCACHE"},
        {"deny fallocate EOPNOTSUPP", "MmapFalloc", "size failed"},
        {"deny fallocate EOPNOTSUPP", "WriteFalloc", "size failed"},
        {"deny fallocate EOPNOTSUPP", "prealloc", "fallocate()"},
        {"deny fallocate EPERM", "prealloc", "fallocate()"},
        {"deny copy_file_range EXDEV", "CopyFileRange", "fill failed"},
        {"deny copy_file_range ENOSYS", "CopyFileRange", "fill failed"},
        {"deny memfd_create ENOSYS", "Sendfile", "Function not implemented"},
        {"deny vmsplice EPERM", "Splice", "fill failed"},
        {"deny mincore ENOSYS", "cold", "page cache"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_refused(cases[i].constraint, cases[i].name, cases[i].because);
        if (i == 0 || strcmp(cases[i].constraint, cases[i - 1].constraint) != 0)
            assert_others_run(cases[i].constraint);
    }
}

/* The multiple that Direct asks for here; 0: it is not here. */
static uint64_t alignment_under(const char *constraint)
{
    static const char before[] = "here: chunk and file size in multiples of ";
    struct test_process list = run_constrained(constraint, "--writers");
    char *reason = reason_of(list.out, "Direct");
    const char *text = strstr(list.out, before);
    uint64_t bytes =
        reason != NULL || text == NULL ? 0 : strtoull(text + sizeof before - 1, NULL, 10);

    assert_int_equal(list.status, 0);
    free(reason);
    test_process_free(&list);
    return bytes;
}

/* Without statx() it is found by trying: what is taken may be less strict than what is said. */
static void test_alignment_is_found_without_statx(void **state)
{
    uint64_t said = alignment_under("no-ipc-lock"), tried = alignment_under("deny statx ENOSYS");

    (void)state;
    if (said == 0) {
        printf("skipped: no direct I/O in %s\n", directory.path);
        assert_int_equal(tried, 0);
        skip();
    }
    assert_true(tried >= said && tried <= 4096);
    assert_others_run("deny statx ENOSYS");
}

static void test_direct_writes_through_a_cache_are_refused(void **state)
{
    (void)state;
    assert_refused("tmpfs size=64m DIR", "Direct", "page cache");
    assert_refused("tmpfs size=64m DIR", "cold", "page cache");
    assert_others_run("tmpfs size=64m DIR");
}

static void test_small_address_space_leaves_the_window(void **state)
{
    static const char limit[] = "limit AS 110000000";
    struct test_process list, names, process;
    char *reason;

    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    printf("skipped: sanitizers need address space\n");
    skip();
#endif
    list = run_constrained(limit, "--writers --file_size=128M --chunks=1M");
    names = run_constrained(limit, "--benchmark_list_tests --file_size=128M --chunks=1M");
    assert_int_equal(list.status, 0);
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct bm_kernel *writer = bm_kernel_at(i);
        if (!bm_kernel_is_mapping(writer) || (writer->flags & KERNEL_WINDOWS))
            continue;
        reason = reason_of(list.out, writer->name);
        assert_non_null(reason);
        assert_false(is_listed(names.out, writer->name));
        if (strcmp(writer->name, "Mmap") == 0)
            assert_non_null(strstr(reason, "RLIMIT_AS"));
        free(reason);
    }
    assert_true(is_listed(names.out, "MmapWindow"));
    process = run_constrained(limit,
                              "--file_size=128M --chunks=1M --benchmark_repetitions=1 "
                              "--benchmark_filter=^(MmapWindow|Write|Memcpy)/");
    if (process.status != 0)
        fail_msg("%s%s", process.out, process.err);
    test_process_free(&list);
    test_process_free(&names);
    test_process_free(&process);
}

static bool has_cell(const struct test_process *names, const char *writer, unsigned chunk)
{
    char part[96], line[128];

    snprintf(part, sizeof part, "/sync:none/size:4194304/chunk:%u/", chunk);
    snprintf(line, sizeof line, "\n%s/file:new%s", writer, part);
    return strstr(names->out, line) != NULL;
}

static void test_registered_buffers_keep_to_the_limit(void **state)
{
    static const char limit[] = "no-ipc-lock limit MEMLOCK 1048576";
    struct test_process names, process;

    (void)state;
    names = run_constrained(limit, "--benchmark_list_tests --file_size=4M --chunks=512K,1M");
    if (!is_listed(names.out, "Uring")) {
        printf("skipped: no io_uring here\n");
        test_process_free(&names);
        skip();
    }
    assert_true(has_cell(&names, "UringFixed", 512 << 10));
    assert_false(has_cell(&names, "UringFixed", 1 << 20));
    assert_true(has_cell(&names, "Uring", 1 << 20));
    test_process_free(&names);
    /* Four threads share it; and a sample finds what the one before has given back. */
    names = run_constrained(limit,
                            "--benchmark_list_tests --file_size=4M --chunks=128K,256K --threads=4");
    assert_true(has_cell(&names, "UringFixed", 128 << 10));
    assert_false(has_cell(&names, "UringFixed", 256 << 10));
    process = run_constrained(limit,
                              "--file_size=1M --chunks=512K --benchmark_repetitions=40 "
                              "--benchmark_filter=^UringFixed/");
    if (process.status != 0)
        fail_msg("%s%s", process.out, process.err);
    test_process_free(&names);
    test_process_free(&process);
    assert_refused("no-ipc-lock limit MEMLOCK 0", "UringFixed", "RLIMIT_MEMLOCK");
}

static void test_small_file_limit_gets_a_sentence(void **state)
{
    struct test_process process = run_confined("limit FSIZE 1048576 -- --file_size=4M");

    (void)state;
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_mmap: --file_size=4194304: ");
    assert_non_null(strstr(process.err, "File too large"));
    test_process_free(&process);
    /* What is tried for a writer may be larger than the files that are asked for. */
    assert_others_run("limit FSIZE 1048576");
}

static const struct {
    const char *writer;
    enum bm_phase phase;
} full_disk[] = {{"Mmap", BM_PHASE_FILL},
                 {"MmapPopulateWrite", BM_PHASE_MAP},
                 {"MmapNontemporal", BM_PHASE_FILL},
                 {"Mmap", BM_PHASE_FILL},
                 {"MmapFalloc", BM_PHASE_SIZE},
                 {"MmapWindow", BM_PHASE_FILL},
                 {"Write", BM_PHASE_FILL},
                 {"WriteFalloc", BM_PHASE_SIZE},
                 {"Uring", BM_PHASE_FILL},
                 {"Sendfile", BM_PHASE_FILL}};

static int fill_full_disk(const char *path)
{
    struct bm_job job = {
        .name = "file", .file_size_bytes = 4 << 20, .chunk_bytes = 4096, .source = NULL};
    void *source;

    if (!confine_mount_tmpfs("size=1m", path))
        return CONFINE_IMPOSSIBLE;
    job.dir_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (job.dir_fd < 0 || bm_source_create(4096, &source) != 0)
        return 1;
    job.source = source;
    for (size_t i = 0; i < sizeof full_disk / sizeof full_disk[0]; i++) {
        const struct bm_kernel *writer = bm_kernel_find(full_disk[i].writer);
        char reason[BM_REASON_BYTES];
        struct bm_limits limits;
        struct bm_result result;
        int error;
        if (bm_kernel_probe(writer, job.dir_fd, "probe", &limits, reason) != 0)
            continue;
        error = bm_kernel_run(writer, &job, &result);
        if (error != -ENOSPC || result.failed_phase != full_disk[i].phase) {
            fprintf(stderr, "%s: %s in %s\n", writer->name, strerror(-error),
                    bm_phase_name(result.failed_phase));
            return 1;
        }
        bm_job_remove(&job);
    }
    return 0;
}

/* What smaps says of huge pages while a mapping is full. */
static unsigned long long huge_kilobytes;

static int fill_and_look(struct bm_sample *sample)
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
    spy.phase[BM_PHASE_FILL] = fill_and_look;
    if (bm_kernel_run(&spy, job, &result) != 0 || bm_kernel_verify(&spy, job, NULL) != 0)
        return 1;
    bm_job_remove(job);
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
    /* Without the advice there are none: what is seen is what the writer does. */
    return huge_kilobytes_of("Mmap", &job) == 0 ? 0 : 3;
}

static void assert_child(const char *name)
{
    const char *argv[] = {self, name, directory.path, NULL};
    struct test_process process = test_run(argv, NULL, NULL);
    int status = process.status;

    if (status != 0 && status != CONFINE_IMPOSSIBLE)
        fail_msg("%s: status %d: %s", name, status, process.err);
    test_process_free(&process);
    if (status == CONFINE_IMPOSSIBLE) {
        printf("skipped: no tmpfs can be mounted here, or it has no huge pages\n");
        skip();
    }
}

static void test_full_disk_is_told_by_every_writer(void **state)
{
    (void)state;
    assert_child("full_disk");
}

static void test_huge_pages_are_seen_in_smaps(void **state)
{
    (void)state;
    assert_child("huge_pages");
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

/* 64 pages and a part of one; skips where the state cannot be. Returns a descriptor. */
static int open_prepared(struct bm_job *job, enum bm_file_state file_state)
{
    char reason[BM_REASON_BYTES];
    int fd;

    *job = (struct bm_job){.dir_fd = directory.fd,
                           .name = "file",
                           .file_size_bytes = 64 * 4096 + 1000,
                           .chunk_bytes = 4096,
                           .state = file_state};
    if (bm_file_state_probe(directory.fd, "probe", file_state, reason) != 0) {
        printf("skipped: %s\n", reason);
        skip();
    }
    assert_int_equal(bm_kernel_prepare(NULL, job), 0);
    fd = openat(directory.fd, "file", O_RDWR | O_CLOEXEC);
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
    snprintf(path, sizeof path, "%s/file", directory.path);
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
        printf("skipped: no FIEMAP in %s\n", directory.path);
        skip();
    }
    for (unsigned i = 0; i < query->fm_mapped_extents; i++) {
        assert_true(query->fm_extents[i].fe_flags & FIEMAP_EXTENT_UNWRITTEN);
        bytes += query->fm_extents[i].fe_length;
    }
    assert_true(bytes >= job.file_size_bytes);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_refused_calls_are_reasons),
        cmocka_unit_test(test_alignment_is_found_without_statx),
        cmocka_unit_test(test_direct_writes_through_a_cache_are_refused),
        cmocka_unit_test(test_small_address_space_leaves_the_window),
        cmocka_unit_test(test_registered_buffers_keep_to_the_limit),
        cmocka_unit_test(test_small_file_limit_gets_a_sentence),
        cmocka_unit_test(test_full_disk_is_told_by_every_writer),
        cmocka_unit_test(test_huge_pages_are_seen_in_smaps),
        cmocka_unit_test(test_stores_are_of_the_named_kind),
        cmocka_unit_test(test_cold_file_has_no_page_in_memory),
        cmocka_unit_test(test_overwrite_states_hold_the_same_bytes),
        cmocka_unit_test(test_preallocated_extents_are_unwritten),
    };

    confine_main(argc, argv);
    if (argc == 3 && strcmp(argv[1], "full_disk") == 0)
        return fill_full_disk(argv[2]);
    if (argc == 3 && strcmp(argv[1], "huge_pages") == 0)
        return fill_huge_pages(argv[2]);
    if (readlink("/proc/self/exe", self, sizeof self - 1) < 0)
        return 1;
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
