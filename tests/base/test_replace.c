/* SPDX-License-Identifier: Apache-2.0 */
/* Replacing a file as a whole. */
#include "src/base/replace.h"
#include "tests/support/support.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static struct test_directory directory;
static char path[96];

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&directory);
    snprintf(path, sizeof path, "%s/run.json", directory.path);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    test_directory_remove(&directory);
    return 0;
}

static void put(const char *name, const char *text)
{
    int fd = openat(directory.fd, name, O_WRONLY | O_CREAT | O_TRUNC, 0640);

    assert_true(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    close(fd);
}

static void assert_holds(const char *name, const char *text)
{
    char full[200];
    char *read;

    snprintf(full, sizeof full, "%s/%s", directory.path, name);
    read = test_read_file(full);
    assert_non_null(read);
    assert_string_equal(read, text);
    free(read);
}

/* Without a name in the directory until it is complete; the old one stays as it is until then. */
static void a_file_appears_whole(void **state)
{
    struct replacement new;

    (void)state;
    for (int round = 0; round < 2; round++) {
        struct stat status;
        assert_int_equal(replace_open(&new, path), 0);
        assert_int_equal(new.existed, round);
        assert_int_equal(replace_write(&new, "ne", 2), 0);
        assert_int_equal(replace_write(&new, "w", 1), 0);
        assert_int_equal(test_directory_count(&directory), round);
        if (round == 1)
            assert_holds("run.json", "old");
        assert_int_equal(replace_commit(&new, new.path), 0);
        replace_close(&new);
        assert_holds("run.json", "new");
        assert_int_equal(test_directory_count(&directory), 1);
        assert_int_equal(stat(path, &status), 0);
        if (round == 1)
            assert_int_equal(status.st_mode & 0777, 0604);
        put("run.json", "old");
        assert_int_equal(chmod(path, 0604), 0);
    }
    assert_int_equal(replace_open(&new, path), 0);
    assert_int_equal(replace_write(&new, "lost", 4), 0);
    replace_close(&new);
    assert_holds("run.json", "old");
    assert_int_equal(test_directory_count(&directory), 1);
    assert_int_equal(unlink(path), 0);
}

/* Somebody else puts a link to a file of ours where a name is that is still to be written to. */
static void a_planted_link_is_not_followed(void **state)
{
    struct replacement new;

    (void)state;
    put("victim", "mine");
    assert_int_equal(replace_open(&new, path), 0);
    if (new.temporary != NULL) {
        assert_int_equal(unlink(new.temporary), 0);
        assert_int_equal(symlinkat("victim", directory.fd, strrchr(new.temporary, '/') + 1), 0);
    }
    assert_int_equal(symlinkat("victim", directory.fd, "run.json"), 0);
    assert_int_equal(replace_write(&new, "new", 3), 0);
    (void)replace_commit(&new, new.path);
    replace_close(&new);
    assert_holds("victim", "mine");
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlinkat(directory.fd, "victim", 0), 0);
}

/* A link stays a link, and a device gets the text. */
static void what_the_path_leads_to_is_replaced(void **state)
{
    struct replacement new;
    struct stat status;

    (void)state;
    put("behind", "old");
    assert_int_equal(symlinkat("behind", directory.fd, "run.json"), 0);
    assert_int_equal(replace_open(&new, path), 0);
    assert_int_equal(replace_write(&new, "new", 3), 0);
    assert_int_equal(replace_commit(&new, new.path), 0);
    replace_close(&new);
    assert_holds("behind", "new");
    assert_int_equal(lstat(path, &status), 0);
    assert_true(S_ISLNK(status.st_mode));
    /* A link of somebody else is replaced itself. */
    if (geteuid() == 0) {
        assert_int_equal(lchown(path, 65534, 65534), 0);
        assert_int_equal(replace_open(&new, path), 0);
        assert_false(new.existed);
        assert_int_equal(replace_write(&new, "newer", 5), 0);
        assert_int_equal(replace_commit(&new, new.path), 0);
        replace_close(&new);
        assert_holds("behind", "new");
        assert_holds("run.json", "newer");
    }
    assert_int_equal(unlink(path), 0);
    assert_int_equal(unlinkat(directory.fd, "behind", 0), 0);
    assert_int_equal(replace_open(&new, directory.path), -EISDIR);
    replace_close(&new);
    assert_int_equal(replace_open(&new, "/dev/full"), 0);
    assert_true(new.in_place);
    assert_int_equal(replace_write(&new, "new", 3), -ENOSPC);
    replace_close(&new);
}

/* What a process that was killed has left goes; what is in use, or of another form, stays. */
static void leftovers_are_removed(void **state)
{
    static const char *const stay[] = {"run.json.bench_mmap-000002", "run.json.bench_mmap-long000",
                                       "run.json.backup", "ran.json.bench_mmap-000001"};
    struct replacement new;

    (void)state;
    put("run.json.bench_mmap-000001", "left");
    for (size_t i = 0; i < 4; i++)
        put(stay[i], "stays");
    assert_int_equal(symlinkat("run.json.backup", directory.fd, "run.json.bench_mmap-000003"), 0);
    int fd = openat(directory.fd, stay[0], O_RDONLY);
    assert_int_equal(flock(fd, LOCK_EX), 0);
    assert_int_equal(replace_open(&new, path), 0);
    replace_close(&new);
    assert_int_equal(faccessat(directory.fd, "run.json.bench_mmap-000001", F_OK, 0), -1);
    for (size_t i = 0; i < 4; i++)
        assert_holds(stay[i], "stays");
    assert_int_equal(test_directory_count(&directory), 5);
    close(fd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_appears_whole),
        cmocka_unit_test(a_planted_link_is_not_followed),
        cmocka_unit_test(what_the_path_leads_to_is_replaced),
        cmocka_unit_test(leftovers_are_removed),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
