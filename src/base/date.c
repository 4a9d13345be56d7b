/* SPDX-License-Identifier: Apache-2.0 */
#include "date.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* Exactly so many digits; 1 when they are there, and *at behind them. */
static int take_digits(const char **at, int count, int *value)
{
    *value = 0;
    for (; count > 0; count--, ++*at) {
        if (**at < '0' || **at > '9')
            return 0;
        *value = 10 * *value + (**at - '0');
    }
    return 1;
}

static int take_sign(const char **at, const char *signs)
{
    return **at != '\0' && strchr(signs, *(*at)++) != NULL;
}

/* "+02:00", "-0500", "Z" or nothing. */
static int parse_zone(const char *text, int *seconds)
{
    int hours, minutes, sign = *text == '-' ? -60 : 60;

    *seconds = 0;
    if (*text == '\0' || strcmp(text, "Z") == 0)
        return 0;
    if (!take_sign(&text, "+-") || !take_digits(&text, 2, &hours))
        return -EDOM;
    text += *text == ':';
    if (!take_digits(&text, 2, &minutes) || *text != '\0' || hours > 23 || minutes > 59)
        return -EDOM;
    *seconds = sign * (60 * hours + minutes);
    return 0;
}

int date_parse(const char *text, int64_t *date_s)
{
    struct tm when = {0};
    int zone_s;

    if (text == NULL || !take_digits(&text, 4, &when.tm_year) || !take_sign(&text, "-") ||
        !take_digits(&text, 2, &when.tm_mon) || !take_sign(&text, "-") ||
        !take_digits(&text, 2, &when.tm_mday) || !take_sign(&text, "T ") ||
        !take_digits(&text, 2, &when.tm_hour) || !take_sign(&text, ":") ||
        !take_digits(&text, 2, &when.tm_min) || !take_sign(&text, ":") ||
        !take_digits(&text, 2, &when.tm_sec) || parse_zone(text, &zone_s) != 0)
        return -EDOM;
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
