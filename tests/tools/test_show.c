/* SPDX-License-Identifier: Apache-2.0 */
/* bench_results as a user meets it: spawned, its output and exit status looked at. */
#include "tests/support/make_results.h"

#include <fcntl.h>
#include <jansson.h>
#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static char directory[] = "/tmp/bench_results_test_XXXXXX";
static char run_path[64];

struct output {
    int status;
    char *out;
    char *err;
};

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = NULL;
    size_t size = 0;

    assert_non_null(file);
    if (getdelim(&text, &size, '\0', file) < 0) {
        free(text);
        text = strdup("");
    }
    fclose(file);
    assert_non_null(text);
    return text;
}

/* Words are separated by blanks; @ stands for the run file. environment: more variables, or NULL.
 */
static struct output run_program(const char *words, const char *const *environment)
{
    char line[500], out[100], err[100];
    char *arguments[32] = {(char *)(uintptr_t)BENCH_RESULTS_PROGRAM};
    char *variables[8] = {(char *)(uintptr_t) "LC_ALL=C.UTF-8", (char *)(uintptr_t) "TERM=xterm"};
    size_t count = 1, variable = 2;
    posix_spawn_file_actions_t actions;
    pid_t child;
    int status;

    snprintf(line, sizeof line, "%s", words);
    for (char *word = strtok(line, " "); word != NULL; word = strtok(NULL, " "))
        arguments[count++] = strcmp(word, "@") == 0 ? run_path : word;
    for (; environment != NULL && *environment != NULL; environment++)
        variables[variable++] = (char *)(uintptr_t)*environment;
    snprintf(out, sizeof out, "%s/out", directory);
    snprintf(err, sizeof err, "%s/err", directory);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_addopen(&actions, 1, out, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&actions, 2, err, O_WRONLY | O_CREAT | O_TRUNC, 0600);
    assert_int_equal(posix_spawn(&child, arguments[0], &actions, NULL, arguments, variables), 0);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return (struct output){WEXITSTATUS(status), read_file(out), read_file(err)};
}

static void forget(struct output *output)
{
    free(output->out);
    free(output->err);
}

static void prints(const char *words, const char *const *expected)
{
    struct output output = run_program(words, NULL);

    if (output.status != 0 || output.err[0] != '\0')
        fail_msg("'%s' exits with %d: %s", words, output.status, output.err);
    for (; *expected != NULL; expected++)
        if (strstr(output.out, *expected) == NULL)
            fail_msg("'%s' does not print '%s':\n%s", words, *expected, output.out);
    forget(&output);
}

/* One sentence on stderr, nothing on stdout. */
static void complains(const char *words, int status, const char *expected)
{
    struct output output = run_program(words, NULL);
    char *end = strchr(output.err, '\n');

    if (output.status != status || strstr(output.err, expected) == NULL)
        fail_msg("'%s' exits with %d: %s", words, output.status, output.err);
    assert_string_equal(output.out, "");
    assert_non_null(end);
    assert_string_equal(end, "\n");
    forget(&output);
}

static void help_lists_every_command_and_option(void **state)
{
    (void)state;
    prints("--help", (const char *const[]){"show ", "advise ", "compare ", "ab ", "selftest ",
                                           "--version", "Exit status", NULL});
    prints("show --help", (const char *const[]){"--metric=NAME", "--pair=A:B", "--predict=SIZE",
                                                "--lesson", "--strict", "--format=FORM",
                                                "--width=COLUMNS", "--color=WHEN", NULL});
    prints("advise --help", (const char *const[]){"--chunk=SIZE", "--file=STATE", NULL});
    prints("compare --help", (const char *const[]){"--margin=SHARE", "--paired", "--cross-machine",
                                                   "--github", "--all", "--seed=N", NULL});
    prints("ab --help", (const char *const[]){"--rounds=N", "--until", "--max-time=SECONDS",
                                              "--timeout=SECONDS", "--keep=DIR", NULL});
    prints("--version", (const char *const[]){"bench_results ", NULL});
}

static void show_prints_every_part(void **state)
{
    (void)state;
    prints("show @ --predict=12K",
           (const char *const[]){"10 MiB, file new, sync none", "time per file in ms: median of 20",
                                 "±", "Mmap and Write:", "is faster, above it Write",
                                 "Where the time goes, in chunks of 4 KiB", "What it costs",
                                 "per call, ", "predicted, ms", "12 KiB", NULL});
    prints("show @ --pair=MmapFalloc:Pwrite",
           (const char *const[]){"MmapFalloc and Pwrite:", NULL});
    prints("show @ --metric throughput", (const char *const[]){"throughput in GiB/s", NULL});
    prints("show @ --metric=faults", (const char *const[]){"page faults per file", "2560", NULL});
    prints("advise @ --chunk 4K", (const char *const[]){"in chunks of 4 KiB", "Use ", NULL});
    prints("advise @ --chunk=3000",
           (const char *const[]){"interpolated between 2 KiB and 4 KiB", NULL});
    prints("show @ --lesson",
           (const char *const[]){"Memory-mapped file", "Straight write", "Block Size (bytes)",
                                 "Run Time", "....", "The memory-mapped file wins at small", NULL});
}

static void published_and_foreign_files_are_shown(void **state)
{
    (void)state;
    prints("show " TEST_DATA_DIR "/lesson.csv",
           (const char *const[]){"below 157 B Mmap is faster", NULL});
    prints("show " TEST_DATA_DIR "/lesson.csv --lesson",
           (const char *const[]){"5.343750", "Between 128 B and 256 B the", NULL});
    prints(
        "show " TEST_DATA_DIR "/other_project.json",
        (const char *const[]){"time per iteration in ns", "BM_memcpy/8 ", "no such device", NULL});
    prints("show " TEST_DATA_DIR "/google_benchmark_inputs.json",
           (const char *const[]){"BM_SameTimes ", NULL});
}

static const char formats[] = /* ", text, markdown ..." */
#define FORMAT(name) ", " #name
#include "src/report/formats.def"
#undef FORMAT
    ;

static void bad_input_gets_one_sentence(void **state)
{
    (void)state;
    complains("shwo @", 1, "there is no command 'shwo'");
    complains("show", 1, "name one run file");
    complains("show @ @", 1, "name one run file");
    complains("show @ --frobnicate", 1, "there is no option '--frobnicate'");
    complains("show @ --metric=parsecs", 1, "--metric=parsecs: not known; one of time, cpu,");
    complains("show @ --format xml", 1, "--format=xml: not known; one of");
    complains("show @ --format xml", 1, formats + 2);
    complains("show @ --chunk=four", 1, "--chunk=four: not a size");
    complains("show @ --width=wide", 1, "--width=wide: not a whole number");
    complains("show @ --predict=1K,x", 1, "--predict=x: not a size");
    complains("show @ --pair=Mmap", 1, "--pair=Mmap: give two writers");
    complains("show @ --pair=Mmap:Nonesuch", 1, "a writer of --pair is not in");
    complains("show @ --metric", 1, "--metric: the value is missing");
    complains("show @ --lesson=yes", 1, "--lesson=yes: it takes no value");
    complains("show @ --replicates=3", 1, "--replicates=3: give a number from 100 to");
    complains("show /nonexistent/run.json", 1, "/nonexistent/run.json cannot be read");
    complains("show /dev/null", 1, "the file is empty");
    complains("show " TEST_DATA_DIR, 1, "cannot be read");
    complains("show " TEST_DATA_DIR "/other_project.json --lesson", 1, "needs them");
    complains("show " TEST_DATA_DIR "/other_project.json --metric=fill", 1,
              "has the metric 'fill'");
    complains("advise @", 1, "--chunk=4K");
    complains("advise @ --chunk=4K --file=cold", 1, "file:cold");
    complains("advise @ --chunk=16M", 4, "nothing is guessed");
}

static void nothing_is_wider_than_asked_for(void **state)
{
    static const int widths[] = {60, 80, 100, 120};

    (void)state;
    for (size_t i = 0; i < sizeof widths / sizeof widths[0]; i++) {
        char words[100];
        snprintf(words, sizeof words, "show @ --ascii --width=%d", widths[i]);
        struct output output = run_program(words, NULL);
        assert_int_equal(output.status, 0);
        char *rest = NULL;
        for (char *line = strtok_r(output.out, "\n", &rest); line != NULL;
             line = strtok_r(NULL, "\n", &rest)) {
            size_t length = strlen(line);
            if (length > (size_t)widths[i])
                fail_msg("%zu columns instead of %d: %s", length, widths[i], line);
            if (line[length - 1] == ' ')
                fail_msg("a blank ends the line: %s", line);
        }
        forget(&output);
    }
}

static int has_byte_above(const char *text, unsigned char limit)
{
    for (; *text != '\0'; text++)
        if ((unsigned char)*text > limit)
            return 1;
    return 0;
}

static void ascii_and_colour_obey_the_options(void **state)
{
    struct output utf8 = run_program("show @", NULL);
    struct output ascii = run_program("show @ --ascii", NULL);
    struct output colour = run_program("show @ --color=always", NULL);

    (void)state;
    assert_true(has_byte_above(utf8.out, 0x7F));
    assert_false(has_byte_above(ascii.out, 0x7E));
    assert_null(strchr(utf8.out, '\033')); /* no terminal: no colour */
    assert_non_null(strchr(colour.out, '\033'));
    assert_null(strchr(ascii.out, '\x1f'));
    forget(&utf8);
    forget(&ascii);
    forget(&colour);
}

/* Whether `show` colours what it prints on a terminal. */
static int is_coloured_on_a_terminal(char *variable)
{
    char *arguments[] = {(char *)(uintptr_t)BENCH_RESULTS_PROGRAM, (char *)(uintptr_t) "show",
                         run_path, NULL};
    char *variables[] = {(char *)(uintptr_t) "TERM=xterm", variable, NULL};
    int terminal = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), status, coloured = 0;
    posix_spawn_file_actions_t actions;
    char buffer[4096];
    ssize_t count;
    size_t total = 0;
    pid_t child;

    assert_true(terminal >= 0 && grantpt(terminal) == 0 && unlockpt(terminal) == 0);
    assert_int_equal(posix_spawn_file_actions_init(&actions), 0);
    posix_spawn_file_actions_addopen(&actions, 1, ptsname(terminal), O_RDWR | O_NOCTTY, 0);
    assert_int_equal(posix_spawn(&child, arguments[0], &actions, NULL, arguments, variables), 0);
    posix_spawn_file_actions_destroy(&actions);
    /* EIO: the other end is closed. */
    while ((count = read(terminal, buffer, sizeof buffer)) > 0) {
        coloured |= memchr(buffer, '\033', (size_t)count) != NULL;
        total += (size_t)count;
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    close(terminal);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
    assert_true(total > 100);
    return coloured;
}

static void a_terminal_is_coloured_unless_no_color_is_set(void **state)
{
    (void)state;
    assert_true(is_coloured_on_a_terminal(NULL));
    assert_false(is_coloured_on_a_terminal((char *)(uintptr_t) "NO_COLOR=1"));
}

static void json_is_valid_and_says_the_same(void **state)
{
    struct output output = run_program("show @ --format=json --predict=12K", NULL);
    json_error_t error;
    json_t *root = json_loads(output.out, JSON_REJECT_DUPLICATES, &error);

    (void)state;
    if (root == NULL)
        fail_msg("line %d: %s", error.line, error.text);
    json_t *table = json_array_get(json_object_get(root, "tables"), 0);
    assert_int_equal(json_array_size(json_object_get(table, "cells")), 4 * 6);
    assert_int_equal(json_integer_value(json_object_get(table, "size_bytes")), 10485760);
    json_t *model = json_array_get(json_object_get(table, "models"), 2);
    assert_string_equal(json_string_value(json_object_get(model, "writer")), "Write");
    double call =
        json_number_value(json_object_get(json_object_get(model, "per_call_ns"), "estimate"));
    assert_true(call > 900 && call < 1100);
    assert_true(json_is_null(json_object_get(model, "code")));
    assert_string_equal(
        json_string_value(json_object_get(json_object_get(root, "verdict"), "doubtful")), "no");
    json_decref(root);
    forget(&output);
    output = run_program("advise @ --chunk=4K --format=json", NULL);
    root = json_loads(output.out, JSON_REJECT_DUPLICATES, &error);
    assert_non_null(root);
    assert_int_equal(json_array_size(json_object_get(root, "writers")), 4);
    json_decref(root);
    forget(&output);
}

static void csv_rows_have_the_heading_s_columns(void **state)
{
    struct output output = run_program("show @ --format=csv", NULL);
    char *rest = NULL;
    size_t columns = 0, rows = 0;

    (void)state;
    for (char *line = strtok_r(output.out, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest), rows++) {
        size_t commas = 0;
        for (char *p = line; *p != '\0'; p++)
            commas += *p == ',';
        if (rows == 0)
            columns = commas;
        assert_int_equal(commas, columns);
    }
    assert_int_equal(rows, 1 + 4 * 6);
    forget(&output);
}

static void csv_quotes_a_name_with_a_comma(void **state)
{
    struct output rows = run_program("show " TEST_DATA_DIR "/comma.json --format=csv", NULL);
    struct output advice =
        run_program("advise " TEST_DATA_DIR "/comma.json --chunk=8 --format=csv", NULL);

    (void)state;
    assert_non_null(strstr(rows.out, "\n\"Say \"\"hi\"\", twice\",,,0,8,1,time,ns,1,5,"));
    assert_int_equal(advice.status, 4); /* a sample each */
    assert_string_equal(advice.out,
                        "writer,time_ns,ratio,ratio_low,ratio_high,mark\n"
                        "\"Say \"\"hi\"\", twice\",5,1,,,best\n"
                        "Write,7,1.4,,,\n");
    forget(&rows);
    forget(&advice);
}

static void markdown_tables_are_even(void **state)
{
    struct output output = run_program("show @ --format=markdown", NULL);
    char *rest = NULL;
    size_t bars = 0, tables = 0;

    (void)state;
    for (char *line = strtok_r(output.out, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        size_t here = 0;
        for (char *p = line; *p != '\0'; p++)
            here += *p == '|';
        if (line[0] != '|') {
            bars = 0;
            continue;
        }
        tables += bars == 0;
        if (bars != 0)
            assert_int_equal(here, bars);
        bars = here;
    }
    assert_int_equal(tables, 3);
    forget(&output);
}

static void the_same_seed_gives_the_same_text(void **state)
{
    struct output one = run_program("show @ --seed=4 --format=json", NULL);
    struct output same = run_program("show @ --seed 4 --format json", NULL);
    struct output other = run_program("show @ --seed=5 --format=json", NULL);

    (void)state;
    assert_string_equal(one.out, same.out);
    assert_string_not_equal(one.out, other.out);
    forget(&one);
    forget(&same);
    forget(&other);
}

static void strict_turns_doubt_into_status_4(void **state)
{
    struct output sound = run_program("show @ --strict", NULL);
    struct output doubtful = run_program("show " TEST_DATA_DIR "/lesson.csv --strict", NULL);

    (void)state;
    assert_int_equal(sound.status, 0);
    assert_int_equal(doubtful.status, 4);
    assert_non_null(strstr(doubtful.out, "This run is doubtful"));
    forget(&sound);
    forget(&doubtful);
}

static void a_doubt_has_a_code_and_figures_for_programs(void **state)
{
    struct output output = run_program("show " TEST_DATA_DIR "/lesson.csv --format=json", NULL);
    json_t *root = json_loads(output.out, JSON_REJECT_DUPLICATES, NULL);
    json_t *verdict = json_object_get(root, "verdict");
    json_t *finding = json_array_get(json_object_get(verdict, "findings"), 1);
    json_t *models = json_object_get(json_array_get(json_object_get(root, "tables"), 0), "models");

    (void)state;
    assert_non_null(root);
    assert_string_equal(json_string_value(json_object_get(finding, "kind")), "doubt");
    assert_string_equal(json_string_value(json_object_get(finding, "code")), "few_samples");
    assert_true(json_number_value(json_object_get(finding, "cells")) ==
                json_number_value(json_object_get(finding, "of_cells")));
    assert_non_null(strstr(json_string_value(json_object_get(finding, "text")), "no interval"));
    json_t *model = json_array_get(models, 0);
    assert_string_equal(json_string_value(json_object_get(model, "code")), "no_counts");
    assert_string_equal(json_string_value(json_object_get(model, "refused")), "no counts");
    json_decref(root);
    forget(&output);
}

static int make_directory(void **state)
{
    static const uint64_t chunks[] = {1024, 2048, 4096, 8192, 65536, 1048576};
    static const struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 1e6, .per_chunk_ns = 20, .per_fault_ns = 4000, .faults = 2560},
        {.name = "MmapFalloc",
         .fixed_ns = 2e6,
         .per_chunk_ns = 20,
         .per_fault_ns = 4000,
         .faults = 2560},
        {.name = "Write", .fixed_ns = 2.3e6, .per_call_ns = 1000},
        {.name = "Pwrite", .fixed_ns = 2.3e6, .per_call_ns = 1010},
    };
    struct make_spec spec = {.writers = writers,
                             .writer_count = 4,
                             .chunks = chunks,
                             .chunk_count = 6,
                             .samples = 20,
                             .noise = 0.03,
                             .seed = 2,
                             .size_bytes = 10485760,
                             .counters = 1};
    char *text = make_json(&spec);

    (void)state;
    if (text == NULL || mkdtemp(directory) == NULL)
        return -1;
    snprintf(run_path, sizeof run_path, "%s/run.json", directory);
    FILE *file = fopen(run_path, "w");
    if (file == NULL || fputs(text, file) < 0 || fclose(file) != 0)
        return -1;
    free(text);
    return 0;
}

static int remove_directory(void **state)
{
    static const char *const names[] = {"out", "err", "run.json"};
    char path[100];

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    return rmdir(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(help_lists_every_command_and_option),
        cmocka_unit_test(show_prints_every_part),
        cmocka_unit_test(published_and_foreign_files_are_shown),
        cmocka_unit_test(bad_input_gets_one_sentence),
        cmocka_unit_test(nothing_is_wider_than_asked_for),
        cmocka_unit_test(ascii_and_colour_obey_the_options),
        cmocka_unit_test(a_terminal_is_coloured_unless_no_color_is_set),
        cmocka_unit_test(json_is_valid_and_says_the_same),
        cmocka_unit_test(csv_rows_have_the_heading_s_columns),
        cmocka_unit_test(csv_quotes_a_name_with_a_comma),
        cmocka_unit_test(markdown_tables_are_even),
        cmocka_unit_test(the_same_seed_gives_the_same_text),
        cmocka_unit_test(strict_turns_doubt_into_status_4),
        cmocka_unit_test(a_doubt_has_a_code_and_figures_for_programs),
    };
    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
