/* SPDX-License-Identifier: Apache-2.0 */
#include "span.h"

#include <string.h>

int span_equal(struct span a, struct span b)
{
    return a.length == b.length && (a.length == 0 || memcmp(a.text, b.text, a.length) == 0);
}

int span_is(struct span span, const char *text)
{
    return span_equal(span, (struct span){text, strlen(text)});
}
