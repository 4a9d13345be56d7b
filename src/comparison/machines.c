/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the runs are of one machine, and in what their contexts differ. */
#include "pairing.h"
#include "src/run/context.h"

#include <string.h>

static int differs(const struct pairing *pairing, const char *key, const char **first,
                   const char **second)
{
    *first = run_context(pairing->used[0].run, key);
    for (size_t i = 1; i < pairing->count; i++) {
        *second = run_context(pairing->used[i].run, key);
        if (strcmp(context_value_or_unknown(*first), context_value_or_unknown(*second)) != 0)
            return 1;
    }
    return 0;
}

int pairing_check_machines(struct pairing *pairing)
{
    /* For machines of other keys that differ in nothing else. */
    static const struct context_key machine_key = {.key = "machine_key", .name = "machine key"};
    struct note machines = {.kind = NOTE_OTHER_MACHINES,
                            .count = {pairing->options->cross_machine != 0}};
    struct note settings = {.kind = NOTE_SETTINGS_DIFFER};
    const char *first, *second;
    /* Any Google Benchmark program writes the number of CPUs, which has to do where there is no
     * machine key. */
    int other = differs(pairing, "machine_key", &first, &second), error = 0;
    int keyed = other || run_context(pairing->used[0].run, "machine_key") != NULL;

    for (size_t i = 0; i < context_key_count && error == 0; i++) {
        const struct context_key *field = &context_keys[i];
        if (!differs(pairing, field->key, &first, &second))
            continue;
        int told = first != NULL && second != NULL;
        other |= field->in_machine_key && !keyed && told;
        if (field->in_machine_key || told)
            error = context_differences_add(field->in_machine_key ? &machines.differences
                                                                  : &settings.differences,
                                            field, first, second);
    }
    if (error == 0 && machines.differences.count == 0 &&
        differs(pairing, "machine_key", &first, &second))
        error = context_differences_add(&machines.differences, &machine_key, first, second);
    if (error == 0 && settings.differences.count > 0)
        pairing_note(pairing, settings);
    else
        note_free(&settings);
    if (error == 0 && other)
        pairing_refuse(pairing, GATE_MACHINES, machines);
    else
        note_free(&machines);
    return error;
}
