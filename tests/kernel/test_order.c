/* SPDX-License-Identifier: Apache-2.0
 * Jobs that list their chunks, those that time them, and those that say how many are under way. */
#include "src/kernel/kernel.h"
#include "tests/support/make_job.h"

#include <stdlib.h>
#include <string.h>

static void test_every_chunk_is_listed_once(void **state)
{
    static const uint64_t shapes[][2] = {{1, 1}, {1, 4096}, {4097, 1}, {10000, 4096}, {65536, 512}};

    (void)state;
    for (size_t i = 0; i < sizeof shapes / sizeof shapes[0]; i++) {
        for (int order = 0; order < BM_ORDERS; order++) {
            struct bm_job job = make_job(shapes[i][0], shapes[i][1]);
            uint64_t count = (shapes[i][0] + shapes[i][1] - 1) / shapes[i][1], moved = 0;
            assert_int_equal(bm_job_list(&job, (enum bm_order)order, 7), 0);
            assert_int_equal(job.chunk_count, count);
            char *seen = calloc(count, 1);
            for (uint64_t k = 0; k < count; k++) {
                uint64_t index = job.chunks[k].offset_bytes / shapes[i][1];
                assert_int_equal(job.chunks[k].offset_bytes % shapes[i][1], 0);
                assert_int_equal(job.chunks[k].bytes, index == count - 1
                                                          ? shapes[i][0] - index * shapes[i][1]
                                                          : shapes[i][1]);
                assert_int_equal(seen[index]++, 0);
                moved += order == BM_ORDER_SEQUENTIAL ? index != k : 0;
            }
            assert_int_equal(moved, 0);
            free(seen);
            bm_job_unlist(&job);
            assert_null(job.chunks);
            assert_int_equal(job.chunk_count, 0);
        }
    }
}

static void test_the_seed_makes_the_order(void **state)
{
    struct bm_job first = make_job(65536, 512), same = first, other = first;
    size_t bytes = 128 * sizeof *first.chunks, moved = 0;

    (void)state;
    assert_int_equal(bm_job_list(&first, BM_ORDER_RANDOM, 1), 0);
    assert_int_equal(bm_job_list(&same, BM_ORDER_RANDOM, 1), 0);
    assert_int_equal(bm_job_list(&other, BM_ORDER_RANDOM, 2), 0);
    assert_memory_equal(first.chunks, same.chunks, bytes);
    assert_memory_not_equal(first.chunks, other.chunks, bytes);
    for (uint64_t i = 0; i < first.chunk_count; i++)
        moved += first.chunks[i].offset_bytes != i * 512;
    assert_true(moved > 100);
    bm_job_unlist(&first);
    bm_job_unlist(&same);
    bm_job_unlist(&other);
}

/* A program's own: chunks of any length, in any order. */
static struct bm_chunk uneven[] = {{9000, 1000}, {0, 1},       {5000, 4000},
                                   {1, 4095},    {10000, 200}, {4096, 904}};
enum { UNEVEN = sizeof uneven / sizeof uneven[0] };

static void test_chunks_may_have_any_length(void **state)
{
    static const struct {
        const char *writer;
        uint64_t calls; /* besides one or two a chunk */
        unsigned a_chunk;
    } cases[] = {
        {"Write", 2, 2}, {"Pwrite", 2, 1}, {"Mmap", 5, 0}, {"Stdio", 4, 2}, {"Splice", 6, 3}};

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct bm_job job = make_job(10200, 4096);
        struct bm_result result;
        uint64_t offset = 0;
        job.chunks = uneven;
        job.chunk_count = UNEVEN;
        job.order = BM_ORDER_RANDOM;
        assert_int_equal(bm_kernel_run(bm_kernel_find(cases[i].writer), &job, &result), 0);
        assert_int_equal(bm_kernel_verify(bm_kernel_find(cases[i].writer), &job, &offset), 0);
        assert_int_equal(result.calls, cases[i].calls + UNEVEN * cases[i].a_chunk);
        assert_int_equal(bm_job_remove(&job), 0);
    }
}

static void test_chunks_outside_of_the_job_are_refused(void **state)
{
    static const struct bm_chunk bad[] = {{10000, 201},    {10201, 1}, {0, 0},
                                          {UINT64_MAX, 1}, {0, 4097},  {1, UINT64_MAX}};
    const struct bm_kernel *writer = bm_kernel_find("Write");
    struct bm_job job = make_job(10200, 4096);
    struct bm_result result;
    struct bm_chunk list[UNEVEN];

    (void)state;
    job.chunks = list;
    job.order = BM_ORDER_RANDOM;
    assert_int_equal(bm_kernel_run(writer, &job, &result), -EINVAL);
    job.chunk_count = UNEVEN;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        memcpy(list, uneven, sizeof list);
        list[UNEVEN - 1] = bad[i];
        assert_int_equal(bm_kernel_run(writer, &job, &result), -EINVAL);
    }
    assert_int_equal(test_directory_count(&job_directory), 0);
}

/* Its flags say so, and a list that it could only take wrong does not reach it. */
static void test_kernels_that_go_in_order_say_so(void **state)
{
    static const char *const in_order[] = {"Append", "Writev", "MmapWindow", "Memcpy",
                                           "MemcpyFresh"};
    char reason[BM_REASON_BYTES];

    (void)state;
    for (size_t i = 0; i < sizeof in_order / sizeof in_order[0]; i++) {
        const struct bm_kernel *writer = bm_kernel_find(in_order[i]);
        struct bm_job job = make_job(10200, 4096);
        struct bm_result result;
        assert_int_equal(bm_kernel_accepts_order(writer, BM_ORDER_SEQUENTIAL, reason), 0);
        assert_int_equal(bm_kernel_accepts_order(writer, BM_ORDER_RANDOM, reason), -EINVAL);
        assert_true(strlen(reason) > 10);
        if (bm_kernel_is_control(writer))
            job.state = BM_FILE_STATE_NONE;
        assert_int_equal(bm_job_list(&job, BM_ORDER_RANDOM, 1), 0);
        assert_int_equal(bm_kernel_run(writer, &job, &result), -EINVAL);
        bm_job_unlist(&job);
    }
    assert_int_equal(test_directory_count(&job_directory), 0);
    assert_int_equal(bm_kernel_accepts_order(bm_kernel_find("Write"), BM_ORDER_RANDOM, reason), 0);
}

/* A file that has no offset: only who seeks fails. */
static int open_pipe(struct bm_sample *sample)
{
    int ends[2];

    if (pipe(ends) < 0)
        return -errno;
    sample->fd = ends[1];
    sample->from_fd = ends[0];
    return 0;
}

static int close_pipe(struct bm_sample *sample)
{
    return sample->fd < 0 ? 0 : close(sample->fd) + close(sample->from_fd);
}

static void test_in_the_files_order_nobody_seeks(void **state)
{
    struct bm_kernel writer = *bm_kernel_find("Write"), twin = *writer.list_twin;
    struct bm_job job = make_job(8192, 1024);
    struct bm_result result;

    (void)state;
    twin.phase[BM_PHASE_CREATE] = open_pipe;
    twin.phase[BM_PHASE_CLOSE] = close_pipe;
    writer.list_twin = &twin;
    assert_int_equal(bm_job_list(&job, BM_ORDER_SEQUENTIAL, 0), 0);
    assert_int_equal(bm_kernel_run(&writer, &job, &result), 0);
    assert_int_equal(result.calls, 8);
    job.order = BM_ORDER_RANDOM;
    assert_int_equal(bm_kernel_run(&writer, &job, &result), -ESPIPE);
    bm_job_unlist(&job);
}

/* A list that says that it is in order, and is not. */
static void test_an_order_is_as_it_says(void **state)
{
    const struct bm_kernel *writer = bm_kernel_find("Pwrite");
    struct bm_job job = make_job(10200, 4096);
    struct bm_result result;

    (void)state;
    job.chunks = uneven;
    job.chunk_count = UNEVEN;
    assert_int_equal(bm_kernel_run(writer, &job, &result), -EINVAL);
    assert_int_equal(bm_job_list(&job, BM_ORDER_SEQUENTIAL, 0), 0);
    job.chunk_count--;
    assert_int_equal(bm_kernel_run(writer, &job, &result), -EINVAL);
    bm_job_unlist(&job);
}

enum { LAPS = 4 };
static uint64_t laps_ns[LAPS];

/* The file with the bytes of the job, written or read by all that can be timed. */
static void run_timed(const struct bm_kernel *kernel, struct bm_job job)
{
    char reason[BM_REASON_BYTES];
    struct bm_limits limits;
    struct bm_result plain, timed;
    uint64_t sum_ns = 0;

    if (bm_kernel_probe(kernel, job.dir_fd, "probe", &limits, reason) != 0 ||
        job.file_size_bytes % limits.size_multiple_bytes != 0)
        return;
    if (bm_kernel_kind(kernel) == BM_KIND_READER)
        job.state = BM_FILE_STATE_CACHED;
    job.depth = bm_kernel_has_depth(kernel) ? 1 : 0;
    assert_int_equal(bm_kernel_prepare(kernel, &job), 0);
    assert_int_equal(bm_kernel_run(kernel, &job, &plain), 0);
    assert_int_equal(bm_kernel_prepare(kernel, &job), 0);
    assert_int_equal(bm_job_list(&job, BM_ORDER_SEQUENTIAL, 0), 0);
    job.laps_ns = laps_ns;
    memset(laps_ns, 0, sizeof laps_ns);
    assert_int_equal(bm_kernel_run(kernel, &job, &timed), 0);
    assert_int_equal(bm_kernel_verify(kernel, &job, NULL), 0);
    if (timed.calls != plain.calls)
        fail_msg("%s: %llu calls, without a clock %llu", bm_kernel_name(kernel),
                 (unsigned long long)timed.calls, (unsigned long long)plain.calls);
    for (size_t i = 0; i < LAPS; i++) {
        assert_true(laps_ns[i] > 0);
        sum_ns += laps_ns[i];
    }
    assert_true(sum_ns <= timed.phase_ns[BM_PHASE_FILL]);
    bm_job_unlist(&job);
    assert_int_equal(bm_job_remove(&job), 0);
}

/* With the same system calls as without, also of the kernels that take no other order. */
static void test_the_chunks_are_timed_one_by_one(void **state)
{
    char reason[BM_REASON_BYTES];
    int timed = 0, refused = 0;

    (void)state;
    for (size_t i = 0; i < bm_kernel_count(); i++) {
        const struct bm_kernel *kernel = bm_kernel_at(i);
        unsigned depth = bm_kernel_has_depth(kernel) ? 1 : 0;
        struct bm_job job = make_job(LAPS * 65536, 65536);
        struct bm_result result;
        if (bm_kernel_accepts_laps(kernel, depth, reason) == 0) {
            run_timed(kernel, job);
            timed++;
            continue;
        }
        assert_true(strlen(reason) > 10);
        if (!bm_kernel_has_file(kernel))
            job.state = BM_FILE_STATE_NONE;
        assert_int_equal(bm_job_list(&job, BM_ORDER_SEQUENTIAL, 0), 0);
        job.laps_ns = laps_ns;
        if (bm_kernel_kind(kernel) == BM_KIND_WRITER)
            assert_int_equal(bm_kernel_run(kernel, &job, &result), -EINVAL);
        bm_job_unlist(&job);
        refused++;
    }
    assert_true(timed > 30);
    assert_true(refused > 10);
    assert_int_equal(bm_kernel_accepts_laps(bm_kernel_find("Uring"), 0, reason), -EINVAL);
    assert_non_null(strstr(reason, "--depth=1"));
    assert_int_equal(bm_kernel_accepts_laps(bm_kernel_find("Writev"), 0, reason), -EINVAL);
}

static void test_times_without_a_list_are_refused(void **state)
{
    struct bm_job job = make_job(4096, 4096);
    struct bm_result result;

    (void)state;
    job.laps_ns = laps_ns;
    assert_int_equal(bm_kernel_run(bm_kernel_find("Write"), &job, &result), -EINVAL);
}

/* As many submissions as the depth asks for. */
static void test_so_many_chunks_are_under_way_at_once(void **state)
{
    static const unsigned depths[] = {1, 2, 7, 64, BM_DEPTH_MOST};
    const struct bm_kernel *uring = bm_kernel_find("Uring"), *reader = bm_kernel_find("ReadUring");
    char reason[BM_REASON_BYTES];
    struct bm_job job = make_job(300 * 512, 512);
    struct bm_limits limits;
    struct bm_result result;

    (void)state;
    job.depth = BM_DEPTH_MOST + 1;
    assert_int_equal(bm_kernel_run(uring, &job, &result), -EINVAL);
    job.depth = 1;
    assert_int_equal(bm_kernel_run(bm_kernel_find("Write"), &job, &result), -EINVAL);
    assert_false(bm_kernel_has_depth(bm_kernel_find("Write")));
    if (bm_kernel_probe(uring, job.dir_fd, "probe", &limits, reason) != 0)
        return;
    for (size_t i = 0; i < sizeof depths / sizeof depths[0]; i++) {
        uint64_t rounds = (300 + depths[i] - 1) / depths[i];
        job.depth = depths[i];
        job.state = BM_FILE_STATE_NEW;
        assert_int_equal(bm_kernel_run(uring, &job, &result), 0);
        assert_int_equal(result.calls, 2 + 6 + rounds);
        assert_int_equal(bm_kernel_verify(uring, &job, NULL), 0);
        job.state = BM_FILE_STATE_CACHED;
        assert_int_equal(bm_kernel_prepare(reader, &job), 0);
        assert_int_equal(bm_kernel_run(reader, &job, &result), 0);
        assert_int_equal(result.calls, 2 + 6 + rounds);
        assert_int_equal(bm_job_remove(&job), 0);
    }
}

static void test_a_list_needs_a_file(void **state)
{
    struct bm_job no_size = {.chunk_bytes = 1}, no_chunk = {.file_size_bytes = 1},
                  too_long = {.file_size_bytes = UINT64_MAX, .chunk_bytes = 1};

    (void)state;
    assert_int_equal(bm_job_list(&no_size, BM_ORDER_RANDOM, 1), -EINVAL);
    assert_int_equal(bm_job_list(&no_chunk, BM_ORDER_RANDOM, 1), -EINVAL);
    assert_int_equal(bm_job_list(&too_long, BM_ORDER_RANDOM, 1), -ENOMEM);
    assert_null(too_long.chunks);
}

static void test_orders_have_names(void **state)
{
    enum bm_order order = BM_ORDERS;

    (void)state;
    for (int i = 0; i < BM_ORDERS; i++) {
        assert_int_equal(bm_order_find(bm_order_name((enum bm_order)i), &order), 0);
        assert_int_equal(order, i);
        assert_true(strlen(bm_order_summary(order)) > 10);
    }
    assert_int_equal(bm_order_find("backwards", &order), -EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_chunk_is_listed_once),
        cmocka_unit_test(test_the_seed_makes_the_order),
        cmocka_unit_test(test_chunks_may_have_any_length),
        cmocka_unit_test(test_chunks_outside_of_the_job_are_refused),
        cmocka_unit_test(test_kernels_that_go_in_order_say_so),
        cmocka_unit_test(test_in_the_files_order_nobody_seeks),
        cmocka_unit_test(test_an_order_is_as_it_says),
        cmocka_unit_test(test_the_chunks_are_timed_one_by_one),
        cmocka_unit_test(test_times_without_a_list_are_refused),
        cmocka_unit_test(test_so_many_chunks_are_under_way_at_once),
        cmocka_unit_test(test_a_list_needs_a_file),
        cmocka_unit_test(test_orders_have_names),
    };

    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
