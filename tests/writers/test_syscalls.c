/* SPDX-License-Identifier: Apache-2.0
 * What Linux sees of each writer: the system calls between the first and the last clock
 * reading are exactly the expected ones, and as many as the writer says. strace shows them: the
 * driver's two getrusage() calls stand just outside. */
#include "src/kernel/kernel.h"
#include "tests/support/run_bench.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* "name" once, "name*3" three times, "name*N" once a chunk, "name*" once or more, "name?" as often
 * as it may be. In states that have a size already, what stands in brackets is not called; in
 * braces: in random order only; in round ones: not where the sync mode has a call of its own. */
static const struct expected {
    const char *writer, *calls;
} expected[] = {
    {"Mmap", "openat [ftruncate] mmap munmap close"},
    {"MmapFalloc", "openat [fallocate] mmap munmap close"},
    {"MmapMapPopulate", "openat [ftruncate] mmap munmap close"},
    {"MmapPopulateWrite", "openat [ftruncate] mmap madvise munmap close"},
    {"MmapHuge", "openat [ftruncate] mmap madvise munmap close"},
    {"MmapHugeFalloc", "openat [fallocate] mmap madvise munmap close"},
    {"MmapNontemporal", "openat [ftruncate] mmap munmap close"},
    {"MmapRepMovsb", "openat [ftruncate] mmap munmap close"},
    /* 300000 bytes lie in windows of 64, 128 and 256 KiB; the last call trims. */
    {"MmapWindow", "openat [ftruncate*4] mmap*3 munmap*3 close"},
    {"Write", "openat {lseek*N} write*N close"},
    {"WriteFalloc", "openat [fallocate] {lseek*N} write*N close"},
    {"Pwrite", "openat pwrite64*N close"},
    {"Append", "openat write*N close"},
    {"Writev", "openat writev* close"},
    {"Dontcache", "openat pwritev2*N close"},
    {"Direct", "openat {lseek*N} write*N close"},
    {"Stdio", "openat fcntl newfstatat {lseek*N} write* close"},
    {"StdioLarge", "openat fcntl mmap {lseek*N} write* munmap close"},
    {"Fstream", "openat fcntl {lseek*N} writev? write? close"},
    {"Uring", "openat io_uring_setup mmap*2 io_uring_enter* munmap*2 close*2"},
    {"UringFixed",
     "openat io_uring_setup mmap*2 io_uring_register*4 io_uring_enter* munmap*2 close*2"},
    {"UringDirect",
     "openat io_uring_setup mmap*2 io_uring_register*4 io_uring_enter* munmap*2 close*2"},
    {"Splice", "openat pipe2 fcntl {lseek*N} vmsplice*N splice*N close*3"},
    {"Sendfile", "openat {lseek*N} sendfile*N close"},
    {"CopyFileRange", "openat {lseek*N} copy_file_range*N close"},
    {"Replace", "openat {lseek*N} write*N (fsync) renameat close"},
    {"Memcpy", ""},
    {"MemcpyFresh", "mmap munmap"},
    {"NullWrite", "openat {lseek*N} write*N close"},
    {"EmptyCall", "getppid*N"},
    {"ReadCall", "openat {lseek*N} read*N close"},
    {"ReadPread", "openat pread64*N close"},
    {"ReadPreadv", "openat preadv* close"},
    {"ReadAhead", "openat fadvise64 {lseek*N} read*N close"},
    {"ReadDontcache", "openat preadv2*N close"},
    {"ReadDirect", "openat {lseek*N} read*N close"},
    {"ReadMmap", "openat mmap munmap close"},
    {"ReadMmapPopulate", "openat mmap munmap close"},
    {"ReadMmapSequential", "openat mmap madvise munmap close"},
    {"ReadMmapRandom", "openat mmap madvise munmap close"},
    {"ReadMmapWillneed", "openat mmap madvise munmap close"},
    {"ReadMmapHuge", "openat mmap madvise munmap close"},
    {"ReadStdio", "openat fcntl newfstatat read* close"},
    {"ReadStdioLarge", "openat fcntl mmap read* munmap close"},
    {"ReadFstream", "openat fcntl read* close"},
    {"ReadUring", "openat io_uring_setup mmap*2 io_uring_enter* munmap*2 close*2"},
    {"ReadUringDirect", "openat io_uring_setup mmap*2 io_uring_enter* munmap*2 close*2"},
    {"ReadSplice", "openat pipe2 fcntl {lseek*N} splice*N read*N close*3"},
    {"ReadMemory", ""},
};

/* And what the sync mode adds. */
static const char *const expected_of_mode[BM_SYNC_MODES] = {
    [BM_SYNC_MODE_NONE] = "",         [BM_SYNC_MODE_FDATASYNC] = "fdatasync",
    [BM_SYNC_MODE_FSYNC] = "fsync*2", [BM_SYNC_MODE_EACH] = "",
    [BM_SYNC_MODE_MSYNC] = "msync",
};

static const uint64_t chunks[] = {777, 4096, 65536, 1 << 20};
#define SIZE_BYTES ((uint64_t)300000)

struct shape {
    enum bm_file_state state;
    enum bm_sync_mode mode;
    enum bm_order order;
    uint64_t chunk, size;
};

/* What it takes to run them all in one process under strace, which takes long to start. */
#define SHAPES_MAX 64
#define SHAPE_FORMAT "%d:%d:%d:%" SCNu64 ":%" SCNu64

/* The second sample is looked at: the first has made the C library allocate what it keeps. Prints
 * the calls that it says it has made. */
static int run_samples_of_shape(const struct bm_kernel *writer, const struct shape *shape,
                                int dir_fd, const void *source)
{
    struct bm_result result = {0};
    struct bm_job job = {.dir_fd = dir_fd,
                         .name = "file",
                         .source = source,
                         .state = shape->state,
                         .sync = shape->mode,
                         .file_size_bytes = shape->size,
                         .chunk_bytes = shape->chunk};
    int error = shape->order != BM_ORDER_SEQUENTIAL ? bm_job_list(&job, shape->order, 1) : 0;

    for (int i = 0; error == 0 && i < 2; i++) {
        error = bm_kernel_prepare(writer, &job);
        if (error == 0)
            error = bm_kernel_run(writer, &job, &result);
        if (error == 0 && bm_kernel_has_file(writer))
            error = bm_job_remove(&job);
    }
    bm_job_unlist(&job);
    printf("%" PRIu64 "\n", result.calls);
    return error;
}

/* WRITER SHAPE... */
static int run_samples(char **argv)
{
    struct test_directory own;
    const struct bm_kernel *writer = bm_kernel_find(argv[0]);
    void *source;
    int error = bm_source_create(2 << 20, &source);

    test_directory_create(&own);
    for (argv++; error == 0 && *argv != NULL; argv++) {
        int state = 0, mode = 0, order = 0;
        struct shape shape = {0};
        if (sscanf(*argv, SHAPE_FORMAT, &state, &mode, &order, &shape.chunk, &shape.size) != 5)
            error = -EINVAL;
        shape.state = (enum bm_file_state)state;
        shape.mode = (enum bm_sync_mode)mode;
        shape.order = (enum bm_order)order;
        if (error == 0)
            error = run_samples_of_shape(writer, &shape, own.fd, source);
    }
    test_directory_remove(&own);
    return error == 0 ? 0 : 1;
}

struct counts {
    struct {
        char name[32];
        uint64_t count;
    } calls[32];
    size_t used;
    uint64_t total;
};

static uint64_t *count_of(struct counts *counts, const char *name, size_t length)
{
    for (size_t i = 0; i < counts->used; i++) {
        if (strlen(counts->calls[i].name) == length &&
            strncmp(counts->calls[i].name, name, length) == 0)
            return &counts->calls[i].count;
    }
    assert_true(counts->used < 32 && length < 32);
    memcpy(counts->calls[counts->used].name, name, length);
    return &counts->calls[counts->used++].count;
}

/* The C library asks for a file's state by one or the other, as its version has it. */
static const char *canonical(const char *name, size_t *length)
{
    static const char older[] = "newfstatat";

    if (*length != strlen("fstat") || strncmp(name, "fstat", *length) != 0)
        return name;
    *length = strlen(older);
    return older;
}

/* Lines are "PID name(arguments) = result": counts those between the next two getrusage() calls,
 * and goes on behind them. */
static const char *count_sample(const char *line, struct counts *counts)
{
    int marks = 0;

    *counts = (struct counts){0};
    for (; marks < 2; line++) {
        const char *name = line + strspn(line, "0123456789 ");
        size_t length = strcspn(name, "(");
        if (strncmp(name, "getrusage(", 10) == 0) {
            marks++;
        } else if (marks == 1 && name[0] != '-' && name[0] != '+') {
            name = canonical(name, &length);
            ++*count_of(counts, name, length);
            counts->total++;
        }
        line = strchr(line, '\n');
        assert_non_null(line);
    }
    return line;
}

/* What stands behind the star, where there is one; 0 for any number. */
static uint64_t wanted_of(const char *star, uint64_t chunk_count)
{
    if (star == NULL)
        return 1;
    return star[1] == 'N' ? chunk_count : strtoull(star + 1, NULL, 10);
}

/* Takes the calls of `text` out of the counts; complains of one that is missing. */
static void take_expected(struct counts *counts, const char *text, const struct shape *shape,
                          const char *what)
{
    uint64_t chunk_count = (shape->size + shape->chunk - 1) / shape->chunk;
    bool sized = bm_file_state_flags(shape->state) & STATE_SIZED;
    char copy[256], *rest = copy, *word;

    snprintf(copy, sizeof copy, "%s", text);
    while ((word = strsep(&rest, " ")) != NULL) {
        char *star = strpbrk(word, "*?");
        bool own_sync = *expected_of_mode[shape->mode] != '\0';
        uint64_t *count, wanted = wanted_of(star, chunk_count);
        if (*word == '\0' || (*word == '[' && sized) ||
            (*word == '{' && shape->order == BM_ORDER_SEQUENTIAL) || (*word == '(' && own_sync))
            continue;
        word += strspn(word, "[{(");
        count = count_of(counts, word, strcspn(word, "]})*?"));
        if (wanted == 0)
            wanted = *count;
        if (star != NULL && *star == '?') {
            *count = 0;
            continue;
        }
        if (*count < wanted || *count == 0)
            fail_msg("%s: %" PRIu64 " of %s, expected %" PRIu64, what, *count, word, wanted);
        *count -= wanted;
    }
}

static void assert_nothing_left(const struct counts *counts, const char *what)
{
    for (size_t i = 0; i < counts->used; i++) {
        if (counts->calls[i].count != 0)
            fail_msg("%s: %" PRIu64 " of %s, not expected", what, counts->calls[i].count,
                     counts->calls[i].name);
    }
}

static void check_counts(const struct expected *wanted, const struct shape *shape,
                         struct counts *counts, uint64_t said)
{
    char what[128];

    snprintf(what, sizeof what, "%s/%s/%s/%s chunk %" PRIu64, wanted->writer,
             bm_file_state_name(shape->state), bm_sync_mode_name(shape->mode),
             bm_order_name(shape->order), shape->chunk);
    if (said != counts->total)
        fail_msg("%s: says %" PRIu64 " calls, strace sees %" PRIu64, what, said, counts->total);
    take_expected(counts, wanted->calls, shape, what);
    take_expected(counts, expected_of_mode[shape->mode], shape, what);
    if (shape->mode == BM_SYNC_MODE_EACH && bm_kernel_is_mapping(bm_kernel_find(wanted->writer)))
        take_expected(counts, "msync*", shape, what);
    assert_nothing_left(counts, what);
}

static void check_shapes(const struct expected *wanted, const struct shape *shapes, size_t count)
{
    char path[] = "/tmp/bench_mmap-trace-XXXXXX", texts[SHAPES_MAX][80], *trace, *said;
    const char *argv[SHAPES_MAX + 8] = {"strace",    "-f",        "-o",          path,
                                        test_self(), "--samples", wanted->writer};
    struct test_process process;
    struct counts counts;

    close(mkstemp(path));
    for (size_t i = 0; i < count; i++) {
        snprintf(texts[i], sizeof texts[i], SHAPE_FORMAT, (int)shapes[i].state, (int)shapes[i].mode,
                 (int)shapes[i].order, shapes[i].chunk, shapes[i].size);
        argv[7 + i] = texts[i];
    }
    process = test_run(argv, NULL, NULL);
    trace = test_read_file(path);
    unlink(path);
    if (process.status != 0)
        fail_msg("%s: status %d: %s", wanted->writer, process.status, process.err);
    const char *line = trace;
    said = process.out;
    for (size_t i = 0; i < count; i++) {
        line = count_sample(line, &counts);
        line = count_sample(line, &counts);
        check_counts(wanted, &shapes[i], &counts, strtoull(said, &said, 10));
    }
    test_process_free(&process);
    free(trace);
}

/* The unaligned file size is for those that take it. */
static void check_writer(const struct expected *wanted)
{
    const struct bm_kernel *writer = bm_kernel_find(wanted->writer);
    char reason[BM_REASON_BYTES];
    struct shape shapes[SHAPES_MAX];
    struct bm_limits limits;
    size_t count = 0;

    if (bm_kernel_probe(writer, directory.fd, "probe", &limits, reason) != 0) {
        printf("%s: not here: %s\n", writer->name, reason);
        return;
    }
    for (int s = 0; s < BM_FILE_STATES; s++) {
        for (int m = 0; m < BM_SYNC_MODES; m++) {
            if (bm_kernel_accepts_state(writer, (enum bm_file_state)s, reason) != 0 ||
                bm_kernel_accepts_sync(writer, (enum bm_sync_mode)m, reason) != 0 ||
                (s != BM_FILE_STATE_NONE &&
                 bm_file_state_probe(directory.fd, "probe", (enum bm_file_state)s, reason) != 0))
                continue;
            for (size_t i = 0; i < sizeof chunks / sizeof chunks[0]; i++) {
                /* One is enough where only the state or the mode is another. */
                bool plain =
                    (s == BM_FILE_STATE_NEW || s == BM_FILE_STATE_CACHED) && m == BM_SYNC_MODE_NONE;
                struct shape shape = {
                    (enum bm_file_state)s, (enum bm_sync_mode)m, BM_ORDER_SEQUENTIAL, chunks[i],
                    SIZE_BYTES / limits.size_multiple_bytes * limits.size_multiple_bytes};
                if (chunks[i] % limits.chunk_multiple_bytes != 0 || (!plain && i != 2))
                    continue;
                assert_true(count + 2 <= SHAPES_MAX);
                shapes[count++] = shape;
                shape.order = BM_ORDER_RANDOM;
                if (plain && i == 2 && bm_kernel_accepts_order(writer, shape.order, reason) == 0)
                    shapes[count++] = shape;
            }
        }
    }
    assert_true(count > 0);
    check_shapes(wanted, shapes, count);
}

static void test_calls_are_the_expected_ones(void **state)
{
    size_t counted = 0;

    (void)state;
    /* How often the two of a channel wait for each other is chance. */
    for (size_t i = 0; i < bm_kernel_count(); i++)
        counted += bm_kernel_kind(bm_kernel_at(i)) != BM_KIND_CHANNEL;
    assert_int_equal(sizeof expected / sizeof expected[0], counted);
    for (size_t i = 0; i < sizeof expected / sizeof expected[0]; i++) {
        assert_non_null(bm_kernel_find(expected[i].writer));
        check_writer(&expected[i]);
    }
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_calls_are_the_expected_ones)};

    if (argc > 3 && strcmp(argv[1], "--samples") == 0)
        return run_samples(argv + 2);
    if (!test_can_trace()) {
        puts("skipped: strace is not there or may not trace");
        return TEST_SKIPPED;
    }
    return cmocka_run_group_tests(tests, bench_set_up, bench_tear_down);
}
