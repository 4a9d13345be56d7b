/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "run_build.h"
#include "src/base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *reason(int error)
{
    return error == -ENODATA  ? "there is no benchmark in it"
           : error == -ENOMEM ? "memory is short"
           : error == -EFBIG  ? "it has more than 1000000000 bytes"
                              : strerror(-error);
}

enum { CSV_COLUMNS_MAX = 64, CSV_WRITER_MAX = 48, BEGINNING = 4096 };

static const char blanks[] = " \t\r";

struct column {
    const char *writer;
    double unit_ns;
};

/* The next cell of the line, without blanks around it; NULL behind the last. */
static char *next_cell(char **line)
{
    char *cell = strsep(line, ",");

    if (cell == NULL)
        return NULL;
    cell += strspn(cell, blanks);
    for (size_t end = strlen(cell); end > 0 && strchr(blanks, cell[end - 1]) != NULL; end--)
        cell[end - 1] = '\0';
    return cell;
}

/* "mmap_s" is the writer Mmap, measured in seconds. */
static int read_heading(char *text, struct column *column)
{
    char *dash = strrchr(text, '_');

    if (dash == NULL || dash == text || dash - text >= CSV_WRITER_MAX)
        return -EBADMSG;
    *dash = '\0';
    for (const char *p = text; *p != '\0'; p++)
        if (*p < 0x21 || *p > 0x7E || *p == '/')
            return -EBADMSG;
    if (*text >= 'a' && *text <= 'z')
        *text = (char)(*text - 'a' + 'A');
    *column = (struct column){text, load_unit_ns(dash + 1)};
    return column->unit_ns == 0 ? -EBADMSG : 0;
}

static int read_number(const char *cell, double *value)
{
    const char *after = number_scan(cell, value);
    return after != NULL && *after == '\0' ? 0 : -EBADMSG;
}

static int read_row(char *line, const struct column *columns, size_t count, struct run *run)
{
    double chunk;
    char name[CSV_WRITER_MAX + 32];
    int error = read_number(next_cell(&line), &chunk);

    if (error != 0 || !(chunk >= 1) || chunk > 1e15 || chunk != floor(chunk))
        return -EBADMSG;
    for (size_t i = 0; error == 0 && i < count; i++) {
        struct run_row row = run_row_empty();
        const char *cell = next_cell(&line);
        if (cell == NULL)
            return -EBADMSG;
        if (*cell == '\0')
            continue; /* not measured */
        error = read_number(cell, &row.values[METRIC_TIME]);
        row.values[METRIC_TIME] *= columns[i].unit_ns;
        snprintf(name, sizeof name, "%s/chunk:%.0f", columns[i].writer, chunk);
        row.name = name;
        if (error == 0)
            error = run_add_row(run, &row);
    }
    return error == 0 && line != NULL ? -EBADMSG : error;
}

/* A table of published times: chunk_bytes,mmap_s,write_s and a row a chunk size. */
static int load_csv(char *text, struct run *run, struct load_problem *problem)
{
    struct column columns[CSV_COLUMNS_MAX];
    char *line = strsep(&text, "\n"), *cell = next_cell(&line);
    size_t count = 0;
    int error = 0;

    problem->line = 1;
    problem->what =
        "the first line of a CSV must read chunk_bytes,WRITER_UNIT,... "
        "with the units ns, us, ms or s";
    while ((cell = next_cell(&line)) != NULL)
        if (count == CSV_COLUMNS_MAX || read_heading(cell, &columns[count++]) != 0)
            return -EBADMSG;
    if (count == 0)
        return -EBADMSG;
    problem->what = "a chunk size or a time is not a number";
    while (error == 0 && (line = strsep(&text, "\n")) != NULL) {
        problem->line++;
        if (line[strspn(line, blanks)] != '\0')
            error = read_row(line, columns, count, run);
    }
    return error;
}

/* What else programs write; NULL: nothing that is known. */
static const char *foreign(const char *text, size_t length)
{
    static const struct {
        const char *mark, *what;
        int is_json;
    } others[] = {
        {"\"fio version\"", "this is a report of fio", 1},
        {"\"jmhVersion\"", "this is a report of JMH", 1},
        {"\"machine_info\"", "this is a report of pytest-benchmark", 1},
        {"\"results\":", "this is a report of hyperfine", 1},
        {"ns/op", "this is the text of Go's benchmarks, and not JSON", 0},
        {"CPU   Iterations", "this is the console of Google Benchmark; --benchmark_out keeps JSON",
         0},
        {"name,iterations,", "this is the CSV of Google Benchmark; --benchmark_out keeps JSON", 0},
        {"", "this is text, and not JSON", 0},
    };
    char first = text[strspn(text, " \t\r\n")];
    int is_json = first == '{' || first == '[';

    if (length > 1 && (memcmp(text, "\xff\xfe", 2) == 0 || memcmp(text, "\xfe\xff", 2) == 0))
        return "this is UTF-16, and JSON is UTF-8";
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (others[i].is_json == is_json &&
            memmem(text, length, others[i].mark, strlen(others[i].mark)) != NULL)
            return others[i].what;
    return NULL;
}

static int load_either(char *text, size_t length, struct run *run, struct load_problem *problem)
{
    static const char csv[] = "chunk_bytes";
    size_t blank = strspn(text, " \t\r\n");

    if (blank == length) {
        problem->what = "the file is empty";
        return -ENODATA;
    }
    if (strncmp(text + blank, csv, sizeof csv - 1) == 0)
        return load_csv(text + blank, run, problem);
    /* The text is changed as it is read. */
    char first = text[blank];
    const char *other = foreign(text, length < BEGINNING ? length : BEGINNING);
    int error = load_json(text, length, run, problem);
    /* A number or a word alone is JSON, too. */
    if (problem->what != NULL && other != NULL &&
        (error != -EPROTO || first == '{' || first == '['))
        *problem = (struct load_problem){.what = other};
    return error;
}

/* Loads the text, unless there is an error already, and frees it. text[length] is NUL. */
static int load_and_free(int error, char *text, size_t length, struct run **run,
                         struct load_problem *problem)
{
    struct load_problem found = {NULL, 0, 0};

    *run = calloc(1, sizeof **run);
    if (error == 0 && *run == NULL)
        error = -ENOMEM;
    if (error == 0)
        error = load_either(text, length, *run, &found);
    if (error == 0) {
        found = (struct load_problem){NULL, 0, 0};
        error = run_finish(*run);
    }
    free(text);
    if (error != 0) {
        if (found.what == NULL)
            found.what = reason(error);
        run_free(*run);
        *run = NULL;
    }
    if (problem != NULL)
        *problem = found;
    return error;
}

int run_load_text(const char *text, size_t length, struct run **run, struct load_problem *problem)
{
    char *copy = malloc(length + 1);

    if (copy != NULL) {
        memcpy(copy, text, length);
        copy[length] = '\0';
    }
    return load_and_free(copy != NULL ? 0 : -ENOMEM, copy, length, run, problem);
}

/* The whole file and a NUL; *text is the caller's also on failure. The size is only a hint: it
 * works for pipes. */
static int read_all(int file, size_t most, char **text, size_t *length)
{
    struct stat status;
    int has_size = fstat(file, &status) == 0 && status.st_size > 0;
    /* To see the end, and for the NUL. */
    size_t capacity = has_size ? (size_t)status.st_size + 2 : 1 << 16;
    ssize_t got = 0;

    if (has_size && (uint64_t)status.st_size > most)
        return -EFBIG;
    do {
        if (*text == NULL || *length + 1 == capacity) {
            capacity *= *text == NULL ? 1 : 2;
            char *larger = realloc(*text, capacity);
            if (larger == NULL)
                return -ENOMEM;
            *text = larger;
        }
        got = read(file, *text + *length, capacity - *length - 1);
        *length += got > 0 ? (size_t)got : 0;
    } while ((got > 0 && *length <= most) || (got < 0 && errno == EINTR));
    (*text)[*length] = '\0';
    return got < 0 ? -errno : *length > most ? -EFBIG : 0;
}

int load_bytes(const char *path, size_t most, char **text, size_t *length)
{
    int standard = strcmp(path, "-") == 0;
    int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

    *text = NULL;
    *length = 0;
    if (file < 0)
        return -errno;
    int error = read_all(file, most, text, length);
    if (!standard)
        close(file);
    return error;
}

int run_load(const char *path, struct run **run, struct load_problem *problem)
{
    char *text;
    size_t length;
    int error = load_bytes(path, RUN_BYTES_MOST, &text, &length);

    error = load_and_free(error, text, length, run, problem);
    if (error == 0)
        (*run)->path = arena_text(&(*run)->arena, path);
    return error;
}
