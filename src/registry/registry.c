/* SPDX-License-Identifier: Apache-2.0
 * The tables by index and by name. */
#include "src/kernel/kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define WRITER(name, family) extern const struct writer writer_##name;
#include "writers.def"
#undef WRITER

static const struct writer *const writers[] = {
#define WRITER(name, family) &writer_##name,
#include "writers.def"
#undef WRITER
};

static const struct {
    const char *name;
    const char *summary;
    unsigned flags;
} states[FILE_STATES] = {
#define FILE_STATE(symbol, name, flags, summary) [FILE_STATE_##symbol] = {name, summary, flags},
#include "bench_mmap/file_states.def"
#undef FILE_STATE
};

static const struct {
    const char *name;
    const char *summary;
} modes[SYNC_MODES] = {
#define SYNC_MODE(symbol, name, summary) [SYNC_MODE_##symbol] = {name, summary},
#include "bench_mmap/sync_modes.def"
#undef SYNC_MODE
};

static const char *const phases[WRITER_PHASES] = {
    [WRITER_CREATE] = "create", [WRITER_SIZE] = "size", [WRITER_MAP] = "map",
    [WRITER_FILL] = "fill",     [WRITER_SYNC] = "sync", [WRITER_UNMAP] = "unmap",
    [WRITER_CLOSE] = "close",
};

const char *writer_phase_name(enum writer_phase phase) { return phases[phase]; }

size_t writer_count(void) { return sizeof writers / sizeof writers[0]; }

const struct writer *writer_at(size_t index)
{
    return index < writer_count() ? writers[index] : NULL;
}

const struct writer *writer_find(const char *name)
{
    for (size_t i = 0; i < writer_count(); i++) {
        if (strcmp(writers[i]->name, name) == 0)
            return writers[i];
    }
    return NULL;
}

const char *writer_name(const struct writer *writer) { return writer->name; }
const char *writer_summary(const struct writer *writer) { return writer->summary; }
bool writer_is_control(const struct writer *writer)
{
    return (writer->flags & WRITER_CONTROL) != 0;
}
bool writer_moves_bytes(const struct writer *writer) { return (writer->flags & WRITER_IDLE) == 0; }
bool writer_is_mapping(const struct writer *writer)
{
    return (writer->flags & WRITER_MAPPING) != 0;
}

const char *file_state_name(enum file_state state) { return states[state].name; }
const char *file_state_summary(enum file_state state) { return states[state].summary; }
unsigned file_state_flags(enum file_state state) { return states[state].flags; }
const char *sync_mode_name(enum sync_mode mode) { return modes[mode].name; }
const char *sync_mode_summary(enum sync_mode mode) { return modes[mode].summary; }

int file_state_find(const char *name, enum file_state *state)
{
    for (int i = 0; i < FILE_STATES; i++) {
        if (i != FILE_STATE_NONE && strcmp(states[i].name, name) == 0) {
            *state = (enum file_state)i;
            return 0;
        }
    }
    return -EINVAL;
}

int sync_mode_find(const char *name, enum sync_mode *mode)
{
    for (int i = 0; i < SYNC_MODES; i++) {
        if (strcmp(modes[i].name, name) == 0) {
            *mode = (enum sync_mode)i;
            return 0;
        }
    }
    return -EINVAL;
}

int refuse(char *reason, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, WRITER_REASON_BYTES, format, arguments);
    va_end(arguments);
    return -ENOTSUP;
}
