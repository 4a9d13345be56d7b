/* SPDX-License-Identifier: Apache-2.0 */
/* A table of published times: chunk_bytes,mmap_s,write_s and a row a chunk size. */
#include "run_build.h"
#include "src/base/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

enum { CSV_COLUMNS_MAX = 64, CSV_WRITER_MAX = 48 };

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

int load_csv(char *text, struct run *run, struct load_problem *problem)
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
