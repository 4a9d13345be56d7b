/* SPDX-License-Identifier: Apache-2.0 */
/* A run's text as it lies in the store. */
#ifndef BENCH_MMAP_HISTORY_PACK_H
#define BENCH_MMAP_HISTORY_PACK_H

#include "history.h"

#include <stddef.h>

/* *packed is the caller's. -EFBIG: more than a store takes (1 GB). */
int pack_text(const char *text, size_t length, char **packed, size_t *packed_length);

/* The same back, with a NUL behind it. -EUCLEAN: not what pack_text() made of `length` bytes. */
int unpack_text(const char *packed, size_t packed_length, size_t length, char **text);

#endif
