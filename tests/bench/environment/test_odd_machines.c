/* SPDX-License-Identifier: Apache-2.0 */
/* The environment of machines that answer nothing, or nonsense. */
#include "tests/support/make_environment.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* No key may be lost where a machine does not answer. */
static size_t keys_of_a_sound_machine(void)
{
    struct environment environment;
    char root[4096];

    fixture_root(fixtures[0], root);
    collect(&environment, root);
    assert_int_equal(environment_collect_after(&environment, root), 0);
    size_t count = environment.count;
    environment_free(&environment);
    return count;
}

/* What does not come from a file: the program itself, and the descriptor. */
static bool is_known_anyway(const char *key)
{
    static const char *const known[] = {"schema",          "bench_mmap_version", "git_revision",
                                        "compiler",        "compiler_flags",     "build_type",
                                        "page_size_bytes", "file_system",        "free_bytes",
                                        "machine_key",     "machine_key_lacks",  "unfit_build"};

    for (size_t i = 0; i < COUNT(known); i++)
        if (strcmp(key, known[i]) == 0)
            return true;
    return false;
}

static void missing_files_are_unknown(void **state)
{
    struct environment environment;
    struct tree tree;

    (void)state;
    tree_create(&tree);
    collect(&environment, tree.root);
    assert_int_equal(environment_collect_after(&environment, tree.root), 0);
    assert_int_equal(environment.count, keys_of_a_sound_machine());
    assert_non_null(strstr(environment_get(&environment, "machine_key_lacks"), "mount_options"));
    for (size_t i = 0; i < environment.count; i++)
        if (!is_known_anyway(environment.entries[i].key))
            assert_value(&environment, environment.entries[i].key, "unknown");
    environment_free(&environment);

    /* Not even a descriptor. */
    assert_int_equal(environment_collect(&environment, -1, tree.root), 0);
    assert_value(&environment, "file_system", "unknown");
    assert_value(&environment, "free_bytes", "unknown");
    environment_free(&environment);
    tree_remove(&tree);
}

enum garbage { EMPTY, BINARY, HUGE_LINE, HUGE_LINES, INVALID_UTF8, FOLDER, GARBAGES };

static enum garbage garbage;

static char *garbage_bytes;

enum { GARBAGE_SIZE = 300000 };

static int spoil_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    static const size_t sizes[GARBAGES] = {0, 4000, GARBAGE_SIZE, GARBAGE_SIZE, 3000, 0};
    FILE *file;

    (void)status;
    (void)walk;
    if (type != FTW_F)
        return 0;
    if (garbage == FOLDER)
        return unlink(path) != 0 || mkdir(path, 0700) != 0;
    file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(fwrite(garbage_bytes, 1, sizes[garbage], file), sizes[garbage]);
    return fclose(file);
}

static void make_garbage(void)
{
    uint32_t random = 1;

    for (size_t i = 0; i < GARBAGE_SIZE; i++) {
        random = random * 1664525U + 1013904223U;
        if (garbage == BINARY)
            garbage_bytes[i] = (char)(random >> 24);
        else if (garbage == HUGE_LINES)
            garbage_bytes[i] = ": -1,\n"[i % 6];
        else if (garbage == INVALID_UTF8)
            garbage_bytes[i] =
                "\xc0\xaf\xed\xa0\x80\xf8\xe2\x80\xa8\xc2\x85\x1b\x7f\r\xe2\x82"[i % 16];
        else
            garbage_bytes[i] = "ab ,-9"[i % 6];
    }
}

static void garbage_is_survived(void **state)
{
    (void)state;
    garbage_bytes = malloc(GARBAGE_SIZE);
    size_t expected = keys_of_a_sound_machine();
    assert_non_null(garbage_bytes);
    for (size_t i = 0; i < FIXTURES; i++) {
        for (garbage = EMPTY; garbage < GARBAGES; garbage++) {
            struct environment environment;
            struct tree tree;

            make_garbage();
            tree_copy(&tree, fixtures[i]);
            assert_int_equal(nftw(tree.root, spoil_one, 16, FTW_PHYS | FTW_DEPTH), 0);
            collect(&environment, tree.root);
            assert_int_equal(environment_collect_after(&environment, tree.root), 0);
            assert_int_equal(environment.count, expected);
            assert_clean_values(&environment);
            environment_free(&environment);
            tree_remove(&tree);
        }
    }
    free(garbage_bytes);
}

/* One odd file at a time, so that the others still lead the code to it. */
static void one_odd_file_gives_one_clean_line(void **state)
{
    static const char odd[] = "a\x01\t\tb\xc3\xa9\xff \xe2\x80\xa8z";

    (void)state;
    assert_value_with("sys/class/block/nvme0n1/device/model", odd, "block_device",
                      "a? b\xc3\xa9? ???z");
    assert_value_with("sys/class/block/nvme0n1/device/model", "", "block_device", "nvme0n");
    assert_value_with("proc/self/mountinfo", "29 1 259:2 / / rw - ext4 \n", "file_system",
                      "ext2/ext3/ext4");
}

static void long_values_are_cut(void **state)
{
    enum { PART = 32768, LENGTH = PART + 100 };
    char *line = malloc(LENGTH + 1);
    struct environment environment;
    struct tree tree;

    (void)state;
    assert_non_null(line);
    tree_copy(&tree, "x86_nvme_ext4");
    memset(line, 'x', LENGTH);
    line[LENGTH] = '\0';
    memcpy(line, "model name : ", 13);
    tree_write(tree.root, "proc/cpuinfo", line);
    tree_write(tree.root, "sys/class/block/nvme0n1/device/model", line);
    memcpy(line, "29 1 259:2 / / rw - ext4 /dev/nvme0n1p2 rw,", 43);
    for (size_t i = 43; i < LENGTH; i += 8)
        line[i] = ',';
    tree_write(tree.root, "proc/self/mountinfo", line);
    collect(&environment, tree.root);
    assert_clean_values(&environment);
    assert_int_equal(strlen(environment_get(&environment, "cpu_model")),
                     ENVIRONMENT_VALUE_SIZE - 1);
    assert_value(&environment, "file_system", "ext4");
    environment_free(&environment);
    tree_remove(&tree);

    /* The rest of a long line is no line of its own. */
    memset(line, 'x', PART - 1);
    snprintf(line + PART - 1, LENGTH + 1 - (PART - 1), "MemTotal: 7 kB\nMemTotal: 1048576 kB\n");
    assert_value_with("proc/meminfo", line, "memory_class", "1 GiB");
    free(line);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(missing_files_are_unknown),
        cmocka_unit_test(garbage_is_survived),
        cmocka_unit_test(one_odd_file_gives_one_clean_line),
        cmocka_unit_test(long_values_are_cut),
    };

    return cmocka_run_group_tests(tests, open_fixture_fd, close_fixture_fd);
}
