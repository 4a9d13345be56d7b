/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded reading of the small text files below /proc and /sys. Any of them may be missing, longer
 * than expected or full of bytes that are no text: none of that is an error of the run.
 */
#include "readers.h"

#include "src/base/utf8.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* /proc/cpuinfo of a machine with 512 CPUs is about 1 MiB long. */
#define READ_LIMIT ((size_t)4 << 20)

/* Cutting a path off would open another file, so one that does not fit is none. */
static bool full_path(char full[ENVIRONMENT_PATH_SIZE], const char *root, const char *path)
{
    int length = snprintf(full, ENVIRONMENT_PATH_SIZE, "%s%s", root, path);

    return length >= 0 && length < ENVIRONMENT_PATH_SIZE;
}

static int open_below(const char *root, const char *path)
{
    char full[ENVIRONMENT_PATH_SIZE];
    int fd;

    if (!full_path(full, root, path))
        return -ENAMETOOLONG;
    /* O_NONBLOCK: a FIFO in the place of a file must not stop the run. */
    fd = (int)TEMP_FAILURE_RETRY(open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
    return fd < 0 ? -errno : fd;
}

int environment_lines_open(struct environment_lines *lines, const char *root, const char *path)
{
    long length;

    lines->text = malloc(READ_LIMIT);
    if (lines->text == NULL)
        return -ENOMEM;
    length = environment_read(root, path, lines->text, READ_LIMIT);
    lines->next = lines->text;
    lines->end = lines->text + (length > 0 ? length : 0);
    if (length < 0)
        environment_lines_close(lines);
    return length < 0 ? (int)length : 0;
}

char *environment_lines_next(struct environment_lines *lines)
{
    char *line = lines->next;
    char *end = memchr(line, '\n', (size_t)(lines->end - line));

    if (line == lines->end)
        return NULL;
    if (end == NULL)
        end = lines->end;
    *end = '\0';
    lines->next = end < lines->end ? end + 1 : end;
    return line;
}

void environment_lines_close(struct environment_lines *lines)
{
    free(lines->text);
    lines->text = NULL;
}

long environment_read(const char *root, const char *path, char *buffer, size_t size)
{
    size_t used = 0;
    ssize_t got = 0;
    int fd = open_below(root, path);

    buffer[0] = '\0';
    if (fd < 0)
        return fd;
    while (used < size - 1 &&
           (got = TEMP_FAILURE_RETRY(read(fd, buffer + used, size - 1 - used))) > 0)
        used += (size_t)got;
    int error = got < 0 ? -errno : 0;
    close(fd);
    buffer[used] = '\0';
    return error != 0 ? error : (long)used;
}

static char *trim(char *text)
{
    size_t length;

    while (isspace((unsigned char)*text))
        text++;
    length = strlen(text);
    while (length > 0 && isspace((unsigned char)text[length - 1]))
        length--;
    text[length] = '\0';
    return text;
}

bool environment_read_line(const char *root, const char *path, environment_value value)
{
    environment_value text;

    value[0] = '\0';
    if (environment_read(root, path, text, sizeof text) <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    environment_set(value, trim(text));
    return value[0] != '\0';
}

bool environment_read_choice(const char *root, const char *path, environment_value value)
{
    char *open_bracket, *close_bracket;

    if (!environment_read_line(root, path, value))
        return false;
    open_bracket = strchr(value, '[');
    close_bracket = open_bracket ? strchr(open_bracket, ']') : NULL;
    if (close_bracket) {
        size_t length = (size_t)(close_bracket - open_bracket) - 1;

        memmove(value, open_bracket + 1, length);
        value[length] = '\0';
    }
    return true;
}

bool environment_read_field(const char *root, const char *path, const char *name,
                            environment_value value)
{
    struct environment_lines lines;
    const char *text = NULL;
    char *line;

    value[0] = '\0';
    if (environment_lines_open(&lines, root, path) != 0)
        return false;
    while (text == NULL && (line = environment_lines_next(&lines)) != NULL)
        text = environment_field(line, name);
    if (text != NULL)
        environment_set(value, text);
    environment_lines_close(&lines);
    return value[0] != '\0';
}

bool environment_exists(const char *root, const char *path)
{
    char full[ENVIRONMENT_PATH_SIZE];

    return full_path(full, root, path) && access(full, F_OK) == 0;
}

void environment_glob(glob_t *found, const char *root, const char *pattern)
{
    char full[ENVIRONMENT_PATH_SIZE];

    *found = (glob_t){0};
    if (full_path(full, root, pattern))
        (void)glob(full, 0, NULL, found);
}

char *environment_field(char *line, const char *name)
{
    size_t length = strlen(name);
    char *rest;

    if (strncmp(line, name, length) != 0)
        return NULL;
    rest = line + length + strspn(line + length, " \t");
    return *rest == ':' ? trim(rest + 1) : NULL;
}

void environment_copy(char *target, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);

    memmove(target, text, length);
    target[length] = '\0';
}

void environment_set(environment_value value, const char *text)
{
    environment_copy(value, sizeof(environment_value), text);
}

bool environment_append(environment_value value, char separator, const char *text)
{
    size_t used = strlen(value), length = strlen(text);

    if (used + length + 2 > sizeof(environment_value))
        return false;
    if (used > 0)
        value[used++] = separator;
    memcpy(value + used, text, length + 1);
    return true;
}

bool environment_has_word(const char *text, const char *word)
{
    size_t length = strlen(word);

    for (const char *at = strstr(text, word); at; at = strstr(at + 1, word))
        if ((at == text || at[-1] == ' ') && (at[length] == '\0' || at[length] == ' '))
            return true;
    return false;
}

/* Unicode's separators of lines and paragraphs, U+2028 and U+2029. */
static bool is_separator(const char *text)
{
    return strncmp(text, "\xe2\x80\xa8", 3) == 0 || strncmp(text, "\xe2\x80\xa9", 3) == 0;
}

void environment_sanitise(char *value)
{
    const char *from = value;
    char *to = value;

    while (*from) {
        size_t length = is_separator(from) ? 0 : utf8_length(from);

        if (*from == ' ' || *from == '\t' || *from == '\n') {
            if (to > value && to[-1] != ' ')
                *to++ = ' ';
            from++;
        } else if (length == 0) {
            *to++ = '?';
            from++;
        } else {
            memmove(to, from, length);
            to += length;
            from += length;
        }
    }
    if (to > value && to[-1] == ' ')
        to--;
    *to = '\0';
}
