/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Signals at random instants of a run of all kernels of all kinds: nothing is left but a run file
 * that can be read, or none; what a run that was killed leaves, the next one clears, and nothing
 * else. A few instants; BENCH_MMAP_TESTS=long takes 200 of each, BENCH_MMAP_INSTANTS so many,
 * BENCH_MMAP_ONLY='threads=4 HUP' that one. BENCH_MMAP_SEED draws the same once more.
 */
#include "src/base/clock.h"
#include "src/base/random.h"
#include "tests/support/run_bench.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* A machine with much else to do may need more than the second that is promised. What is the
 * program's own is the time in which it uses a processor, and that in which all of it sleeps: not
 * that in which a part of it waits for a processor or for the disk. */
enum { INSTANTS_LONG = 200, PATIENCE_S = 20, PROMISED_S = 1 };

static const struct {
    const char *name;
    int number, times;
} signals[] = {
    {"INT", SIGINT, 1},   {"TERM", SIGTERM, 1},     {"HUP", SIGHUP, 1},
    {"KILL", SIGKILL, 1}, {"INT twice", SIGINT, 2},
};
enum { SIGNALS = sizeof signals / sizeof signals[0] };

static struct random instants;
static struct test_directory queues; /* mounted: the message queues of this test's processes */
static int sees_queues;

static int said = -1; /* a file without a name: what the last run has said */

static const char *words_of_run(void)
{
    static char words[1 << 16];
    ssize_t got = pread(said, words, sizeof words - 1, 0);

    words[got > 0 ? got : 0] = '\0';
    return words;
}

/* On a busy machine the other end of a channel may be too slow for its patience. */
static int went_well(int status)
{
    return status == 0 || (status == 1 && strstr(words_of_run(), "some samples failed") != NULL);
}

static pid_t start(const char *threads)
{
    fflush(NULL);
    pid_t child = fork();

    if (child == 0) {
        int null = open("/dev/null", O_RDWR);
        (void)!ftruncate(said, 0);
        /* A shell may have started this test with some of them ignored. */
        for (size_t i = 0; i < SIGNALS; i++)
            (void)signal(signals[i].number, SIG_DFL);
        dup2(null, STDOUT_FILENO);
        dup2(said, STDERR_FILENO);
        execl(BENCH_MMAP_PROGRAM, "bench_mmap", dir_flag, out_flag, threads, "--all", "--kind=all",
              "--mode=all", "--chunks=8K", "--file_size=64K", "--benchmark_repetitions=1",
              "--benchmark_min_warmup_time=0", (char *)NULL);
        _exit(127);
    }
    assert_true(child > 0);
    return child;
}

struct ending {
    double took_s, slept_s, used_s;
};

static int is_busy(pid_t process);

/* Whether it runs or would, or waits for what cannot be interrupted, a disk say; or a process does
 * that it has started. */
static int is_thread_busy(const char *path)
{
    char file[300], state = 'Z';
    int started, busy = 0;

    snprintf(file, sizeof file, "%s/stat", path);
    FILE *stat = fopen(file, "re");
    if (stat != NULL) {
        (void)!fscanf(stat, "%*d (%*[^)]) %c", &state);
        fclose(stat);
    }
    snprintf(file, sizeof file, "%s/children", path);
    FILE *children = fopen(file, "re");
    while (children != NULL && fscanf(children, "%d", &started) == 1)
        busy |= is_busy(started);
    if (children != NULL)
        fclose(children);
    return busy || state == 'R' || state == 'D';
}

static int is_busy(pid_t process)
{
    char path[290], folder[40];
    const struct dirent *entry;
    int busy = 0;

    snprintf(folder, sizeof folder, "/proc/%d/task", (int)process);
    DIR *threads = opendir(folder);
    while (threads != NULL && (entry = readdir(threads)) != NULL) {
        snprintf(path, sizeof path, "%s/%.200s", folder, entry->d_name);
        busy |= entry->d_name[0] != '.' && is_thread_busy(path);
    }
    if (threads != NULL)
        closedir(threads);
    return busy;
}

static double used_s(pid_t process)
{
    struct timespec used = {0, 0};
    clockid_t clock;

    if (clock_getcpuclockid(process, &clock) == 0)
        clock_gettime(clock, &used);
    return (double)used.tv_sec + 1e-9 * (double)used.tv_nsec;
}

/* -1: it had not ended after so long. */
static int wait_for(pid_t child, double patience_s, struct ending *ending)
{
    double begin_s = clock_s(), before_s = begin_s, used_before_s = used_s(child);
    siginfo_t info = {0};
    int status;

    *ending = (struct ending){0};
    while (waitid(P_PID, (id_t)child, &info, WEXITED | WNOHANG | WNOWAIT) == 0 &&
           info.si_pid == 0) {
        double now_s = clock_s();
        ending->slept_s += is_busy(child) ? 0 : now_s - before_s;
        before_s = now_s;
        if (now_s - begin_s > patience_s) {
            kill(child, SIGKILL);
            waitpid(child, &status, 0);
            return -1;
        }
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    ending->took_s = clock_s() - begin_s;
    ending->used_s = used_s(child) - used_before_s;
    waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The second process of a channel becomes a child of this one when its own parent has ended. */
static int children_end(double patience_s)
{
    double begin_s = clock_s();

    while (waitpid(-1, NULL, WNOHANG) >= 0 || errno != ECHILD) {
        if (clock_s() - begin_s > patience_s)
            return 0;
        nanosleep(&(struct timespec){0, 1000000}, NULL);
    }
    return 1;
}

static size_t others_than_the_run(void)
{
    int has_run = access(out_path, F_OK) == 0;
    return test_directory_count(&directory) - (size_t)has_run;
}

static void check_run_file(void)
{
    if (access(out_path, F_OK) != 0)
        return;
    json_decref(load(out_path));
    assert_int_equal(unlink(out_path), 0);
}

/* Exactly the directory that was abandoned goes: what looks like one stays. */
static void run_the_next(void)
{
    static const char other[] = ".bench_mmap-000000000001";

    assert_int_equal(mkdirat(directory.fd, other, 0755), 0);
    struct test_process next = RUN("--benchmark_filter=^EmptyCall/", "--benchmark_repetitions=1");
    assert_int_equal(next.status, 0);
    test_process_free(&next);
    assert_int_equal(unlinkat(directory.fd, other, AT_REMOVEDIR), 0);
    assert_int_equal(others_than_the_run(), 0);
}

struct ends {
    double longest_s, longest_own_s;
    int late;
};

static void interrupt(const char *threads, size_t s, double duration_s, struct ends *ends)
{
    double pause_s = duration_s * random_unit(&instants);
    struct ending ending;
    int number = signals[s].number;
    pid_t child = start(threads);

    /* Equal signals that come at once are one. */
    for (int i = 0; i < signals[s].times; i++) {
        double before_s = i == 0 ? pause_s : 0.001 + 0.004 * random_unit(&instants);
        nanosleep(&(struct timespec){(time_t)before_s,
                                     (long)(1e9 * (before_s - (double)(time_t)before_s))},
                  NULL);
        kill(child, number);
    }
    int status = wait_for(child, PATIENCE_S, &ending);
    size_t others = others_than_the_run();
    if (!went_well(status) && status != 128 + number)
        fail_msg("%s after %.3f s, %s: status %d:\n%s", signals[s].name, pause_s, threads, status,
                 words_of_run());
    if (others > (number == SIGKILL))
        fail_msg("%s after %.3f s, %s: %zu files are left", signals[s].name, pause_s, threads,
                 others);
    if (!children_end(PATIENCE_S))
        fail_msg("%s after %.3f s, %s: a process is left", signals[s].name, pause_s, threads);
    if (sees_queues && test_directory_count(&queues) > 0)
        fail_msg("%s after %.3f s, %s: a message queue is left", signals[s].name, pause_s, threads);
    check_run_file();
    if (others > 0)
        run_the_next();
    double own_s = ending.used_s + ending.slept_s;
    if (ending.took_s > PROMISED_S)
        print_message("%s after %.3f s, %s: %.3f s, of which it slept %.3f s and ran %.3f s\n",
                      signals[s].name, pause_s, threads, ending.took_s, ending.slept_s,
                      ending.used_s);
    ends->longest_s = fmax(ends->longest_s, ending.took_s);
    ends->longest_own_s = fmax(ends->longest_own_s, own_s);
    ends->late += own_s > PROMISED_S;
}

static void leaves_nothing_whenever_a_signal_comes(void **state)
{
    static const char *const threads[] = {"--threads=1", "--threads=4"};
    const char *seed = getenv("BENCH_MMAP_SEED"), *wanted = getenv("BENCH_MMAP_INSTANTS"),
               *only = getenv("BENCH_MMAP_ONLY");
    uint64_t number = (uint64_t)test_extent(1, 1, (int)time(NULL));
    int each = wanted != NULL ? atoi(wanted) : test_extent(1, 1, INSTANTS_LONG);
    struct ends all = {0};

    (void)state;
    if (seed != NULL)
        number = strtoull(seed, NULL, 10);
    print_message("seed %llu\n", (unsigned long long)number);
    random_seed(&instants, number);
    for (size_t t = 0; t < 2; t++) {
        struct ending whole;
        assert_true(went_well(wait_for(start(threads[t]), 600, &whole)));
        check_run_file();
        for (size_t s = 0; s < SIGNALS; s++) {
            struct ends ends = {0};
            char name[40];
            snprintf(name, sizeof name, "%s %s", threads[t], signals[s].name);
            if (only != NULL && strstr(name, only) == NULL)
                continue;
            for (int i = 0; i < each; i++)
                interrupt(threads[t], s, whole.took_s, &ends);
            print_message(
                "%s: %d of %s within %.2f s; the longest took %.3f s to end, %.3f s of its own\n",
                threads[t], each, signals[s].name, whole.took_s, ends.longest_s,
                ends.longest_own_s);
            all.late += ends.late;
        }
    }
    if (all.late > 0)
        fail_msg("%d of %d ends took more than a second", all.late, 2 * SIGNALS * each);
}

/* Namespaces of their own show the queues of these processes alone. */
static int set_up(void **state)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    said = memfd_create("said", MFD_CLOEXEC);
    test_directory_create(&queues);
    sees_queues = unshare(CLONE_NEWIPC | CLONE_NEWNS) == 0 &&
                  mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
                  mount("none", queues.path, "mqueue", 0, NULL) == 0;
    if (!sees_queues)
        print_message("skipped: test_signals: message queues: %s\n", strerror(errno));
    return bench_set_up(state);
}

static int tear_down(void **state)
{
    if (sees_queues)
        umount2(queues.path, MNT_DETACH);
    test_directory_remove(&queues);
    return bench_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(leaves_nothing_whenever_a_signal_comes)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
