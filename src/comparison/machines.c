/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the runs are of one machine, and in what their contexts differ. */
#include "pairing.h"
#include "src/run/context.h"

void pairing_check_machines(struct pairing *pairing)
{
    /* For machines of other keys that differ in nothing else. */
    static const struct context_key machine_key = {.key = "machine_key", .name = "machine key"};
    struct note machines = {.kind = NOTE_OTHER_MACHINES,
                            .count = {pairing->options->cross_machine != 0}};
    struct note settings = {.kind = NOTE_SETTINGS_DIFFER};
    struct arena *arena = &pairing->comparison->arena;
    const struct run **runs = arena_array(arena, pairing->count, sizeof *runs);
    const char *keys[2], *value[2];

    for (size_t i = 0; runs != NULL && i < pairing->count; i++)
        runs[i] = pairing->used[i].run;
    if (runs == NULL)
        return;
    /* Any Google Benchmark program writes the number of CPUs, which has to do where there is no
     * machine key. */
    int other_keys = context_differs(runs, pairing->count, "machine_key", keys);
    int is_other = other_keys, keyed = other_keys || keys[0] != NULL;

    for (size_t i = 0; i < context_key_count; i++) {
        const struct context_key *field = &context_keys[i];
        if (!context_differs(runs, pairing->count, field->key, value))
            continue;
        int told = value[0] != NULL && value[1] != NULL;
        is_other |= field->in_machine_key && !keyed && told;
        if (field->in_machine_key || told)
            context_differences_add(
                arena, field->in_machine_key ? &machines.differences : &settings.differences, field,
                value);
    }
    if (machines.differences.count == 0 && other_keys)
        context_differences_add(arena, &machines.differences, &machine_key, keys);
    if (settings.differences.count > 0)
        pairing_note(pairing, settings);
    if (is_other)
        pairing_refuse(pairing, GATE_MACHINES, machines);
}
