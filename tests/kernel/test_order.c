/* SPDX-License-Identifier: Apache-2.0
 * Jobs that list their chunks. */
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
static struct bm_chunk uneven[] = {{9000, 1000, 0}, {0, 1, 0},       {5000, 4000, 0},
                                   {1, 4095, 0},    {10000, 200, 0}, {4096, 904, 0}};
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
        assert_int_equal(bm_kernel_run(bm_kernel_find(cases[i].writer), &job, &result), 0);
        assert_int_equal(bm_kernel_verify(bm_kernel_find(cases[i].writer), &job, &offset), 0);
        assert_int_equal(result.calls, cases[i].calls + UNEVEN * cases[i].a_chunk);
        assert_int_equal(bm_job_remove(&job), 0);
    }
}

static void test_chunks_outside_of_the_job_are_refused(void **state)
{
    static const struct bm_chunk bad[] = {{10000, 201, 0},    {10201, 1, 0}, {0, 0, 0},
                                          {UINT64_MAX, 1, 0}, {0, 4097, 0},  {1, UINT64_MAX, 0}};
    const struct bm_kernel *writer = bm_kernel_find("Write");
    struct bm_job job = make_job(10200, 4096);
    struct bm_result result;
    struct bm_chunk list[UNEVEN];

    (void)state;
    job.chunks = list;
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
        cmocka_unit_test(test_a_list_needs_a_file),
        cmocka_unit_test(test_orders_have_names),
    };

    return cmocka_run_group_tests(tests, job_set_up, job_tear_down);
}
