/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results add, export, machines and bless as a user meets them, and what is wrong with a
 * store in a file. */
#include "src/history/store.h"
#include "tests/support/make_sides.h"
#include "tests/support/make_store.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <jansson.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void write_bytes(const char *name, const char *text, size_t length)
{
    char *path = path_in(name);
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
    free(path);
}

static char *read_bytes(const char *name)
{
    char *path = path_in(name), *text = test_read_file(path);
    assert_non_null(text);
    free(path);
    return text;
}

static void write_run(const char *name, const struct test_run_spec *spec)
{
    char *text = test_run_text(spec);
    write_bytes(name, text, strlen(text));
    free(text);
}

/* As says(), and nothing but that one sentence on stderr. */
static void refuses(const char *words, const char *start, const char *part)
{
    struct test_process process = run(words, NULL);

    if (process.status != 1)
        fail_msg("'%s' exits with %d:\n%s%s", words, process.status, process.out, process.err);
    assert_one_sentence(process.err, start);
    if (strstr(process.err, part) == NULL)
        fail_msg("'%s' does not say '%s':\n%s", words, part, process.err);
    test_process_free(&process);
}

/* The id that `add` prints; the caller's. */
static char *add(const char *words)
{
    struct test_process process = run(words, NULL);
    char id[13] = "";

    /* "added" or "already there", in 13 columns */
    assert_true(strlen(process.out) > 15);
    assert_int_equal(sscanf(process.out + 13, "%12s", id), 1);
    assert_int_equal(process.status, 0);
    test_process_free(&process);
    return strdup(id);
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    write_run("a.json", &(struct test_run_spec){
                            .machine = "aa", .context = ",\"cpu_model\":\"A, 1\",\"cores\":\"2\""});
    write_run("b.json", &(struct test_run_spec){.machine = "bb",
                                                .minute = 5,
                                                .context = ",\"cpu_model\":\"B\",\"cores\":\"2\""});
    write_run("late.json", &(struct test_run_spec){.machine = "bb", .minute = 2});
    write_run("anonymous.json", &(struct test_run_spec){.seed = 9});
    write_bytes("broken.json", "{\"context\":{},\n\"benchmarks\":[", 29);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_directory_remove(&place);
    return 0;
}

static void adds_and_says_so(void **state)
{
    (void)state;
    SAYS("add --db=@new/h.db @a.json @b.json @late.json", 0, "added          ",
         "  aa  2026-01-01 00:00:00  ", "a.json",
         "late.json (older than the newest run of its machine)");
    SAYS("add --db=@new/h.db @a.json", 0, "already there  ", "  aa  2026-01-01 00:00:00  ");
    SAYS("add --db=@new/h.db @anonymous.json --machine=laptop --date=2025-12-31T23:30:00-01:00", 0,
         "  laptop  2026-01-01 00:30:00  ");
}

static void says_that_a_clock_is_wrong(void **state)
{
    (void)state;
    write_run("ahead.json", &(struct test_run_spec){.machine = "aa", .seed = 4});
    SAYS("add --db=@clock.db @ahead.json --date=2999-01-01T00:00:00Z", 0, "added  ",
         "ahead.json (its date is still to come: until then it stays the newest)\n");
    /* The next one, by a clock that is right. */
    SAYS("add --db=@clock.db @a.json", 0, "a.json (older than the newest run of its machine)");
}

static void adds_the_others_when_one_is_bad(void **state)
{
    (void)state;
    SAYS("add --db=@some.db @a.json @broken.json @anonymous.json @nowhere.json @b.json", 1,
         "  aa  ", "  bb  ", "broken.json, line 2, column",
         "anonymous.json does not say of which machine",
         "nowhere.json cannot be read: No such file", "3 of 5 runs were not added.");
    refuses("add --db=@some.db @anonymous.json", "bench_results add: ", "give --machine=NAME.");
    write_run("undated.json",
              &(struct test_run_spec){.machine = "a", .context = ",\"date\":\"now\""});
    refuses("add --db=@some.db @undated.json", "bench_results add: ", "none that can be read");
    refuses("add --db=@some.db @anonymous.json --machine=a --date=today",
            "bench_results add: ", "'today' is no date");
    refuses("add --db=@some.db", "bench_results add: name run files", "--help");
    refuses("add --db=@some.db @new", "bench_results add: ", "name its files");
}

static void exports_the_bytes(void **state)
{
    char *id = add("add --db=@x.db @b.json"), words[200];
    char *text = read_bytes("b.json"), *back;

    (void)state;
    snprintf(words, sizeof words, "export %.6s --db=@x.db", id);
    struct test_process process = run(words, NULL);
    assert_int_equal(process.status, 0);
    assert_string_equal(process.out, text);
    test_process_free(&process);
    write_bytes("out.json", "old", 3);
    snprintf(words, sizeof words, "export %s --db=@x.db --out=@out.json", id);
    SAYS(words, 0, "");
    back = read_bytes("out.json");
    assert_string_equal(back, text);
    free(back);
    snprintf(words, sizeof words, "export %s --db=@x.db --out=@nowhere/out.json", id);
    refuses(words, "bench_results export: ", "could not be written: No such file");
    refuses("export 0000 --db=@x.db", "bench_results export: ", "there is no run 0000.");
    refuses("export ../../x --db=@x.db", "bench_results export: ", "is no run; give 4 to 64");
    free(text);
    free(id);
}

static void assert_holds(const char *name, const char *expected)
{
    char *text = read_bytes(name);
    assert_string_equal(text, expected);
    free(text);
}

/* What a pipe holds after `words` have run: all of it, and the pipe is still one. */
static void pipe_gets(const char *words, const char *name, const char *expected)
{
    char *path = path_in(name), *got = calloc(strlen(expected) + 2, 1);
    struct stat after;

    assert_non_null(got);
    assert_int_equal(mkfifo(path, 0600), 0);
    int file = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
    assert_true(file >= 0);
    assert_true(fcntl(file, F_GETPIPE_SZ) > (int)strlen(expected));
    SAYS(words, 0, "");
    assert_int_equal(read(file, got, strlen(expected) + 1), strlen(expected));
    assert_string_equal(got, expected);
    assert_int_equal(lstat(path, &after), 0);
    assert_true(S_ISFIFO(after.st_mode));
    close(file);
    free(path);
    free(got);
}

static void exports_over_what_is_there_with_care(void **state)
{
    char *id = add("add --db=@care.db @b.json"), words[200];
    char *text = read_bytes("b.json"), *link_path = path_in("link"), *target = path_in("target");
    struct stat status;

    (void)state;
    /* Nothing of the user's is taken for a part of its own. */
    write_bytes("run.json.partial", "mine", 4);
    snprintf(words, sizeof words, "export %s --db=@care.db --out=@run.json", id);
    SAYS(words, 0, "");
    assert_holds("run.json", text);
    assert_holds("run.json.partial", "mine");
    /* A link stays one, and a file keeps its mode. */
    write_bytes("target", "old", 3);
    assert_int_equal(chmod(target, 0600), 0);
    assert_int_equal(symlink("target", link_path), 0);
    snprintf(words, sizeof words, "export %s --db=@care.db --out=@link", id);
    SAYS(words, 0, "");
    assert_holds("target", text);
    assert_int_equal(lstat(link_path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    assert_int_equal(stat(target, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0600);
    /* A pipe, or /dev/null, is not replaced by a file. */
    snprintf(words, sizeof words, "export %s --db=@care.db --out=@pipe", id);
    pipe_gets(words, "pipe", text);
    free(link_path);
    free(target);
    free(text);
    free(id);
}

static void lists_machines_by_what_differs(void **state)
{
    (void)state;
    free(add("add --db=@m.db @a.json"));
    free(add("add --db=@m.db @b.json"));
    free(add("add --db=@m.db @late.json"));
    SAYS("machines --db=@m.db", 0, "processor", "A, 1", "2026-01-01 00:02  2026-01-01 00:05",
         "All: cores 2.");
    struct test_process process = run("machines --db=@m.db", NULL);
    assert_null(strstr(process.out, "virtualisation"));
    assert_null(strstr(strstr(process.out, "machine"), "  cores"));
    test_process_free(&process);
    SAYS("machines --db=@m.db --format=markdown", 0, "| machine |", "| bb");
    SAYS("machines --db=@m.db --format=csv", 0, "machine,runs,first_date_s,last_date_s,cpu_model",
         "\naa,1,1767225600,1767225600,\"A, 1\",2,", "\nbb,2,1767225720,1767225900,B,2,");
    process = run("machines --db=@m.db --format=json", NULL);
    json_t *json = json_loads(process.out, 0, NULL);
    json_t *machine = json_array_get(json_object_get(json, "machines"), 1);
    assert_string_equal(json_string_value(json_object_get(machine, "machine")), "bb");
    assert_int_equal(json_integer_value(json_object_get(machine, "runs")), 2);
    assert_string_equal(json_string_value(json_object_get(machine, "cpu_model")), "B");
    json_decref(json);
    test_process_free(&process);
    /* A clock that was never set, east of Greenwich. */
    write_run("unset.json", &(struct test_run_spec){.machine = "cc"});
    free(add("add --db=@unset.db @unset.json --date=1970-01-01T00:00:10+01:00"));
    SAYS("machines --db=@unset.db --format=json", 0, "\"first_date_s\": -3590,",
         "\"last_date_s\": -3590,");
    SAYS("machines --db=@unset.db", 0, "1969-12-31 23:00  1969-12-31 23:00");
    refuses("machines --db=@m.db more", "bench_results machines: ", "one word too many");
}

static void blesses_with_a_reason(void **state)
{
    char *id = add("add --db=@bless.db @a.json"), words[300], start[100];
    struct history_blessings list;

    (void)state;
    snprintf(words, sizeof words, "bless all --at=%.8s --machine=a --reason=kernel --db=@bless.db",
             id);
    snprintf(start, sizeof start, "accepted: all of machine aa from run %s", id);
    SAYS(words, 0, start);
    snprintf(words, sizeof words, "bless Nothing --at=%s --reason=x --db=@bless.db", id);
    refuses(words, "bench_results bless: ", "has no cell 'Nothing'");
    free(add("add --db=@bless.db @b.json"));
    snprintf(words, sizeof words, "bless all --at=%s --machine=b --reason=x --db=@bless.db", id);
    refuses(words, "bench_results bless: ", "is not one of machine b");
    snprintf(words, sizeof words, "bless all --at=%s --machine=cc --reason=x --db=@bless.db", id);
    refuses(words, "bench_results bless: ", "there is no machine cc; there are: aa, bb.");
    /* A name as tables show it. */
    snprintf(words, sizeof words, "bless Write/file:new --at=%s --reason=x --db=@bless.db", id);
    refuses(
        words, "bench_results bless: ",
        "has 2 cells 'Write/file:new', such as Write/file:new/sync:none/size:1048576/chunk:4096");
    snprintf(words, sizeof words, "bless Writ/chunk:4096 --at=%s --reason=x --db=@bless.db", id);
    refuses(words, "bench_results bless: ", "has no cell 'Writ/chunk:4096'");
    snprintf(words, sizeof words,
             "bless Write/chunk:4096/file:new --at=%s --reason=x --db=@bless.db", id);
    refuses(words, "bench_results bless: ", "has no cell");
    snprintf(words, sizeof words,
             "bless Write/file:new/chunk:65536 --at=%s --reason=y --db=@bless.db", id);
    SAYS(words, 0, "accepted: Write/file:new/sync:none/size:1048576/chunk:65536");
    snprintf(words, sizeof words, "bless all --at=%s --db=@bless.db", id);
    refuses(words, "bench_results bless: say why", "--reason");
    refuses("bless all --reason=x --db=@bless.db", "bench_results bless: say from which run", "");
    char *url = path_in("bless.db");
    struct history *history = test_open(url, HISTORY_READ);
    assert_int_equal(history_blessings(history, NULL, &list), 0);
    assert_int_equal(list.count, 2);
    assert_string_equal(list.blessings[0].reason, "kernel");
    assert_null(list.blessings[0].cell);
    assert_non_null(
        strstr(list.blessings[1].cell, "Write/file:new/sync:none/size:1048576/chunk:65"));
    history_blessings_free(&list);
    history_close(history);
    free(url);
    free(id);
}

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
        print_message("skipped: test_history_program: another user's store: only root can try\n");
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
    if (mount("none", path, "tmpfs", 0, "size=1m") != 0) {
        print_message("skipped: test_history_program: a full disk: tmpfs cannot be mounted: %s\n",
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
        cmocka_unit_test(adds_and_says_so),
        cmocka_unit_test(says_that_a_clock_is_wrong),
        cmocka_unit_test(adds_the_others_when_one_is_bad),
        cmocka_unit_test(exports_the_bytes),
        cmocka_unit_test(exports_over_what_is_there_with_care),
        cmocka_unit_test(lists_machines_by_what_differs),
        cmocka_unit_test(blesses_with_a_reason),
        cmocka_unit_test(refuses_what_is_no_store),
        cmocka_unit_test(refuses_the_database_of_another_program),
        cmocka_unit_test(refuses_a_newer_schema),
        cmocka_unit_test(says_that_a_store_is_damaged),
        cmocka_unit_test(knows_a_store_that_it_may_only_read),
        cmocka_unit_test(loses_nothing_on_a_full_or_read_only_disk),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
