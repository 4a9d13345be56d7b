/* SPDX-License-Identifier: Apache-2.0 */
/* Whether the runs are of one machine, and in what their contexts differ. */
#include "pairing.h"
#include "src/run/context.h"

#include <stdio.h>
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

void pairing_check_machines(struct pairing *pairing)
{
    const char *first, *second;
    char what[600] = "", also[600] = "";
    size_t at = 0, noted = 0;
    /* Without a machine key the number of CPUs has to do: any Google Benchmark program writes it.
     */
    int other = differs(pairing, "machine_key", &first, &second);
    int keyed = other || run_context(pairing->used[0].run, "machine_key") != NULL;

    for (size_t i = 0; i < context_key_count; i++) {
        if (!differs(pairing, context_keys[i].key, &first, &second))
            continue;
        if (!context_keys[i].in_machine_key) {
            if (first != NULL && second != NULL && noted < sizeof also)
                noted +=
                    (size_t)snprintf(also + noted, sizeof also - noted, "%s%s (%s and %s)",
                                     noted > 0 ? ", " : "", context_keys[i].name, first, second);
            continue;
        }
        other |= !keyed && first != NULL && second != NULL;
        if (at < sizeof what)
            at +=
                (size_t)snprintf(what + at, sizeof what - at, "%s%s (%s and %s)",
                                 at > 0 ? ", " : "", context_keys[i].name,
                                 context_value_or_unknown(first), context_value_or_unknown(second));
    }
    if (noted > 0)
        pairing_note(pairing, "The sides differ in: %s.", also);
    if (!other)
        return;
    if (at == 0 && differs(pairing, "machine_key", &first, &second))
        snprintf(what, sizeof what, "machine key (%s and %s)", context_value_or_unknown(first),
                 context_value_or_unknown(second));
    pairing_refuse(
        pairing, GATE_MACHINES, "the runs are of different machines, which differ in %s%s", what,
        pairing->options->cross_machine ? "; the ratios below mix the machines with the builds"
                                        : "; --cross-machine shows their ratios all the same");
}
