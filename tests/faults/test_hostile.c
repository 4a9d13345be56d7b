/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places that others may write to: what they plant there, before or while the programs run, is not
 * followed, and nothing is opened to be written but what was named.
 */
#include "tests/support/make_store.h"
#include "tests/support/run_bench.h"

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static char place_path[80]; /* below the test's directory, which the others may not touch */

static char *in_place(const char *name)
{
    char *path = NULL;
    assert_true(asprintf(&path, "%s/%s", place_path, name) > 0);
    return path;
}

static void put(int dir_fd, const char *name, const char *text)
{
    int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL, 0600);

    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

/* Whether the line is of a call that writes or changes names, and went right. */
static int writes(const char *line)
{
    static const char *const changes[] = {"creat(", "rename", "link",  "symlink", "mkdir",
                                          "mknod",  "unlink", "rmdir", "chmod",   "truncate("};
    const char *call = strchr(line, ' ');

    if (call == NULL || strstr(line, " = -1 ") != NULL || strstr(line, " = ?") != NULL)
        return 0;
    call += strspn(call, " ");
    if (strncmp(call, "open", 4) == 0)
        return strstr(call, "O_WRONLY") != NULL || strstr(call, "O_RDWR") != NULL ||
               strstr(call, "O_CREAT") != NULL || strstr(call, "O_TRUNC") != NULL;
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++)
        if (strncmp(call, changes[i], strlen(changes[i])) == 0)
            return 1;
    return 0;
}

/* strace -y shows the path of every descriptor. */
static size_t count_writes(const char *const *argv, const char *const *allowed)
{
    const char *traced[24] = {"strace", "-fqqy", "-s200", "-e", "trace=%file", "-o", out_path};
    size_t count = 0, words = 7;
    char *rest, *line;

    while (*argv != NULL && words < 23)
        traced[words++] = *argv++;
    struct test_process process = test_run(traced, NULL, NULL);
    /* On a busy machine the other end of a channel may be too slow for its patience. */
    if (process.status != 0 && strstr(process.err, "some samples failed") == NULL)
        fail_msg("%s: status %d: %s", traced[7], process.status, process.err);
    test_process_free(&process);
    char *text = rest = test_read_file(out_path);
    assert_non_null(text);
    while ((line = strsep(&rest, "\n")) != NULL) {
        int is_allowed = strstr(line, "\"/dev/null\"") != NULL;
        if (!writes(line))
            continue;
        for (size_t i = 0; allowed[i] != NULL; i++)
            is_allowed |= strstr(line, allowed[i]) != NULL;
        if (!is_allowed)
            fail_msg("%s", line);
        count++;
    }
    free(text);
    assert_int_equal(unlink(out_path), 0);
    return count;
}

static void nothing_is_written_but_what_was_named(void **state)
{
    char *dir = NULL, *out = NULL, *run = in_place("run.json"), *store = in_place("h.db"),
         *db = NULL, *page = in_place("page.html"), *private = in_place(".bench_mmap-"),
         *unnamed = NULL;
    (void)state;
    if (!test_can_trace())
        skip();
    assert_true(asprintf(&dir, "--dir=%s", place_path) > 0 &&
                asprintf(&out, "--benchmark_out=%s", run) > 0 &&
                asprintf(&db, "--db=%s", store) > 0 &&
                asprintf(&unnamed, "\"%s\", O_WRONLY|O_CLOEXEC|O_TMPFILE", place_path) > 0);
    /* The private directory has its name made in the place's own. */
    char *made = NULL;
    assert_true(asprintf(&made, "<%s>, \".bench_mmap-", place_path) > 0);
    const char *const measure[] = {BENCH_MMAP_PROGRAM,
                                   dir,
                                   out,
                                   "--all",
                                   "--kind=all",
                                   "--mode=all",
                                   "--chunks=8K",
                                   "--file_size=64K",
                                   "--benchmark_repetitions=1",
                                   "--benchmark_min_warmup_time=0",
                                   NULL};
    const char *const add[] = {BENCH_RESULTS_PROGRAM, "add", run, db, NULL};
    const char *const history[] = {BENCH_RESULTS_PROGRAM, "history", db, NULL};
    const char *const report[] = {BENCH_RESULTS_PROGRAM, "report", run, "-o", page, NULL};
    assert_true(count_writes(measure, (const char *const[]){private, made, unnamed, run, NULL}) >
                50);
    assert_true(count_writes(add, (const char *const[]){store, NULL}) > 0);
    (void)count_writes(history, (const char *const[]){store, NULL});
    assert_true(count_writes(report, (const char *const[]){page, unnamed, NULL}) > 0);
    const char *const paths[] = {run, store, page};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(unlink(paths[i]), 0);
    char *const all[] = {dir, out, run, store, db, page, private, unnamed, made};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
}

static void two_runs_at_once_do_not_meet(void **state)
{
    pid_t children[2];
    int status;

    (void)state;
    fflush(NULL);
    for (int i = 0; i < 2; i++) {
        children[i] = fork();
        if (children[i] == 0) {
            char flag[140];
            int null = open("/dev/null", O_WRONLY);
            dup2(null, STDOUT_FILENO);
            dup2(null, STDERR_FILENO);
            snprintf(flag, sizeof flag, "--benchmark_out=%s/%d.json", place_path, i);
            execl(BENCH_MMAP_PROGRAM, "bench_mmap", dir_flag, flag, "--chunks=64K",
                  "--file_size=1M", "--threads=1,2", "--benchmark_repetitions=3", "--verify=all",
                  (char *)NULL);
            _exit(127);
        }
    }
    for (int i = 0; i < 2; i++) {
        char name[16];
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
        snprintf(name, sizeof name, "%d.json", i);
        char *path = in_place(name);
        json_decref(load(path));
        assert_int_equal(unlink(path), 0);
        free(path);
    }
}

/* What another user does as fast as he can: takes away what appears, and puts links to what is not
 * his, FIFOs and directories in its place. */
static void attack(const struct passwd *other, const char *victims)
{
    char from[200], to[200], secret[200];
    DIR *stream = opendir(place_path);
    const struct dirent *entry;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (stream == NULL || setgid(other->pw_gid) != 0 || setuid(other->pw_uid) != 0)
        _exit(1);
    snprintf(secret, sizeof secret, "%s/secret", victims);
    for (unsigned turn = 0;; turn++) {
        rewinddir(stream);
        while ((entry = readdir(stream)) != NULL) {
            if (strstr(entry->d_name, "bench_mmap-") == NULL &&
                strncmp(entry->d_name, "run.json", 8) != 0)
                continue;
            snprintf(from, sizeof from, "%s/%.80s", place_path, entry->d_name);
            snprintf(to, sizeof to, "%s/stolen.%u", place_path, turn % 50);
            (void)!rename(from, to);
            (void)!symlink(strncmp(entry->d_name, "run.json", 8) == 0 ? secret : victims, from);
        }
        snprintf(from, sizeof from, "%s/run.json", place_path);
        (void)!(turn % 3 == 0   ? symlink(secret, from)
                : turn % 3 == 1 ? mkdir(from, 0777)
                                : symlink(place_path, from));
    }
}

static void check_victims(int victims)
{
    static const char *const names[] = {"secret", "sample.0", "probe"};

    for (size_t i = 0; i < 3; i++) {
        char text[8] = "";
        int fd = openat(victims, names[i], O_RDONLY);
        assert_true(fd >= 0 && read(fd, text, sizeof text - 1) == 4);
        assert_string_equal(text, "mine");
        close(fd);
    }
}

static void what_another_user_plants_is_not_followed(void **state)
{
    const struct passwd *other = getpwnam("nobody");
    char victims[100], *run = in_place("run.json"), *store = in_place("h.db"), *text, *file;
    int status, dir;

    (void)state;
    if (geteuid() != 0 || other == NULL) {
        print_message("skipped: test_hostile: a second user needs root\n");
        free(run);
        free(store);
        skip();
    }
    snprintf(victims, sizeof victims, "%s/victims", directory.path);
    assert_int_equal(mkdir(victims, 0700), 0);
    dir = open(victims, O_RDONLY | O_DIRECTORY);
    put(dir, "secret", "mine");
    put(dir, "sample.0", "mine");
    put(dir, "probe", "mine");
    assert_int_equal(chmod(place_path, 0777), 0);
    text = test_run_text(&(struct test_run_spec){.machine = "aa"});
    put(directory.fd, "a.json", text);
    free(text);
    assert_true(asprintf(&file, "%s/a.json", directory.path) > 0);

    /* Before: a link of his leads to a file of ours. */
    char *secret = NULL, *db = NULL, *out = NULL, *dir_word = NULL;
    assert_true(asprintf(&secret, "%s/secret", victims) > 0 &&
                asprintf(&db, "--db=%s", store) > 0 &&
                asprintf(&out, "--benchmark_out=%s", run) > 0 &&
                asprintf(&dir_word, "--dir=%s", place_path) > 0);
    const char *const measure[] = {"timeout",
                                   "60",
                                   BENCH_MMAP_PROGRAM,
                                   dir_word,
                                   out,
                                   "--chunks=64K",
                                   "--file_size=64K",
                                   "--benchmark_filter=^(Write|Mmap|CopyFileRange)/",
                                   "--benchmark_repetitions=3",
                                   NULL};
    const char *const add[] = {BENCH_RESULTS_PROGRAM, "add", file, db, NULL};
    assert_int_equal(symlink(secret, run), 0);
    assert_int_equal(symlink(secret, store), 0);
    assert_int_equal(lchown(run, other->pw_uid, other->pw_gid), 0);
    assert_int_equal(lchown(store, other->pw_uid, other->pw_gid), 0);
    struct test_process process = test_run(measure, NULL, NULL);
    assert_int_equal(process.status, 0);
    test_process_free(&process);
    check_victims(dir);
    json_decref(load(run));
    process = test_run(add, NULL, NULL);
    assert_int_equal(process.status, 1);
    test_process_free(&process);
    check_victims(dir);

    /* And while it runs. */
    fflush(NULL);
    pid_t child = fork();
    if (child == 0)
        attack(other, victims);
    int turns = test_extent(2, 4, 100);
    for (int i = 0; i < turns; i++) {
        process = test_run(measure, NULL, NULL);
        if (process.status != 0 && process.status != 1)
            fail_msg("status %d: %s", process.status, process.err);
        test_process_free(&process);
        check_victims(dir);
    }
    assert_int_equal(waitpid(child, &status, WNOHANG), 0);
    kill(child, SIGKILL);
    waitpid(child, &status, 0);
    char *const all[] = {run, store, file, secret, db, out, dir_word};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        free(all[i]);
    close(dir);
    /* All that is left is what he took. */
    test_directory_remove(&directory);
    bench_set_up(NULL);
}

static int set_up(void **state)
{
    bench_set_up(state);
    snprintf(place_path, sizeof place_path, "%s/place", directory.path);
    return mkdir(place_path, 0755) | chmod(directory.path, 0755);
}

static int tear_down(void **state)
{
    (void)rmdir(place_path);
    return bench_tear_down(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_written_but_what_was_named),
        cmocka_unit_test(two_runs_at_once_do_not_meet),
        cmocka_unit_test(what_another_user_plants_is_not_followed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
