/* SPDX-License-Identifier: Apache-2.0 */
/* Two sides of runs are compared, in pairs or not, also across machines: the texts of runs, with a
 * form feed between; the first is of the old side, and the others take turns. The first byte says
 * how. Few draws keep it fast. */
#include "src/comparison/comparison.h"
#include "src/report/comparison_report.h"
#include "src/report/document.h"
#include "src/run/load.h"
#include "tests/fuzzing/fuzz.h"

#include <errno.h>

enum { SIDE_MOST = 8, CELLS_MOST = 32 };

static void compare(struct run *runs[2][SIDE_MOST], const size_t counts[2], uint8_t how)
{
    struct comparison_options options = comparison_options_default();
    const struct side old_side = {counts[0], runs[0]}, new_side = {counts[1], runs[1]};
    struct comparison comparison;
    struct view view = view_default();
    size_t formats = 0;

    options.draws = 20;
    options.paired = how & 1;
    options.cross_machine = (how & 2) != 0;
    while (format_at(formats) != NULL)
        formats++;
    view.format = format_at((how >> 2) % formats);
    int error = compare_sides(&old_side, &new_side, &options, &comparison);
    require(error <= 0);
    if (error == 0) {
        require(comparison.gate <= GATE_NOTHING);
        (void)report_comparison(nowhere(), &comparison, &view, how & 0x80);
    }
    comparison_free(&comparison);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *runs[2][SIDE_MOST];
    size_t counts[2] = {0, 0}, cells = 0;

    if (size == 0)
        return 0;
    for (size_t at = 1, n = 0; at < size && n < SIDE_MOST * 2; n++) {
        const uint8_t *end = memchr(data + at, '\f', size - at);
        size_t length = (end != NULL ? (size_t)(end - data) : size) - at;
        struct run **run = &runs[n % 2][counts[n % 2]];
        if (run_load_text((const char *)data + at, length, run, NULL) == 0) {
            counts[n % 2]++;
            cells += (*run)->cell_count;
        }
        at += length + 1;
    }
    if (counts[0] > 0 && counts[1] > 0 && cells <= CELLS_MOST * (counts[0] + counts[1]))
        compare(runs, counts, *data);
    for (size_t s = 0; s < 2; s++)
        while (counts[s] > 0)
            run_free(runs[s][--counts[s]]);
    return 0;
}
