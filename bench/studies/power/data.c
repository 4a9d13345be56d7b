/* SPDX-License-Identifier: Apache-2.0 */
#include "power.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static size_t group_of(const char *name, char names[CELLS_MAX][64], size_t *groups)
{
    size_t length = strcspn(name, "/"), g = 0;

    length = length < 63 ? length : 63;
    while (g < *groups && (strlen(names[g]) != length || memcmp(names[g], name, length) != 0))
        g++;
    if (g == *groups) {
        memcpy(names[g], name, length);
        names[g][length] = '\0';
        ++*groups;
    }
    return g;
}

static int read_heading(char *line, struct data *data)
{
    static char names[CELLS_MAX][64];
    char *rest = NULL;

    strtok_r(line, ",\n", &rest);
    for (char *word = strtok_r(NULL, ",\n", &rest); word != NULL;
         word = strtok_r(NULL, ",\n", &rest)) {
        if (data->cells == CELLS_MAX)
            return -E2BIG;
        data->group[data->cells++] = group_of(word, names, &data->groups);
    }
    return data->cells == 0 ? -EBADMSG : 0;
}

static int read_rows(FILE *file, struct data *data, size_t room, size_t *count)
{
    char line[4096], *end;
    double process = 0;

    for (*count = 0; fgets(line, sizeof line, file) != NULL; ++*count) {
        double number = strtod(line, &end);
        if (*count == room)
            return -E2BIG;
        if (*count == 0 || number != process)
            data->processes++;
        process = number;
        for (size_t c = 0; c < data->cells; c++) {
            if (*end != ',')
                return -EBADMSG;
            data->time[*count * data->cells + c] = strtod(end + 1, &end);
            if (!(data->time[*count * data->cells + c] > 0))
                return -EBADMSG;
        }
    }
    return 0;
}

int power_read(const char *path, struct data *data)
{
    enum { ROOM = 20000 };
    char line[8192];
    FILE *file = fopen(path, "r");
    size_t count = 0;
    int error = file == NULL ? -errno : 0;

    if (error == 0)
        error = fgets(line, sizeof line, file) == NULL ? -EBADMSG : read_heading(line, data);
    if (error == 0 && (data->time = calloc(ROOM * data->cells, sizeof *data->time)) == NULL)
        error = -ENOMEM;
    if (error == 0)
        error = read_rows(file, data, ROOM, &count);
    if (error == 0) {
        data->repetitions = data->processes > 0 ? count / data->processes : 0;
        if (data->repetitions < REPETITIONS || data->processes < (size_t)2 * ROUNDS ||
            data->repetitions * data->processes != count)
            error = -EBADMSG;
    }
    if (file != NULL)
        (void)fclose(file);
    return error;
}
