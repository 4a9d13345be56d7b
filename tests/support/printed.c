/* SPDX-License-Identifier: Apache-2.0 */
#include "printed.h"

#include "support.h"

#include <stdio.h>
#include <string.h>

char *printed(const struct run *run, const struct show_options *options,
              const struct format *format)
{
    static char *text; /* written behind the compiler's back, until fclose */
    static size_t length;
    struct view view = {.format = format, .width = 80, .ascii = 1};
    FILE *out = open_memstream(&text, &length);

    assert_non_null(out);
    assert_int_equal(report_run(out, run, &view, options), 0);
    fclose(out);
    return text;
}

char *printed_answer(const struct run *run)
{
    return printed(run, &(struct show_options){.answer = ANSWER_OF_OWN_RUN}, &format_text);
}

void finds(const char *text, const char *part)
{
    if (strstr(text, part) == NULL)
        fail_msg("'%s' is not in:\n%s", part, text);
}

size_t lines_of(const char *text, size_t width)
{
    size_t lines = 0;

    for (const char *end; (end = strchr(text, '\n')) != NULL; text = end + 1, lines++)
        if ((size_t)(end - text) > width)
            fail_msg("%zu columns: %.*s", (size_t)(end - text), (int)(end - text), text);
    return lines;
}
