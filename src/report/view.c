/* SPDX-License-Identifier: Apache-2.0 */
#include "document.h"

#include <langinfo.h>
#include <stdarg.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum { WIDTH_MAX = 1000 };

static const struct format *const formats[] = {
#define FORMAT(name) &format_##name,
#include "formats.def"
#undef FORMAT
};

const struct format *format_at(size_t n)
{
    return n < sizeof formats / sizeof formats[0] ? formats[n] : NULL;
}

const struct format *format_find(const char *name)
{
    size_t i = 0;
    while (format_at(i) != NULL && strcmp(format_at(i)->name, name) != 0)
        i++;
    return format_at(i);
}

struct view view_default(void)
{
    return (struct view){.format = &format_text, .width = VIEW_WIDTH, .ascii = 1};
}

/* Of a pipe or a file. */
enum { STREAM_WIDTH = 80 };

static int width_of(int fd)
{
    struct winsize size;
    const char *columns = getenv("COLUMNS");
    int width = columns != NULL ? atoi(columns) : 0;

    if (isatty(fd) && ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return width > 0 && width <= WIDTH_MAX ? width : STREAM_WIDTH;
}

int view_has_line(FILE *out)
{
    const char *terminal = getenv("TERM");

    return isatty(fileno(out)) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

void view_line(FILE *out, const char *format, ...)
{
    char text[WIDTH_MAX + 1];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    fprintf(out, "\r\033[K%.*s", width_of(fileno(out)) - 1, text);
    fflush(out);
}

struct view view_for(FILE *out)
{
    struct view view = view_default();

    view.width = width_of(fileno(out));
    const char *no_color = getenv("NO_COLOR");

    view.colour = view_has_line(out) && (no_color == NULL || *no_color == '\0');
    view.ascii = strcmp(nl_langinfo(CODESET), "UTF-8") != 0;
    return view;
}
