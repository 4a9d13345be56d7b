/* SPDX-License-Identifier: Apache-2.0 */
/* The generator of random numbers. */
#include "src/base/random.h"
#include "tests/support/make_series.h"

#include <math.h>

/* The reference implementation's first outputs for the state 1, 2, 3, 4. */
static void the_generator_is_xoshiro256plusplus(void **state)
{
    struct random random = {{1, 2, 3, 4}};

    (void)state;
    assert_true(random_next(&random) == 41943041u);
    assert_true(random_next(&random) == 58720359u);
    assert_true(random_next(&random) == 3588806011781223u);
    assert_true(random_next(&random) == 3591011842654386u);
}

static void normal_numbers_are_normal(void **state)
{
    enum { COUNT = 100000 };
    struct random random;
    double sum = 0, square = 0, beyond = 0;

    (void)state;
    random_seed(&random, 3);
    for (int i = 0; i < COUNT; i++) {
        double x = random_normal(&random);
        sum += x;
        square += x * x;
        beyond += fabs(x) > 1.959963984540054;
    }
    near(sum / (double)COUNT, 0, 0.015);
    near(square / (double)COUNT, 1, 0.02);
    near(beyond / (double)COUNT, 0.05, 0.003);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_generator_is_xoshiro256plusplus),
        cmocka_unit_test(normal_numbers_are_normal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
