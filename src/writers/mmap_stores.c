/* SPDX-License-Identifier: Apache-2.0
 * Mappings filled with stores of other kinds than the C library's memcpy() chooses. */
#include "loops.h"

#ifdef __x86_64__
#include <cpuid.h>
#include <emmintrin.h>

#define VECTOR_BYTES sizeof(__m128i)
#define ERMS (1U << 9) /* leaf 7, EBX: enhanced REP MOVSB and STOSB */

/* Copies one cache line at a time, past the caches; what is not aligned at both ends is copied the
 * usual way. The caller puts the fence after the last chunk: the stores need an order only against
 * what follows the fill. */
static inline void stream(char *to, const char *from, uint64_t bytes)
{
    uint64_t head = (0 - (uintptr_t)to) % (4 * VECTOR_BYTES);

    head = chunk_min(head, bytes);
    if (head != 0) {
        memcpy(to, from, head);
        to += head, from += head, bytes -= head;
    }
    for (; bytes >= 4 * VECTOR_BYTES; bytes -= 4 * VECTOR_BYTES) {
        const __m128i *vectors = (const __m128i *)(const void *)from;
        __m128i *places = (__m128i *)(void *)to;
        __m128i a = _mm_loadu_si128(vectors), b = _mm_loadu_si128(vectors + 1);
        __m128i c = _mm_loadu_si128(vectors + 2), d = _mm_loadu_si128(vectors + 3);
        _mm_stream_si128(places, a);
        _mm_stream_si128(places + 1, b);
        _mm_stream_si128(places + 2, c);
        _mm_stream_si128(places + 3, d);
        to += 4 * VECTOR_BYTES, from += 4 * VECTOR_BYTES;
    }
    if (bytes != 0)
        memcpy(to, from, bytes);
}

/* On an AMD EPYC this loop took 5 to 13 % longer than the bare one of bench_overhead for new files,
 * and the streaming one 2 to 4 %. Both sides made the same system calls, faults and new pages
 * (perf, tracepoints), and the same instructions but for 1 to 4 a chunk. The time is spent in
 * Linux, most of it in clearing the new pages. Neither the place of the code, nor the signal guard,
 * nor the part of the vector state that is in use makes the difference. */
static inline void store_string(char *to, const char *from, uint64_t bytes)
{
    __asm__ volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(bytes) : : "memory");
}

static inline void fence(void) { _mm_sfence(); }

static int probe_instructions(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    (void)sample, (void)limits, (void)reason;
    return 0;
}

/* Without it the processor copies byte by byte, and nobody would use the instruction. */
static int probe_fast_strings(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    unsigned a, b = 0, c, d;

    (void)sample, (void)limits;
    if (__get_cpuid_count(7, 0, &a, &b, &c, &d) && (b & ERMS))
        return 0;
    return bm_refuse(reason, "this processor has no enhanced REP MOVSB");
}
#else
static inline void stream(char *to, const char *from, uint64_t bytes) { memcpy(to, from, bytes); }
static inline void store_string(char *to, const char *from, uint64_t bytes)
{
    memcpy(to, from, bytes);
}
static inline void fence(void) {}

static int probe_instructions(struct bm_sample *sample, struct bm_limits *limits, char *reason)
{
    (void)sample, (void)limits;
    return bm_refuse(reason, "written for x86-64 only");
}
#define probe_fast_strings probe_instructions
#endif

static void stream_chunk(char *to, const char *from, uint64_t bytes)
{
    stream(to, from, bytes);
    compiler_barrier();
}

static int fill_streaming(struct bm_sample *sample)
{
    store_chunks(sample->map, sample->job, stream_chunk);
    fence();
    return 0;
}

static void stream_and_fence(char *to, const char *from, uint64_t bytes)
{
    stream(to, from, bytes);
    fence();
}

static int fill_streaming_each(struct bm_sample *sample)
{
    return store_and_sync_chunks(sample, stream_and_fence);
}

KERNEL(MmapNontemporal, "Mmap with streaming stores past the caches and a fence at the end",
       MAPPING_WRITER(0, bm_size_by_ftruncate, bm_map_file, fill_streaming, fill_streaming_each),
       .probe = probe_instructions);

static int fill_string(struct bm_sample *sample)
{
    store_chunks(sample->map, sample->job, store_string);
    return 0;
}

static int fill_string_each(struct bm_sample *sample)
{
    return store_and_sync_chunks(sample, store_string);
}

KERNEL(MmapRepMovsb, "Mmap with one REP MOVSB instruction a chunk",
       MAPPING_WRITER(0, bm_size_by_ftruncate, bm_map_file, fill_string, fill_string_each),
       .probe = probe_fast_strings);
