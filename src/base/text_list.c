/* SPDX-License-Identifier: Apache-2.0 */
#include "text_list.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

int text_list_add(char ***notes, size_t *count, const char *format, va_list arguments)
{
    char **larger = realloc(*notes, (*count + 1) * sizeof *larger);

    if (larger == NULL)
        return -ENOMEM;
    *notes = larger;
    if (vasprintf(&larger[*count], format, arguments) < 0)
        return -ENOMEM;
    ++*count;
    return 0;
}

void text_list_free(char **notes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        free(notes[i]);
    free(notes);
}
