/* SPDX-License-Identifier: Apache-2.0
 * Programs that run where the kernel refuses something. */
#ifndef BENCH_MMAP_TESTS_SUPPORT_CONFINE_H
#define BENCH_MMAP_TESTS_SUPPORT_CONFINE_H

#include <stdbool.h>

/* For main(): when argv is "TEST confine WORD... -- PROGRAM ARGUMENT...", becomes that program with
 * what the words ask for, and does not return. The words:
 *
 *     deny CALL ERRNO      this system call fails: confine.c has a table of both
 *     limit AS|FSIZE|MEMLOCK|MSGQUEUE|NOFILE BYTES
 *     no-ipc-lock          root may not lock more memory than others
 *     one-processor
 *     tmpfs OPTIONS DIR    a tmpfs there, in a mount namespace of its own
 *
 * CONFINE_IMPOSSIBLE: something of that cannot be had here; stderr says what. */
void confine_main(int argc, char **argv);

#define CONFINE_IMPOSSIBLE 78

/* Runs this program with the words `name` and `directory`. Skips the test where its status is
 * CONFINE_IMPOSSIBLE, fails it where that is another than 0. */
void assert_confined_child(const char *name, const char *directory);

/* For such a child: a tmpfs on `dir`, in a mount namespace of its own. */
bool confine_mount_tmpfs(const char *options, const char *dir);

#endif
