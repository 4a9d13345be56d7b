/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every kernel against every fault: a sample either gives the error that was made, or goes right
 * and is verified; nothing of it is left open, mapped or in the directory. A part of the cases is
 * drawn; BENCH_MMAP_TESTS=long takes them all. BENCH_MMAP_SEED draws the same once more.
 */
#include "bench_mmap/kernel.h"
#include "src/base/random.h"
#include "tests/support/support.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
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

static const struct {
    const char *name;
    int moves_bytes;
} calls[] = {
    {"openat", 0}, {"ftruncate", 0}, {"fallocate", 0},       {"mmap", 0},     {"madvise", 0},
    {"msync", 0},  {"fdatasync", 0}, {"fsync", 0},           {"close", 0},    {"completion", 0},
    {"write", 1},  {"pwrite", 1},    {"writev", 1},          {"pwritev2", 1}, {"vmsplice", 1},
    {"splice", 1}, {"sendfile", 1},  {"copy_file_range", 1}, {"read", 1},
};
enum { CALLS = sizeof calls / sizeof calls[0] };

/* What is wrong with the place, and not with a call. */
static int limit_files(int dir_fd)
{
    int next = dup(dir_fd);
    close(next);
    struct rlimit limits = {(rlim_t)next, (rlim_t)next};
    return setrlimit(RLIMIT_NOFILE, &limits);
}

static int limit_size(int dir_fd)
{
    (void)dir_fd;
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit limits = {SIZE_BYTES / 2, SIZE_BYTES / 2};
    return setrlimit(RLIMIT_FSIZE, &limits);
}

static int fill_disk(int dir_fd)
{
    char path[64];
    snprintf(path, sizeof path, "/proc/self/fd/%d", dir_fd);
    int file = openat(dir_fd, "filler", O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    static char bytes[4096];
    while (write(file, bytes, sizeof bytes) > 0)
        continue;
    /* Room for a half of the sample. */
    struct stat status;
    int failed =
        fstat(file, &status) != 0 || ftruncate(file, status.st_size - (off_t)(SIZE_BYTES / 2)) != 0;
    return failed | close(file);
}

static const struct {
    const char *name;
    int (*make)(int dir_fd);
    int error;
} places[] = {
    {"no descriptor left", limit_files, EMFILE},
    {"a quota of half the file", limit_size, EFBIG},
    {"half a file of room", fill_disk, ENOSPC},
};
enum { PLACES = sizeof places / sizeof places[0] };

struct matrix_case {
    const struct bm_kernel *kernel;
    struct bm_job job;
    size_t call, kind; /* or, from CALLS on, the place */
    int every;
};

static struct test_directory directory; /* a small tmpfs where one can be mounted */
static int is_small;
static void *source;

/* The first state that it can have here, and the sync mode with the most calls. */
static struct bm_job job_of(const struct bm_kernel *kernel)
{
    char reason[BM_REASON_BYTES];
    struct bm_job job = {.dir_fd = directory.fd,
                         .name = "file",
                         .file_size_bytes = SIZE_BYTES,
                         .chunk_bytes = CHUNK_BYTES,
                         .source_stride_bytes = CHUNK_BYTES,
                         .source = source};

    while (job.state < BM_FILE_STATES - 1 &&
           (bm_kernel_accepts_state(kernel, job.state, reason) != 0 ||
            bm_file_state_probe(directory.fd, "probe", job.state, reason) != 0))
        job.state++;
    for (int mode = BM_SYNC_MODES - 1; mode > 0 && job.sync == 0; mode--)
        if (bm_kernel_accepts_sync(kernel, (enum bm_sync_mode)mode, reason) == 0)
            job.sync = (enum bm_sync_mode)mode;
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
        count += strstr(line, directory.path) != NULL;
    if (maps != NULL)
        fclose(maps);
    return count;
}

/* How a case ended: PASSED, MET where the fault was, too; else a sentence on stderr, and 1. */
static int judge(const struct matrix_case *tried, const struct bm_job *job, int error)
{
    int is_place = tried->call >= CALLS;
    int expected = is_place ? places[tried->call - CALLS].error : kinds[tried->kind].error;
    int must_go_right =
        !is_place && kinds[tried->kind].is_retried && calls[tried->call].moves_bytes;

    if (error == 0) {
        error = bm_kernel_verify(tried->kernel, job, NULL);
        if (error != 0)
            fprintf(stderr, "it says that all went right: %s\n", strerror(-error));
        return error == 0 ? PASSED : 1;
    }
    /* A buffer that cannot be had is short memory, whatever mmap() says. */
    int is_buffer = !is_place && strcmp(calls[tried->call].name, "mmap") == 0 && error == -ENOMEM;
    /* An end that reads nothing is closed, and the other one sees that. */
    int is_closed =
        bm_kernel_kind(tried->kernel) == BM_KIND_CHANNEL && expected == EIO && error == -EPIPE;
    if (must_go_right || (error != -expected && !is_buffer && !is_closed)) {
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
    if (tried->call < CALLS) {
        /* A number for an eventfd is taken whole or not at all. */
        snprintf(fault, sizeof fault, "%s:%s:%d:%d", calls[tried->call].name,
                 kinds[tried->kind].name, tried->every, kinds[tried->kind].fails ? 0 : 16);
        failed |= setenv("BENCH_FAULT", fault, 1);
    } else {
        failed |= places[tried->call - CALLS].make(directory.fd);
    }
    if (failed) {
        fprintf(stderr, "it could not be prepared\n");
        return 1;
    }
    /* One descriptor is open while they are counted, before and after. */
    struct rlimit files;
    int limited = getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < 64;
    int open_before = limited ? 0 : count_open();
    int error = bm_kernel_run(tried->kernel, &job, &result);
    unsetenv("BENCH_FAULT");
    if (limited)
        return judge(tried, &job, error) == 1 && error != -EMFILE ? 1 : MET;
    int leaked = count_open() - open_before, mapped = count_mapped();
    if (leaked != 0 || mapped != 0) {
        fprintf(stderr, "%d descriptors and %d mappings are left\n", leaked, mapped);
        return 1;
    }
    return judge(tried, &job, error);
}

static void clear(void)
{
    (void)unlinkat(directory.fd, "file", 0);
    (void)unlinkat(directory.fd, "filler", 0);
}

static void say(const struct matrix_case *tried, int status)
{
    const char *name = bm_kernel_name(tried->kernel);

    if (tried->call < CALLS)
        printf("%s: %s %s every %d: status %d\n", name, calls[tried->call].name,
               kinds[tried->kind].name, tried->every, status);
    else
        printf("%s: %s: status %d\n", name, places[tried->call - CALLS].name, status);
}

static int run_case(const struct matrix_case *tried)
{
    int status;

    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        _exit(run_child(tried));
    if (child < 0 || waitpid(child, &status, 0) != child)
        return 1;
    clear();
    status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    size_t left = test_directory_count(&directory);
    if ((status != PASSED && status != MET) || left != 0) {
        say(tried, status);
        return 1;
    }
    return status;
}

struct counts {
    size_t cases, met, failed;
};

static struct random random_cases;
static int is_long;

static int is_drawn(void) { return is_long || random_below(&random_cases, DRAWN) == 0; }

/* Whether the fault was met. */
static int count(const struct matrix_case *tried, struct counts *counts)
{
    int status = run_case(tried);

    counts->cases++;
    counts->met += status == MET;
    counts->failed += status == 1;
    return status == MET;
}

static void run_call(struct matrix_case *tried, struct counts *counts)
{
    int moves = calls[tried->call].moves_bytes;

    /* A kernel that goes right although all of them fail does not make them, or can do without. */
    tried->kind = DISK;
    tried->every = 1;
    if (!count(tried, counts))
        return;
    for (tried->kind = 0; tried->kind < KINDS; tried->kind++)
        for (tried->every = tried->kind == INTERRUPTED || tried->kind == NOT_READY ? 2 : 1;
             tried->every < 4; tried->every++)
            if ((moves || kinds[tried->kind].fails) && is_drawn())
                count(tried, counts);
}

static void run_kernel(const struct bm_kernel *kernel, const struct bm_limits *limits,
                       struct counts *counts)
{
    struct matrix_case tried = {.kernel = kernel, .job = job_of(kernel)};

    if (tried.job.chunk_bytes > limits->chunk_max_bytes)
        tried.job.chunk_bytes = tried.job.source_stride_bytes = limits->chunk_max_bytes;

    for (tried.call = 0; tried.call < CALLS; tried.call++)
        if (is_drawn())
            run_call(&tried, counts);
    for (size_t place = 0; place < PLACES; place++) {
        tried.call = CALLS + place;
        if ((places[place].make != fill_disk || is_small) && is_drawn())
            count(&tried, counts);
    }
}

static void every_kernel_meets_every_fault(void **state)
{
    struct counts all = {0};

    (void)state;
    for (size_t k = 0; k < bm_kernel_count(); k++) {
        const struct bm_kernel *kernel = bm_kernel_at(k);
        struct counts counts = {0};
        struct bm_limits limits;
        char reason[BM_REASON_BYTES];
        if (bm_kernel_probe(kernel, directory.fd, "probe", &limits, reason) != 0) {
            printf("%-20s cannot run here: %s\n", bm_kernel_name(kernel), reason);
            continue;
        }
        run_kernel(kernel, &limits, &counts);
        printf("%-20s %4zu cases, %4zu with the fault, %zu failed\n", bm_kernel_name(kernel),
               counts.cases, counts.met, counts.failed);
        all.cases += counts.cases;
        all.met += counts.met;
        all.failed += counts.failed;
    }
    printf("%zu cases, %zu with the fault, %zu failed\n", all.cases, all.met, all.failed);
    assert_true(all.met > all.cases / 10);
    assert_int_equal(all.failed, 0);
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    is_small = mount("none", directory.path, "tmpfs", 0, "size=8m") == 0;
    if (is_small) {
        close(directory.fd);
        directory.fd = open(directory.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    } else {
        print_message("skipped: test_matrix: a full disk: tmpfs cannot be mounted: %s\n",
                      strerror(errno));
    }
    return bm_source_create(SIZE_BYTES, &source);
}

static int tear_down(void **state)
{
    (void)state;
    bm_source_destroy(source, SIZE_BYTES);
    if (is_small)
        umount2(directory.path, MNT_DETACH);
    test_directory_remove(&directory);
    return 0;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_kernel_meets_every_fault)};
    const char *word = getenv("BENCH_MMAP_TESTS"), *seed = getenv("BENCH_MMAP_SEED");
    uint64_t number = seed != NULL ? strtoull(seed, NULL, 10) : (uint64_t)time(NULL);

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
    printf("seed %llu\n", (unsigned long long)number);
    random_seed(&random_cases, number);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
