/* SPDX-License-Identifier: Apache-2.0 */
#include "machine_state.h"

#include "readers.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "Dirty:   12 kB" */
static uint64_t memory_bytes(const char *text, const char *key)
{
    const char *line = strstr(text, key);

    return line == NULL ? 0 : strtoull(line + strlen(key), NULL, 10) * 1024;
}

void machine_state_read(struct machine_state *state)
{
    double stolen_ticks = environment_stolen_ticks("");
    char text[2048];

    memset(state, 0, sizeof *state);
    if (stolen_ticks > 0)
        state->stolen_ns = (uint64_t)stolen_ticks * (1000000000U / (uint64_t)sysconf(_SC_CLK_TCK));
    environment_read("", "/proc/meminfo", text, sizeof text);
    state->dirty_bytes = memory_bytes(text, "\nDirty:");
    state->writeback_bytes = memory_bytes(text, "\nWriteback:");
}
