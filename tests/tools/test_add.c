/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results add, export, machines and bless as a user meets them. */
#include "tests/support/make_sides.h"
#include "tests/support/run_files.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void adds_and_says_so(void **state)
{
    (void)state;
    SAYS("add --db=@new/h.db @a.json @b.json @late.json", 0, "added          ",
         "  aa  2026-01-01 00:00:00  ", "a.json",
         "late.json (older than the newest run of its machine)");
    SAYS("add --db=@new/h.db @a.json", 0, "already there  ", "  aa  2026-01-01 00:00:00  ");
    SAYS("add --db=@new/h.db @a.json --machine=other", 0, "already there  ", "  aa  ",
         "a.json (filed under aa; bench_results move ", " --machine=other files it there)\n");
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

static void says_that_a_run_was_interrupted(void **state)
{
    (void)state;
    write_run("part.json", &(struct test_run_spec){.machine = "aa",
                                                   .seed = 5,
                                                   .context = ",\"interrupted\":\"Interrupt\","
                                                              "\"repetitions\":\"100\","
                                                              "\"cells_selected\":\"50\""});
    SAYS("add --db=@part.db @part.json", 0, "part.json", " (interrupted after ",
         " of 5000 samples)\n");
}

static void files_a_run_elsewhere_and_forgets_it(void **state)
{
    char *id = add("add --db=@filed.db @a.json"), *words = NULL;

    (void)state;
    free(add("add --db=@filed.db @b.json"));
    assert_true(asprintf(&words, "bless all --at=%s --reason=x --db=@filed.db", id) > 0);
    SAYS(words, 0, "accepted");
    SAYS("move @a.json --db=@filed.db --date=2026-02-03T04:05:06Z", 0, "moved  ", id,
         "  aa  2026-02-03 04:05:06\n");
    SAYS("move @a.json --db=@filed.db --machine=bb", 0, "  bb  2026-02-03 04:05:06\n",
         "1 accepted change at it is forgotten, too\n");
    SAYS("machines --db=@filed.db", 0, "bb          2  2026-01-01 00:05  2026-02-03 04:05");
    SAYS("verify --db=@filed.db", 0, "2 runs are as added\n");
    SAYS("forget @a.json --db=@filed.db", 0, "forgotten  ", id);
    SAYS("verify --db=@filed.db", 0, "1 run is as added\n");
    refuses("forget @a.json --db=@filed.db", "bench_results forget: ", "there is no run ");
    SAYS("add --db=@filed.db @a.json", 0, "added  ", "  aa  2026-01-01 00:00:00");
    refuses("move @a.json --db=@filed.db", "bench_results move: ", "say where to");
    refuses(
        "move @a.json --db=@filed.db --machine=", "bench_results move: ", "cannot name a machine");
    refuses("move @a.json --db=@filed.db --date=x", "bench_results move: ", "'x' is no date");
    free(words);
    free(id);
}

/* Nor behind a link that leads nowhere. */
static void makes_no_store_for_bad_runs(void **state)
{
    char *path = path_in("none.db"), *link = path_in("link.db");

    (void)state;
    SAYS("add --db=@none.db @broken.json @anonymous.json @nowhere.json", 1,
         "3 of 3 runs were not added.");
    assert_int_equal(access(path, F_OK), -1);
    assert_int_equal(symlink(path, link), 0);
    refuses("add --db=@link.db @a.json", "bench_results add: ", "there is no store");
    assert_int_equal(access(path, F_OK), -1);
    free(path);
    free(link);
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
    refuses("machines --db=@m.db more", "bench_results machines: ", "nothing else has a name");
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_says_so),
        cmocka_unit_test(says_that_a_clock_is_wrong),
        cmocka_unit_test(says_that_a_run_was_interrupted),
        cmocka_unit_test(files_a_run_elsewhere_and_forgets_it),
        cmocka_unit_test(makes_no_store_for_bad_runs),
        cmocka_unit_test(adds_the_others_when_one_is_bad),
        cmocka_unit_test(exports_the_bytes),
        cmocka_unit_test(exports_over_what_is_there_with_care),
        cmocka_unit_test(lists_machines_by_what_differs),
        cmocka_unit_test(blesses_with_a_reason),
    };
    return cmocka_run_group_tests(tests, run_files_set_up, place_remove);
}
