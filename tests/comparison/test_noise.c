/* SPDX-License-Identifier: Apache-2.0 */
/* What rounds of one program against itself tell of a machine. */
#include "src/base/random.h"
#include "src/comparison/noise.h"
#include "tests/support/make_series.h"

#include <math.h>

enum { ROUNDS = 20, PROCESSES = 2 * ROUNDS, CELLS = 6, SAMPLES = 5 };

struct made {
    double store[PROCESSES * CELLS * SAMPLES];
    const double *value[PROCESSES * CELLS];
    size_t count[PROCESSES * CELLS], group[CELLS];
    struct samples samples;
};

/* 3 % of noise in a repetition and 4 % in a process; a machine that takes `wave` longer in every
 * other six rounds. */
static void make(struct made *made, size_t rounds, double wave)
{
    struct random random;

    random_seed(&random, 1);
    for (size_t p = 0; p < 2 * rounds; p++)
        for (size_t c = 0; c < CELLS; c++) {
            size_t i = p * CELLS + c;
            double level = 0.04 * random_normal(&random) + (p / 12 % 2 == 1 ? wave : 0);
            made->group[c] = c / 3;
            made->value[i] = &made->store[i * SAMPLES];
            made->count[i] = SAMPLES;
            for (size_t s = 0; s < SAMPLES; s++)
                made->store[i * SAMPLES + s] = 1e6 * exp(level + 0.03 * random_normal(&random));
        }
    made->samples =
        (struct samples){2 * rounds, CELLS, 2, made->group, made->value, made->count, rounds, 0};
}

static void sides_one_after_the_other_show_whether_the_machine_keeps_its_level(void **state)
{
    static const struct {
        size_t rounds, comparisons;
        double wave;
        size_t least, most;
    } cases[] = {{ROUNDS, 9, 0, 0, 1}, {ROUNDS, 9, 0.2, 2, 9}, {11, 0, 0.2, 0, 0}};
    struct comparison_options options = comparison_options_default();
    struct neighbours neighbours;
    struct made made;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        make(&made, cases[i].rounds, cases[i].wave);
        assert_int_equal(noise_neighbours(&made.samples, &options, &neighbours), 0);
        assert_int_equal(neighbours.comparisons, cases[i].comparisons);
        assert_in_range(neighbours.wrong, cases[i].least, cases[i].most);
    }
}

static void noise_is_split_by_where_it_comes_from(void **state)
{
    struct noise noise;
    struct made made;

    (void)state;
    make(&made, ROUNDS, 0);
    assert_int_equal(noise_split(&made.samples, &noise), 0);
    near(noise.within, 0.03, 0.004);
    near(noise.between, 0.04, 0.012);
    near(noise.chance, 0.368, 0.001);
    assert_true(noise.shared < noise.chance);
    make(&made, ROUNDS, 0.2);
    assert_int_equal(noise_split(&made.samples, &noise), 0);
    near(noise.within, 0.03, 0.004);
    near(noise.drift, 0.1, 0.02);
    assert_true(noise.shared > noise.chance && noise.shared < 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sides_one_after_the_other_show_whether_the_machine_keeps_its_level),
        cmocka_unit_test(noise_is_split_by_where_it_comes_from),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
