/* SPDX-License-Identifier: Apache-2.0 */
#include "make_results.h"

#include "make_sides.h"
#include "src/base/random.h"
#include "src/run/load.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double make_time(const struct make_writer *writer, uint64_t size_bytes, uint64_t chunk_bytes)
{
    double chunks = ceil((double)size_bytes / (double)chunk_bytes);

    if (writer->power != 0)
        return writer->fixed_ns * pow((double)chunk_bytes / 4096, writer->power);
    return writer->fixed_ns + chunks * (writer->per_call_ns + writer->per_chunk_ns) +
           writer->faults * writer->per_fault_ns;
}

/* What of the time falls into a phase: enough to look like a real run. */
static void put_counters(FILE *out, const struct make_spec *spec, const struct make_writer *writer,
                         uint64_t chunk, double time)
{
    int maps = strncmp(writer->name, "Mmap", 4) == 0;
    double chunks = ceil((double)spec->size_bytes / (double)chunk);

    fprintf(out, ",\"create_ns\":%.16e,\"size_ns\":%.16e,\"map_ns\":%.16e,\"fill_ns\":%.16e",
            time * 0.01, maps ? time * 0.01 : 0, maps ? time * 0.02 : 0,
            time * (maps ? 0.86 : 0.97));
    fprintf(out, ",\"sync_ns\":0,\"unmap_ns\":%.16e,\"close_ns\":%.16e", maps ? time * 0.08 : 0,
            time * 0.02);
    fprintf(out, ",\"minor_faults\":%.16e,\"major_faults\":0,\"voluntary_switches\":0",
            writer->faults);
    fprintf(out, ",\"involuntary_switches\":0,\"calls\":%.16e,\"stolen_ns\":0",
            writer->per_call_ns > 0 ? chunks + 2 : 5);
    fprintf(out, ",\"dirty_bytes\":1048576,\"writeback_bytes\":0,\"bytes_per_second\":%.16e",
            (double)spec->size_bytes * 1e9 / time);
}

void make_row(FILE *out, const struct make_row *row, int *begun)
{
    double time_ms = row->failed ? 0 : row->time_ns / 1e6;

    fprintf(out, "%s\n{\"name\":\"%s%s\",\"run_name\":\"%s\",%s,%s", *begun ? "," : "", row->name,
            row->is_median ? "_median" : "", row->name,
            row->is_median ? "\"run_type\":\"aggregate\",\"aggregate_name\":\"median\""
                           : "\"run_type\":\"iteration\"",
            row->failed ? "\"error_occurred\":true,\"error_message\":\"No space left\"," : "");
    fprintf(out,
            "\"repetitions\":%zu,\"repetition_index\":%zu,\"threads\":1,\"iterations\":1,"
            "\"real_time\":%.16e,\"cpu_time\":%.16e,\"time_unit\":\"ms\"",
            row->repetitions, row->repetition, time_ms, time_ms);
    *begun = 1;
}

static void put_row(FILE *out, const struct make_spec *spec, const struct make_writer *writer,
                    uint64_t chunk, size_t repetition, double time, int *begun)
{
    char name[200];

    snprintf(name, sizeof name, "%s/file:%s/sync:%s/size:%llu/chunk:%llu/manual_time", writer->name,
             writer->file != NULL ? writer->file
             : spec->file != NULL ? spec->file
                                  : "new",
             spec->sync != NULL ? spec->sync : "none", (unsigned long long)spec->size_bytes,
             (unsigned long long)chunk);
    make_row(
        out,
        &(struct make_row){
            .name = name, .time_ns = time, .repetition = repetition, .repetitions = spec->samples},
        begun);
    if (spec->counters)
        put_counters(out, spec, writer, chunk, time);
    fputc('}', out);
}

char *make_json(const struct make_spec *spec)
{
    struct random random;
    char *text = NULL;
    size_t length = 0;
    int begun = 0;
    FILE *out = open_memstream(&text, &length);
    /* E[X | X < median] of a log-normal of median 1: 2 Phi(-s) exp(s^2/2). */
    double fast_half = erfc(spec->noise / sqrt(2.0)) * exp(spec->noise * spec->noise / 2);

    if (out == NULL)
        return NULL;
    random_seed(&random, spec->seed);
    fprintf(out,
            "{\"context\":{\"date\":\"2026-01-01T00:00:00+00:00\",\"num_cpus\":2%s},\n"
            "\"benchmarks\":[",
            spec->context != NULL ? spec->context : "");
    for (size_t w = 0; w < spec->writer_count; w++) {
        for (size_t c = 0; c < spec->chunk_count; c++) {
            double time = make_time(&spec->writers[w], spec->size_bytes, spec->chunks[c]);
            for (size_t s = 0; s < spec->samples; s++) {
                double noise = exp(spec->noise * random_normal(&random)) / fast_half;
                put_row(out, spec, &spec->writers[w], spec->chunks[c], s, time * noise, &begun);
            }
        }
    }
    fputs("\n]}\n", out);
    if (fclose(out) != 0) {
        free(text);
        return NULL;
    }
    return text;
}

/* Frees the text. */
static struct run *load_made(char *text)
{
    struct run *run = NULL;

    if (text == NULL || run_load_text(text, strlen(text), &run, NULL) != 0) {
        fprintf(stderr, "the synthetic run cannot be made\n");
        abort();
    }
    free(text);
    return run;
}

struct run *make_run(const struct make_spec *spec) { return load_made(make_json(spec)); }

struct run *make_joined_run(const struct make_spec *first, const struct make_spec *second)
{
    char *front = make_json(first), *back = make_json(second), *both = NULL;

    if (front != NULL && back != NULL &&
        asprintf(&both, "%.*s,%s", (int)(strrchr(front, ']') - front), front,
                 strchr(strstr(back, "\"benchmarks\""), '[') + 1) < 0)
        both = NULL;
    free(front);
    free(back);
    return load_made(both);
}

struct make_spec make_spec_of(const struct make_writer *writers, size_t writer_count,
                              const uint64_t *chunks, size_t chunk_count)
{
    return (struct make_spec){.writers = writers,
                              .writer_count = writer_count,
                              .chunks = chunks,
                              .chunk_count = chunk_count,
                              .samples = 20,
                              .noise = 0.03,
                              .seed = 3,
                              .size_bytes = 10485760,
                              .counters = 1};
}

struct make_spec make_small_spec(void)
{
    static const uint64_t chunks[] = {1024, 2048, 4096, 8192, 16384};
    static const struct make_writer writers[] = {
        {.name = "Mmap", .fixed_ns = 1e7},
        {.name = "Write", .fixed_ns = 2e6, .per_call_ns = 1000},
        {.name = "Pwrite", .fixed_ns = 2e6, .per_call_ns = 1000},
    };

    struct make_spec spec = make_spec_of(writers, 3, chunks, 5);

    spec.seed = 5;
    return spec;
}
