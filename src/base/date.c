/* SPDX-License-Identifier: Apache-2.0 */
#include "date.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* The length of the shape when the text begins so, or 0. In a shape '0' stands for any digit, '+'
 * for either sign, and 'T' for itself or a blank. */
static size_t length_of(const char *text, const char *shape)
{
    static const char *const sets[] = {
        ['0'] = "0123456789", ['+'] = "+-", ['T'] = "T ", ['-'] = "-", [':'] = ":"};
    size_t i = 0;

    while (shape[i] != '\0' && text[i] != '\0' && strchr(sets[(int)shape[i]], text[i]) != NULL)
        i++;
    return shape[i] == '\0' ? i : 0;
}

/* "+02:00", "-0500", "Z" or nothing. */
static int parse_zone(const char *text, int *seconds)
{
    int hours = 0, minutes = 0, sign = *text == '-' ? -60 : 60;
    size_t length = strlen(text);

    if (length > 0 && strcmp(text, "Z") != 0 && length_of(text, "+00:00") != length &&
        length_of(text, "+0000") != length)
        return -EDOM;
    (void)sscanf(text, length == 6 ? "%*c%2d:%2d" : "%*c%2d%2d", &hours, &minutes);
    *seconds = sign * (60 * hours + minutes);
    return hours > 23 || minutes > 59 ? -EDOM : 0;
}

int date_parse(const char *text, int64_t *date_s)
{
    struct tm when = {0};
    int zone_s;
    size_t length = text != NULL ? length_of(text, "0000-00-00T00:00:00") : 0;

    if (length == 0 || parse_zone(text + length, &zone_s) != 0)
        return -EDOM;
    (void)sscanf(text, "%4d-%2d-%2d%*c%2d:%2d:%2d", &when.tm_year, &when.tm_mon, &when.tm_mday,
                 &when.tm_hour, &when.tm_min, &when.tm_sec);
    when.tm_year -= 1900;
    when.tm_mon--;
    struct tm given = when;
    time_t time = timegm(&when);
    /* timegm() takes the 31st of February for a day in March. */
    if (when.tm_mon != given.tm_mon || when.tm_mday != given.tm_mday ||
        when.tm_hour != given.tm_hour || when.tm_min != given.tm_min || when.tm_sec != given.tm_sec)
        return -EDOM;
    *date_s = (int64_t)time - zone_s;
    return 0;
}

void date_put(int64_t date_s, char text[DATE_TEXT])
{
    time_t time = (time_t)date_s;
    struct tm when;

    if (gmtime_r(&time, &when) == NULL ||
        strftime(text, DATE_TEXT, "%Y-%m-%d %H:%M:%S", &when) == 0)
        snprintf(text, DATE_TEXT, "%lld s", (long long)date_s);
}
