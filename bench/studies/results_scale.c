/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How reading and showing a run grows with its samples: 500 to 50,000 of them, synthetic, in the
 * shape of bench_mmap's files. Prints the file's size, the time to load, the loading rate, the time
 * of `show` (the loading included), its growth beside n log n, and the most memory used, each of a
 * fresh process.
 */
#include "in_child.h"
#include "src/base/clock.h"
#include "src/base/random.h"
#include "src/report/show.h"
#include "src/run/load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { CHUNKS = 16, WRITERS = 4 };

static void put_row(FILE *out, int writer, int chunk, size_t repetition, struct random *random)
{
    static const char *const names[WRITERS] = {"Mmap", "MmapFalloc", "Write", "Pwrite"};
    static const char *const counters[] = {"create_ns",
                                           "size_ns",
                                           "map_ns",
                                           "fill_ns",
                                           "sync_ns",
                                           "unmap_ns",
                                           "close_ns",
                                           "minor_faults",
                                           "major_faults",
                                           "voluntary_switches",
                                           "involuntary_switches",
                                           "calls",
                                           "stolen_ns",
                                           "dirty_bytes",
                                           "writeback_bytes"};
    unsigned long long bytes = 1024ull << chunk;
    double calls = writer < 2 ? 5 : ceil(10485760.0 / (double)bytes);
    double time = (writer < 2 ? 10 : 2 + calls * 1e-3) * exp(0.05 * random_normal(random));

    fprintf(
        out,
        "%s    {\n      \"name\": \"%s/file:new/sync:none/size:10485760/chunk:%llu/manual_time\",\n"
        "      \"family_index\": %d,\n      \"per_family_instance_index\": %d,\n"
        "      \"run_name\": \"%s/file:new/sync:none/size:10485760/chunk:%llu/manual_time\",\n"
        "      \"run_type\": \"iteration\",\n      \"repetitions\": 20,\n"
        "      \"repetition_index\": %zu,\n      \"threads\": 1,\n      \"iterations\": 1,\n"
        "      \"real_time\": %.16e,\n      \"cpu_time\": %.16e,\n      \"time_unit\": \"ms\"",
        writer == 0 && chunk == 0 && repetition == 0 ? "" : ",\n", names[writer], bytes, writer,
        chunk, names[writer], bytes, repetition, time, time);
    for (size_t i = 0; i < sizeof counters / sizeof counters[0]; i++)
        fprintf(out, ",\n      \"%s\": %.16e", counters[i],
                strcmp(counters[i], "calls") == 0 ? calls : time * 1e4 * (double)(i < 7));
    fprintf(out, "\n    }");
}

static size_t make_file(const char *path, size_t samples)
{
    struct random random;
    size_t repetitions = samples / ((size_t)CHUNKS * WRITERS) + 1, made = 0;
    FILE *out = fopen(path, "w");

    if (out == NULL)
        return 0;
    random_seed(&random, 1);
    fprintf(out, "{\n  \"context\": {\"num_cpus\": 2},\n  \"benchmarks\": [\n");
    for (int writer = 0; writer < WRITERS; writer++)
        for (int chunk = 0; chunk < CHUNKS; chunk++)
            for (size_t r = 0; r < repetitions && made < samples; r++, made++)
                put_row(out, writer, chunk, r, &random);
    fprintf(out, "\n  ]\n}\n");
    long size = ftell(out);
    return fclose(out) == 0 && size > 0 ? (size_t)size : 0;
}

struct figures {
    double load_s;
    double show_s;
};

static int load_and_show(const void *path, void *result)
{
    struct figures *figures = result;
    struct run *run;
    struct view view = view_default();
    FILE *out = fopen("/dev/null", "w");
    double begin = clock_s();

    if (out == NULL || run_load(path, &run, NULL) != 0)
        return -1;
    figures->load_s = clock_s() - begin;
    int error = report_run(out, run, &view, &(struct show_options){0});
    figures->show_s = clock_s() - begin;
    return error;
}

int main(void)
{
    static const size_t counts[] = {500, 1600, 5000, 16000, 50000};
    char path[] = "/tmp/results_scale_XXXXXX";
    double first = 0;
    int file = mkstemp(path), failed = file < 0;

    if (file >= 0)
        close(file);
    printf("samples  file MiB  load ms  MiB/s  show ms  show / (n log n)  memory MiB  / file\n");
    for (size_t i = 0; !failed && i < sizeof counts / sizeof counts[0]; i++) {
        struct figures best = {1e9, 1e9}, figures;
        long memory = 0;
        double n = (double)counts[i], mib = (double)make_file(path, counts[i]) / 0x1p20;
        for (int round = 0; round < 5 && !failed; round++) {
            failed = in_child(load_and_show, path, &figures, sizeof figures, &memory) != 0;
            best.load_s = fmin(best.load_s, figures.load_s);
            best.show_s = fmin(best.show_s, figures.show_s);
        }
        double growth = best.show_s / (n * log(n));
        first = first == 0 ? growth : first;
        printf("%7zu  %8.2f  %7.1f  %5.0f  %7.1f  %16.2f  %10.1f  %6.1f\n", counts[i], mib,
               1e3 * best.load_s, mib / best.load_s, 1e3 * best.show_s, growth / first,
               (double)memory / 1024, (double)memory / 1024 / mib);
    }
    unlink(path);
    if (failed)
        fprintf(stderr, "results_scale: a measurement failed\n");
    return failed;
}
