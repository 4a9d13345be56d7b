/* SPDX-License-Identifier: Apache-2.0 */
#include "compare.h"

#include "src/report/option_table.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A number, a double, in these bounds. */
struct range {
    struct option_kind kind;
    double least, most;
};

static int take_number(const char *prefix, const struct option_row *row, char *text, void *value)
{
    const struct range *range = (const struct range *)row->kind;
    double *number = value;
    char *rest;

    *number = strtod(text, &rest);
    if (rest != text && *rest == '\0' && *number >= range->least && *number <= range->most)
        return 0;
    return option_complain(prefix, "%s=%s: not a number from %g to %g", row->name, text,
                           range->least, range->most);
}

static int take_chunks(const char *prefix, const struct option_row *row, char *text, void *values)
{
    struct arguments *arguments = values;
    char *item;
    int error = 0;

    arguments->chunk_count = 0;
    while (error == 0 && (item = strsep(&text, ",")) != NULL) {
        if (arguments->chunk_count == ARGUMENTS_MAX_CHUNKS)
            return option_complain(prefix, "%s: more than %d chunk sizes", row->name,
                                   ARGUMENTS_MAX_CHUNKS);
        error = option_take_size(prefix, row, item, &arguments->chunks[arguments->chunk_count++]);
    }
    return error;
}

/* The expression must match the whole name, so that a name means that writer. */
static int take_writers(const char *prefix, const struct option_row *row, char *text, void *value)
{
    regex_t *writers = value;
    char whole[256];
    int error = snprintf(whole, sizeof whole, "^(%s)$", text) < (int)sizeof whole ? 0 : REG_ESPACE;

    regfree(writers);
    memset(writers, 0, sizeof *writers);
    if (error == 0)
        error = regcomp(writers, whole, REG_EXTENDED | REG_NOSUB);
    if (error == 0)
        return 0;
    memset(writers, 0, sizeof *writers);
    return option_complain(prefix, "%s=%s: not an extended regular expression", row->name, text);
}

static const struct option_kind size = {.take = option_take_size, .normally = "10M"},
                                chunks = {.take = take_chunks, .normally = "1K,64K,10M"},
                                writers = {.take = take_writers, .normally = ".*"};
static const struct range seconds = {{.take = take_number, .normally = "10"}, 0, 1e6},
                          pairs = {{.take = take_number, .normally = "1000"},
                                   COMPARE_MIN_PAIRS,
                                   COMPARE_MAX_PAIRS},
                          files = {{.take = take_number}, 1, ARGUMENTS_MAX_FILES};

#define TEXT(number) #number
#define TEXT_OF(number) TEXT(number)
#define MEMBER(name) offsetof(struct arguments, name)
static const struct option_row rows[] = {
    {"--dir", "DIR", OPTION_TEXT, MEMBER(dir),
     "where the files are written: in a private directory there [.]"},
    {"--writer", "REGEX", &writers, MEMBER(writers),
     "the writers: an extended regular expression for the whole name"},
    {"--chunk", "LIST", &chunks, 0, "chunk sizes"},
    {"--file_size", "BYTES", &size, MEMBER(file_bytes), "size of the file"},
    {"--max-seconds", "S", &seconds.kind, MEMBER(limits.seconds), "for each writer and chunk"},
    {"--max-pairs", "N", &pairs.kind, MEMBER(limits.pairs),
     "for each writer and chunk, " TEXT_OF(COMPARE_MIN_PAIRS) " to " TEXT_OF(COMPARE_MAX_PAIRS)},
    {"--self", NULL, OPTION_FLAG, MEMBER(limits.self),
     "the bare loop against itself: what is seen where nothing differs"},
    {"--list", NULL, OPTION_FLAG, MEMBER(limits.list),
     "a list of the chunks, in the file's order, against none: what taking the\n"
     "                     next chunk from a list costs"},
    {"--count", NULL, OPTION_FLAG, MEMBER(count),
     "writes one file, for strace; both: the kernel and the bare loop one of SIZE each, "
     "then one of three times SIZE, for callgrind"},
    {"--files", "N", &files.kind, MEMBER(files),
     "writes N new files, or lays them down and reads each 4 times, 1 to " TEXT_OF(
         ARGUMENTS_MAX_FILES) ", and prints the nanoseconds of one:\n"
                              "                     mean, median, and the mean of each phase (0 "
                              "for the bare loop)"},
    {"--help", NULL, OPTION_FLAG, MEMBER(help), "print this"},
};

void arguments_print_help(void)
{
    const struct option_table table = {"bench_overhead", rows, sizeof rows / sizeof rows[0]};

    printf(
        "usage: bench_overhead [FLAG=VALUE ...]\n"
        "       bench_overhead --count WRITER kernel|bare|list|both CHUNK SIZE\n"
        "       bench_overhead --files=N WRITER kernel|bare|list|blind CHUNK SIZE\n\n"
        "Compares what each writer's kernel takes for a new file with a bare loop that\n"
        "makes the same system calls: pairs in random order, until the ratio's 95 %%\n"
        "interval is narrower than +-%g %%, or until a limit.\n\n",
        100 * COMPARE_HALF_WIDTH);
    option_table_print(&table, 18);
}

/* WRITER kernel|bare|list|both CHUNK SIZE */
static int take_file(const char *prefix, char **words, struct arguments *arguments)
{
    static const char *const sides[SIDES + 2] = {[SIDE_KERNEL] = "kernel",
                                                 [SIDE_BARE] = "bare",
                                                 [SIDE_LIST] = "list",
                                                 [SIDE_BLIND] = "blind",
                                                 [SIDES] = "both"};
    const struct option_kind side = {.words = sides};
    const struct option_row forms[] = {{"SIDE", NULL, &side, 0, NULL},
                                       {"CHUNK", NULL, &size, 0, NULL},
                                       {"SIZE", NULL, &size, 0, NULL}};
    int error = option_take_word(prefix, &forms[0], words[1], &arguments->side);

    if (error == 0)
        error = option_take_size(prefix, &forms[1], words[2], &arguments->chunks[0]);
    if (error == 0)
        error = option_take_size(prefix, &forms[2], words[3], &arguments->file_bytes);
    arguments->chunk_count = 1;
    arguments->writer = bm_kernel_find(words[0]);
    if (error == 0 && arguments->writer == NULL)
        return option_complain(prefix, "%s: no such writer; bench_mmap --writers lists them",
                               words[0]);
    return error;
}

int arguments_parse(struct arguments *arguments, int argc, char **argv)
{
    const struct option_table table = {program_invocation_short_name, rows,
                                       sizeof rows / sizeof rows[0]};
    char *words[4];
    int count = 0, wanted, error;

    *arguments = (struct arguments){.dir = "."};
    error = option_table_begin(&table, arguments);
    for (int i = 1; error == 0 && i < argc; i++) {
        int taken = option_table_take(&table, argc, argv, &i, arguments);
        if (taken < 0)
            error = taken;
        else if (taken == 0 && (argv[i][0] == '-' || count == 4))
            error = option_complain(table.prefix, "%s: not known; --help lists what is", argv[i]);
        else if (taken == 0)
            words[count++] = argv[i];
    }
    if (error != 0 || arguments->help)
        return error;
    if (arguments->count)
        arguments->files = 1;
    wanted = arguments->files > 0 ? 4 : 0;
    if (count == wanted)
        return wanted > 0 ? take_file(table.prefix, words, arguments) : 0;
    return option_complain(table.prefix,
                           wanted > 0 ? "wants WRITER SIDE CHUNK SIZE; --help says more"
                                      : "%s: not known; --help lists what is",
                           words[0]);
}
