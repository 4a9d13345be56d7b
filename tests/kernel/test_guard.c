/* SPDX-License-Identifier: Apache-2.0
 * Signals in a fill: SIGBUS ends the sample with an error, bm_cancel() ends all samples. */
#include "src/kernel/kernel.h"
#include "tests/support/make_job.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

static void *fill_for_ever(void *name)
{
    struct bm_job job = make_job((uint64_t)64 << 30, 1);
    struct bm_result result;

    job.source_stride_bytes = 0;
    job.name = name;
    int error = bm_kernel_run(bm_kernel_find("Write"), &job, &result);
    bm_job_remove(&job);
    return error == -ECANCELED ? NULL : name;
}

/* The signal comes to one of the threads, and ends the fills of all. */
static int cancelled_threads(const char *unused)
{
    static char names[3][8] = {"first", "second", "third"};
    struct sigaction action = {.sa_handler = cancel_from_handler, .sa_flags = SA_NODEFER};
    pthread_t threads[3];
    int failures = 0;

    (void)unused;
    sigaction(SIGALRM, &action, NULL);
    for (int i = 0; i < 3; i++)
        if (pthread_create(&threads[i], NULL, fill_for_ever, names[i]) != 0)
            return 1;
    usleep(100000);
    kill(getpid(), SIGALRM);
    for (int i = 0; i < 3; i++) {
        void *failed;
        pthread_join(threads[i], &failed);
        failures += failed != NULL;
    }
    return failures;
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
    {"cancelled_threads", "", cancelled_threads},
};

static int run_child(const char *name, const char *argument)
{
    int status = 99;

    if (job_set_up(NULL) != 0)
        return 98;
    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
        if (strcmp(children[i].name, name) == 0 && strcmp(children[i].argument, argument) == 0)
            status = children[i].run(argument);
    }
    if (test_directory_count(&job_directory) != 0)
        status = 97;
    test_directory_remove(&job_directory);
    bm_source_destroy(job_source, JOB_SOURCE_BYTES);
    return status;
}

static void test_signals_in_a_fill(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof children / sizeof children[0]; i++) {
        int status = test_run_self(children[i].name, children[i].argument);
        if (status != 0)
            fail_msg("%s %s: %d", children[i].name, children[i].argument, status);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_signals_in_a_fill),
    };

    if (argc == 3)
        return run_child(argv[1], argv[2]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
