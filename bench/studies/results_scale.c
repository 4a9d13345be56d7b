/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How reading and showing a run grows with its samples: 500 to 50,000 of them, synthetic, in the
 * shape of bench_mmap's files. Prints the file's size, the time to load, the loading rate, the time
 * of `show` (the loading included), its growth beside n log n, and the most memory used, each of a
 * fresh process.
 */
#include "scale.h"
#include "src/base/clock.h"
#include "src/report/show.h"
#include "src/run/load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static size_t make_file(const char *path, size_t samples)
{
    struct random random;
    FILE *out = fopen(path, "w");

    if (out == NULL)
        return 0;
    random_seed(&random, 1);
    scale_write_run(out, "\"num_cpus\": 2", 16, samples, &random);
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
            failed = scale_in_child(load_and_show, path, &figures, sizeof figures, &memory) != 0;
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
