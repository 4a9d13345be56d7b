/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEMP_H
#define TEMP_H
#include "document.h"
#include "finding_words.h"
#include "format.h"
#include "src/base/json_write.h"
#include <math.h>
#include <stdio.h>
#define compare_exp interval_exp
static inline void compare_csv_number(FILE *out, double value)
{
    if (isfinite(value))
        fprintf(out, "%.10g", value);
    fputc(',', out);
}
static inline void compare_csv_interval(FILE *out, struct interval interval)
{
    compare_csv_number(out, interval.estimate);
    compare_csv_number(out, interval.low);
    compare_csv_number(out, interval.high);
}
static inline void compare_csv_name(FILE *out, const char *name)
{
    fputc('"', out);
    for (; *name != '\0'; name++)
        fprintf(out, "%s%c", *name == '"' ? "\"" : "", *name);
    fputs("\",", out);
}
#endif
