/* SPDX-License-Identifier: Apache-2.0
 * Every writer in every state and mode gives the right bytes, and the driver's promises hold. */
#include "src/kernel/kernel.h"
#include "tests/support/make_sides.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static struct test_directory directory;
static void *source;
#define SOURCE_BYTES ((size_t)4 << 20)

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    return bm_source_create(SOURCE_BYTES, &source);
}

static int tear_down(void **state)
{
    (void)state;
    bm_source_destroy(source, SOURCE_BYTES);
    assert_int_equal(test_directory_count(&directory), 0);
    test_directory_remove(&directory);
    return 0;
}

static struct bm_job make_job(uint64_t size, uint64_t chunk)
{
    return (struct bm_job){.dir_fd = directory.fd,
                           .name = "file",
                           .file_size_bytes = size,
                           .chunk_bytes = chunk,
                           .source = source,
                           .source_stride_bytes = chunk};
}

/* The file against the source by other means than bm_kernel_verify(). */
static void assert_file_holds(const struct bm_job *job)
{
    char path[128], *text;
    struct stat status;

    snprintf(path, sizeof path, "%s/%s", directory.path, job->name);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, job->file_size_bytes);
    text = test_read_file(path);
    assert_non_null(text);
    assert_memory_equal(text, source, job->file_size_bytes);
    free(text);
}

static void write_once(const struct bm_kernel *writer, const struct bm_job *job)
{
    struct bm_result result;
    uint64_t sum = 0, offset = 0;
    int error = bm_kernel_prepare(writer, job);

    if (error == 0)
        error = bm_kernel_run(writer, job, &result);
    if (error == 0)
        error = bm_kernel_verify(writer, job, &offset);
    if (error != 0)
        fail_msg("%s/%s/%s size %llu chunk %llu: %s in %s at %llu", writer->name,
                 bm_file_state_name(job->state), bm_sync_mode_name(job->sync),
                 (unsigned long long)job->file_size_bytes, (unsigned long long)job->chunk_bytes,
                 strerror(-error), bm_phase_name(result.failed_phase), (unsigned long long)offset);
    for (int phase = 0; phase < BM_PHASES; phase++) {
        sum += result.phase_ns[phase];
        assert_true(writer->phase[phase] != NULL || result.phase_ns[phase] == 0);
    }
    assert_int_equal(sum, result.total_ns);
    assert_true(result.phase_ns[BM_PHASE_FILL] > 0);
    if (!bm_kernel_is_control(writer)) {
        assert_file_holds(job);
        assert_true(result.calls >= 3);
        assert_int_equal(bm_job_remove(job), 0);
    }
}

/* All with sync:none and file:new; elsewhere, where each costs a flush of the disk or more, the
 * few. */
static const struct {
    uint64_t size, chunk;
    bool everywhere;
} shapes[] = {
    {1, 1, true},
    {1, 4096, false},
    {4095, 1, false},
    {4095, 4095, false},
    {4095, 4096, true},
    {4097, 1, false},
    {4097, 512, true},
    {4097, 4096, false},
    {4097, 8192, false},
    {10000, 4096, true},
    {65536, 4096, false},
    {65537, 4096, false},
    {300000, 65536, true},
    {1000000, 7777, false},
    {1000000, 65536, false},
    {1 << 20, 1 << 20, true},
    {3 << 20, 1 << 20, false},
    {(3 << 20) + 1, 1 << 20, false},
    {(2 << 20) + 4096, 512, false},
    {2 << 20, 4 << 20, false},
    {3 << 20, 3 << 20, false},
};

static void write_all_shapes(const struct bm_kernel *writer, const struct bm_limits *limits,
                             enum bm_file_state state, enum bm_sync_mode mode)
{
    bool all =
        (state == BM_FILE_STATE_NEW || state == BM_FILE_STATE_NONE) && mode == BM_SYNC_MODE_NONE;

    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        struct bm_job job = make_job(shapes[i].size, shapes[i].chunk);
        job.state = state;
        job.sync = mode;
        if ((all || shapes[i].everywhere) &&
            job.file_size_bytes % limits->size_multiple_bytes == 0 &&
            job.chunk_bytes % limits->chunk_multiple_bytes == 0)
            write_once(writer, &job);
    }
}

static bool can_be(const struct bm_kernel *writer, enum bm_file_state state, enum bm_sync_mode mode)
{
    char reason[BM_REASON_BYTES];

    return bm_kernel_accepts_state(writer, state, reason) == 0 &&
           bm_kernel_accepts_sync(writer, mode, reason) == 0 &&
           (state == BM_FILE_STATE_NONE ||
            bm_file_state_probe(directory.fd, "probe", state, reason) == 0);
}

static void test_every_writer_writes_the_right_bytes(void **state)
{
    (void)state;
    for (size_t w = 0; w < bm_kernel_count(); w++) {
        const struct bm_kernel *writer = bm_kernel_at(w);
        char reason[BM_REASON_BYTES];
        struct bm_limits limits;
        int combinations = 0;

        if (bm_kernel_probe(writer, directory.fd, "probe", &limits, reason) != 0) {
            printf("%s: not here: %s\n", writer->name, reason);
            continue;
        }
        for (int s = 0; s < BM_FILE_STATES; s++) {
            for (int m = 0; m < BM_SYNC_MODES; m++) {
                if (!can_be(writer, (enum bm_file_state)s, (enum bm_sync_mode)m))
                    continue;
                combinations++;
                write_all_shapes(writer, &limits, (enum bm_file_state)s, (enum bm_sync_mode)m);
            }
        }
        assert_true(combinations > 0);
    }
}

static void test_skeleton_works(void **state)
{
    struct bm_job job = make_job(100000, 4096);

    (void)state;
    write_once(&bm_kernel_skeleton, &job);
}

/* What the registry checks once, so that nobody has to check it in every sample. */
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
        if (writer->flags & KERNEL_CONTROL)
            continue;
        assert_non_null(writer->phase[BM_PHASE_CREATE]);
        assert_non_null(writer->phase[BM_PHASE_CLOSE]);
        assert_non_null(writer->phase[BM_PHASE_SYNC]);
        /* Every mapping is synced a chunk at a time by its own loop. */
        assert_true(bm_kernel_is_mapping(writer) == (writer->fill_each != NULL) ||
                    !bm_kernel_is_mapping(writer));
    }
    assert_null(bm_kernel_at(bm_kernel_count()));
    assert_null(bm_kernel_find("Nothing"));
}

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
    fd = openat(directory.fd, "file", O_RDWR);
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
    fd = openat(directory.fd, "file", O_RDWR);
    assert_int_equal(pwrite(fd, (char *)source + 4096, 4096, 0), 4096);
    assert_int_equal(bm_kernel_verify(writer, &job, &offset), -EBADMSG);
    close(fd);
    assert_int_equal(bm_job_remove(&job), 0);
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
        if (bm_file_state_probe(directory.fd, "probe", job.state, (char[BM_REASON_BYTES]){0}) != 0)
            continue;
        assert_int_equal(bm_kernel_prepare(NULL, &job), 0);
        assert_int_equal(bm_kernel_verify(bm_kernel_find("Write"), &job, NULL), expected);
        assert_int_equal(bm_job_remove(&job), 0);
    }
}

static void test_existing_file_is_not_touched(void **state)
{
    (void)state;
    for (size_t w = 0; w < bm_kernel_count(); w++) {
        struct bm_job job = make_job(4096, 4096);
        struct bm_result result;
        char path[128], *text;
        int fd;
        if (bm_kernel_is_control(bm_kernel_at(w)))
            continue;
        fd = openat(directory.fd, "file", O_WRONLY | O_CREAT | O_EXCL, 0600);
        assert_int_equal(write(fd, "precious", 8), 8);
        close(fd);
        assert_int_equal(bm_kernel_run(bm_kernel_at(w), &job, &result), -EEXIST);
        assert_int_equal(result.failed_phase, BM_PHASE_CREATE);
        snprintf(path, sizeof path, "%s/file", directory.path);
        text = test_read_file(path);
        assert_string_equal(text, "precious");
        free(text);
        assert_int_equal(bm_job_remove(&job), 0);
    }
}

static void test_jobs_that_make_no_sense(void **state)
{
    const struct bm_kernel *writer = bm_kernel_find("Write");
    struct bm_job good = make_job(4096, 512), bad;
    struct bm_result result;

    (void)state;
    bad = good, bad.file_size_bytes = 0;
    assert_int_equal(bm_kernel_run(writer, &bad, &result), -EINVAL);
    bad = good, bad.chunk_bytes = 0;
    assert_int_equal(bm_kernel_run(writer, &bad, &result), -EINVAL);
    bad = good, bad.source_stride_bytes = 7;
    assert_int_equal(bm_kernel_run(writer, &bad, &result), -EINVAL);
    bad = good, bad.state = BM_FILE_STATE_NONE;
    assert_int_equal(bm_kernel_run(writer, &bad, &result), -EINVAL);
    assert_int_equal(bm_kernel_run(bm_kernel_find("Memcpy"), &good, &result), -EINVAL);
}

static off_t offset_seen;

static int fill_and_look(struct bm_sample *sample)
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
    spy.phase[BM_PHASE_FILL] = fill_and_look;
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

static int truncate_then_fill(struct bm_sample *sample)
{
    if (ftruncate(sample->fd, 4096) != 0)
        return -errno;
    return bm_kernel_find("Mmap")->phase[BM_PHASE_FILL](sample);
}

/* cmocka has SIGBUS handlers of its own while a test runs, so what has to do with signals goes on
 * in children: this program with one of these names. */
static int truncated_by_another(const char *unused)
{
    struct bm_job job = make_job(1 << 20, 4096);
    struct bm_kernel spy = *bm_kernel_find("Mmap");
    struct bm_result result;

    (void)unused;
    spy.phase[BM_PHASE_FILL] = truncate_then_fill;
    for (int i = 0; i < 3; i++) {
        if (bm_kernel_run(&spy, &job, &result) != -EIO || result.failed_phase != BM_PHASE_FILL)
            return 1;
        bm_job_remove(&job);
    }
    if (bm_kernel_run(bm_kernel_find("Mmap"), &job, &result) != 0)
        return 2;
    bm_job_remove(&job);
    return 0;
}

static volatile sig_atomic_t bus_errors_seen;

static void count_bus_error(int number)
{
    (void)number;
    bus_errors_seen++;
}

static int bus_error_of_another(const char *unused)
{
    struct bm_job job = make_job(4096, 4096);
    struct bm_result result;

    (void)unused;
    signal(SIGBUS, count_bus_error);
    if (bm_kernel_run(bm_kernel_find("Mmap"), &job, &result) != 0)
        return 1;
    bm_job_remove(&job);
    raise(SIGBUS);
    return bus_errors_seen == 1 ? 0 : 2;
}

static void cancel_from_handler(int number)
{
    (void)number;
    bm_cancel();
}

static size_t count_descriptors(void)
{
    struct test_directory descriptors = {.path = "/proc/self/fd"};

    return test_directory_count(&descriptors);
}

/* A fill of many minutes is left at once, and cancelling cannot be taken back. */
static int cancelled_fill(const char *name)
{
    struct sigaction action = {.sa_handler = cancel_from_handler, .sa_flags = SA_NODEFER};
    const struct bm_kernel *writer = bm_kernel_find(name);
    struct bm_job job = make_job((uint64_t)64 << 30, 1);
    struct bm_result result;
    size_t descriptors = count_descriptors();

    job.source_stride_bytes = 0;
    job.state = bm_kernel_is_control(writer) ? BM_FILE_STATE_NONE : BM_FILE_STATE_NEW;
    sigaction(SIGALRM, &action, NULL);
    ualarm(50000, 0);
    if (bm_kernel_run(writer, &job, &result) != -ECANCELED || result.failed_phase != BM_PHASE_FILL)
        return 1;
    if (bm_kernel_run(writer, &job, &result) != -ECANCELED)
        return 2;
    if (bm_kernel_prepare(writer, &job) != -ECANCELED)
        return 3;
    if (count_descriptors() != descriptors)
        return 4;
    bm_job_remove(&job);
    return 0;
}

static const struct {
    const char *name, *argument;
    int (*run)(const char *argument);
} children[] = {
    {"truncated_by_another", "", truncated_by_another},
    {"bus_error_of_another", "", bus_error_of_another},
    {"cancelled_fill", "Mmap", cancelled_fill},
    {"cancelled_fill", "Write", cancelled_fill},
    {"cancelled_fill", "EmptyCall", cancelled_fill},
};

static int run_child(const char *name, const char *argument)
{
    int status = 99;

    if (set_up(NULL) != 0)
        return 98;
    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
        if (strcmp(children[i].name, name) == 0 && strcmp(children[i].argument, argument) == 0)
            status = children[i].run(argument);
    }
    if (test_directory_count(&directory) != 0)
        status = 97;
    test_directory_remove(&directory);
    bm_source_destroy(source, SOURCE_BYTES);
    return status;
}

static void test_signals_in_a_fill(void **state)
{
    char self[256];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);

    (void)state;
    assert_true(length > 0);
    self[length] = '\0';
    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
        const char *argv[] = {self, children[i].name, children[i].argument, NULL};
        struct test_process process = test_run(argv, NULL, NULL);
        if (process.status != 0)
            fail_msg("%s %s: %d: %s", children[i].name, children[i].argument, process.status,
                     process.err);
        test_process_free(&process);
    }
}

static void *write_in_thread(void *name)
{
    struct bm_job job = make_job(1000000, 4097);
    struct bm_result result;

    job.name = name;
    for (int i = 0; i < 20; i++) {
        if (bm_kernel_run(bm_kernel_find("Mmap"), &job, &result) != 0 ||
            bm_kernel_verify(bm_kernel_find("Mmap"), &job, NULL) != 0 || bm_job_remove(&job) != 0)
            return name;
    }
    return NULL;
}

static void test_threads_write_files_of_their_own(void **state)
{
    static char names[4][8] = {"a", "b", "c", "d"};
    pthread_t threads[4];
    void *failed;

    (void)state;
    for (int i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_in_thread, names[i]), 0);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], &failed), 0);
        assert_null(failed);
    }
}

static void test_source_is_not_compressible(void **state)
{
    size_t counts[256] = {0};
    const unsigned char *bytes = source;

    (void)state;
    for (size_t i = 0; i < SOURCE_BYTES; i++)
        counts[bytes[i]]++;
    for (int i = 0; i < 256; i++) {
        assert_true(counts[i] > SOURCE_BYTES / 256 * 9 / 10);
        assert_true(counts[i] < SOURCE_BYTES / 256 * 11 / 10);
    }
    assert_memory_not_equal(bytes, bytes + 4096, 4096);
    assert_int_equal((uintptr_t)source % (uintptr_t)sysconf(_SC_PAGESIZE), 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_writer_writes_the_right_bytes),
        cmocka_unit_test(test_skeleton_works),
        cmocka_unit_test(test_table_is_sound),
        cmocka_unit_test(test_verification_finds_what_is_wrong),
        cmocka_unit_test(test_states_hold_other_bytes),
        cmocka_unit_test(test_existing_file_is_not_touched),
        cmocka_unit_test(test_jobs_that_make_no_sense),
        cmocka_unit_test(test_mapping_and_pwrite_leave_the_file_offset),
        cmocka_unit_test(test_signals_in_a_fill),
        cmocka_unit_test(test_threads_write_files_of_their_own),
        cmocka_unit_test(test_source_is_not_compressible),
    };

    if (argc == 3)
        return run_child(argv[1], argv[2]);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
