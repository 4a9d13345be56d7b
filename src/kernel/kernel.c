/* SPDX-License-Identifier: Apache-2.0
 * What a kernel is, which file states, sync modes, orders and sizes it can have, and what it
 * refuses. */
#include "kernel.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

const char *bm_kernel_name(const struct bm_kernel *kernel) { return kernel->name; }
const char *bm_kernel_summary(const struct bm_kernel *kernel) { return kernel->summary; }
enum bm_kind bm_kernel_kind(const struct bm_kernel *kernel) { return kernel->kind; }

bool bm_kernel_is_control(const struct bm_kernel *kernel) { return kernel->flags & KERNEL_CONTROL; }
bool bm_kernel_has_file(const struct bm_kernel *kernel)
{
    return !bm_kernel_is_control(kernel) && kernel->kind != BM_KIND_CHANNEL;
}
bool bm_kernel_moves_bytes(const struct bm_kernel *kernel)
{
    return !(kernel->flags & KERNEL_IDLE);
}
bool bm_kernel_is_mapping(const struct bm_kernel *kernel) { return kernel->flags & KERNEL_MAPPING; }
bool bm_kernel_wants_huge_pages(const struct bm_kernel *kernel)
{
    return kernel->flags & KERNEL_HUGE;
}

bool bm_kernel_has_depth(const struct bm_kernel *kernel) { return kernel->flags & KERNEL_QUEUES; }

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

int bm_probe_linked(bool is_linked, char *reason)
{
    return is_linked ? 0
                     : bm_refuse(reason, "this program is linked without the streams of libstdc++");
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
    bool has_file = bm_kernel_has_file(kernel);
    const char *why = NULL;

    if (has_file == (state == BM_FILE_STATE_NONE))
        why = has_file                       ? "needs a file"
              : bm_kernel_is_control(kernel) ? "a control has no file"
                                             : "a channel has no file";
    else if (has_file && !bm_file_state_suits(state, kernel->kind))
        why = kernel->kind == BM_KIND_READER ? "a reader needs a file that can be read"
                                             : "a state for readers";
    else if (sized && (kernel->flags & KERNEL_APPENDS))
        why = "it appends: a file that has its size already would grow";
    else if (sized && (kernel->flags & KERNEL_SIZES))
        why = "the file has its size already: the same as without fallocate()";
    else if ((bm_file_state_flags(state) & STATE_TRUNCATED) && (kernel->flags & KERNEL_REPLACES))
        why = "it writes a new file beside it: none is truncated";
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
    else if (kernel->kind != BM_KIND_WRITER)
        why = "nothing is written that could be made durable";
    else if (mode == BM_SYNC_MODE_MSYNC && !bm_kernel_is_mapping(kernel))
        why = "has no mapping";
    else if (mode == BM_SYNC_MODE_MSYNC && (kernel->flags & KERNEL_WINDOWS))
        why = "at the end no more than the last window is mapped";
    else if (mode == BM_SYNC_MODE_EACH && (kernel->flags & KERNEL_GATHERS))
        why = "several chunks go in one call: they become durable together";
    return accept_unless(why, reason);
}

int bm_kernel_accepts_order(const struct bm_kernel *kernel, enum bm_order order,
                            char reason[BM_REASON_BYTES])
{
    static const struct {
        unsigned flag;
        const char *why;
    } refusals[] = {
        {KERNEL_APPENDS, "it appends: each chunk goes behind the one before"},
        {KERNEL_GATHERS, "the chunks of one call lie side by side"},
        {KERNEL_WINDOWS, "the window only moves on"},
        {KERNEL_IN_ORDER, "takes the chunks one behind the other"},
    };

    for (size_t i = 0; order != BM_ORDER_SEQUENTIAL && i < sizeof refusals / sizeof refusals[0];
         i++)
        if (kernel->flags & refusals[i].flag)
            return accept_unless(refusals[i].why, reason);
    return 0;
}

int bm_kernel_accepts_laps(const struct bm_kernel *kernel, unsigned depth,
                           char reason[BM_REASON_BYTES])
{
    return accept_unless(kernel->kind == BM_KIND_CHANNEL
                             ? "a chunk may be under way when the next is sent"
                         : !bm_kernel_has_file(kernel)      ? "a control has no file"
                         : (kernel->flags & KERNEL_GATHERS) ? "several chunks go in one call"
                         : bm_kernel_has_depth(kernel) && depth != 1
                             ? "several chunks are under way at once; with --depth=1 one is"
                             : NULL,
                         reason);
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
                  "%s does not",
                  kernel->kind == BM_KIND_READER ? "ReadCall" : "MmapWindow");
        return -EINVAL;
    }
    munmap(space, (size_t)file_size_bytes);
    return 0;
}

struct named {
    const char *name;
    const char *summary;
    unsigned flags;
};

static const struct named states[BM_FILE_STATES] = {
#define BM_FILE_STATE(symbol, name, flags, summary)                                                \
    [BM_FILE_STATE_##symbol] = {name, summary, flags},
#include "bench_mmap/file_states.def"
#undef BM_FILE_STATE
};

static const struct named modes[BM_SYNC_MODES] = {
#define BM_SYNC_MODE(symbol, name, summary) [BM_SYNC_MODE_##symbol] = {name, summary, 0},
#include "bench_mmap/sync_modes.def"
#undef BM_SYNC_MODE
};

static const struct named orders[BM_ORDERS] = {
#define BM_ORDER(symbol, name, summary) [BM_ORDER_##symbol] = {name, summary, 0},
#include "bench_mmap/orders.def"
#undef BM_ORDER
};

static const struct named talks[BM_MODES] = {
#define BM_MODE(symbol, name, summary) [BM_MODE_##symbol] = {name, summary, 0},
#include "bench_mmap/modes.def"
#undef BM_MODE
};

static const char *const phases[BM_PHASES] = {
    [BM_PHASE_CREATE] = "create", [BM_PHASE_SIZE] = "size", [BM_PHASE_MAP] = "map",
    [BM_PHASE_FILL] = "fill",     [BM_PHASE_SYNC] = "sync", [BM_PHASE_UNMAP] = "unmap",
    [BM_PHASE_CLOSE] = "close",
};

const char *bm_phase_name(enum bm_phase phase) { return phases[phase]; }
const char *bm_file_state_name(enum bm_file_state state) { return states[state].name; }
const char *bm_file_state_summary(enum bm_file_state state) { return states[state].summary; }
unsigned bm_file_state_flags(enum bm_file_state state) { return states[state].flags; }
bool bm_file_state_suits(enum bm_file_state state, enum bm_kind kind)
{
    static const unsigned wanted[BM_KINDS] = {
        [BM_KIND_WRITER] = STATE_WRITTEN, [BM_KIND_READER] = STATE_READ};

    return (states[state].flags & wanted[kind]) != 0;
}
const char *bm_mode_name(enum bm_mode mode) { return talks[mode].name; }
const char *bm_mode_summary(enum bm_mode mode) { return talks[mode].summary; }
const char *bm_sync_mode_name(enum bm_sync_mode mode) { return modes[mode].name; }
const char *bm_sync_mode_summary(enum bm_sync_mode mode) { return modes[mode].summary; }
const char *bm_order_name(enum bm_order order) { return orders[order].name; }
const char *bm_order_summary(enum bm_order order) { return orders[order].summary; }

static int find(const struct named *table, int count, const char *name)
{
    for (int i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return i;
    return -EINVAL;
}

int bm_file_state_find(const char *name, enum bm_file_state *state)
{
    int found = find(states, BM_FILE_STATES, name);

    if (found < 0 || found == BM_FILE_STATE_NONE)
        return -EINVAL;
    *state = (enum bm_file_state)found;
    return 0;
}

int bm_sync_mode_find(const char *name, enum bm_sync_mode *mode)
{
    int found = find(modes, BM_SYNC_MODES, name);

    if (found < 0)
        return found;
    *mode = (enum bm_sync_mode)found;
    return 0;
}

int bm_order_find(const char *name, enum bm_order *order)
{
    int found = find(orders, BM_ORDERS, name);

    if (found < 0)
        return found;
    *order = (enum bm_order)found;
    return 0;
}
