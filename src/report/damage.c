/* SPDX-License-Identifier: Apache-2.0 */
/* The sentences of `verify`. */
#include "history_reports.h"
#include "src/base/utf8.h"

void report_damage(FILE *out, struct history *history, const struct history_damage *damage)
{
    switch (damage->kind) {
    case DAMAGE_TEXT:
        utf8_printf(out, "run %.12s: its text is not what was added\n", damage->run);
        break;
    case DAMAGE_VALUES:
        utf8_printf(out, "run %.12s: what is kept of %s is not what its text says\n", damage->run,
                    damage->cell != NULL ? damage->cell : "its cells");
        break;
    case DAMAGE_KEPT:
        utf8_printf(out, "%s\n", history_problem(history));
        break;
    case DAMAGE_LOST_RUN:
        fprintf(out, "of %zu more run%s only a part is there\n", damage->count,
                damage->count == 1 ? "" : "s");
        break;
    case DAMAGE_LOST_PARTS:
        fprintf(out, "%zu run%s no machine, or no context\n", damage->count,
                damage->count == 1 ? " has" : "s have");
        break;
    }
}

void report_whole(FILE *out, size_t runs)
{
    fprintf(out, "%zu run%s as added\n", runs, runs == 1 ? " is" : "s are");
}
