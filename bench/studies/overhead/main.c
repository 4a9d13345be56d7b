/* SPDX-License-Identifier: Apache-2.0
 * bench_overhead: what do the kernels cost beside the system calls that they make, and what a list
 * of chunks? */
#include "bench/progress.h"
#include "bench/signals.h"
#include "bench/workdir.h"
#include "compare.h"
#include "src/statistics/quantiles.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct program {
    struct arguments arguments;
    struct workdir workdir;
    void *source;
    uint64_t source_bytes;
    int cpus[2], has_cpus;
    unsigned counts[VERDICTS];
    char names[VERDICTS][4096]; /* " Write/1K (1.034)", one behind the other */
};

static struct task task_of(const struct program *program, const struct bm_kernel *writer,
                           uint64_t chunk_bytes)
{
    return (struct task){.writer = writer,
                         .bare = bare_find(bm_kernel_name(writer)),
                         .dir_fd = program->workdir.fd,
                         .source = program->source,
                         .chunk_bytes = chunk_bytes,
                         .cpus = program->has_cpus ? program->cpus : NULL,
                         .file_bytes = program->arguments.file_bytes};
}

/* The first two of those that the program may use. */
static void choose_cpus(struct program *program)
{
    cpu_set_t allowed;
    int found = 0;

    CPU_ZERO(&allowed);
    (void)sched_getaffinity(0, sizeof allowed, &allowed);
    for (int cpu = 0; cpu < CPU_SETSIZE && found < 2; cpu++)
        if (CPU_ISSET((size_t)cpu, &allowed))
            program->cpus[found++] = cpu;
    program->has_cpus = found == 2;
}

static const char *const verdict_words[VERDICTS] = {[VERDICT_INSIDE] = "equivalent",
                                                    [VERDICT_OUTSIDE] = "differs",
                                                    [VERDICT_UNKNOWN] = "inconclusive"};

static void add_row(struct program *program, const struct task *task,
                    const struct comparison *comparison)
{
    const struct interval *ratio = &comparison->ratio;
    char chunk[UNITS_TEXT_BYTES], kernel[UNITS_TEXT_BYTES], bare[UNITS_TEXT_BYTES];
    char *names = program->names[comparison->verdict];
    size_t used = strlen(names);

    units_exact_bytes(chunk, task->chunk_bytes);
    printf("%-18s%6s%10s%10s%9.4f   %.4f to %.4f%7lu  %s\n", bm_kernel_name(task->writer), chunk,
           units_short_time(kernel, 1e-9 * comparison->median_ns[0]),
           units_short_time(bare, 1e-9 * comparison->median_ns[1]), ratio->estimate, ratio->low,
           ratio->high, comparison->pairs, verdict_words[comparison->verdict]);
    if (program->arguments.limits.list) {
        double chunk_ns = comparison->median_ns[1] / (double)task->listed.chunk_count;
        printf("%18s  a chunk more: %.2f ns, %.2f to %.2f\n", "", (ratio->estimate - 1) * chunk_ns,
               (ratio->low - 1) * chunk_ns, (ratio->high - 1) * chunk_ns);
    }
    fflush(stdout);
    program->counts[comparison->verdict]++;
    snprintf(names + used, sizeof program->names[0] - used, " %s/%s (%.3f)",
             bm_kernel_name(task->writer), chunk, ratio->estimate);
}

static void print_sum(const struct program *program)
{
    const unsigned *counts = program->counts;

    printf(
        "\n%u of %u lie within 1.00 +- %.2f (channels: %.2f); %u do not:%s; %u are "
        "inconclusive:%s\n",
        counts[VERDICT_INSIDE],
        counts[VERDICT_INSIDE] + counts[VERDICT_OUTSIDE] + counts[VERDICT_UNKNOWN], COMPARE_MARGIN,
        COMPARE_CHANNEL_MARGIN, counts[VERDICT_OUTSIDE],
        counts[VERDICT_OUTSIDE] > 0 ? program->names[VERDICT_OUTSIDE] : " none",
        counts[VERDICT_UNKNOWN],
        counts[VERDICT_UNKNOWN] > 0 ? program->names[VERDICT_UNKNOWN] : " none");
}

static int compare_writer(struct program *program, const struct bm_kernel *writer)
{
    const struct arguments *arguments = &program->arguments;
    struct comparison comparison = {0};
    struct bm_limits limits;
    char reason[BM_REASON_BYTES] = "";
    int error = bm_kernel_probe(writer, program->workdir.fd, workdir_probe_name(), &limits, reason);

    if (error == -ENOTSUP) {
        printf("%-18snot here: %s\n", bm_kernel_name(writer), reason);
        return 0;
    }
    for (int i = 0; i < arguments->chunk_count && error == 0; i++) {
        struct task task = task_of(program, writer, arguments->chunks[i]);
        if (task.chunk_bytes % limits.chunk_multiple_bytes != 0 ||
            task.file_bytes % limits.size_multiple_bytes != 0 ||
            task.chunk_bytes > limits.source_max_bytes || task.chunk_bytes > limits.chunk_max_bytes)
            continue;
        if (arguments->limits.list)
            error = task_list(&task);
        if (error == 0)
            error = compare(&task, workdir_sample_name(0), &arguments->limits, &comparison);
        if (error == 0)
            add_row(program, &task, &comparison);
        bm_job_unlist(&task.listed);
    }
    if (error != 0 && signals_received() == 0)
        message("%s: %s", bm_kernel_name(writer), strerror(-error));
    return error;
}

static bool is_wanted(const struct program *program, const struct bm_kernel *writer)
{
    return regexec(&program->arguments.writers, bm_kernel_name(writer), 0, NULL, 0) == 0;
}

static int refuse_without_bare_loop(const struct bm_kernel *writer)
{
    message("%s has no bare loop to compare it with", bm_kernel_name(writer));
    return -EINVAL;
}

/* NULL: it can be compared. */
static const char *why_not(const struct program *program, const struct bm_kernel *writer,
                           char reason[BM_REASON_BYTES])
{
    if (!program->arguments.limits.list)
        return bare_find(bm_kernel_name(writer)) != NULL ? NULL : "there is no bare loop";
    if (bm_kernel_kind(writer) != BM_KIND_WRITER && bm_kernel_has_file(writer))
        return "only writers make the file that they are compared with";
    return bm_kernel_accepts_order(writer, BM_ORDER_RANDOM, reason) != 0 ? reason : NULL;
}

/* Whether there is anything to compare: a writer that matches, and that has a bare loop. */
static int check_wanted(const struct program *program)
{
    const struct bm_kernel *without = NULL;
    char reason[BM_REASON_BYTES];

    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct bm_kernel *writer = bm_kernel_at(i);
        if (!is_wanted(program, writer))
            continue;
        if (why_not(program, writer, reason) == NULL)
            return 0;
        without = writer;
    }
    if (without != NULL && !program->arguments.limits.list)
        return refuse_without_bare_loop(without);
    if (without != NULL) {
        message("%s takes no list: %s", bm_kernel_name(without), reason);
        return -EINVAL;
    }
    message("--writer: no writer matches; bench_mmap --writers lists them");
    return -EINVAL;
}

static int compare_all(struct program *program)
{
    int error = check_wanted(program), list = program->arguments.limits.list;
    char reason[BM_REASON_BYTES];

    if (error != 0)
        return error;
    printf("%-18s%6s%10s%10s%9s%18s%7s\n", "writer", "chunk", list ? "list" : "kernel",
           list ? "kernel" : "bare", "ratio", "95 % interval", "pairs");
    for (size_t i = 0; i < bm_kernel_count() && error == 0; i++) {
        const struct bm_kernel *writer = bm_kernel_at(i);
        if (!is_wanted(program, writer))
            continue;
        const char *why = why_not(program, writer, reason);
        if (why != NULL)
            printf("%-18sleft out: %s\n", bm_kernel_name(writer), why);
        else
            error = compare_writer(program, writer);
    }
    print_sum(program);
    return error;
}

/* The means are of all files: "mean 2510337 median 2493012 create 31022 ...". */
static void print_times(double *times_ns, const double *phases_ns, int files)
{
    double sum_ns = 0;

    for (int i = 0; i < files; i++)
        sum_ns += times_ns[i];
    printf("mean %.0f median %.0f", sum_ns / files, stats_median_of(times_ns, (size_t)files));
    for (int phase = 0; phase < BM_PHASES; phase++)
        printf(" %s %.0f", bm_phase_name((enum bm_phase)phase), phases_ns[phase] / files);
    putchar('\n');
}

/* A file that nobody has read since it was written is read more slowly for the first time, which
 * does not count. */
enum { READ_ROUNDS = 4 };

/* All stay until the last is there, so that each finds memory that no other has given back. */
static int write_files(const struct program *program)
{
    const struct arguments *arguments = &program->arguments;
    struct task task = task_of(program, arguments->writer, arguments->chunks[0]);
    enum side side = (enum side)arguments->side;
    int files = (int)arguments->files;
    bool reads = bm_kernel_kind(arguments->writer) == BM_KIND_READER;
    int untimed = reads && !arguments->count ? files : 0;
    int rounds = untimed > 0 ? READ_ROUNDS : 1;
    double times_ns[ARGUMENTS_MAX_FILES] = {0}, phases_ns[BM_PHASES] = {0};
    struct bm_result result;
    int error = 0;

    if (side == SIDE_BARE && task.bare == NULL)
        return refuse_without_bare_loop(arguments->writer);
    if (side == SIDE_BLIND && (task.bare == NULL || !task.bare->can_be_blind)) {
        message(
            "%s cannot be blind: what a call reads into a buffer can be left unseen, nothing else",
            bm_kernel_name(arguments->writer));
        return -EINVAL;
    }
    if (side == SIDE_LIST)
        error = task_list(&task);
    for (int i = -untimed; i < files * rounds && error == 0; i++) {
        int file = (i + files) % files;
        error = signals_received() != 0
                    ? -ECANCELED
                    : side_write(side, &task, workdir_sample_name(file), &result);
        if (i < 0)
            continue;
        times_ns[file] += (double)result.total_ns / rounds;
        for (int phase = 0; phase < BM_PHASES; phase++)
            phases_ns[phase] += (double)result.phase_ns[phase] / rounds;
    }
    bm_job_unlist(&task.listed);
    if (error == 0 && !arguments->count)
        print_times(times_ns, phases_ns, files);
    if (error != 0 && signals_received() == 0)
        message("%s: %s", bm_kernel_name(arguments->writer), strerror(-error));
    return error;
}

/* Each in a call of side_write(), after which callgrind can tell the instructions. */
static int count_both(const struct program *program)
{
    static const struct {
        enum side side;
        uint64_t sizes;
    } files[] = {{SIDE_KERNEL, 1}, {SIDE_BARE, 1}, {SIDE_KERNEL, 3}, {SIDE_BARE, 3}};
    const struct arguments *arguments = &program->arguments;
    struct task task = task_of(program, arguments->writer, arguments->chunks[0]);
    struct bm_result result;
    int error = task.bare != NULL ? 0 : refuse_without_bare_loop(arguments->writer);

    for (int i = 0; i < 4 && error == 0; i++) {
        task.file_bytes = files[i].sizes * arguments->file_bytes;
        error = side_write(files[i].side, &task, workdir_sample_name(i), &result);
    }
    if (error != 0 && task.bare != NULL)
        message("%s: %s", bm_kernel_name(arguments->writer), strerror(-error));
    return error;
}

static int run(struct program *program)
{
    const struct arguments *arguments = &program->arguments;
    unsigned files = arguments->files > 0 ? (unsigned)arguments->files : 2;
    int error =
        workdir_check_space(&program->workdir, arguments->dir, arguments->file_bytes, files);

    for (int i = 0; i < arguments->chunk_count; i++) {
        if (arguments->chunks[i] > program->source_bytes)
            program->source_bytes = arguments->chunks[i];
    }
    if (error == 0)
        error = bm_source_create(program->source_bytes, &program->source);
    if (error != 0)
        return error;
    if (arguments->files == 0)
        return compare_all(program);
    return arguments->side == SIDES ? count_both(program) : write_files(program);
}

int main(int argc, char **argv)
{
    static struct program program = {.workdir = {.parent_fd = -1, .fd = -1}};
    int error = arguments_parse(&program.arguments, argc, argv);

    if (error == 0 && program.arguments.help) {
        arguments_print_help();
    } else if (error == 0) {
        signals_install();
        choose_cpus(&program);
        error = workdir_open(&program.workdir, program.arguments.dir);
        if (error == 0)
            error = run(&program);
        error = workdir_close(&program.workdir) != 0 ? -EIO : error;
        bm_source_destroy(program.source, program.source_bytes);
    }
    regfree(&program.arguments.writers);
    if (signals_received() != 0)
        return 128 + signals_received();
    return error != 0 || fflush(stdout) != 0 ? 1 : 0;
}
