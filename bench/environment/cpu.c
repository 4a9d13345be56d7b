/* SPDX-License-Identifier: Apache-2.0 */
/* The processor: its model as each architecture tells it, how many of its CPUs this process may
 * use, and what Linux makes of it. */
#include "readers.h"

#include <ctype.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_CPUS = 8192 };

/* Fields of /proc/cpuinfo that name a model, the best first. Newer versions of Linux list more
 * behind the first "_" of RISC-V's "isa": it is cut there. */
static const char *const model_fields[] = {"model name", "Model Name", "uarch",
                                           "cpu model",  "cpu",        "isa"};
enum { MODEL_FIELDS = sizeof model_fields / sizeof model_fields[0] };

struct cpu_model {
    environment_value text;
    size_t rank; /* of the field that gave the text */
    char implementer[24];
    char parts[256]; /* more than one where fast and slow cores are mixed */
};

static void add_part(struct cpu_model *model, const char *part)
{
    size_t used = strlen(model->parts);
    char text[24];

    environment_copy(text, sizeof text, part);
    if (!environment_has_word(model->parts, text) && used + sizeof text + 1 < sizeof model->parts)
        snprintf(model->parts + used, sizeof text + 1, " %s", text);
}

static void read_model_line(struct cpu_model *model, char *line)
{
    const char *text;

    for (size_t i = 0; i < model->rank; i++) {
        if ((text = environment_field(line, model_fields[i])) == NULL || !*text)
            continue;
        environment_set(model->text, text);
        if (strcmp(model_fields[i], "isa") == 0)
            model->text[strcspn(model->text, "_")] = '\0';
        model->rank = i;
        return;
    }
    if ((text = environment_field(line, "CPU implementer")) != NULL)
        environment_copy(model->implementer, sizeof model->implementer, text);
    else if ((text = environment_field(line, "CPU part")) != NULL)
        add_part(model, text);
    /* s390 has one line a CPU: "processor 0: version = FF, ..., machine = 8561" */
    else if (model->rank == MODEL_FIELDS && (text = strstr(line, "machine = ")) != NULL)
        snprintf(model->text, sizeof model->text, "machine %.32s", text + strlen("machine = "));
}

/* "Some CPU @ 2.60GHz" loses its clock: the same model is sold under several. */
static void drop_clock(char *text)
{
    char *rest = NULL, *target = text;

    for (char *word = strtok_r(text, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
        const char *number = word + (*word == '@');
        const char *unit = number + strspn(number, "0123456789.");
        size_t length = strlen(word);

        if (strcmp(word, "@") == 0 ||
            (unit > number && (strcasecmp(unit, "GHz") == 0 || strcasecmp(unit, "MHz") == 0)))
            continue;
        if (target > text)
            *target++ = ' ';
        memmove(target, word, length);
        target += length;
    }
    *target = '\0';
}

void environment_cpu_model(const struct environment_source *source, environment_value value)
{
    struct cpu_model model = {.rank = MODEL_FIELDS};
    struct environment_lines lines;
    char *line;

    if (environment_lines_open(&lines, source->root, "/proc/cpuinfo") != 0)
        return;
    while ((line = environment_lines_next(&lines)) != NULL) {
        /* Only ARM mixes cores; elsewhere the first CPU speaks for all of them. */
        if (*line == '\0' && model.text[0] && !model.implementer[0])
            break;
        read_model_line(&model, line);
    }
    environment_lines_close(&lines);
    /* ARM tells numbers only. They are kept as they are: a table of names would grow, and every
     * name added to it would change the machine key of those who have that processor. */
    if (model.implementer[0] && model.parts[0]) {
        snprintf(value, sizeof(environment_value), "implementer %s part%s", model.implementer,
                 model.parts);
    } else {
        drop_clock(model.text);
        environment_set(value, model.text);
    }
}

void environment_microcode(const struct environment_source *source, environment_value value)
{
    environment_read_field(source->root, "/proc/cpuinfo", "microcode", value);
}

struct cpu_list {
    cpu_set_t sets[MAX_CPUS / CPU_SETSIZE];
};

/* "0-3,8" into bits. False when nothing of it is a list of CPUs. */
static bool parse_cpu_list(struct cpu_list *list, const char *text)
{
    bool any = false;

    memset(list, 0, sizeof *list);
    while (isdigit((unsigned char)*text)) {
        char *end;
        unsigned long first = strtoul(text, &end, 10), last = first;

        if (*end == '-' && isdigit((unsigned char)end[1]))
            last = strtoul(end + 1, &end, 10);
        for (unsigned long cpu = first; cpu <= last && cpu < MAX_CPUS; cpu++, any = true)
            CPU_SET_S(cpu, sizeof *list, list->sets);
        if (*end != ',')
            break;
        text = end + 1;
    }
    return any;
}

static bool read_online(struct cpu_list *list, const char *root)
{
    environment_value text;

    return environment_read_line(root, "/sys/devices/system/cpu/online", text) &&
           parse_cpu_list(list, text);
}

/* The affinity of the process. /proc tells it as a fixture can; the system call is the fallback. */
static bool read_allowed(struct cpu_list *list, const char *root)
{
    environment_value text;

    if (environment_read_field(root, "/proc/self/status", "Cpus_allowed_list", text) &&
        parse_cpu_list(list, text))
        return true;
    memset(list, 0, sizeof *list);
    return root[0] == '\0' && sched_getaffinity(0, sizeof *list, list->sets) == 0;
}

static void write_count(environment_value value, const struct cpu_list *list)
{
    int count = CPU_COUNT_S(sizeof *list, list->sets);

    if (count > 0)
        snprintf(value, sizeof(environment_value), "%d", count);
}

void environment_cores(const struct environment_source *source, environment_value value)
{
    struct cpu_list allowed, online;

    if (!read_allowed(&allowed, source->root))
        return;
    /* The mask of a process still has the CPUs that went offline after it was set. */
    if (read_online(&online, source->root))
        CPU_AND_S(sizeof allowed, allowed.sets, allowed.sets, online.sets);
    write_count(value, &allowed);
}

void environment_cpus_online(const struct environment_source *source, environment_value value)
{
    struct cpu_list online;

    if (read_online(&online, source->root))
        write_count(value, &online);
}

void environment_governor(const struct environment_source *source, environment_value value)
{
    if (!environment_read_line(source->root,
                               "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor", value))
        environment_read_line(source->root,
                              "/sys/devices/system/cpu/cpufreq/policy0/scaling_governor", value);
}

void environment_turbo(const struct environment_source *source, environment_value value)
{
    const char *root = source->root;
    environment_value text;
    bool on;

    if (environment_read_line(root, "/sys/devices/system/cpu/intel_pstate/no_turbo", text))
        on = strcmp(text, "0") == 0;
    else if (environment_read_line(root, "/sys/devices/system/cpu/cpufreq/boost", text))
        on = strcmp(text, "1") == 0;
    else
        return;
    environment_set(value, on ? "on" : "off");
}

/* Lists the names whose file starts with `state`. Returns their number. */
static size_t list_vulnerabilities(const char *root, const char *state, environment_value value)
{
    environment_value text;
    size_t count = 0;
    glob_t found;

    value[0] = '\0';
    environment_glob(&found, root, "/sys/devices/system/cpu/vulnerabilities/*");
    for (size_t i = 0; i < found.gl_pathc; i++) {
        const char *path = found.gl_pathv[i] + strlen(root);
        if (!environment_read_line(root, path, text) || strncmp(text, state, strlen(state)) != 0)
            continue;
        (void)environment_append(value, ',', strrchr(path, '/') + 1);
        count++;
    }
    globfree(&found);
    return count;
}

/* "spectre_v1,spectre_v2; vulnerable: mds"; "off" when nothing that is vulnerable is mitigated;
 * "not affected" when there is nothing to mitigate. */
void environment_mitigations(const struct environment_source *source, environment_value value)
{
    const char *root = source->root;
    environment_value mitigated, vulnerable;
    size_t mitigated_count = list_vulnerabilities(root, "Mitigation", mitigated);
    size_t vulnerable_count = list_vulnerabilities(root, "Vulnerable", vulnerable);

    if (!environment_exists(root, "/sys/devices/system/cpu/vulnerabilities"))
        return;
    if (mitigated_count == 0)
        environment_set(value, vulnerable_count > 0 ? "off" : "not affected");
    else
        snprintf(value, sizeof(environment_value), "%.300s%s%.180s", mitigated,
                 vulnerable_count > 0 ? "; vulnerable: " : "", vulnerable);
}
