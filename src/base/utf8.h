/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_UTF8_H
#define BENCH_MMAP_BASE_UTF8_H

/* UTF-8 without control characters: what every back end and terminal takes. */
int utf8_is_clean(const char *text);

/* Every other byte becomes '?'. */
void utf8_clean(char *text);

#endif
