/* SPDX-License-Identifier: Apache-2.0 */
/* compare as a gate: what is on each side, its exit status and its headline. */
#include "tests/support/make_sides.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

/* Runs of two writers in four chunk sizes; sed's script, of their files, is what happened to them.
 */
static const struct {
    struct made_side side;
    const char *script;
    const char *files; /* which; NULL: all */
} sides[] = {
    {{.name = "old", .runs = 12}, "", NULL},
    {{.name = "new", .runs = 12, .first_minute = 1}, "", NULL},
    {{.name = "slow", .runs = 12, .slow = 1.2, .first_minute = 1}, "", NULL},
    {{.name = "noisy", .runs = 12, .noise = 0.2}, "", NULL},
    {{.name = "noisier", .runs = 12, .first_minute = 1, .noise = 0.2}, "", NULL},
    {{.name = "failing", .runs = 12, .first_minute = 1},
     "/Write/s/,\"rep/,\"error_occurred\":true,\"error_message\":\"no\"&/",
     NULL},
    {{.name = "half", .runs = 12, .first_minute = 1},
     "/Write/s/,\"rep/,\"error_occurred\":true,\"error_message\":\"no\"&/",
     "[1-6]"},
    /* Without a reason. */
    {{.name = "allfail", .runs = 12, .first_minute = 1},
     "s/,\"rep/,\"error_occurred\":true&/",
     NULL},
    {{.name = "gone", .runs = 12, .first_minute = 1, .writers = 1}, "", NULL},
    {{.name = "cut",
      .runs = 12,
      .first_minute = 1,
      .writers = 1,
      .extra = ",\"interrupted\":\"Interrupt\""},
     "",
     NULL},
    {{.name = "renamed", .runs = 12, .first_minute = 1}, "s/Write/Wrote/g", NULL},
    {{.name = "resized", .runs = 12, .first_minute = 1, .size_bytes = 1 << 21}, "", NULL},
    {{.name = "zero", .runs = 12, .first_minute = 1},
     "/Write/s/\"real_time\":[^,]*/\"real_time\":0/",
     NULL},
    {{.name = "negative", .runs = 12, .first_minute = 1}, "/Write/s/\"real_time\":/&-/", NULL},
    {{.name = "aggregates", .runs = 12, .first_minute = 1},
     "s/\"iteration\"/\"aggregate\",\"aggregate_name\":\"median\"/",
     NULL},
    {{.name = "late", .runs = 12, .first_minute = 120}, "", NULL},
    {{.name = "lost", .runs = 12, .first_minute = 1}, "", NULL},
    {{.name = "copied", .runs = 12, .first_minute = 1}, "", NULL},
    {{.name = "fewer", .runs = 12, .first_minute = 1, .samples = 1}, "", NULL},
    {{.name = "fewerslow", .runs = 12, .first_minute = 1, .samples = 1, .slow = 1.2}, "", NULL},
};

static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *format, ...)
{
    char line[1000];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    int status = system(line);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
        fail_msg("%s: status %d", line, status);
}

static int set_up(void **state)
{
    (void)state;
    test_directory_create(&place);
    for (size_t i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        make_side(&sides[i].side);
        if (*sides[i].script != '\0')
            shell("sed -i -E '%s' %s/%s/%s.json", sides[i].script, place.path, sides[i].side.name,
                  sides[i].files != NULL ? sides[i].files : "*");
    }
    /* One run is lost: those behind it move up. */
    shell(
        "cd %s/lost && rm 3.json && i=3 && while [ $i -lt 12 ]; do mv $((i + 1)).json $i.json; "
        "i=$((i + 1)); done && cp 11.json 12.json && sed -i 's/T00:25/T00:27/;s/real_time\":/&1/' "
        "12.json",
        place.path);
    shell("cd %s/copied && for i in 2 3 4 5 6 7 8 9 10 11 12; do cp 1.json $i.json; done",
          place.path);
    return 0;
}

static void the_gate_says_what_it_looked_at(void **state)
{
    static const struct {
        const char *words;
        int status;
        const char *headline;
    } cases[] = {
        {"compare @old @new", 0, "Nothing became slower; "},
        {"compare @old @slow", 3, "Slower: Mmap"},
        {"compare @old @failing", 3, "Failed on the new side: Write/"},
        {"compare @failing @old", 0, "Nothing became slower; "},
        {"compare @old @half", 3, "Failed on the new side: Write/"},
        {"compare @old @allfail", 3, "Failed on the new side: Mmap/"},
        {"compare @old @gone", 4, "4 of 8 cells could not be compared: Write/"},
        {"compare @old @gone --allow-missing=^Write/", 0, "Nothing became slower; "},
        {"compare @old @gone --allow-missing=^Mmap/", 4, "4 of 8 cells could not be compared"},
        {"compare @gone @old", 0, "Nothing became slower; "},
        {"compare @old @renamed", 4, "4 of 8 cells could not be compared: Write/"},
        {"compare @old @resized", 4, "No verdict; 8 of 8 cells could not be compared"},
        {"compare @old @zero", 4, "4 of 8 cells could not be compared: Write/"},
        {"compare @old @negative", 4, "4 of 8 cells could not be compared: Write/"},
        {"compare @old @aggregates", 4, "No verdict; 8 of 8 cells could not be compared"},
        {"compare @noisy @noisier --must-see=5%", 4, "Nothing slower was found, but "},
        {"compare @noisy @noisier --must-see=90%", 0, "would have been seen"},
        {"compare @old @late --paired", 4, "No verdict"},
        {"compare @old @lost --paired", 4, "No verdict"},
        {"compare @old @copied", 4, "No verdict"},
        {"compare @new @copied/1.json", 4, "No verdict"},
        {"compare @old @fewer", 0, "Nothing became slower; "},
        {"compare @old @fewerslow", 3, "Slower: Mmap"},
        {"compare @fewer @slow", 3, "Slower: Mmap"},
        {"compare @old @new --allow-missing=(", 1, "no extended regular expression"},
        {"compare @old @new --must-see=0", 1, "--must-see=0: give a share"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct test_process process = run(cases[i].words, NULL);
        const char *text = process.status == 1 ? process.err : process.out;
        char *line = strndup(text, strcspn(text, "\n"));
        if (process.status != cases[i].status || strstr(line, cases[i].headline) == NULL)
            fail_msg("'%s': status %d, not %d; '%s' does not say '%s'\n%s", cases[i].words,
                     process.status, cases[i].status, line, cases[i].headline, process.out);
        free(line);
        test_process_free(&process);
    }
}

static void a_closed_gate_says_why(void **state)
{
    (void)state;
    SAYS("compare @old @late --paired", 4,
         "12 of the 12 pairs were not measured one after the other");
    SAYS("compare @old @lost --paired", 4, "pairs were not measured one after the other");
    SAYS("compare @old @copied", 4, "11 of the runs have the same samples as another one");
    SAYS("compare @old @half", 3, "Left out, failed on the new side: Write/",
         " The first says: no\n");
    SAYS("compare @old @cut --width=100", 4,
         "12 of 12 runs of the new side were interrupted: what they lack cannot be compared.");
    SAYS("compare @old @allfail", 3, "no cell can be compared: 8 failed on the new side");
    SAYS("compare @old @aggregates", 4, "no cell can be compared: 8 kept as aggregates only");
}

/* More repetitions look faster: as few as the fewest are drawn. */
static void unequal_repetitions_bias_nothing(void **state)
{
    struct test_process process = run("compare @old @fewer --format=json", NULL);
    json_t *root = json_loads(process.out, 0, NULL), *row;
    size_t index;

    (void)state;
    assert_non_null(root);
    json_array_foreach(json_object_get(root, "rows"), index, row)
    {
        double ratio =
            json_number_value(json_object_get(json_object_get(row, "ratio"), "estimate"));
        if (!(ratio > 0.98 && ratio < 1.02))
            fail_msg("%s: %g", json_string_value(json_object_get(row, "name")), ratio);
    }
    json_decref(root);
    test_process_free(&process);
    SAYS("compare @old @fewer", 0,
         "8 cells have more repetitions in some processes than in others");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_gate_says_what_it_looked_at),
        cmocka_unit_test(a_closed_gate_says_why),
        cmocka_unit_test(unequal_repetitions_bias_nothing),
    };
    return cmocka_run_group_tests(tests, set_up, place_remove);
}
