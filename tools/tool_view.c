/* SPDX-License-Identifier: Apache-2.0 */
#include "tool.h"

#include "src/report/document.h"

#include <stdio.h>
#include <string.h>

enum { WIDTH_MAX = 1000, REPLICATES_LEAST = 100, REPLICATES_MAX = 100000 };

static void list_metrics(char *text, size_t size)
{
    size_t at = 0;
    for (int m = 0; m < METRICS && at < size; m++)
        at += (size_t)snprintf(text + at, size - at, "%s%s", m > 0 ? ", " : "",
                               metric_info((enum metric)m)->option);
}

int tool_make_view(const struct tool_command *command, const struct tool_view *from,
                   struct view *view)
{
    char metrics[400];

    *view = view_for(stdout);
    if (from->format != NULL && format_find(from->format) == NULL) {
        tool_complain(command, "--format is text, markdown, csv or json, not '%s'.", from->format);
        return -1;
    }
    if (from->metric != NULL && metric_find(from->metric, &view->metric) != 0) {
        list_metrics(metrics, sizeof metrics);
        tool_complain(command, "there is no metric '%s'; there are: %s.", from->metric, metrics);
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
    view->seed = from->seed;
    view->replicates = from->replicates;
    return 0;
}
