/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is short: of every sub-command one allocation after the other fails. It is told in a
 * sentence, with status 1, or nothing of what the command says is lost by it. A few are drawn;
 * BENCH_MMAP_TESTS=long takes 200 of each, at equal distances, BENCH_MMAP_MOST so many;
 * BENCH_MMAP_ONLY=WORD those of commands with that word. BENCH_MMAP_SEED draws the same once more.
 */
#include "src/base/random.h"
#include "tests/support/make_sides.h"
#include "tests/support/run_files.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { DRAWN = 4, MOST = 200, WORDS = 16 };

/* @NAME is a path in the test's directory; %s the id of a run of the store s.db. */
static const struct {
    const char *words; /* bench_mmap's begin with a flag */
    int changes;       /* the store, which is made anew before each */
} commands[] = {
#define COMMAND(name) {#name " --help", 0},
#include "tools/commands.def"
#undef COMMAND
    {"help", 0},
    {"show @a.json", 0},
    {"show @lesson.csv --format=markdown", 0},
    {"show @a.json --format=json --predict=3K", 0},
    {"show @a.json --format=csv", 0},
    {"show @broken.json", 0},
    {"advise @a.json --chunk=4K", 0},
    {"claims @a.json", 0},
    {"claims @a.json --file=@claims", 0},
    {"report @a.json -o @page.html", 0},
    {"report @a.json --db=@s.db -o @page.html", 0},
    {"compare @old @new", 0},
    {"compare @old @new --format=markdown", 0},
    {"compare @a.json @b.json --cross-machine", 0},
    {"ab @old.sh @new.sh --rounds=1 --seed=1", 0},
    {"selftest @old.sh --rounds=6 --seed=1", 0},
    {"add @a.json --db=@s.db", 1},
    {"add @late.json --db=@s.db", 1},
    {"add @late.json --db=@none.db", 1},
    {"export %s --db=@s.db", 0},
    {"machines --db=@s.db", 0},
    {"check --db=@s.db", 0},
    {"history --db=@s.db", 0},
    {"history Mmap --db=@s.db --format=json", 0},
    {"bless all --db=@s.db --at=%s --reason=x", 1},
    {"move %s --db=@s.db --machine=cc", 1},
    {"forget %s --db=@s.db", 1},
    {"verify --db=@s.db", 0},
    {"--help", 0},
    {"--version", 0},
    {"--dir=@. --writers --kind=all", 0},
    {"--dir=@. --quiz", 0},
    {"--dir=@. --benchmark_list_tests", 0},
    {"--dir=@. --kind=all --mode=all --all --chunks=4K --file_size=64K --benchmark_repetitions=1",
     0},
    {"--dir=@. --benchmark_filter=^(Write|Mmap)/ --chunks=4K,64K --file_size=64K "
     "--benchmark_repetitions=3 --benchmark_out=@out.json --benchmark_format=console",
     0},
};
enum { COMMANDS = sizeof commands / sizeof commands[0] };

static char *id, *pristine;
static size_t pristine_length;
static struct random draws;

static struct test_process start(size_t c, const char *fault, const char *count)
{
    char words[400], text[400], *rest = text, *word, *paths[WORDS] = {NULL};
    const char *argv[WORDS + 1] = {*commands[c].words == '-' ? BENCH_MMAP_PROGRAM
                                                             : BENCH_RESULTS_PROGRAM};
    const char *environment[] = {"LD_PRELOAD=" FAULT_LIBRARY, "LC_ALL=C", fault, count, NULL};
    size_t n = 1;

    snprintf(words, sizeof words, "%s", commands[c].words);
    snprintf(text, sizeof text, "%s", words);
    char *hole = strstr(words, "%s");
    if (hole != NULL)
        snprintf(text, sizeof text, "%.*s%s%s", (int)(hole - words), words, id != NULL ? id : "",
                 hole + 2);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *at = strchr(word, '@');
        assert_true(n < WORDS);
        if (at != NULL) {
            char *path = path_in(at + 1);
            assert_true(asprintf(&paths[n], "%.*s%s", (int)(at - word), word, path) > 0);
            free(path);
        }
        argv[n] = at != NULL ? paths[n] : word;
        n++;
    }
    if (commands[c].changes) {
        char *none = path_in("none.db");
        write_bytes("s.db", pristine, pristine_length);
        (void)unlink(none);
        free(none);
    }
    struct test_process process = test_run(argv, environment, NULL);
    for (size_t i = 0; i < WORDS; i++)
        free(paths[i]);
    return process;
}

static unsigned long count_allocations(size_t c, struct test_process *whole)
{
    char count[120], *path = path_in("count"), *text;
    unsigned long number;

    snprintf(count, sizeof count, "BENCH_FAULT_COUNT=%s", path);
    *whole = start(c, "BENCH_FAULT=malloc:once:999999999:0", count);
    text = test_read_file(path);
    assert_non_null(text);
    number = strtoul(text, NULL, 10);
    assert_int_equal(unlink(path), 0);
    free(text);
    free(path);
    return number;
}

/* What bench_mmap measures is never twice the same; that something failed is told on stderr, too.
 */
static int is_told(size_t c, const struct test_process *process, const struct test_process *whole)
{
    size_t length = strlen(process->err);
    int is_bench = *commands[c].words == '-';

    if (process->status == whole->status && (is_bench || strcmp(process->out, whole->out) == 0))
        return 1;
    return process->status == 1 && length > 0 && process->err[length - 1] == '\n' &&
           strstr(process->err, is_bench ? "bench_mmap: " : "bench_results") != NULL;
}

/* Of what has no name of its own at the end. */
static size_t count_left(void)
{
    DIR *stream = opendir(place.path);
    const struct dirent *entry;
    size_t count = 0;

    assert_non_null(stream);
    while ((entry = readdir(stream)) != NULL)
        count += strstr(entry->d_name, ".bench_mmap-") != NULL;
    closedir(stream);
    return count;
}

static void every_allocation_may_fail(void **state)
{
    unsigned long all = 0, told = 0, wrong = 0;
    const char *only = getenv("BENCH_MMAP_ONLY"), *number = getenv("BENCH_MMAP_MOST");
    unsigned long most = number != NULL ? strtoul(number, NULL, 10) : MOST;
    int is_long = test_extent(0, 0, 1);

    (void)state;
    for (size_t c = 0; c < COMMANDS; c++) {
        if (only != NULL && strstr(commands[c].words, only) == NULL)
            continue;
        struct test_process whole;
        unsigned long count = count_allocations(c, &whole), tries = DRAWN, step = 1;
        size_t said = 0;

        if (is_long) {
            step = count / most + (count % most > 0);
            tries = step > 0 ? (count + step - 1) / step : 0;
        }

        if (!is_long && strstr(commands[c].words, "help") != NULL)
            tries = 1;
        for (unsigned long i = 0; i < tries && count > 0; i++) {
            char fault[64];
            snprintf(fault, sizeof fault, "BENCH_FAULT=malloc:once:%lu:0",
                     is_long ? i * step + 1 : random_below(&draws, count) + 1);
            struct test_process process = start(c, fault, "X=");
            if (!is_told(c, &process, &whole) || count_left() > 0) {
                print_message("%s, %s: status %d, normally %d, %zu files:\n%s", commands[c].words,
                              fault, process.status, whole.status, count_left(), process.err);
                wrong++;
            }
            said += process.status != whole.status;
            test_process_free(&process);
        }
        if (is_long)
            print_message("%6lu allocations, every %lu: %lu tried, %zu told: %s\n", count, step,
                          tries, said, commands[c].words);
        all += tries;
        told += said;
        test_process_free(&whole);
    }
    print_message("%lu failed allocations of %d commands, %lu told, %lu wrong\n", all, COMMANDS,
                  told, wrong);
    assert_true(told > all / 10);
    assert_int_equal(wrong, 0);
}

/* In the place of a program that is measured: it gives the run of that round. */
static void make_program(const char *side)
{
    char name[16], text[400];

    snprintf(name, sizeof name, "%s.sh", side);
    snprintf(text, sizeof text,
             "#!/bin/sh\nunset LD_PRELOAD\nfor flag; do case $flag in\n"
             "--benchmark_out=*) out=${flag#*=};;\n"
             "--benchmark_context=*) round=${flag##*round=}; round=${round%%%%,*};;\nesac; done\n"
             "cp \"%s/%s/$round.json\" \"$out\"\n",
             place.path, side);
    char *path = path_in(name);
    write_file(path, text);
    assert_int_equal(chmod(path, 0700), 0);
    free(path);
}

static int set_up(void **state)
{
    static const char claims[] = "claim a must\n says x\n source y\n holds Mmap < 5ms\n";
    static const char csv[] = "chunk_bytes,mmap_s,write_s\n1024,0.5,0.7\n4096,0.2,0.1\n";

    run_files_set_up(state);
    make_side(&(struct made_side){.name = "old", .runs = 6});
    make_side(&(struct made_side){.name = "new", .runs = 6, .slow = 1.2, .first_minute = 1});
    make_program("old");
    make_program("new");
    write_bytes("claims", claims, sizeof claims - 1);
    write_bytes("lesson.csv", csv, sizeof csv - 1);
    write_bytes("page.html", "", 0);
    write_bytes("out.json", "", 0);
    write_bytes("none.db", "", 0);
    id = add("add --db=@s.db @a.json");
    free(add("add --db=@s.db @b.json"));
    char *path = path_in("s.db");
    int error = load_bytes(path, RUN_BYTES_MOST, &pristine, &pristine_length);
    free(path);
    return error;
}

static int tear_down(void **state)
{
    free(id);
    free(pristine);
    return place_remove(state);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_allocation_may_fail)};
    const char *seed = getenv("BENCH_MMAP_SEED");
    uint64_t number = seed != NULL ? strtoull(seed, NULL, 10) : 1;

#ifdef __SANITIZE_ADDRESS__
    puts("skipped: the sanitizer wants to be loaded first");
    return TEST_SKIPPED;
#endif
    if (getenv("LD_PRELOAD") != NULL) {
        puts("skipped: something else is preloaded");
        return TEST_SKIPPED;
    }
    printf("seed %llu\n", (unsigned long long)number);
    random_seed(&draws, number);
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
