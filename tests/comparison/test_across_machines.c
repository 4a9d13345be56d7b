/* SPDX-License-Identifier: Apache-2.0 */
/* Two builds on each of several machines. */
#include "tests/support/make_sides.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define KEY_A "aaaaaaaaaaaaaaaa"
#define KEY_B "bbbbbbbbbbbbbbbb"
#define KEY_C "cccccccccccccccc"

static void assert_about(double value, double expected, double share)
{
    if (!(fabs(value / expected - 1) <= share))
        fail_msg("%g is not within %g %% of %g", value, 100 * share, expected);
}

static void a_change_of_all_machines_is_found(void **state)
{
    (void)state;
    SAYS("compare @before @after", 3, "Slower over 3 machines: Mmap (+20", "3 of them agree",
         "3 of 3 slower", "Machine dddddddddddddddd has runs on the new side only",
         "random-effects mean");
    SAYS("compare @after @before", 0, "Faster, and nothing became slower, over 3 machines: Mmap");
    SAYS("compare @before @again", 0, "Nothing became slower over 3 machines", "nothing slower");
}

/* One of three: the machines together cannot be told, that machine can. */
static void a_change_of_one_machine_is_not_lost(void **state)
{
    (void)state;
    SAYS("compare @before @one", 3, "Slower on 1 of 3 machines", "1 of 3 slower",
         "for all of them together: Mmap (+50", "on bbbbbbbb\n", "slower: Mmap (+50");
}

/* What a machine could not compare is not called nothing. */
static void what_one_machine_lacks_is_in_the_headline(void **state)
{
    (void)state;
    SAYS("compare @before @fails", 3, "Failed on the new side on 1 of 3 machines: Write/",
         "failed: Write/");
    SAYS("compare @before @lacks", 4, "Cells could not be compared on 1 of 3 machines: Write/",
         "\non bbbbbbbb\n", "not compared: Write/");
}

static void fewer_than_two_machines_have_no_verdict_together(void **state)
{
    (void)state;
    SAYS("compare @few1 @few2", 4, "No verdict over 2 machines",
         "0 of 2 machines have runs that allow a verdict of their own", "2 of 2 slower");
    SAYS("compare @few1 @few2 --format=json", 4, "\"refusal_code\": \"few_machines\"",
         "\"machines_with_verdict\": 0", "\"refusal_code\": \"few_processes\"");
}

static size_t commas_of(const char *line)
{
    size_t count = 0;
    int quoted = 0;
    for (; *line != '\0' && *line != '\n'; line++) {
        quoted ^= *line == '"';
        count += *line == ',' && !quoted;
    }
    return count;
}

static void many_machines_in_every_format(void **state)
{
    struct test_process process = run("compare @before @after --format=json", NULL);
    json_t *root = json_loads(process.out, 0, NULL);
    json_t *row = json_array_get(json_object_get(root, "rows"), 0);

    (void)state;
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(row, "change")), "slower");
    assert_int_equal(json_integer_value(json_object_get(row, "slower_on")), 3);
    assert_about(json_number_value(json_object_get(json_object_get(row, "ratio"), "estimate")), 1.2,
                 0.02);
    assert_int_equal(json_object_size(json_object_get(row, "ratio_by_machine")), 3);
    assert_int_equal(json_array_size(json_object_get(root, "comparisons")), 3);
    json_decref(root);
    test_process_free(&process);

    process = run("compare @before @after --format=csv", NULL);
    size_t commas = commas_of(process.out), combined = 0;
    for (const char *line = process.out; *line != '\0'; line = strchr(line, '\n') + 1) {
        assert_int_equal(commas_of(line), commas);
        combined += strncmp(line, "combined,writer,Mmap/", 21) == 0;
    }
    assert_int_equal(combined, 1);
    test_process_free(&process);
    SAYS("compare @before @after --format=markdown --github", 3, "### Slower over 3 machines",
         "::error title=Slower on 3 of 3 machines::Mmap");
}

#define EXTRA(key) ",\"round\":\"%zu\",\"machine_key\":\"" key "\",\"cpu_model\":\"" key "\""

static void make_machines(const char *name, const double *slow, size_t machines, size_t runs,
                          int first_minute)
{
    static const char *const extras[] = {EXTRA(KEY_A), EXTRA(KEY_B), EXTRA(KEY_C),
                                         EXTRA("dddddddddddddddd")};
    static const char *const keys[] = {KEY_A, KEY_B, KEY_C, "dddddddddddddddd"};
    char *path = path_in(name);

    assert_int_equal(mkdir(path, 0700), 0);
    free(path);
    for (size_t m = 0; m < machines; m++) {
        char folder[100];
        snprintf(folder, sizeof folder, "%s/%s", name, keys[m]);
        make_side(&(struct made_side){.name = folder,
                                      .runs = runs,
                                      .slow = slow[m],
                                      .extra = extras[m],
                                      .first_minute = first_minute + 40 * (int)m});
    }
}

static void edit(const char *folder, const char *script)
{
    char *command = NULL;

    assert_true(asprintf(&command, "sed -i -E '%s' %s/%s/*.json", script, place.path, folder) > 0);
    assert_int_equal(system(command), 0);
    free(command);
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    make_machines("before", (const double[]){1, 1, 1}, 3, 12, 0);
    make_machines("again", (const double[]){1, 1, 1}, 3, 12, 1);
    make_machines("after", (const double[]){1.19, 1.2, 1.21, 1}, 4, 12, 1);
    make_machines("one", (const double[]){1, 1.5, 1}, 3, 12, 1);
    make_machines("fails", (const double[]){1, 1, 1}, 3, 12, 1);
    edit("fails/" KEY_B, "/Write/s/,\"rep/,\"error_occurred\":true&/");
    make_machines("lacks", (const double[]){1, 1, 1}, 3, 12, 1);
    edit("lacks/" KEY_B, "s/Write/Wrote/g");
    make_machines("few1", (const double[]){1, 1}, 2, 2, 0);
    make_machines("few2", (const double[]){1.5, 1.5}, 2, 2, 1);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_change_of_all_machines_is_found),
        cmocka_unit_test(a_change_of_one_machine_is_not_lost),
        cmocka_unit_test(what_one_machine_lacks_is_in_the_headline),
        cmocka_unit_test(fewer_than_two_machines_have_no_verdict_together),
        cmocka_unit_test(many_machines_in_every_format),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
