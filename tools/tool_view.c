/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include "src/report/document.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH_MAX = 1000, REPLICATES_LEAST = 100, REPLICATES_MAX = 100000 };

const char tool_format_help[] = "how to write it (default text):"
#define FORMAT(name) " " #name
#include "src/report/formats.def"
#undef FORMAT
    ;

/* "text, markdown, csv or json" */
static void list_formats(char *text, size_t size)
{
    text[0] = '\0';
    for (size_t n = 0; format_at(n) != NULL; n++) {
        size_t at = strlen(text);
        snprintf(text + at, size - at, "%s%s",
                 n == 0                     ? ""
                 : format_at(n + 1) == NULL ? " or "
                                            : ", ",
                 format_at(n)->name);
    }
}

int tool_make_view(const struct tool_command *command, const struct tool_view *from,
                   struct view *view)
{
    char formats[200];

    *view = view_for(stdout);
    if (from->format != NULL && format_find(from->format) == NULL) {
        list_formats(formats, sizeof formats);
        tool_complain(command, "--format is %s, not '%s'.", formats, from->format);
        return -1;
    }
    if (from->colour != NULL && strcmp(from->colour, "auto") != 0 &&
        strcmp(from->colour, "always") != 0 && strcmp(from->colour, "never") != 0) {
        tool_complain(command, "--color is auto, always or never, not '%s'.", from->colour);
        return -1;
    }
    if (from->width > WIDTH_MAX) {
        tool_complain(command, "--width is at most %d.", WIDTH_MAX);
        return -1;
    }
    if (from->replicates > REPLICATES_MAX ||
        (from->replicates > 0 && from->replicates < REPLICATES_LEAST)) {
        tool_complain(command, "--replicates is from %d to %d.", REPLICATES_LEAST, REPLICATES_MAX);
        return -1;
    }
    if (from->format != NULL)
        view->format = format_find(from->format);
    if (from->width > 0)
        view->width = (int)from->width;
    if (from->colour != NULL && strcmp(from->colour, "auto") != 0)
        view->colour = strcmp(from->colour, "always") == 0;
    if (from->ascii)
        view->unicode = 0;
    return 0;
}
