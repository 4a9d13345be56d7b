/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kernel against every fault, on a tmpfs and on loop devices: a sample either gives the error
 * that was made, or goes right and is verified; nothing of it is left open, mapped or in the
 * directory. A part of the cases is drawn, on tmpfs and one of the others; BENCH_MMAP_TESTS=long
 * takes them all, or with BENCH_MMAP_ONE_IN=3 a third of the calls and places;
 * BENCH_MMAP_ONLY=ext4 those of that file system. BENCH_MMAP_SEED draws the same once more.
 */
#include "bench_mmap/kernel.h"
#include "src/base/random.h"
#include "tests/support/faulty_places.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define SIZE_BYTES ((uint64_t)256 << 10)
#define CHUNK_BYTES ((uint64_t)4 << 10) /* what a message queue takes, too */

enum { DRAWN = 4, PATIENCE_S = 60, PASSED = 0, MET = 10 };

/* What is always interrupted, or never ready, is made for ever: it is every second or third one. */
enum { INTERRUPTED, DISK = 4, NOT_READY };

static const struct {
    const char *name;
    int error; /* that the sample may give */
    int fails; /* the call: else it does less, and only one that moves bytes can */
    int is_retried;
} kinds[] = {
    [INTERRUPTED] = {"eintr", EINTR, 1, 1},
    {"short", 0, 0, 1},
    {"zero", EIO, 0, 0},
    {"enospc", ENOSPC, 1, 0},
    [DISK] = {"eio", EIO, 1, 0},
    [NOT_READY] = {"eagain", EAGAIN, 1, 0},
    {"enomem", ENOMEM, 1, 0},
    {"edquot", EDQUOT, 1, 0},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

enum role { OTHER, SYNCS, MOVES };
static const struct {
    const char *name;
    enum role role;
} calls[] = {
    {"openat", OTHER},    {"ftruncate", OTHER},       {"fallocate", OTHER},  {"mmap", OTHER},
    {"madvise", OTHER},   {"close", OTHER},           {"completion", OTHER}, {"msync", SYNCS},
    {"fdatasync", SYNCS}, {"fsync", SYNCS},           {"write", MOVES},      {"pwrite", MOVES},
    {"writev", MOVES},    {"pwritev2", MOVES},        {"vmsplice", MOVES},   {"splice", MOVES},
    {"sendfile", MOVES},  {"copy_file_range", MOVES}, {"read", MOVES},       {"pread", MOVES},
    {"preadv", MOVES},    {"preadv2", MOVES},
};
enum { CALLS = sizeof calls / sizeof calls[0], FAULTS = CALLS + FAULTY_PLACES };

static void *source;

struct matrix_case {
    const struct bm_kernel *kernel;
    struct bm_job job;
    size_t call, kind; /* or, from CALLS on, the place */
    int every;
};

/* The first state that it can have here. */
static struct bm_job job_of(const struct bm_kernel *kernel)
{
    char reason[BM_REASON_BYTES];
    struct bm_job job = {.dir_fd = work.fd,
                         .name = "file",
                         .file_size_bytes = SIZE_BYTES,
                         .chunk_bytes = CHUNK_BYTES,
                         .source_stride_bytes = CHUNK_BYTES,
                         .source = source};

    while (job.state < BM_FILE_STATES - 1 &&
           (bm_kernel_accepts_state(kernel, job.state, reason) != 0 ||
            bm_file_state_probe(work.fd, "probe", job.state, reason) != 0))
        job.state++;
    return job;
}

static int count_open(void)
{
    DIR *open = opendir("/proc/self/fd");
    int count = 0;
    while (open != NULL && readdir(open) != NULL)
        count++;
    if (open != NULL)
        closedir(open);
    return count;
}

static int count_mapped(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[600];
    int count = 0;
    while (maps != NULL && fgets(line, sizeof line, maps) != NULL)
        count += strstr(line, work.path) != NULL;
    if (maps != NULL)
        fclose(maps);
    return count;
}

/* How a case ended: PASSED, MET where the fault was, too; else a sentence on stderr, and 1. */
static int judge(const struct matrix_case *tried, const struct bm_job *job, int error)
{
    int is_place = tried->call >= CALLS;
    int made = is_place ? 0 : kinds[tried->kind].error;
    int must_go_right =
        !is_place && kinds[tried->kind].is_retried && calls[tried->call].role == MOVES;
    int is_expected = error == -made;

    if (error == 0) {
        error = bm_kernel_verify(tried->kernel, job, NULL);
        if (error != 0)
            fprintf(stderr, "it says that all went right: %s\n", strerror(-error));
        return error == 0 ? PASSED : 1;
    }
    for (int i = 0; is_place && i < FAULTY_PLACE_ERRORS; i++)
        is_expected |= error == -faulty_places[tried->call - CALLS].errors[i];
    /* A buffer that cannot be had is short memory, whatever mmap() says. */
    int is_buffer = !is_place && strcmp(calls[tried->call].name, "mmap") == 0 && error == -ENOMEM;
    /* An end that reads nothing is closed, and the other one sees that. */
    int is_closed =
        bm_kernel_kind(tried->kernel) == BM_KIND_CHANNEL && made == EIO && error == -EPIPE;
    if (must_go_right || (!is_expected && !is_buffer && !is_closed)) {
        fprintf(stderr, "%s\n", strerror(-error));
        return 1;
    }
    return MET;
}

static int run_child(const struct matrix_case *tried)
{
    const struct bm_job job = tried->job;
    struct bm_result result;
    char fault[80];
    int failed = bm_kernel_prepare(tried->kernel, &job) != 0;

    alarm(PATIENCE_S);
    setenv("CMOCKA_TEST_ABORT", "1", 1); /* a SIGBUS must not go on with the parent's tests here */
    int open_before = count_open();
    if (tried->call < CALLS) {
        /* A number for an eventfd is taken whole or not at all. */
        snprintf(fault, sizeof fault, "%s:%s:%d:%d", calls[tried->call].name,
                 kinds[tried->kind].name, tried->every, kinds[tried->kind].fails ? 0 : 16);
        failed |= setenv("BENCH_FAULT", fault, 1);
    } else {
        failed |= faulty_places[tried->call - CALLS].make();
    }
    if (failed) {
        fprintf(stderr, "it could not be prepared\n");
        return 1;
    }
    int error = bm_kernel_run(tried->kernel, &job, &result);
    unsetenv("BENCH_FAULT");
    lift_limits();
    int leaked = count_open() - open_before, left_mapped = count_mapped();
    if (leaked != 0 || left_mapped != 0) {
        fprintf(stderr, "%d descriptors and %d mappings are left\n", leaked, left_mapped);
        return 1;
    }
    return judge(tried, &job, error);
}

static const char *name_of(size_t fault)
{
    return fault < CALLS ? calls[fault].name : faulty_places[fault - CALLS].name;
}

static void say(const struct matrix_case *tried, int status, size_t left)
{
    printf("%s on %s, sync:%s: %s %s every %d: status %d, %zu files left\n",
           bm_kernel_name(tried->kernel), file_system_name(), bm_sync_mode_name(tried->job.sync),
           name_of(tried->call), tried->call < CALLS ? kinds[tried->kind].name : "", tried->every,
           status, left);
}

static int run_case(struct matrix_case *tried)
{
    int status;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(run_child(tried));
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    int (*restore)(void) = tried->call < CALLS ? NULL : faulty_places[tried->call - CALLS].restore;
    int failed = restore != NULL && restore() != 0;
    (void)unlinkat(work.fd, "file", 0);
    size_t left = access(work.path, F_OK) == 0 ? test_directory_count(&work) : 0;
    close(work.fd);
    failed |= work_open();
    tried->job.dir_fd = work.fd;
    if ((status != PASSED && status != MET) || left != 0 || failed) {
        say(tried, status, left);
        return 1;
    }
    return status;
}

struct counts {
    size_t cases, met, failed, met_faults[FAULTS];
};

static struct random random_cases;
static int is_long;
static size_t one_in = 1; /* where it is long */

/* A call that fails is the same anywhere: those of one file system are tried most. */
static int is_drawn(size_t rarer)
{
    size_t of = is_long ? one_in : file_system_where() == ON_A_DEVICE ? DRAWN * rarer : DRAWN;

    return random_below(&random_cases, of) == 0;
}

/* Whether the fault was met. */
static int count(struct matrix_case *tried, struct counts *counts)
{
    int status = run_case(tried);

    counts->cases++;
    counts->met += status == MET;
    counts->met_faults[tried->call] += status == MET;
    counts->failed += status == 1;
    return status == MET;
}

static void run_call(struct matrix_case *tried, struct counts *counts)
{
    int moves = calls[tried->call].role == MOVES;

    /* A kernel that goes right although all of them fail does not make them, or can do without. */
    tried->kind = DISK;
    tried->every = 1;
    if (!count(tried, counts))
        return;
    for (tried->kind = 0; tried->kind < KINDS; tried->kind++)
        for (tried->every = tried->kind == INTERRUPTED || tried->kind == NOT_READY ? 2 : 1;
             tried->every < 4; tried->every++)
            if ((moves || kinds[tried->kind].fails) && (is_long || is_drawn(8)))
                count(tried, counts);
}

/* The last sync mode has the most calls: of the others only those are tried that sync. */
static void run_mode(struct matrix_case *tried, int is_last, struct counts *counts)
{
    for (tried->call = 0; tried->call < CALLS; tried->call++)
        if ((is_last || calls[tried->call].role == SYNCS) && is_drawn(8))
            run_call(tried, counts);
    for (; is_last && tried->call < FAULTS; tried->call++)
        if (faulty_places[tried->call - CALLS].where <= file_system_where() && is_drawn(2))
            count(tried, counts);
}

static void run_kernel(const struct bm_kernel *kernel, const struct bm_limits *limits,
                       struct counts *counts)
{
    struct matrix_case tried = {.kernel = kernel, .job = job_of(kernel)};
    char reason[BM_REASON_BYTES];
    int is_last = 1;

    if (tried.job.chunk_bytes > limits->chunk_max_bytes)
        tried.job.chunk_bytes = tried.job.source_stride_bytes = limits->chunk_max_bytes;
    for (int mode = BM_SYNC_MODES - 1; mode >= 0; mode--) {
        tried.job.sync = (enum bm_sync_mode)mode;
        if (bm_kernel_accepts_sync(kernel, tried.job.sync, reason) == 0) {
            run_mode(&tried, is_last, counts);
            is_last = 0;
        }
    }
}

static void run_kernels(struct counts *all)
{
    for (size_t k = 0; k < bm_kernel_count(); k++) {
        const struct bm_kernel *kernel = bm_kernel_at(k);
        struct counts counts = {0};
        struct bm_limits limits;
        char reason[BM_REASON_BYTES];
        if (bm_kernel_probe(kernel, work.fd, "probe", &limits, reason) != 0) {
            printf("%-20s cannot run here: %s\n", bm_kernel_name(kernel), reason);
            continue;
        }
        run_kernel(kernel, &limits, &counts);
        printf("%-20s %4zu cases, %4zu with the fault, %zu failed\n", bm_kernel_name(kernel),
               counts.cases, counts.met, counts.failed);
        all->cases += counts.cases;
        all->met += counts.met;
        all->failed += counts.failed;
        for (size_t i = 0; i < FAULTS; i++)
            all->met_faults[i] += counts.met_faults[i];
    }
}

static void every_kernel_meets_every_fault(void **state)
{
    size_t also = random_below(&random_cases, file_system_count - 1) + 1, failed = 0;
    const char *only = getenv("BENCH_MMAP_ONLY");

    (void)state;
    for (size_t i = 0; i < file_system_count; i++) {
        struct counts all = {0};
        const char *name = file_systems[i].name;
        if (only != NULL ? strcmp(only, name) != 0 : !is_long && i > 0 && i != also)
            continue;
        if (file_system_make(i) != 0) {
            print_message("skipped: test_matrix: %s cannot be mounted\n", name);
            continue;
        }
        run_kernels(&all);
        assert_int_equal(file_system_remove(), 0);
        printf("%s: %zu cases, %zu with the fault, %zu failed\n", name, all.cases, all.met,
               all.failed);
        for (size_t f = 0; f < FAULTS; f++)
            printf("%s, %s: met %zu times\n", name, name_of(f), all.met_faults[f]);
        assert_true(all.met > all.cases / 10);
        failed += all.failed;
    }
    assert_int_equal(failed, 0);
}

/* Where nothing can be mounted, the faults that need no mount. */
static void every_kernel_meets_faults_where_it_is(void **state)
{
    struct counts all = {0};

    (void)state;
    assert_int_equal(work_open(), 0);
    run_kernels(&all);
    (void)work_close();
    assert_true(all.met > all.cases / 10);
    assert_int_equal(all.failed, 0);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kernel_meets_every_fault)},
                            unmounted[] = {cmocka_unit_test(every_kernel_meets_faults_where_it_is)};
    const char *word = getenv("BENCH_MMAP_TESTS"), *seed = getenv("BENCH_MMAP_SEED"),
               *part = getenv("BENCH_MMAP_ONE_IN");
    uint64_t number = seed != NULL ? strtoull(seed, NULL, 10) : 1;

    (void)argc;
#ifdef __SANITIZE_ADDRESS__
    puts("skipped: the sanitizer wants to be loaded first");
    return TEST_SKIPPED;
#endif
    if (getenv("LD_PRELOAD") == NULL) {
        setenv("LD_PRELOAD", FAULT_LIBRARY, 1);
        execv("/proc/self/exe", argv);
    }
    is_long = word != NULL && strcmp(word, "long") == 0;
    one_in = part != NULL && atoi(part) > 0 ? (size_t)atoi(part) : 1;
    printf("seed %llu\n", (unsigned long long)number);
    random_seed(&random_cases, number);
    if (bm_source_create(SIZE_BYTES, &source) != 0)
        return 1;
    int failed = faulty_places_set_up(SIZE_BYTES) == 0
                     ? cmocka_run_group_tests(tests, NULL, NULL)
                     : cmocka_run_group_tests(unmounted, NULL, NULL);
    faulty_places_tear_down();
    bm_source_destroy(source, SIZE_BYTES);
    return failed;
}
