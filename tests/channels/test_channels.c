/* SPDX-License-Identifier: Apache-2.0
 * Every channel brings all bytes to the other process, and back; a receiver that dies or stops is
 * an error soon; nothing is left behind. */
#include "src/base/clock.h"
#include "src/kernel/peer.h"
#include "tests/support/confine.h"
#include "tests/support/make_job.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CHANNELS_MAX = 32 };
static const struct bm_kernel *channels[CHANNELS_MAX];
static struct bm_limits limits[CHANNELS_MAX];
static size_t channel_count;

/* cmocka puts a handler of its own in the place of ours before each test. */
static struct sigaction guard;

static int find_channels(void **state)
{
    char reason[BM_REASON_BYTES];

    if (job_set_up(state) != 0)
        return -1;
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct bm_kernel *kernel = bm_kernel_at(i);
        if (kernel->kind != BM_KIND_CHANNEL)
            continue;
        if (bm_kernel_probe(kernel, job_directory.fd, "probe", &limits[channel_count], reason) == 0)
            channels[channel_count++] = kernel;
        else
            printf("%s: not here: %s\n", kernel->name, reason);
    }
    return channel_count < 4 || sigaction(SIGBUS, NULL, &guard) != 0;
}

static struct bm_job job_of(uint64_t size, uint64_t chunk, enum bm_mode mode)
{
    struct bm_job job = make_job(size, chunk);

    job.state = BM_FILE_STATE_NONE;
    job.mode = mode;
    return job;
}

/* Long enough for whatever happens to it; every chunk is the first of the source. */
static struct bm_job endless_job(void)
{
    struct bm_job job = job_of(UINT64_C(1) << 40, 1024, BM_MODE_STREAM);

    job.source_stride_bytes = 0;
    return job;
}

static void run_job(const struct bm_kernel *kernel, const struct bm_job *job)
{
    struct bm_result result;
    int error = bm_kernel_run(kernel, job, &result);

    if (error != 0)
        fail_msg("%s/mode:%s size %llu chunk %llu: %s in %s", kernel->name, bm_mode_name(job->mode),
                 (unsigned long long)job->file_size_bytes, (unsigned long long)job->chunk_bytes,
                 strerror(-error), bm_phase_name(result.failed_phase));
    assert_true(result.phase_ns[BM_PHASE_FILL] > 0);
    assert_int_equal(result.phase_ns[BM_PHASE_FILL], result.total_ns);
}

/* No process, descriptor or name. */
static void assert_nothing_is_left(int next_fd)
{
    int fd = dup(job_directory.fd);
    char name[64];

    assert_int_equal(fd, next_fd);
    close(fd);
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);
    assert_int_equal(test_directory_count(&job_directory), 0);
    snprintf(name, sizeof name, "/bench_mmap-%d-%d", (int)getpid(), (int)gettid());
    assert_int_equal(mq_open(name, O_RDONLY), -1);
}

static int next_fd(void)
{
    int fd = dup(job_directory.fd);

    close(fd);
    return fd;
}

static const struct {
    uint64_t size, chunk;
} shapes[] = {
    {1, 1},
    {1, 4096},
    {255, 1},
    {4097, 512},
    {10000, 4096},
    {300000, 65536},
    {1000000, 7777},
    {(2 << 20) + 4096, 4096},
    {(3 << 20) + 1, 1 << 20},
    {2 << 20, 4 << 20},
    {3 << 20, 3 << 20},
};

static void every_channel_brings_all_bytes(void **state)
{
    int before = next_fd();

    (void)state;
    for (size_t c = 0; c < channel_count; c++) {
        for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
            struct bm_job job = job_of(shapes[i].size, shapes[i].chunk, BM_MODE_STREAM);
            if (job.chunk_bytes <= limits[c].chunk_max_bytes)
                run_job(channels[c], &job);
            job.mode = BM_MODE_ROUNDTRIP;
            if (job.chunk_bytes <= limits[c].chunk_max_bytes &&
                job.chunk_bytes <= BM_TRIP_MAX_BYTES)
                run_job(channels[c], &job);
        }
    }
    assert_nothing_is_left(before);
}

static void trips_are_as_many_as_chunks_within_bounds(void **state)
{
    struct bm_job job = job_of(1 << 20, 65536, BM_MODE_ROUNDTRIP);

    (void)state;
    assert_int_equal(bm_job_trips(&job), 16);
    job.file_size_bytes = 65536;
    assert_int_equal(bm_job_trips(&job), 10);
    job.chunk_bytes = 1;
    assert_int_equal(bm_job_trips(&job), 1000);
    job.mode = BM_MODE_STREAM;
    assert_int_equal(bm_job_trips(&job), 0);
}

static void a_trip_larger_than_may_be_is_refused(void **state)
{
    struct bm_job job = job_of(1 << 20, BM_TRIP_MAX_BYTES + 1, BM_MODE_ROUNDTRIP);
    struct bm_result result;

    (void)state;
    assert_int_equal(bm_kernel_run(channels[0], &job, &result), -EINVAL);
    job.chunk_bytes = 4096;
    job.state = BM_FILE_STATE_NEW;
    assert_int_equal(bm_kernel_run(bm_kernel_find("Write"), &job, &result), -EINVAL);
}

/* One processor for both: whoever waits must let the other have it. */
static void one_processor_is_enough(void **state)
{
    cpu_set_t before, one;
    int cpus[2];

    (void)state;
    assert_int_equal(sched_getaffinity(0, sizeof before, &before), 0);
    for (cpus[0] = 0; !CPU_ISSET((size_t)cpus[0], &before);)
        cpus[0]++;
    cpus[1] = cpus[0];
    CPU_ZERO(&one);
    CPU_SET((size_t)cpus[0], &one);
    for (size_t c = 0; c < channel_count; c++) {
        struct bm_job job = job_of(40960, 4096, c % 2 == 0 ? BM_MODE_STREAM : BM_MODE_ROUNDTRIP);
        job.cpus = cpus;
        run_job(channels[c], &job);
        assert_int_equal(sched_getaffinity(0, sizeof one, &one), 0);
        assert_true(CPU_EQUAL(&one, &before));
    }
}

/* The children of this process, which are receivers. */
static void signal_receivers(int number)
{
    char path[64], *text;

    for (int tries = 0, sent = 0; sent == 0 && tries < 1000; tries++) {
        snprintf(path, sizeof path, "/proc/self/task/%d/children", (int)getpid());
        text = test_read_file(path);
        for (char *at = text, *next; at != NULL; at = next) {
            long child = strtol(at, &next, 10);
            if (next == at)
                break;
            sent += kill((pid_t)child, number) == 0;
        }
        free(text);
        usleep(1000);
    }
}

static atomic_int signal_due; /* 0: the fill has not begun, or no signal is wanted */

static void begin_or_end(void *number, bool begin)
{
    atomic_store(&signal_due, begin ? *(int *)number : 0);
}

static void *signal_later(void *unused)
{
    (void)unused;
    while (atomic_load(&signal_due) == 0)
        usleep(1000);
    signal_receivers(atomic_load(&signal_due));
    return NULL;
}

/* The error of a stream whose receiver gets a signal, and how long it took. */
static int error_after(const struct bm_kernel *kernel, int number, double *seconds)
{
    struct bm_job job = endless_job();
    struct bm_result result;
    pthread_t thread;

    job.around = begin_or_end;
    job.user = &number;
    assert_int_equal(sigaction(SIGBUS, &guard, NULL), 0);
    assert_int_equal(pthread_create(&thread, NULL, signal_later, NULL), 0);
    int error = bm_kernel_run(kernel, &job, &result);
    *seconds = 1e-9 * (double)result.total_ns;
    pthread_join(thread, NULL);
    assert_int_equal(result.failed_phase, BM_PHASE_FILL);
    return error;
}

static void a_receiver_that_dies_is_an_error(void **state)
{
    int before = next_fd();
    double seconds;

    (void)state;
    for (size_t c = 0; c < channel_count; c++) {
        int error = error_after(channels[c], SIGKILL, &seconds);
        if (error != -EPIPE || seconds > 1)
            fail_msg("%s: %s after %g s", channels[c]->name, strerror(-error), seconds);
    }
    assert_nothing_is_left(before);
}

static void a_receiver_that_hangs_is_an_error(void **state)
{
    static const char *const names[] = {"ChannelSlots", "ChannelSlotsFutex", "ChannelPipe"};
    int before = next_fd();
    double seconds;

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        int error = error_after(bm_kernel_find(names[i]), SIGSTOP, &seconds);
        if (error != -ETIMEDOUT || seconds > 3)
            fail_msg("%s: %s after %g s", names[i], strerror(-error), seconds);
    }
    assert_nothing_is_left(before);
}

/* The receiver of a sender that is killed becomes this process's child, and ends. */
static void a_receiver_does_not_outlive_its_sender(void **state)
{
    struct bm_job job = endless_job();
    struct bm_result result;
    pid_t sender;
    int status;

    (void)state;
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    sender = fork();
    if (sender == 0)
        _exit(bm_kernel_run(channels[0], &job, &result) != 0);
    usleep(50000);
    kill(sender, SIGKILL);
    assert_int_equal(waitpid(sender, &status, 0), sender);
    assert_true(waitpid(-1, &status, 0) > 0);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
    assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 0), 0);
}

static void *run_in_thread(void *kernel)
{
    struct bm_job job = job_of(1 << 20, 4096, BM_MODE_STREAM);
    struct bm_result result;

    job.name = bm_kernel_name(kernel); /* some make a file of this name */
    return (void *)(intptr_t)bm_kernel_run(kernel, &job, &result);
}

/* A receiver that held the pipe of another open would hide that its sender is gone. */
static void several_threads_have_channels_at_once(void **state)
{
    pthread_t threads[4];
    int before = next_fd();

    (void)state;
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(
            pthread_create(&threads[i], NULL, run_in_thread, (void *)(uintptr_t)channels[i]), 0);
    for (size_t i = 0; i < 4; i++) {
        void *error;
        pthread_join(threads[i], &error);
        assert_int_equal((intptr_t)error, 0);
    }
    assert_nothing_is_left(before);
}

/* Those that lie in a file want 512 KiB or more of 128: they say so, and the others do not care. */
static int on_a_full_disk(const char *dir)
{
    void *none = NULL;

    if (!confine_mount_tmpfs("size=128k", dir))
        return CONFINE_IMPOSSIBLE;
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || find_channels(&none) != 0)
        return 1;
    for (size_t c = 0; c < channel_count; c++) {
        const char *name = channels[c]->name;
        bool in_file = strncmp(name, "ChannelSlots", 12) == 0 || strcmp(name, "ChannelFile") == 0;
        struct bm_job job = job_of(1 << 20, 65536, BM_MODE_STREAM);
        struct bm_result result;
        job.dir_fd = fd;
        if (job.chunk_bytes > limits[c].chunk_max_bytes)
            continue;
        uint64_t begin_ns = clock_ns();
        int error = bm_kernel_run(channels[c], &job, &result);
        if (error != (in_file ? -ENOSPC : 0) || clock_ns() - begin_ns > 1000000000) {
            fprintf(stderr, "%s: %s\n", name, strerror(-error));
            return 1;
        }
    }
    close(fd);
    return waitpid(-1, NULL, WNOHANG) != -1 || job_tear_down(&none) != 0;
}

static void a_full_disk_is_an_error(void **state)
{
    struct test_directory small;

    (void)state;
    test_directory_create(&small);
    assert_confined_child("full", small.path);
    assert_int_equal(test_directory_count(&small), 0);
    test_directory_remove(&small);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_channel_brings_all_bytes),
        cmocka_unit_test(trips_are_as_many_as_chunks_within_bounds),
        cmocka_unit_test(a_trip_larger_than_may_be_is_refused),
        cmocka_unit_test(one_processor_is_enough),
        cmocka_unit_test(a_receiver_that_dies_is_an_error),
        cmocka_unit_test(a_receiver_that_hangs_is_an_error),
        cmocka_unit_test(a_receiver_does_not_outlive_its_sender),
        cmocka_unit_test(several_threads_have_channels_at_once),
        cmocka_unit_test(a_full_disk_is_an_error),
    };

    if (argc == 3 && strcmp(argv[1], "full") == 0)
        return on_a_full_disk(argv[2]);
    return cmocka_run_group_tests(tests, find_channels, job_tear_down);
}
