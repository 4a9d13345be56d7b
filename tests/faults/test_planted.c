/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What another user has put at the names that the programs open to write, before they start: none
 * of it is changed, or led to something that is not his, and nobody waits for it. A part is drawn;
 * BENCH_MMAP_TESTS=long takes all, BENCH_MMAP_SEED draws the same once more.
 */
#include "src/base/random.h"
#include "tests/support/make_sides.h"
#include "tests/support/run_files.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

/* $B is bench_mmap, $R bench_results, $D the test's directory, $I a run of the store there, $P the
 * place of others, which is empty but for what is planted and what `before` makes. */
static const struct {
    const char *name, *before, *command;
} places[] = {
    {"run.json", ":", "$B --dir=$D $M --benchmark_out=$P/run.json"},
    {"run.csv", ":", "$B --dir=$D $M --benchmark_out_format=csv --benchmark_out=$P/run.csv"},
    {".bench_mmap-000000000001", ":", "$B --dir=$P $M"},
    {"page.html", ":", "$R report $D/a.json -o $P/page.html"},
    {"out.json", ":", "$R export $I --db=$D/h.db --out=$P/out.json"},
    {"h.db", ":", "$R add $D/a.json --db=$P/h.db"},
    {"h.db", ":", "$R machines --db=$P/h.db"},
    {"h.db-journal", "cp $D/h.db $P", "$R add $D/b.json --db=$P/h.db"},
    {"h.db-journal", "cp $D/h.db $P", "$R machines --db=$P/h.db"},
    {"h.db-wal", "cp $D/h.db $P", "$R add $D/b.json --db=$P/h.db"},
    {"h.db-shm", "cp $D/h.db $P", "$R add $D/b.json --db=$P/h.db"},
    {"summary", ":", "GITHUB_STEP_SUMMARY=$P/summary $R compare $D/a.json $D/a.json --github"},
    {"7.json", "cp $D/a.json $P", "$R compare $P $D/a.json"},
    {"keep", ":", "$R ab true false --keep=$P/keep"},
    {"keep/old", "mkdir $P/keep", "$R ab true false --keep=$P/keep"},
    {"keep/old/1.stderr", "mkdir -p $P/keep/old", "$R ab true false --keep=$P/keep"},
};
enum { PLACES = sizeof places / sizeof places[0] };

static char *place_of_others, *victims;

static int plant_pipe(const char *path) { return mkfifo(path, 0666); }

static int plant_device(const char *path) { return mknod(path, S_IFCHR | 0666, makedev(1, 3)); }

static int plant_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return bind(fd, (const struct sockaddr *)&address, sizeof address) | close(fd);
}

static int plant_directory(const char *path) { return mkdir(path, 0755); }

static int plant_link(const char *path, const char *victim)
{
    char *to = NULL;
    int failed = asprintf(&to, "%s/%s", victims, victim) < 0 || symlink(to, path) != 0;

    free(to);
    return failed;
}

static int plant_link_to_file(const char *path) { return plant_link(path, "secret"); }
static int plant_link_to_nothing(const char *path) { return plant_link(path, "nothing"); }
static int plant_link_to_empty(const char *path) { return plant_link(path, "empty"); }
static int plant_link_to_pipe(const char *path) { return plant_link(path, "waiting"); }
static int plant_link_to_directory(const char *path) { return plant_link(path, ""); }

static const struct {
    const char *name;
    int (*plant)(const char *path);
} kinds[] = {
    {"pipe", plant_pipe},
    {"device", plant_device},
    {"socket", plant_socket},
    {"directory", plant_directory},
    {"link to a file", plant_link_to_file},
    {"link to an empty file", plant_link_to_empty},
    {"link to nothing", plant_link_to_nothing},
    {"link to a pipe", plant_link_to_pipe},
    {"link to a directory", plant_link_to_directory},
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

static struct test_process shell(const char *command)
{
    const char *const argv[] = {"timeout", "-s", "KILL", "30", "/bin/sh", "-c", command, NULL};
    return test_run(argv, NULL, NULL);
}

/* What is not the other user's is as it was. */
static int victims_are_whole(void)
{
    struct test_process process = shell(
        "[ \"$(ls $V | tr '\\n' ' ')\" = 'empty secret waiting ' ] && [ \"$(cat $V/secret)\" = "
        "mine ] "
        "&& [ ! -s $V/empty ] && [ -p $V/waiting ]");
    int whole = process.status == 0;

    test_process_free(&process);
    return whole;
}

/* A link of somebody else at the place of an output may be replaced. */
static int is_as_it_was(const char *path, const struct stat *before)
{
    struct stat after;

    return lstat(path, &after) == 0 &&
           ((after.st_ino == before->st_ino && after.st_mode == before->st_mode &&
             after.st_uid == before->st_uid) ||
            (S_ISLNK(before->st_mode) && S_ISREG(after.st_mode)));
}

static void make_anew(const char *before)
{
    char *command = NULL;

    assert_true(asprintf(&command,
                         "rm -rf $P $V && mkdir $P $V && chmod 777 $P && printf mine >$V/secret && "
                         ": >$V/empty && mkfifo $V/waiting && %s",
                         before) > 0);
    struct test_process made = shell(command);
    assert_int_equal(made.status, 0);
    test_process_free(&made);
    free(command);
}

static const char cannot_be[] = "it cannot be planted here";

static const char *try_one(size_t p, size_t k, const struct passwd *other, char **said)
{
    char *path = NULL;
    const char *wrong = NULL;
    struct stat before;

    make_anew(places[p].before);
    assert_true(asprintf(&path, "%s/%s", place_of_others, places[p].name) > 0);
    /* Where this user is root of a few users only. */
    if (kinds[k].plant(path) != 0 || lchown(path, other->pw_uid, other->pw_gid) != 0) {
        assert_true(errno == EPERM || errno == EINVAL);
        free(path);
        return cannot_be;
    }
    assert_int_equal(lstat(path, &before), 0);
    struct test_process process = shell(places[p].command);
    if (process.status != 0 && process.status != 1 && process.status != 4)
        wrong = process.status == 128 + 9 ? "it waits" : "another status";
    else if (process.status == 1 && *process.err == '\0')
        wrong = "it does not say why";
    else if (!victims_are_whole())
        wrong = "what is not his was changed";
    else if (!is_as_it_was(path, &before))
        wrong = "what was planted is not there any more";
    *said = process.err;
    process.err = NULL;
    test_process_free(&process);
    free(path);
    return wrong;
}

static void nothing_planted_is_changed_or_waited_for(void **state)
{
    const struct passwd *other = getpwnam("nobody");
    const char *seed = getenv("BENCH_MMAP_SEED");
    uint64_t number = seed != NULL ? strtoull(seed, NULL, 10) : 1;
    struct random draws;
    size_t wrong = 0, tried = 0, skipped = 0;

    (void)state;
    print_message("seed %llu\n", (unsigned long long)number);
    random_seed(&draws, number);
    if (geteuid() != 0 || other == NULL) {
        print_message("skipped: test_planted: a second user needs root\n");
        skip();
    }
    for (size_t p = 0; p < PLACES; p++)
        for (size_t k = 0; k < KINDS; k++) {
            char *said = NULL;
            if (random_below(&draws, (size_t)test_extent(16, 8, 1)) > 0)
                continue;
            tried++;
            const char *reason = try_one(p, k, other, &said);
            skipped += reason == cannot_be;
            if (reason != NULL && reason != cannot_be)
                print_message("%s, a %s: %s\n%s\n", places[p].command, kinds[k].name, reason, said);
            wrong += reason != NULL && reason != cannot_be;
            free(said);
        }
    print_message("%zu of %d places with %d kinds of things in each, %zu skipped\n", tried, PLACES,
                  KINDS, skipped);
    assert_int_equal(wrong, 0);
    if (skipped == tried)
        skip();
}

static int set_up(void **state)
{
    run_files_set_up(state);
    char *id = add("add --db=@h.db @a.json");
    place_of_others = path_in("place");
    victims = path_in("victims");
    int failed = setenv("B", BENCH_MMAP_PROGRAM, 1) | setenv("R", BENCH_RESULTS_PROGRAM, 1) |
                 setenv("D", place.path, 1) | setenv("P", place_of_others, 1) |
                 setenv("V", victims, 1) | setenv("I", id, 1) |
                 setenv("M",
                        "--benchmark_filter=^EmptyCall/ --file_size=4K --chunks=4K "
                        "--benchmark_repetitions=1 --benchmark_min_warmup_time=0",
                        1);
    free(id);
    return failed | chmod(place.path, 0755);
}

static int tear_down(void **state)
{
    free(place_of_others);
    free(victims);
    return place_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_planted_is_changed_or_waited_for)};
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
