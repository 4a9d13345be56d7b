/* SPDX-License-Identifier: Apache-2.0
 * One system call a chunk. */
#include "loops.h"

#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

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

/* Linux begins to bring in the whole file; where it is cached, this is a call that does nothing. */
static int announce(struct bm_sample *sample)
{
    sample->calls++;
    return -posix_fadvise(sample->fd, 0, 0, POSIX_FADV_WILLNEED);
}

KERNEL(ReadAhead, "ReadCall after posix_fadvise(POSIX_FADV_WILLNEED) of the whole file",
       BUFFER_READER(0, announce, fill_by_read, NULL));

#ifndef RWF_DONTCACHE
#define RWF_DONTCACHE 0x00000080
#endif

/* musl has preadv2() since 1.2.5 only. */
#ifndef __GLIBC__
#define preadv2(fd, pieces, count, at, flags)                                                      \
    syscall(SYS_preadv2, fd, pieces, (long)(count), (long)(at), (long)((uint64_t)(at) >> 32), flags)
#endif

static inline ssize_t call_dontcache(int fd, char *to, uint64_t bytes, uint64_t at)
{
    struct iovec piece = {.iov_base = to, .iov_len = bytes};

    return preadv2(fd, &piece, 1, (off_t)at, RWF_DONTCACHE);
}

static int fill_dontcache(struct bm_sample *sample)
{
    return fill_by_reads(sample, AT_OWN_OFFSET, call_dontcache);
}

KERNEL(ReadDontcache, "preadv2(RWF_DONTCACHE): what it brings into the page cache does not stay",
       BUFFER_READER(0, NULL, fill_dontcache, NULL));
