/* SPDX-License-Identifier: Apache-2.0 */
/* What bench_results says of a store in a file that cannot be used. */
#include "src/history/store.h"
#include "tests/support/confine.h"
#include "tests/support/make_sides.h"
#include "tests/support/run_files.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void refuses_what_is_no_store(void **state)
{
    static const char letter[] = "Dear sir, this is no database, but it is long enough for one.";
    char *after;

    (void)state;
    write_bytes("letter.txt", letter, sizeof letter - 1);
    refuses("add --db=@letter.txt @a.json", "bench_results add: ", "this is no store of runs");
    after = read_bytes("letter.txt");
    assert_string_equal(after, letter);
    free(after);
    refuses("machines --db=@missing.db", "bench_results machines: ", "there is no store");
    refuses("machines --db=@a.json/x.db", "bench_results machines: ", "there is no store");
    refuses("add --db=@a.json/x.db @a.json", "bench_results add: ", "there is no directory");
    refuses("add --db=@no/where/x.db @a.json", "bench_results add: ", "there is no directory");
    char *path = path_in("missing.db");
    assert_int_equal(access(path, F_OK), -1);
    free(path);
    refuses("machines --db=@.", "bench_results machines: ", "not a regular file");
    refuses("add --db=mysql://host/x @a.json", "bench_results add: ", "this names no store");
    refuses("add --db= @a.json", "bench_results add: ", "this names no store");
    /* An empty file is what mktemp leaves: a store is made of it. */
    write_bytes("empty.db", "", 0);
    refuses("machines --db=@empty.db", "bench_results machines: ", "there is no store");
    SAYS("add --db=@empty.db @a.json", 0, "added");
}

static void change_store(const char *name, const char *sql)
{
    char *url = path_in(name);
    struct history *history = test_open(url, HISTORY_WRITE);

    assert_int_equal(store_query(history, sql, NULL, 0, NULL, NULL), 0);
    history_close(history);
    free(url);
}

/* The commands that read a store, and what each reads of it. */
enum {
    READS_MACHINES = 1,
    READS_VALUES = 2,
    READS_ONE_CELL = 4,
    READS_TEXT = 8,
    READS_RUN = 16,
    VERIFIES = 32
};

static const struct {
    int reads;
    const char *words;
} readers[] = {
    {READS_MACHINES, "machines"},
    {READS_MACHINES | READS_VALUES, "check"},
    {READS_MACHINES | READS_VALUES, "history"},
    {READS_VALUES, "check --machine=aa"},
    {READS_ONE_CELL, "history Mmap.*chunk:4096 --machine=aa"},
    {READS_RUN, "add @a.json"},
    {READS_RUN, "bless all --at=%s --reason=y"},
    {READS_TEXT, "export %s"},
    {VERIFIES, "verify"},
};

/* What SQLite itself takes for a sound store. Machine aa has the runs 1 and 2. */
static const struct change {
    const char *sql;
    const char *names; /* what may be named instead of the run */
    int of;            /* who reads that */
} changes[] = {
    {"UPDATE bench_value SET pace_ns = pace_ns * 1.000001 WHERE run = 1", NULL,
     READS_VALUES | READS_ONE_CELL},
    {"UPDATE bench_value SET samples = samples + 1 WHERE run = 1", NULL,
     READS_VALUES | READS_ONE_CELL},
    {"UPDATE bench_value SET location_ns = NULL WHERE run = 1 AND cell = 1", NULL, READS_VALUES},
    {"DELETE FROM bench_value WHERE run = 1", NULL, READS_VALUES | READS_ONE_CELL},
    {"DELETE FROM bench_value WHERE run = 1 AND cell = 4", NULL, READS_VALUES},
    {"UPDATE bench_cell SET name = 'x' WHERE id = 2", NULL, READS_VALUES},
    {"DELETE FROM bench_cell WHERE id = 2", NULL, READS_VALUES},
    {"UPDATE bench_cell_list SET cells = '1 2 3'", NULL, READS_VALUES | READS_ONE_CELL},
    {"DELETE FROM bench_cell_list", NULL, READS_VALUES | READS_ONE_CELL},
    {"UPDATE bench_run SET cell_list = 7 WHERE seq = 1", NULL,
     READS_VALUES | READS_ONE_CELL | READS_RUN},
    {"UPDATE bench_run SET errors = 7 WHERE seq = 1", NULL,
     READS_VALUES | READS_ONE_CELL | READS_RUN},
    {"UPDATE bench_run SET date_s = date_s + 1 WHERE seq = 1", "machine aa",
     READS_MACHINES | READS_VALUES | READS_ONE_CELL | READS_RUN},
    {"UPDATE bench_run SET machine = 2 WHERE seq = 1", "machine ",
     READS_MACHINES | READS_VALUES | READS_ONE_CELL | READS_RUN},
    {"UPDATE bench_run SET context = replace(context, '2026', '2027') WHERE seq = 1", NULL,
     READS_VALUES | READS_ONE_CELL | READS_RUN},
    {"UPDATE bench_environment SET context = replace(context, 'A, 1', 'A, 2')", "run ",
     READS_MACHINES | READS_VALUES | READS_ONE_CELL | READS_RUN},
    {"DELETE FROM bench_run WHERE seq = 1", "machine aa",
     READS_MACHINES | READS_VALUES | READS_ONE_CELL},
    {"UPDATE bench_machine SET key = 'ab' WHERE id = 1", "run ", READS_MACHINES | READS_RUN},
    {"DELETE FROM bench_machine WHERE id = 1", "machine ", READS_MACHINES | READS_RUN},
    {"UPDATE bench_blessing SET cell = 3", "an accepted change", READS_VALUES | READS_ONE_CELL},
    {"DELETE FROM bench_blessing", "an accepted change", READS_VALUES | READS_ONE_CELL},
    {"UPDATE bench_text SET zstd = (SELECT zstd FROM bench_text WHERE run = 2) WHERE run = 1", NULL,
     READS_TEXT},
    {"DELETE FROM bench_text WHERE run = 1", NULL, READS_TEXT},
};

static void change_copy(const char *from, const char *to, const char *sql)
{
    size_t size;
    char *path = path_in(from), *whole = NULL;

    assert_int_equal(load_bytes(path, RUN_BYTES_MOST, &whole, &size), 0);
    write_bytes(to, whole, size);
    change_store(to, sql);
    free(whole);
    free(path);
}

static void expect_damage(const char *reader, const char *id, const struct change *change)
{
    char with_id[100], words[200], *whole = NULL;

    snprintf(with_id, sizeof with_id, reader, id);
    snprintf(words, sizeof words, "%s --db=@changed.db", with_id);
    struct test_process process = run(words, NULL);
    assert_true(asprintf(&whole, "run %s", id) > 0);
    int is_named = strstr(process.err, whole) != NULL ||
                   (change->names != NULL && strstr(process.err, change->names) != NULL);
    if (process.status != 1 || !is_named || strstr(process.err, "bench_results verify") == NULL)
        fail_msg("%s\n'%s' exits with %d:\n%s%s", change->sql, words, process.status, process.out,
                 process.err);
    free(whole);
    test_process_free(&process);
}

static void every_command_finds_what_was_changed(void **state)
{
    size_t found = 0;

    (void)state;
    char *id = add("add --db=@whole.db @a.json"), *words = NULL;
    write_run("a2.json",
              &(struct test_run_spec){.machine = "aa",
                                      .minute = 9,
                                      .seed = 2,
                                      .context = ",\"cpu_model\":\"A, 1\",\"cores\":\"2\""});
    free(add("add --db=@whole.db @a2.json @b.json"));
    assert_true(asprintf(&words, "bless all --at=%s --reason=x --db=@whole.db", id) > 0);
    SAYS(words, 0, "accepted");
    free(words);
    SAYS("verify --db=@whole.db", 0, "3 runs are as added\n");
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        change_copy("whole.db", "changed.db", changes[i].sql);
        for (size_t r = 0; r < sizeof readers / sizeof readers[0]; r++) {
            if (readers[r].reads == VERIFIES)
                SAYS("verify --db=@changed.db", 1, "", "changed.db is damaged");
            else if ((readers[r].reads & changes[i].of) != 0)
                expect_damage(readers[r].words, id, &changes[i]);
            found++;
        }
    }
    print_message("%zu commands on changed stores\n", found);
    free(id);
}

/* One that is damaged is forgotten, and added once more. */
static void a_damaged_run_can_be_mended(void **state)
{
    (void)state;
    free(add("add --db=@mended.db @a.json @b.json"));
    change_store("mended.db", "UPDATE bench_run SET date_s = date_s + 1 WHERE seq = 1");
    change_store("mended.db", "DELETE FROM bench_value WHERE run = 1");
    SAYS("verify --db=@mended.db", 1, "what is kept of ");
    SAYS("forget @a.json --db=@mended.db", 0, "forgotten");
    SAYS("add @a.json --db=@mended.db", 0, "added");
    SAYS("verify --db=@mended.db", 0, "2 runs are as added");
}

static void refuses_the_database_of_another_program(void **state)
{
    (void)state;
    free(add("add --db=@other.db @a.json"));
    change_store("other.db", "ALTER TABLE bench_store RENAME TO a_table_of_mine");
    refuses("add --db=@other.db @b.json",
            "bench_results add: ", "the tables of another program are in it");
    refuses("machines --db=@other.db", "bench_results machines: ", "this is no store of runs");
}

static void refuses_a_newer_schema(void **state)
{
    (void)state;
    free(add("add --db=@newer.db @a.json"));
    change_store("newer.db", "UPDATE bench_store SET schema = 77");
    refuses("add --db=@newer.db @b.json", "bench_results add: ", "newer version of this program");
    refuses("machines --db=@newer.db", "bench_results machines: ", "its schema is 77");
}

static void says_that_a_store_is_damaged(void **state)
{
    char *path = path_in("damaged.db"), junk[4096];
    struct stat status;

    (void)state;
    free(add("add --db=@damaged.db @a.json"));
    free(add("add --db=@damaged.db @b.json"));
    memset(junk, 0xa5, sizeof junk);
    assert_int_equal(stat(path, &status), 0);
    int file = open(path, O_WRONLY | O_CLOEXEC);
    /* All pages but the first two: the header and the version stay. */
    for (off_t at = 8192; at < status.st_size; at += 4096)
        assert_int_equal(pwrite(file, junk, sizeof junk, at), sizeof junk);
    close(file);
    refuses("machines --db=@damaged.db", "bench_results machines: ", "the store is damaged");
    refuses("add --db=@damaged.db @late.json", "bench_results add: ", "the store is damaged");
    assert_int_equal(truncate(path, 6000), 0);
    refuses("machines --db=@damaged.db", "bench_results machines: ", "the store is damaged");
    free(path);
}

static void a_run_whose_machine_is_gone_is_damage(void **state)
{
    (void)state;
    char *id = add("add --db=@nobody.db @a.json"), *words = NULL;
    change_store("nobody.db", "DELETE FROM bench_machine");
    assert_true(asprintf(&words, "bless all --at=%s --reason=x --db=@nobody.db", id) > 0);
    refuses(words, "bench_results bless: ", "the store is damaged");
    free(words);
    free(id);
}

/* Of another machine it is found only where that is asked for. */
static void damage_of_one_machine_leaves_the_others(void **state)
{
    (void)state;
    free(add("add --db=@two.db @a.json @b.json"));
    change_store("two.db", "UPDATE bench_run SET context = '{\"a\": 5' WHERE seq = 2");
    SAYS("history --db=@two.db --machine=aa", 0, "");
    refuses("history --db=@two.db --machine=bb", "bench_results history: ", "the store is damaged");
    SAYS("machines --db=@two.db", 1, "aa", "what is kept of its date, machine, context");
    SAYS("verify --db=@two.db", 1, "two.db is damaged");
    /* Which run is the newest of all cannot be told. */
    refuses("check --db=@two.db", "bench_results check: ", "the store is damaged");
}

/* What is expected of opening to read, of opening to write, and of adding. */
struct refused {
    int read_error, open_error, add_error;
};

/* 0 when all is as expected in a process of the user nobody. */
static int try_as_nobody(const char *url, const struct passwd *user, struct refused expected)
{
    static const char text[] =
        "{\"context\":{\"date\":\"2026-01-01T00:00:00Z\",\"machine_key\":\"z\"},\"benchmarks\":[{"
        "\"name\":\"x\",\"run_type\":\"iteration\",\"real_time\":1,\"cpu_time\":1,"
        "\"time_unit\":\"ns\"}]}";
    struct history *history;
    struct history_added added;

    if (setgroups(0, NULL) != 0 || setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)
        return 1;
    if (history_open(url, HISTORY_READ, &history) != expected.read_error)
        return 2;
    history_close(history);
    if (history_open(url, HISTORY_CREATE, &history) != expected.open_error)
        return 3;
    if (expected.open_error == 0 &&
        history_add(history, text, sizeof text - 1, NULL, &added, NULL) != expected.add_error)
        return 4;
    history_close(history);
    return 0;
}

static int as_nobody(const char *url, struct refused expected)
{
    const struct passwd *user = getpwnam("nobody");
    int status;

    assert_non_null(user);
    fflush(NULL);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0)
        _exit(try_as_nobody(url, user, expected));
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void knows_a_store_that_it_may_only_read(void **state)
{
    char *path = path_in("mine.db");

    (void)state;
    if (geteuid() != 0) {
        print_message("skipped: test_bad_stores: another user's store: only root can try\n");
        free(path);
        skip();
    }
    free(add("add --db=@mine.db @a.json"));
    assert_int_equal(chmod(place.path, 0755), 0);
    assert_int_equal(chmod(path, 0644), 0);
    assert_int_equal(as_nobody(path, (struct refused){0, -EROFS, 0}), 0);
    /* The file may be written, but nothing beside it. */
    assert_int_equal(chmod(path, 0666), 0);
    assert_int_equal(as_nobody(path, (struct refused){0, 0, -EROFS}), 0);
    /* It may not even be read; and there is none, nor may one be made. */
    assert_int_equal(chmod(path, 0600), 0);
    assert_int_equal(as_nobody(path, (struct refused){-EACCES, -EROFS, 0}), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(as_nobody(path, (struct refused){-ENOENT, -EROFS, 0}), 0);
    free(path);
}

/* Adds runs until that fails; how many went in. */
static int fill_up(void)
{
    for (int i = 0; i < 300; i++) {
        write_run("big.json",
                  &(struct test_run_spec){
                      .machine = "full", .minute = i, .seed = (uint64_t)i, .samples = 100});
        struct test_process process = run("add --db=@small/h.db @big.json", NULL);
        int status = process.status;
        if (status != 0) {
            assert_one_sentence(process.err, "bench_results add: ");
            assert_non_null(strstr(process.err, "there is no space left"));
        }
        test_process_free(&process);
        if (status != 0)
            return i;
    }
    return -1;
}

static void check_full(int expected)
{
    char *url = path_in("small/h.db");
    struct history *history = test_open(url, HISTORY_READ);
    struct history_runs runs;

    assert_int_equal(history_list(history, NULL, 0, &runs), 0);
    assert_int_equal(runs.count, expected);
    for (size_t i = 0; i < runs.count; i++) {
        char *text;
        size_t length;
        assert_int_equal(history_export(history, runs.runs[i].id, &text, &length), 0);
        free(text);
    }
    history_runs_free(&runs);
    history_close(history);
    free(url);
}

static void loses_nothing_on_a_full_or_read_only_disk(void **state)
{
    char *path = path_in("small");

    (void)state;
    assert_int_equal(mkdir(path, 0755), 0);
    if (!confine_mount_tmpfs("size=1m", path)) {
        print_message("skipped: test_bad_stores: a full disk: tmpfs cannot be mounted: %s\n",
                      strerror(errno));
        free(path);
        skip();
    }
    int added = fill_up();
    if (added > 0)
        check_full(added);
    int remounted = mount("none", path, "tmpfs", MS_REMOUNT | MS_RDONLY, NULL);
    struct test_process process = run("add --db=@small/h.db @a.json", NULL);
    umount2(path, MNT_DETACH);
    assert_true(added > 2);
    assert_int_equal(remounted, 0);
    assert_int_equal(process.status, 1);
    assert_one_sentence(process.err, "bench_results add: ");
    assert_non_null(strstr(process.err, "the store may not be written"));
    test_process_free(&process);
    free(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_store),
        cmocka_unit_test(every_command_finds_what_was_changed),
        cmocka_unit_test(a_damaged_run_can_be_mended),
        cmocka_unit_test(refuses_the_database_of_another_program),
        cmocka_unit_test(refuses_a_newer_schema),
        cmocka_unit_test(says_that_a_store_is_damaged),
        cmocka_unit_test(damage_of_one_machine_leaves_the_others),
        cmocka_unit_test(a_run_whose_machine_is_gone_is_damage),
        cmocka_unit_test(knows_a_store_that_it_may_only_read),
        cmocka_unit_test(loses_nothing_on_a_full_or_read_only_disk),
    };
    return cmocka_run_group_tests(tests, run_files_set_up, place_remove);
}
