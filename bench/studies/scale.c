/* SPDX-License-Identifier: Apache-2.0 */
#include "scale.h"

#include <math.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

struct sample {
    int writer, chunk;
    size_t repetition, repetitions;
};

static void put_sample(FILE *out, const struct sample *sample, struct random *random)
{
    static const char *const names[SCALE_WRITERS] = {"Mmap", "MmapFalloc", "Write", "Pwrite"};
    static const char *const phases[] = {"close_ns", "create_ns", "map_ns",
                                         "size_ns",  "sync_ns",   "unmap_ns"};
    static const char *const zeros[] = {"involuntary_switches", "major_faults", "stolen_ns",
                                        "voluntary_switches", "writeback_bytes"};
    int maps = sample->writer < 2;
    unsigned long long bytes = 1024ull << sample->chunk;
    double calls = maps ? 5 : ceil(10485760.0 / (double)bytes);
    double time = floor((maps ? 1e7 : 2e6 + 1e3 * calls) * exp(0.05 * random_normal(random)));
    char name[100];

    snprintf(name, sizeof name, "%s/file:new/sync:none/size:10485760/chunk:%llu/manual_time",
             names[sample->writer], bytes);
    fprintf(out,
            "    {\n      \"name\": \"%s\",\n      \"family_index\": %d,\n"
            "      \"per_family_instance_index\": %d,\n      \"run_name\": \"%s\",\n"
            "      \"run_type\": \"iteration\",\n      \"repetitions\": %zu,\n"
            "      \"repetition_index\": %zu,\n      \"threads\": 1,\n      \"iterations\": 1,\n"
            "      \"real_time\": %.16e,\n      \"cpu_time\": %.16e,\n      \"time_unit\": \"ns\","
            "\n      \"bytes_per_second\": %.16e,\n      \"calls\": %.16e,\n"
            "      \"fill_ns\": %.16e,\n      \"minor_faults\": %.16e",
            name, sample->writer, sample->chunk, name, sample->repetitions, sample->repetition,
            time, floor(0.97 * time), 10485760e9 / time, calls, floor(0.93 * time),
            maps ? 2175.0 : 0.0);
    for (size_t i = 0; i < sizeof phases / sizeof phases[0]; i++)
        fprintf(out, ",\n      \"%s\": %.16e", phases[i], floor(1e4 * exp(random_normal(random))));
    for (size_t i = 0; i < sizeof zeros / sizeof zeros[0]; i++)
        fprintf(out, ",\n      \"%s\": %.16e", zeros[i], 0.0);
    fprintf(out, ",\n      \"dirty_bytes\": %.16e\n    }",
            4096.0 * (double)random_below(random, 5000));
}

void scale_write_run(FILE *out, const char *context, int chunks, size_t samples,
                     struct random *random)
{
    size_t cells = (size_t)chunks * SCALE_WRITERS, made = 0;
    struct sample sample = {.repetitions = (samples + cells - 1) / cells};

    fprintf(out, "{\n  \"context\": {%s},\n  \"benchmarks\": [\n", context);
    for (; sample.writer < SCALE_WRITERS; sample.writer++)
        for (sample.chunk = 0; sample.chunk < chunks; sample.chunk++)
            for (sample.repetition = 0; sample.repetition < sample.repetitions && made < samples;
                 sample.repetition++) {
                fputs(made++ > 0 ? ",\n" : "", out);
                put_sample(out, &sample, random);
            }
    fputs("\n  ]\n}\n", out);
}

int scale_in_child(int (*work)(const void *subject, void *result), const void *subject,
                   void *result, size_t size, long *memory_kib)
{
    int channel[2], status;
    struct rusage usage;
    pid_t child;

    if (pipe(channel) != 0 || (child = fork()) < 0)
        return -1;
    if (child == 0)
        _exit(work(subject, result) != 0 || write(channel[1], result, size) != (ssize_t)size);
    close(channel[1]);
    ssize_t got = read(channel[0], result, size);
    close(channel[0]);
    if (wait4(child, &status, 0, &usage) != child || status != 0 || got != (ssize_t)size)
        return -1;
    *memory_kib = usage.ru_maxrss;
    return 0;
}
