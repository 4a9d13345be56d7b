/* SPDX-License-Identifier: Apache-2.0
 * What several tests need: cmocka, a directory of their own, and running a program. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_SUPPORT_H
#define BENCH_MMAP_TESTS_SUPPORT_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* ctest and meson show a test that exits with this as skipped. */
#define TEST_SKIPPED 77

struct test_directory {
    char path[64];
    int fd;
};

/* Below TMPDIR, or /tmp. */
void test_directory_create(struct test_directory *directory);
void test_directory_remove(struct test_directory *directory);
/* How many entries it has, hidden ones too. */
size_t test_directory_count(const struct test_directory *directory);

struct test_process {
    int status; /* exit status; 128 + signal when killed by one */
    char *out;  /* what it wrote to stdout, with a final NUL */
    char *err;  /* what it wrote to stderr */
};

/* Runs argv (NULL-terminated) to its end, with `environment` ("NAME=VALUE", NULL-terminated, NULL
 * for none) added. Once it has said `signal_at` (NULL: never) on stderr, it is sent SIGINT. */
struct test_process test_run(const char *const *argv, const char *const *environment,
                             const char *signal_at);
void test_process_free(struct test_process *process);

/* Makes one space of all space: lines are broken where they are full. */
void test_unfold(char *text);

/* How much of a test is done: what BENCH_MMAP_TESTS says, "quick" or "long", or neither. */
int test_extent(int quick, int usual, int extended);

/* The path of this program, which a test runs again as a child. */
const char *test_self(void);

/* Runs this program with the words `name` and `argument`; its exit status. What it says on stderr
 * is printed where the status is not 0. */
int test_run_self(const char *name, const char *argument);

/* Whether strace is there and may trace. */
bool test_can_trace(void);

/* One line that ends with a line feed, and starts with `start`. */
void assert_one_sentence(const char *text, const char *start);

/* The whole file with a final NUL; NULL when it cannot be read. The caller frees it. */
char *test_read_file(const char *path);

#endif
