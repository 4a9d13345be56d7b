/* SPDX-License-Identifier: Apache-2.0 */
/* bench_mmap --quiz: every statement is tried, and an answer that is not the documented one shows.
 */
#include "tests/support/run_bench.h"

#include <stdio.h>
#include <string.h>

/* T, F, or ? for what could not be tried, in order. No line is wider than a terminal. */
static void answers_of(const char *out, char answers[32])
{
    size_t count = 0;

    for (const char *line = out; *line != '\0'; line += strcspn(line, "\n") + 1) {
        assert_true(strcspn(line, "\n") <= 80);
        if (strncmp(line, "    ", 4) != 0)
            continue;
        assert_true(count < 31);
        answers[count++] = line[4] == 'I' ? '?' : line[4];
    }
    answers[count] = '\0';
}

static const struct {
    const char *fault;
    int status;
    const char *answers;
} cases[] = {
    {"BENCH_FAULT=none", 0, "FFFTFTFFTF"},
    {"BENCH_FAULT=pread:corrupt:1:0", 1, "FFTTFTFFTF"}, /* a pread() that moves the position */
    {"BENCH_FAULT=pread:eio:1:0", 1, "FF?T?TF?TF"},     /* a disk that cannot be read */
};

static void every_answer_is_what_the_code_does(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        const char *const environment[] = {"LD_PRELOAD=" FAULT_LIBRARY, cases[i].fault, NULL};
        const char *const more[] = {"--quiz", NULL};
        struct test_process process = run_with(environment, NULL, more);
        char answers[32];

        answers_of(process.out, answers);
        assert_string_equal(answers, cases[i].answers);
        assert_int_equal(process.status, cases[i].status);
        if (process.status != 0)
            assert_one_sentence(process.err, "bench_mmap: --quiz: ");
        test_process_free(&process);
        assert_int_equal(test_directory_count(&directory), 0);
    }
}

int main(void)
{
#ifdef __SANITIZE_ADDRESS__
    puts("skipped: the sanitizer wants to be loaded first");
    return TEST_SKIPPED;
#endif
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_answer_is_what_the_code_does)};

    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
