/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_MMAP_BASE_HASH_H
#define BENCH_MMAP_BASE_HASH_H

#include <stdint.h>

/* FNV-1a, 64 bits: begins with HASH_BEGIN, and goes on with the hash of the texts before. */
#define HASH_BEGIN UINT64_C(0xcbf29ce484222325)

static inline uint64_t hash_text(uint64_t hash, const char *text)
{
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(0x100000001b3);
    return hash;
}

#endif
