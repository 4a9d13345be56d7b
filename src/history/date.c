/* SPDX-License-Identifier: Apache-2.0 */
#include "date.h"

#include "bench_mmap/history.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

/* "+02:00", "-0500", "Z" or nothing. */
static int parse_zone(const char *text, int *seconds)
{
    int hours = 0, minutes = 0, length = 0;

    *seconds = 0;
    if (*text == '\0' || strcmp(text, "Z") == 0)
        return 0;
    if (*text != '+' && *text != '-')
        return -EDOM;
    if (sscanf(text + 1, "%2d:%2d%n", &hours, &minutes, &length) != 2 &&
        sscanf(text + 1, "%2d%2d%n", &hours, &minutes, &length) != 2)
        return -EDOM;
    if (text[1 + length] != '\0' || hours < 0 || hours > 23 || minutes < 0 || minutes > 59)
        return -EDOM;
    *seconds = (*text == '-' ? -60 : 60) * (60 * hours + minutes);
    return 0;
}

int date_parse(const char *text, int64_t *date_s)
{
    struct tm when = {0};
    int length = 0, zone_s;

    if (text == NULL || text[0] < '0' || text[0] > '9')
        return -EDOM;
    if (sscanf(text, "%4d-%2d-%2d%*1[T ]%2d:%2d:%2d%n", &when.tm_year, &when.tm_mon, &when.tm_mday,
               &when.tm_hour, &when.tm_min, &when.tm_sec, &length) != 6)
        return -EDOM;
    if (parse_zone(text + length, &zone_s) != 0)
        return -EDOM;
    when.tm_year -= 1900;
    when.tm_mon--;
    struct tm given = when;
    time_t time = timegm(&when);
    /* timegm() takes the 31st of February for a day in March. */
    if (when.tm_mon != given.tm_mon || when.tm_mday != given.tm_mday ||
        when.tm_hour != given.tm_hour || when.tm_min != given.tm_min ||
        (when.tm_sec != given.tm_sec && given.tm_sec != 60))
        return -EDOM;
    *date_s = (int64_t)time - zone_s;
    return 0;
}

void history_date(int64_t date_s, char text[HISTORY_DATE])
{
    time_t time = (time_t)date_s;
    struct tm when;

    if (gmtime_r(&time, &when) == NULL ||
        strftime(text, HISTORY_DATE, "%Y-%m-%d %H:%M:%S", &when) == 0)
        snprintf(text, HISTORY_DATE, "%lld s", (long long)date_s);
}
