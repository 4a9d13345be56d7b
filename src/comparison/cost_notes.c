/* SPDX-License-Identifier: Apache-2.0 */
/* What a reader of two machines side by side must know besides the figures. */
#include "machine_costs.h"

#include <math.h>

static int note_controls(struct machine_costs *costs)
{
    struct note missing = {.kind = NOTE_MISSING_CONTROLS};
    int error = 0;

    for (int a = 0; a < ASPECT_FILE && error == 0; a++) {
        const struct machine_cost *cost = machine_costs_control(costs, (enum aspect)a);
        if (cost == NULL || isnan(cost->ratio.estimate))
            error = note_add_name(&missing, control_writer[a]);
    }
    if (error == 0 && missing.name_count > 0)
        error = notes_add(&costs->notes, missing);
    else
        note_free(&missing);
    if (error == 0 &&
        (costs->runs[0] < COSTS_LEAST_FOR_STUDENT || costs->runs[1] < COSTS_LEAST_FOR_STUDENT))
        error = notes_add(&costs->notes, (struct note){.kind = NOTE_FEW_RUNS,
                                                       .count = {costs->runs[0], costs->runs[1]}});
    return error;
}

/* A busy machine is slower than an idle one: no context says why, but the run itself does. */
static int note_doubts(const struct side *side, int at, struct machine_costs *costs)
{
    struct note doubtful = {.kind = NOTE_DOUBTFUL_RUNS, .side = at, .count = {0, side->count}};
    int error = 0;

    for (size_t r = 0; error == 0 && r < side->count; r++) {
        struct verdict verdict;
        error = verdict_make(side->runs[r], &verdict);
        if (error == 0 && verdict.doubts > 0 && doubtful.count[0]++ == 0)
            doubtful.finding = verdict.findings[0];
    }
    return error == 0 && doubtful.count[0] > 0 ? notes_add(&costs->notes, doubtful) : error;
}

int cost_notes_take(const struct side *const sides[2], struct machine_costs *costs)
{
    int error = note_doubts(sides[0], 0, costs);

    if (error == 0)
        error = note_doubts(sides[1], 1, costs);
    return error == 0 ? note_controls(costs) : error;
}
