/* SPDX-License-Identifier: Apache-2.0 */
#include "make_samples.h"

#include "src/base/random.h"
#include "support.h"

#include <math.h>
#include <stdlib.h>

struct made_samples *make_samples(size_t rounds, unsigned mask, double factor, double common,
                                  uint64_t seed)
{
    struct made_samples *made = calloc(1, sizeof *made);
    struct random random;

    assert_non_null(made);
    random_seed(&random, seed);
    for (size_t p = 0; p < 2 * rounds; p++) {
        double machine = common * random_normal(&random);
        for (size_t c = 0; c < CELLS; c++) {
            size_t i = p * CELLS + c;
            made->group[c] = c / 6;
            made->value[i] = &made->store[i * SAMPLES];
            made->count[i] = SAMPLES;
            for (size_t s = 0; s < SAMPLES; s++)
                made->store[i * SAMPLES + s] =
                    1e6 * (double)(c + 1) *
                    exp(machine + 0.03 * fabs(random_normal(&random)) +
                        (p % 2 == 1 && (mask >> c & 1) ? log(factor) : 0));
        }
    }
    made->samples =
        (struct samples){2 * rounds, CELLS, 2, made->group, made->value, made->count, rounds, 0};
    return made;
}

struct comparison_table compare_made_by(const struct made_samples *made, size_t draws)
{
    struct comparison_options options = comparison_options_default();
    struct comparison_table table;

    options.draws = draws;
    assert_int_equal(compare_samples(&made->samples, &options, &table), 0);
    return table;
}

struct comparison_table compare_made(const struct made_samples *made)
{
    return compare_made_by(made, 0);
}

const struct comparison_row *compared_row(const struct comparison_table *table, enum row_kind kind,
                                          size_t index)
{
    for (size_t r = 0; r < table->count; r++)
        if (table->rows[r].finding.kind == kind && table->rows[r].finding.index == index)
            return &table->rows[r];
    fail_msg("no such row");
    return NULL;
}

size_t count_changes(const struct comparison_table *table, enum change change)
{
    size_t count = 0;
    for (size_t r = 0; r < table->count; r++)
        count += table->rows[r].finding.change == change;
    return count;
}
