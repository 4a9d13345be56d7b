/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_DATE_H
#define BENCH_MMAP_BASE_DATE_H

#include <stdint.h>

/* "2026-11-23T02:39:49+00:00" as Google Benchmark writes it, also with Z and without a zone (UTC),
 * into seconds since 1970. -EDOM: not a date, or NULL. */
int date_parse(const char *text, int64_t *date_s);

/* "2026-11-23 02:39:49", in UTC. */
enum { DATE_TEXT = 32 };
void date_put(int64_t date_s, char text[DATE_TEXT]);

#endif
