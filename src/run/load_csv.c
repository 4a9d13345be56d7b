/* SPDX-License-Identifier: Apache-2.0 */
/* A table of published times: chunk_bytes,mmap_s,write_s and a row a chunk size. */
#include "run_build.h"
#include "src/base/number.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CSV_COLUMNS_MAX = 64, CSV_WRITER_MAX = 48 };

struct column {
    char writer[CSV_WRITER_MAX];
    double unit_ns;
};

static const char *skip_blanks(const char *p)
{
    while (*p == ' ' || *p == '\t' || *p == '\r')
        p++;
    return p;
}

/* "mmap_s" is the writer Mmap, measured in seconds. */
static int read_heading(const char *text, size_t length, struct column *column)
{
    char unit[8];
    const char *dash = memrchr(text, '_', length);

    if (dash == NULL || dash == text || (size_t)(dash - text) >= sizeof column->writer)
        return -EBADMSG;
    size_t unit_length = length - (size_t)(dash - text) - 1;
    if (unit_length == 0 || unit_length >= sizeof unit)
        return -EBADMSG;
    memcpy(unit, dash + 1, unit_length);
    unit[unit_length] = '\0';
    memcpy(column->writer, text, (size_t)(dash - text));
    column->writer[dash - text] = '\0';
    for (char *p = column->writer; *p != '\0'; p++)
        if ((unsigned char)*p < 0x21 || (unsigned char)*p > 0x7E || *p == '/')
            return -EBADMSG;
    if (column->writer[0] >= 'a' && column->writer[0] <= 'z')
        column->writer[0] = (char)(column->writer[0] - 'a' + 'A');
    column->unit_ns = load_unit_ns(unit);
    return column->unit_ns == 0 ? -EBADMSG : 0;
}

static int read_headings(const char **at, struct column *columns, size_t *count)
{
    const char *p = strchr(*at, ',');

    *count = 0;
    while (p != NULL && *p == ',') {
        const char *begin = skip_blanks(p + 1);
        size_t length = strcspn(begin, ",\r\n \t");
        if (*count == CSV_COLUMNS_MAX || read_heading(begin, length, &columns[*count]) != 0)
            return -EBADMSG;
        ++*count;
        p = skip_blanks(begin + length);
    }
    *at = p;
    return p == NULL || (*p != '\n' && *p != '\0') ? -EBADMSG : 0;
}

static int read_line(const char **at, const struct column *columns, size_t count, struct run *run)
{
    double chunk;
    char name[CSV_WRITER_MAX + 32];
    const char *p = number_scan(skip_blanks(*at), &chunk);

    if (p == NULL || !(chunk >= 1) || chunk > 1e15 || chunk != floor(chunk))
        return -EBADMSG;
    for (size_t i = 0; i < count; i++) {
        struct run_row row = run_row_empty();
        row.name = name;
        p = skip_blanks(p);
        if (*p != ',')
            return -EBADMSG;
        p = skip_blanks(p + 1);
        if (*p == ',' || *p == '\n' || *p == '\0')
            continue; /* not measured */
        p = number_scan(p, &row.values[METRIC_TIME]);
        if (p == NULL)
            return -EBADMSG;
        row.values[METRIC_TIME] *= columns[i].unit_ns;
        snprintf(name, sizeof name, "%.47s/chunk:%.0f", columns[i].writer, chunk);
        int error = run_add_row(run, &row);
        if (error != 0)
            return error;
    }
    *at = skip_blanks(p);
    return **at != '\n' && **at != '\0' ? -EBADMSG : 0;
}

int load_csv(const char *text, struct run *run, struct load_problem *problem)
{
    struct column columns[CSV_COLUMNS_MAX];
    size_t count;
    const char *p = text;
    int error = read_headings(&p, columns, &count);

    problem->line = 1;
    problem->what =
        "the first line of a CSV must read chunk_bytes,WRITER_UNIT,... "
        "with the units ns, us, ms or s";
    while (error == 0 && *p != '\0') {
        p++;
        problem->line++;
        problem->what = "a chunk size or a time is not a number";
        if (*skip_blanks(p) == '\n' || *skip_blanks(p) == '\0')
            p = skip_blanks(p);
        else
            error = read_line(&p, columns, count, run);
    }
    return error;
}
