/* SPDX-License-Identifier: Apache-2.0
 * One system call a chunk. */
#include "loops.h"

KERNEL(Write, "write() of each chunk at the file offset", .open_flags = O_WRONLY,
       .phase = WRITE_PHASES(fill_by_write));

/* What a downloader or a log does that knows the size: the blocks are there before the first byte.
 */
KERNEL(WriteFalloc, "Write with fallocate() to size before the first chunk", .flags = KERNEL_SIZES,
       .open_flags = O_WRONLY,
       .phase = {[BM_PHASE_CREATE] = bm_open_file,
                 [BM_PHASE_SIZE] = bm_size_by_fallocate,
                 [BM_PHASE_FILL] = fill_by_write,
                 [BM_PHASE_SYNC] = bm_sync_file,
                 [BM_PHASE_CLOSE] = bm_close_file});

KERNEL(Append, "write() of each chunk to a file opened with O_APPEND", .flags = KERNEL_APPENDS,
       .open_flags = O_WRONLY | O_APPEND, .phase = WRITE_PHASES(fill_by_write));

static inline ssize_t call_pwrite(struct bm_ends ends, const char *from, uint64_t bytes,
                                  uint64_t at)
{
    return pwrite(ends.to, from, bytes, (off_t)at);
}

static int fill_by_pwrite(struct bm_sample *sample)
{
    return fill_by_calls(sample, AT_OWN_OFFSET, call_pwrite);
}

KERNEL(Pwrite, "pwrite() of each chunk at its own offset; the file offset stays at 0",
       .open_flags = O_WRONLY, .phase = WRITE_PHASES(fill_by_pwrite));
