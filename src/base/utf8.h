/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_UTF8_H
#define BENCH_MMAP_BASE_UTF8_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* The bytes of the character that begins there (RFC 3629), and its code; 0 for what is no UTF-8.
 * The text ends in NUL. */
size_t utf8_decode(const char *text, uint32_t *code);

/* Of the sets C0 and C1, or the character "delete". */
int utf8_is_control(uint32_t code);

/* The bytes of the character that begins there; 0 for a control character, too. */
size_t utf8_length(const char *text);

/* UTF-8 without control characters: every store and every terminal takes it. */
int utf8_is_clean(const char *text);

/* Replaces every byte that is not part of such a text by '?'. */
void utf8_clean(char *text);

/* Like printf(), but what comes out is such a text, with at most a line feed at the end: nothing
 * from outside can steer a terminal, or begin a line of its own, which may be a command to who
 * reads it. */
void utf8_vprintf(FILE *out, const char *format, va_list arguments);
void utf8_printf(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
