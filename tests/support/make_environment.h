/* SPDX-License-Identifier: Apache-2.0 */
/* Trees of fixtures in the place of a machine's /proc and /sys, and what is read from them. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_MAKE_ENVIRONMENT_H
#define BENCH_MMAP_TESTS_SUPPORT_MAKE_ENVIRONMENT_H

#include "bench/environment/environment.h"
#include "support.h"

#include <stddef.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* The fixtures hold proc/self/fdinfo/99. */
enum { FIXTURE_FD = 99, FIXTURES = 5 };
extern const char *const fixtures[FIXTURES];

/* Set-up and tear-down of a group of tests: FIXTURE_FD is the current directory. */
int open_fixture_fd(void **state);
int close_fixture_fd(void **state);

/* A private copy of a fixture that a test may change. */
struct tree {
    char root[64];
};

void tree_create(struct tree *tree); /* empty */
void tree_copy(struct tree *tree, const char *fixture);
void tree_remove(const struct tree *tree);

/* Paths are below root; full has room for 4096 bytes. */
void tree_path(const char *root, const char *path, char *full);
void fixture_root(const char *name, char *root);
void tree_write_bytes(const char *root, const char *path, const char *bytes, size_t size);
void tree_write(const char *root, const char *path, const char *text);
size_t tree_read(const char *full, char *text, size_t size);
/* Replaces every `from`, which must be there. */
void tree_replace(const char *root, const char *path, const char *from, const char *to);

void collect(struct environment *environment, const char *root);
void assert_value(const struct environment *environment, const char *key, const char *value);
/* Of the machine whose files are under that root. */
void assert_value_in(const char *root, const char *key, const char *value);
/* What one file of the x86 fixture must change. NULL text removes the file. */
void assert_value_with(const char *path, const char *text, const char *key, const char *value);
void assert_clean_values(const struct environment *environment);

#endif
