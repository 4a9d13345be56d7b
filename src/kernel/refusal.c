/* SPDX-License-Identifier: Apache-2.0
 * What is not to be had here: telling it from an error, and the sentence for it. */
#include "kernel.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

bool bm_is_refusal(int error)
{
    return error == -EOPNOTSUPP || error == -ENOSYS || error == -EINVAL || error == -ENODEV ||
           error == -EXDEV || error == -EPERM;
}

int bm_refuse(char *reason, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(reason, BM_REASON_BYTES, format, arguments);
    va_end(arguments);
    return -ENOTSUP;
}
