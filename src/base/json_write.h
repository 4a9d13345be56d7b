/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_JSON_WRITE_H
#define BENCH_MMAP_BASE_JSON_WRITE_H

#include <stddef.h>
#include <stdio.h>

/* The text as a JSON string. Errors are the FILE's: look at ferror() at the end. */
void json_write(FILE *out, const char *text, size_t length);

#endif
