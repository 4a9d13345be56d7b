/* SPDX-License-Identifier: Apache-2.0
 * One sentence for the user on stderr, behind the program's name. */
#ifndef BENCH_MMAP_BENCH_MESSAGE_H
#define BENCH_MMAP_BENCH_MESSAGE_H

void message(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
