/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as JSON writes them, and dates, read the same under every locale. */
#ifndef BENCH_MMAP_BASE_NUMBER_H
#define BENCH_MMAP_BASE_NUMBER_H

#include <stdint.h>

/* "4K", "10MiB", "4096", "1.5M" into bytes; 1024-based. -EINVAL, -ERANGE. */
int number_parse_bytes(const char *text, uint64_t *bytes);

/* Reads the number that begins at text (NUL-terminated); returns what follows, or NULL when no
 * number in JSON's grammar (RFC 8259, section 6) begins there. Out of range: infinity or 0. */
const char *number_scan(const char *text, double *value);

/* "2026-11-23T02:39:49+00:00" as Google Benchmark writes it, also with Z and without a zone (UTC),
 * into seconds since 1970. -EDOM: not a date, or NULL. */
int date_parse(const char *text, int64_t *date_s);

/* "2026-11-23 02:39:49", in UTC. */
enum { DATE_TEXT = 32 };
void date_put(int64_t date_s, char text[DATE_TEXT]);

#endif
