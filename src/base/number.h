/* SPDX-License-Identifier: Apache-2.0 */
/* Numbers as JSON writes them, read the same under every locale. */
#ifndef BENCH_MMAP_BASE_NUMBER_H
#define BENCH_MMAP_BASE_NUMBER_H

#include <stdint.h>

/* "4K", "10MiB", "4096", "1.5M" into bytes; 1024-based. -EINVAL, -ERANGE. */
int number_parse_bytes(const char *text, uint64_t *bytes);

/* Reads the number that begins at text (NUL-terminated); returns what follows, or NULL when no
 * number in JSON's grammar (RFC 8259, section 6) begins there. Out of range: infinity or 0. */
const char *number_scan(const char *text, double *value);

#endif
