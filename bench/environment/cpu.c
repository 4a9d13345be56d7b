/* SPDX-License-Identifier: Apache-2.0 */
/* The processor: its model as each architecture tells it, how many of its CPUs this process may
 * use, and what Linux makes of it. */
#include "readers.h"

#include <ctype.h>
#include <limits.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { MAX_CPUS = 8192, MAX_PARTS = 8, MAX_VULNERABILITIES = 64 };

/* Fields of /proc/cpuinfo that name a model, the best first. RISC-V's "isa" grows with the kernel
 * after its first "_", which is therefore cut. */
static const char *const model_fields[] = {"model name", "Model Name", "uarch",
                                           "cpu model",  "cpu",        "isa"};
enum { MODEL_FIELDS = sizeof model_fields / sizeof model_fields[0] };

struct cpu_model {
    char text[ENVIRONMENT_VALUE_SIZE];
    size_t rank; /* of the field that gave the text */
    char implementer[24];
    char parts[MAX_PARTS][24]; /* more than one where fast and slow cores are mixed */
    size_t part_count;
};

static void add_part(struct cpu_model *model, const char *part)
{
    char text[sizeof model->parts[0]];

    environment_copy(text, sizeof text, part);
    for (size_t i = 0; i < model->part_count; i++)
        if (strcmp(model->parts[i], text) == 0)
            return;
    if (model->part_count < MAX_PARTS)
        memcpy(model->parts[model->part_count++], text, sizeof text);
}

static void read_model_line(struct cpu_model *model, char *line)
{
    const char *text;

    for (size_t i = 0; i < model->rank; i++) {
        if ((text = environment_field(line, model_fields[i])) == NULL || !*text)
            continue;
        environment_copy(model->text, sizeof model->text, text);
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

/* ARM tells numbers only. They are kept as they are: a table of names would grow, and every name
 * added to it would change the machine key of those who have that processor. */
static void describe_parts(const struct cpu_model *model, environment_value value)
{
    size_t used = (size_t)snprintf(value, sizeof(environment_value), "implementer %s part",
                                   model->implementer);

    for (size_t i = 0; i < model->part_count; i++)
        used += (size_t)snprintf(value + used, sizeof(environment_value) - used, " %s",
                                 model->parts[i]);
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
    if (model.implementer[0] && model.part_count > 0) {
        describe_parts(&model, value);
    } else {
        drop_clock(model.text);
        environment_copy(value, sizeof(environment_value), model.text);
    }
}

void environment_microcode(const struct environment_source *source, environment_value value)
{
    environment_read_field(source->root, "/proc/cpuinfo", "microcode", value);
}

struct cpu_list {
    unsigned char bits[MAX_CPUS / CHAR_BIT];
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
            list->bits[cpu / CHAR_BIT] |= (unsigned char)(1U << (cpu % CHAR_BIT));
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
    bool found = environment_read_field(root, "/proc/self/status", "Cpus_allowed_list", text) &&
                 parse_cpu_list(list, text);

    if (!found && root[0] == '\0') {
        cpu_set_t *set = CPU_ALLOC(MAX_CPUS);
        size_t size = CPU_ALLOC_SIZE(MAX_CPUS);

        memset(list, 0, sizeof *list);
        if (set && sched_getaffinity(0, size, set) == 0) {
            found = true;
            for (size_t cpu = 0; cpu < MAX_CPUS; cpu++)
                if (CPU_ISSET_S(cpu, size, set))
                    list->bits[cpu / CHAR_BIT] |= (unsigned char)(1U << (cpu % CHAR_BIT));
        }
        CPU_FREE(set);
    }
    return found;
}

static void write_count(environment_value value, const struct cpu_list *list,
                        const struct cpu_list *mask)
{
    unsigned int count = 0;

    for (size_t cpu = 0; cpu < MAX_CPUS; cpu++)
        count += (unsigned int)((list->bits[cpu / CHAR_BIT] & mask->bits[cpu / CHAR_BIT]) >>
                                (cpu % CHAR_BIT)) &
                 1U;
    if (count > 0)
        snprintf(value, sizeof(environment_value), "%u", count);
}

void environment_cores(const struct environment_source *source, environment_value value)
{
    struct cpu_list allowed, online;

    /* The mask of a process keeps the CPUs that went offline after it was set. */
    if (read_allowed(&allowed, source->root))
        write_count(value, &allowed, read_online(&online, source->root) ? &online : &allowed);
}

void environment_cpus_online(const struct environment_source *source, environment_value value)
{
    struct cpu_list online;

    if (read_online(&online, source->root))
        write_count(value, &online, &online);
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
    environment_copy(value, sizeof(environment_value), on ? "on" : "off");
}

static int compare_names(const void *left, const void *right) { return strcmp(left, right); }

/* Appends the names whose file starts with `state`, sorted. Returns their number. */
static size_t list_vulnerabilities(const char *root, const char *state, environment_value value)
{
    static const char folder_path[] = "/sys/devices/system/cpu/vulnerabilities";
    char path[ENVIRONMENT_PATH_SIZE], names[MAX_VULNERABILITIES][48];
    environment_value text;
    const struct dirent *entry;
    size_t count = 0, used = 0;
    DIR *folder = environment_open_folder(root, folder_path);

    while (folder && count < MAX_VULNERABILITIES && (entry = readdir(folder)) != NULL) {
        snprintf(path, sizeof path, "%s/%s", folder_path, entry->d_name);
        if (entry->d_name[0] != '.' && environment_read_line(root, path, text) &&
            strncmp(text, state, strlen(state)) == 0)
            environment_copy(names[count++], sizeof names[0], entry->d_name);
    }
    if (folder)
        closedir(folder);
    qsort(names, count, sizeof names[0], compare_names);
    value[0] = '\0';
    for (size_t i = 0; i < count; i++) {
        size_t length = strlen(names[i]);

        if (used + length + 2 > sizeof(environment_value))
            break;
        used += (size_t)snprintf(value + used, sizeof(environment_value) - used, "%s%s",
                                 used > 0 ? "," : "", names[i]);
    }
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
        environment_copy(value, sizeof(environment_value),
                         vulnerable_count > 0 ? "off" : "not affected");
    else
        snprintf(value, sizeof(environment_value), "%.300s%s%.180s", mitigated,
                 vulnerable_count > 0 ? "; vulnerable: " : "", vulnerable);
}
