/* SPDX-License-Identifier: Apache-2.0
 * Phases, file states and sync modes by name. */
#include "kernel.h"

#include <string.h>

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

static const char *const phases[BM_PHASES] = {
    [BM_PHASE_CREATE] = "create", [BM_PHASE_SIZE] = "size", [BM_PHASE_MAP] = "map",
    [BM_PHASE_FILL] = "fill",     [BM_PHASE_SYNC] = "sync", [BM_PHASE_UNMAP] = "unmap",
    [BM_PHASE_CLOSE] = "close",
};

const char *bm_phase_name(enum bm_phase phase) { return phases[phase]; }
const char *bm_file_state_name(enum bm_file_state state) { return states[state].name; }
const char *bm_file_state_summary(enum bm_file_state state) { return states[state].summary; }
unsigned bm_file_state_flags(enum bm_file_state state) { return states[state].flags; }
const char *bm_sync_mode_name(enum bm_sync_mode mode) { return modes[mode].name; }
const char *bm_sync_mode_summary(enum bm_sync_mode mode) { return modes[mode].summary; }

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
