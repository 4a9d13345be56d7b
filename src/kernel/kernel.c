/* SPDX-License-Identifier: Apache-2.0
 * What a kernel is, which file states, sync modes and sizes it can have, and what it refuses. */
#include "kernel.h"

#include <stdarg.h>
#include <stdio.h>
#include <sys/mman.h>

const char *bm_kernel_name(const struct bm_kernel *kernel) { return kernel->name; }
const char *bm_kernel_summary(const struct bm_kernel *kernel) { return kernel->summary; }
enum bm_kind bm_kernel_kind(const struct bm_kernel *kernel) { return kernel->kind; }

bool bm_kernel_is_control(const struct bm_kernel *kernel) { return kernel->flags & KERNEL_CONTROL; }
bool bm_kernel_moves_bytes(const struct bm_kernel *kernel)
{
    return !(kernel->flags & KERNEL_IDLE);
}
bool bm_kernel_is_mapping(const struct bm_kernel *kernel) { return kernel->flags & KERNEL_MAPPING; }

bool bm_is_refusal(int error)
{
    return error == -EOPNOTSUPP || error == -ENOSYS || error == -EINVAL || error == -ENODEV ||
           error == -EXDEV || error == -EPERM;
}

int bm_refuse(char *reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, BM_REASON_BYTES, format, arguments);
    va_end(arguments);
    return -ENOTSUP;
}

/* -EINVAL with the reason, where there is one. */
static int accept_unless(const char *why, char *reason)
{
    if (why == NULL)
        return 0;
    bm_refuse(reason, "%s", why);
    return -EINVAL;
}

int bm_kernel_accepts_state(const struct bm_kernel *kernel, enum bm_file_state state,
                            char reason[BM_REASON_BYTES])
{
    bool sized = (bm_file_state_flags(state) & STATE_SIZED) != 0;
    bool control = bm_kernel_is_control(kernel);
    const char *why = NULL;

    if (control != (state == BM_FILE_STATE_NONE))
        why = control ? "a control has no file" : "needs a file";
    else if (sized && (kernel->flags & KERNEL_APPENDS))
        why = "it appends: a file that has its size already would grow";
    else if (sized && (kernel->flags & KERNEL_SIZES))
        why = "the file has its size already: the same as without fallocate()";
    return accept_unless(why, reason);
}

int bm_kernel_accepts_sync(const struct bm_kernel *kernel, enum bm_sync_mode mode,
                           char reason[BM_REASON_BYTES])
{
    const char *why = NULL;

    if (mode == BM_SYNC_MODE_NONE)
        return 0;
    if (bm_kernel_is_control(kernel))
        why = "a control has nothing to make durable";
    else if (mode == BM_SYNC_MODE_MSYNC && !bm_kernel_is_mapping(kernel))
        why = "has no mapping";
    else if (mode == BM_SYNC_MODE_MSYNC && (kernel->flags & KERNEL_WINDOWS))
        why = "at the end no more than the last window is mapped";
    else if (mode == BM_SYNC_MODE_EACH && (kernel->flags & KERNEL_GATHERS))
        why = "several chunks go in one call: they become durable together";
    return accept_unless(why, reason);
}

/* Only an attempt shows all limits of the address space. */
int bm_kernel_accepts_size(const struct bm_kernel *kernel, uint64_t file_size_bytes,
                           char reason[BM_REASON_BYTES])
{
    void *space;

    if (!bm_kernel_is_mapping(kernel) || (kernel->flags & KERNEL_WINDOWS))
        return 0;
    space = file_size_bytes > SIZE_MAX ? MAP_FAILED
                                       : mmap(NULL, (size_t)file_size_bytes, PROT_NONE,
                                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (space == MAP_FAILED) {
        bm_refuse(reason,
                  "maps the whole file, which the address space (RLIMIT_AS) does not hold; "
                  "MmapWindow does not");
        return -EINVAL;
    }
    munmap(space, (size_t)file_size_bytes);
    return 0;
}
