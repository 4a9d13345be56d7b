/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"

#include "bench/message.h"
#include "src/base/number.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHUNKS "1K,64K,10M"
#define SIZE "10M"

enum { DIR_FLAG = 1, WRITER, CHUNK, FILE_SIZE, MAX_SECONDS, MAX_PAIRS, SELF, COUNT, FILES, HELP };

static const struct option flags[] = {
    {"dir", required_argument, NULL, DIR_FLAG},
    {"writer", required_argument, NULL, WRITER},
    {"chunk", required_argument, NULL, CHUNK},
    {"file_size", required_argument, NULL, FILE_SIZE},
    {"max-seconds", required_argument, NULL, MAX_SECONDS},
    {"max-pairs", required_argument, NULL, MAX_PAIRS},
    {"self", no_argument, NULL, SELF},
    {"count", no_argument, NULL, COUNT},
    {"files", required_argument, NULL, FILES},
    {"help", no_argument, NULL, HELP},
    {0},
};

void arguments_print_help(void)
{
    printf(
        "usage: bench_overhead [FLAG=VALUE ...]\n"
        "       bench_overhead --count WRITER kernel|bare CHUNK SIZE\n"
        "       bench_overhead --files=N WRITER kernel|bare CHUNK SIZE\n\n"
        "Compares what each writer's kernel takes for a new file with a bare loop that makes the\n"
        "same system calls: pairs in random order, until the ratio's 95 %% interval is narrower\n"
        "than +-%g %%, or until a limit.\n\n"
        "  --dir=DIR          where the files are written: in a private directory there [.]\n"
        "  --writer=REGEX     the writers: an extended regular expression for the whole name [.*]\n"
        "  --chunk=LIST       chunk sizes [" CHUNKS
        "]\n"
        "  --file_size=BYTES  [" SIZE
        "]\n"
        "  --max-seconds=S    for each writer and chunk [10]\n"
        "  --max-pairs=N      for each writer and chunk, %d to %d [1000]\n"
        "  --self             the bare loop against itself: what is seen where nothing differs\n"
        "  --count            writes one file, for callgrind and strace\n"
        "  --files=N          writes N new files, 1 to %d, and prints the nanoseconds of one:\n"
        "                     mean, median, and the mean of each phase (0 for the bare loop)\n"
        "  --help             print this\n",
        100 * COMPARE_HALF_WIDTH, COMPARE_MIN_PAIRS, COMPARE_MAX_PAIRS, ARGUMENTS_MAX_FILES);
}

static int parse_size(const char *what, const char *value, uint64_t *bytes)
{
    if (number_parse_bytes(value, bytes) == 0 && *bytes > 0)
        return 0;
    message("%s %s: not a size; give bytes, or 4K, 10M, 1G, at least 1", what, value);
    return -EINVAL;
}

static int parse_chunks(struct arguments *arguments, const char *value)
{
    char *copy = strdup(value), *rest = copy, *item;
    int error = copy == NULL ? -ENOMEM : 0;

    arguments->chunk_count = 0;
    while (error == 0 && (item = strsep(&rest, ",")) != NULL) {
        if (arguments->chunk_count == ARGUMENTS_MAX_CHUNKS) {
            message("--chunk=%s: more than %d chunk sizes", value, ARGUMENTS_MAX_CHUNKS);
            error = -EINVAL;
        } else {
            error = parse_size("--chunk:", item, &arguments->chunks[arguments->chunk_count++]);
        }
    }
    free(copy);
    return error;
}

/* The expression must match the whole name, so that a name means that writer. */
static int parse_writers(struct arguments *arguments, const char *value)
{
    char whole[256];
    int error = snprintf(whole, sizeof whole, "^(%s)$", value) < (int)sizeof whole ? 0 : REG_ESPACE;

    regfree(&arguments->writers);
    memset(&arguments->writers, 0, sizeof arguments->writers);
    if (error == 0)
        error = regcomp(&arguments->writers, whole, REG_EXTENDED | REG_NOSUB);
    if (error == 0)
        return 0;
    memset(&arguments->writers, 0, sizeof arguments->writers);
    message("--writer=%s: not an extended regular expression", value);
    return -EINVAL;
}

static int parse_number(const char *flag, const char *value, double least, double most,
                        double *number)
{
    char *rest;

    *number = strtod(value, &rest);
    if (rest != value && *rest == '\0' && *number >= least && *number <= most)
        return 0;
    message("--%s=%s: not a number from %g to %g", flag, value, least, most);
    return -EINVAL;
}

static int parse_flag(struct arguments *arguments, int flag, const char *value)
{
    double number = 0;
    int error = 0;

    switch (flag) {
    case DIR_FLAG:
        arguments->dir = value;
        return 0;
    case WRITER:
        return parse_writers(arguments, value);
    case CHUNK:
        return parse_chunks(arguments, value);
    case FILE_SIZE:
        return parse_size("--file_size:", value, &arguments->file_bytes);
    case MAX_SECONDS:
        return parse_number("max-seconds", value, 0, 1e6, &arguments->limits.seconds);
    case MAX_PAIRS:
        error = parse_number("max-pairs", value, COMPARE_MIN_PAIRS, COMPARE_MAX_PAIRS, &number);
        arguments->limits.pairs = (unsigned long)number;
        return error;
    case SELF:
        arguments->limits.self = true;
        return 0;
    case COUNT:
        arguments->mode = MODE_COUNT;
        arguments->files = 1;
        return 0;
    case FILES:
        error = parse_number("files", value, 1, ARGUMENTS_MAX_FILES, &number);
        arguments->mode = MODE_FILES;
        arguments->files = (int)number;
        return error;
    case HELP:
        arguments->mode = MODE_HELP;
        return 0;
    default:
        return -EINVAL; /* getopt has said it */
    }
}

/* WRITER kernel|bare CHUNK SIZE */
static int parse_file(struct arguments *arguments, char **words)
{
    int error = parse_size("CHUNK", words[2], &arguments->chunk_bytes);

    if (error == 0)
        error = parse_size("SIZE", words[3], &arguments->file_bytes);
    if (error != 0)
        return error;
    arguments->writer = bm_kernel_find(words[0]);
    if (arguments->writer == NULL) {
        message("%s: no such writer; bench_mmap --writers lists them", words[0]);
        return -EINVAL;
    }
    for (int side = 0; side < SIDES; side++) {
        arguments->side = (enum side)side;
        if (strcmp(words[1], side_name(arguments->side)) == 0)
            return 0;
    }
    message("%s: not a side; kernel or bare", words[1]);
    return -EINVAL;
}

int arguments_parse(struct arguments *arguments, int argc, char **argv)
{
    bool one_writer;
    int flag, error;

    *arguments = (struct arguments){.dir = ".", .limits = {.pairs = 1000, .seconds = 10}};
    error = parse_writers(arguments, ".*");
    if (error == 0)
        error = parse_chunks(arguments, CHUNKS);
    if (error == 0)
        error = parse_size("", SIZE, &arguments->file_bytes);
    while (error == 0 && (flag = getopt_long(argc, argv, "", flags, NULL)) != -1)
        error = parse_flag(arguments, flag, optarg);
    if (error != 0 || arguments->mode == MODE_HELP)
        return error;
    one_writer = arguments->mode == MODE_COUNT || arguments->mode == MODE_FILES;
    if (argc - optind != (one_writer ? 4 : 0)) {
        message(one_writer ? "wants WRITER kernel|bare CHUNK SIZE; --help says more"
                           : "%s: not known; --help lists what is",
                argv[optind]);
        return -EINVAL;
    }
    return one_writer ? parse_file(arguments, argv + optind) : 0;
}

void arguments_free(struct arguments *arguments) { regfree(&arguments->writers); }
