/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "run_build.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *reason(int error)
{
    return error == -ENODATA  ? "there is no benchmark in it"
           : error == -ENOMEM ? "memory is short"
                              : strerror(-error);
}

static int load_either(char *text, size_t length, struct run *run, struct load_problem *problem)
{
    static const char csv[] = "chunk_bytes";
    size_t blank = strspn(text, " \t\r\n");

    if (blank == length) {
        problem->what = "the file is empty";
        return -ENODATA;
    }
    return strncmp(text + blank, csv, sizeof csv - 1) == 0 ? load_csv(text + blank, run, problem)
                                                           : load_json(text, length, run, problem);
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
static int read_all(int file, char **text, size_t *length)
{
    struct stat status;
    int has_size = fstat(file, &status) == 0 && status.st_size > 0;
    /* To see the end, and for the NUL. */
    size_t capacity = has_size ? (size_t)status.st_size + 2 : 1 << 16;
    ssize_t got = 0;

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
    } while (got > 0 || (got < 0 && errno == EINTR));
    (*text)[*length] = '\0';
    return got < 0 ? -errno : 0;
}

int load_bytes(const char *path, char **text, size_t *length)
{
    int standard = strcmp(path, "-") == 0;
    int file = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);

    *text = NULL;
    *length = 0;
    if (file < 0)
        return -errno;
    int error = read_all(file, text, length);
    if (!standard)
        close(file);
    return error;
}

int run_load(const char *path, struct run **run, struct load_problem *problem)
{
    char *text;
    size_t length;
    int error = load_bytes(path, &text, &length);

    return load_and_free(error, text, length, run, problem);
}
