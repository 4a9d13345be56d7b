/* SPDX-License-Identifier: Apache-2.0 */
#ifndef HISTORY_DATE_H
#define HISTORY_DATE_H

#include <stdint.h>

/* "2026-11-23T02:39:49+00:00" as Google Benchmark writes it, also with Z and without a zone (UTC),
 * into seconds since 1970. -EDOM: not a date, or NULL. */
int date_parse(const char *text, int64_t *date_s);

#endif
