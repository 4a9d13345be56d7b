/* SPDX-License-Identifier: Apache-2.0 */
#include "message.h"

#include "progress.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void message(const char *format, ...)
{
    va_list arguments;

    progress_clear();
    fprintf(stderr, "%s: ", program_invocation_short_name);
    va_start(arguments, format);
    vfprintf(stderr, format, arguments);
    va_end(arguments);
    fputc('\n', stderr);
}
