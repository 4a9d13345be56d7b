/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Bounded reading of the small text files below /proc and /sys. Any of them may be missing, longer
 * than expected or full of bytes that are no text: none of that is an error of the run.
 */
#include "environment.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* /proc/cpuinfo of a machine with 512 CPUs is about 1 MiB long. */
#define READ_LIMIT ((size_t)4 << 20)

static int open_below(const char *root, const char *path)
{
    char full[ENVIRONMENT_PATH_SIZE];
    int length = snprintf(full, sizeof full, "%s%s", root, path);
    int fd;

    if (length < 0 || (size_t)length >= sizeof full)
        return -ENAMETOOLONG;
    do {
        /* O_NONBLOCK: a FIFO in the place of a file must not stop the run. */
        fd = open(full, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
    } while (fd < 0 && errno == EINTR);
    return fd < 0 ? -errno : fd;
}

static ssize_t read_some(int fd, char *buffer, size_t size)
{
    ssize_t got;

    do {
        got = read(fd, buffer, size);
    } while (got < 0 && errno == EINTR);
    return got < 0 ? -errno : got;
}

int environment_lines_open(struct environment_lines *lines, const char *root, const char *path)
{
    int fd = open_below(root, path);

    if (fd < 0)
        return fd;
    lines->fd = fd;
    lines->start = lines->end = 0;
    lines->left = READ_LIMIT;
    lines->skipping = false;
    return 0;
}

/* Appends to the buffer; false when there is nothing more to have. */
static bool fill(struct environment_lines *lines)
{
    size_t room = sizeof lines->buffer - 1 - lines->end;
    ssize_t got;

    if (room > lines->left)
        room = lines->left;
    if (room == 0)
        return false;
    got = read_some(lines->fd, lines->buffer + lines->end, room);
    if (got <= 0)
        return false;
    lines->end += (size_t)got;
    lines->left -= (size_t)got;
    return true;
}

/* A whole line, the last line, or as much of a line as fits. NULL at the end. */
static char *next_piece(struct environment_lines *lines, bool *whole)
{
    char *line, *newline;

    for (;;) {
        line = lines->buffer + lines->start;
        newline = memchr(line, '\n', lines->end - lines->start);
        if (newline)
            break;
        if (lines->start > 0) {
            memmove(lines->buffer, line, lines->end - lines->start);
            lines->end -= lines->start;
            lines->start = 0;
        }
        if (!fill(lines)) {
            if (lines->end == 0)
                return NULL;
            line = lines->buffer;
            line[lines->end] = '\0';
            *whole = lines->end < sizeof lines->buffer - 1;
            lines->start = lines->end = 0;
            return line;
        }
    }
    *newline = '\0';
    lines->start = (size_t)(newline + 1 - lines->buffer);
    *whole = true;
    return line;
}

char *environment_lines_next(struct environment_lines *lines)
{
    for (;;) {
        bool was_skipping = lines->skipping, whole;
        char *line = next_piece(lines, &whole);

        if (!line)
            return NULL;
        lines->skipping = !whole;
        if (!was_skipping)
            return line;
    }
}

void environment_lines_close(struct environment_lines *lines)
{
    if (lines->fd >= 0)
        close(lines->fd);
    lines->fd = -1;
}

long environment_read(const char *root, const char *path, char *buffer, size_t size)
{
    size_t used = 0;
    ssize_t got = 0;
    int fd = open_below(root, path);

    buffer[0] = '\0';
    if (fd < 0)
        return fd;
    while (used < size - 1 && (got = read_some(fd, buffer + used, size - 1 - used)) > 0)
        used += (size_t)got;
    close(fd);
    buffer[used] = '\0';
    return got < 0 ? (long)got : (long)used;
}

bool environment_read_line(const char *root, const char *path, environment_value value)
{
    environment_value text;

    value[0] = '\0';
    if (environment_read(root, path, text, sizeof text) <= 0)
        return false;
    text[strcspn(text, "\n")] = '\0';
    environment_copy(value, sizeof(environment_value), environment_trim(text));
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

bool environment_exists(const char *root, const char *path)
{
    char full[ENVIRONMENT_PATH_SIZE];
    int length = snprintf(full, sizeof full, "%s%s", root, path);

    return length >= 0 && (size_t)length < sizeof full && access(full, F_OK) == 0;
}

char *environment_field(char *line, const char *name)
{
    size_t length = strlen(name);
    char *rest;

    if (strncmp(line, name, length) != 0)
        return NULL;
    rest = line + length + strspn(line + length, " \t");
    return *rest == ':' ? environment_trim(rest + 1) : NULL;
}

char *environment_trim(char *text)
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

void environment_copy(char *target, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);

    memmove(target, text, length);
    target[length] = '\0';
}

/* The length of the character that starts here when it is valid UTF-8 and no control character and
 * no line separator; else 0. */
static size_t character_length(const unsigned char *text)
{
    static const uint32_t lowest[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t length = *text < 0x80 ? 1 : *text < 0xc0 ? 0 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;
    uint32_t code = length == 1 ? *text : length == 0 ? 0 : *text & (0xffU >> (length + 1));

    if (*text >= 0xf8)
        return 0;
    for (size_t i = 1; i < length; i++) {
        if ((text[i] & 0xc0) != 0x80)
            return 0;
        code = code << 6 | (text[i] & 0x3f);
    }
    if (length == 0 || code < lowest[length] || code > 0x10ffff || (code >> 11) == 0x1b ||
        code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x2028 || code == 0x2029)
        return 0;
    return length;
}

void environment_sanitise(char *value)
{
    const unsigned char *from = (const unsigned char *)value;
    char *to = value;

    while (*from) {
        size_t length = character_length(from);

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
