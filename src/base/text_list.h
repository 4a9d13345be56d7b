/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of sentences that a comparison makes on its way. */
#ifndef BENCH_MMAP_BASE_TEXT_LIST_H
#define BENCH_MMAP_BASE_TEXT_LIST_H

#include <stdarg.h>
#include <stddef.h>

/* Appends a sentence. -ENOMEM; the list stays valid. */
int text_list_add(char ***notes, size_t *count, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

void text_list_free(char **notes, size_t count);

#endif
