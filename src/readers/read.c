/* SPDX-License-Identifier: Apache-2.0
 * One system call a chunk. */
#include "loops.h"

#include <unistd.h>

static inline ssize_t call_read(int fd, char *to, uint64_t bytes, uint64_t at)
{
    (void)at;
    return read(fd, to, bytes);
}

static int fill_by_read(struct bm_sample *sample)
{
    return fill_by_reads(sample, AT_FILE_OFFSET, call_read);
}

KERNEL(ReadCall, "read() of each chunk at the file offset",
       BUFFER_READER(0, NULL, fill_by_read, NULL));

static inline ssize_t call_pread(int fd, char *to, uint64_t bytes, uint64_t at)
{
    return pread(fd, to, bytes, (off_t)at);
}

static int fill_by_pread(struct bm_sample *sample)
{
    return fill_by_reads(sample, AT_OWN_OFFSET, call_pread);
}

KERNEL(ReadPread, "pread() of each chunk at its own offset; the file offset stays at 0",
       BUFFER_READER(0, NULL, fill_by_pread, NULL));
