/* SPDX-License-Identifier: Apache-2.0
 * The tables by index and by name. */
#include "src/kernel/kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WRITER(name, family) extern const struct bm_kernel bm_kernel_##name;
#include "writers.def"
#undef WRITER

static const struct bm_kernel *const kernels[] = {
#define WRITER(name, family) &bm_kernel_##name,
#include "writers.def"
#undef WRITER
};

static const struct {
    const char *name;
    const char *summary;
    unsigned flags;
} states[BM_FILE_STATES] = {
#define BM_FILE_STATE(symbol, name, flags, summary)                                                \
    [BM_FILE_STATE_##symbol] = {name, summary, flags},
#include "bench_mmap/file_states.def"
#undef BM_FILE_STATE
};

static const struct {
    const char *name;
    const char *summary;
} modes[BM_SYNC_MODES] = {
#define BM_SYNC_MODE(symbol, name, summary) [BM_SYNC_MODE_##symbol] = {name, summary},
#include "bench_mmap/sync_modes.def"
#undef BM_SYNC_MODE
};

static const char *const phases[BM_PHASES] = {
    [BM_PHASE_CREATE] = "create", [BM_PHASE_SIZE] = "size", [BM_PHASE_MAP] = "map",
    [BM_PHASE_FILL] = "fill",     [BM_PHASE_SYNC] = "sync", [BM_PHASE_UNMAP] = "unmap",
    [BM_PHASE_CLOSE] = "close",
};

const char *bm_phase_name(enum bm_phase phase) { return phases[phase]; }

size_t bm_kernel_count(void) { return sizeof kernels / sizeof kernels[0]; }

const struct bm_kernel *bm_kernel_at(size_t index)
{
    return index < bm_kernel_count() ? kernels[index] : NULL;
}

const struct bm_kernel *bm_kernel_find(const char *name)
{
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        if (strcmp(kernels[i]->name, name) == 0)
            return kernels[i];
    }
    return NULL;
}

const char *bm_kernel_name(const struct bm_kernel *kernel) { return kernel->name; }
const char *bm_kernel_summary(const struct bm_kernel *kernel) { return kernel->summary; }
enum bm_kind bm_kernel_kind(const struct bm_kernel *kernel) { return kernel->kind; }
bool bm_kernel_is_control(const struct bm_kernel *kernel)
{
    return (kernel->flags & KERNEL_CONTROL) != 0;
}
bool bm_kernel_moves_bytes(const struct bm_kernel *kernel)
{
    return (kernel->flags & KERNEL_IDLE) == 0;
}
bool bm_kernel_is_mapping(const struct bm_kernel *kernel)
{
    return (kernel->flags & KERNEL_MAPPING) != 0;
}

const char *bm_file_state_name(enum bm_file_state state) { return states[state].name; }
const char *bm_file_state_summary(enum bm_file_state state) { return states[state].summary; }
unsigned bm_file_state_flags(enum bm_file_state state) { return states[state].flags; }
const char *bm_sync_mode_name(enum bm_sync_mode mode) { return modes[mode].name; }
const char *bm_sync_mode_summary(enum bm_sync_mode mode) { return modes[mode].summary; }

int bm_file_state_find(const char *name, enum bm_file_state *state)
{
    for (int i = 0; i < BM_FILE_STATES; i++) {
        if (i != BM_FILE_STATE_NONE && strcmp(states[i].name, name) == 0) {
            *state = (enum bm_file_state)i;
            return 0;
        }
    }
    return -EINVAL;
}

int bm_sync_mode_find(const char *name, enum bm_sync_mode *mode)
{
    for (int i = 0; i < BM_SYNC_MODES; i++) {
        if (strcmp(modes[i].name, name) == 0) {
            *mode = (enum bm_sync_mode)i;
            return 0;
        }
    }
    return -EINVAL;
}

int bm_refuse(char *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, BM_REASON_BYTES, format, arguments);
    va_end(arguments);
    return -ENOTSUP;
}
