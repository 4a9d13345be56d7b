/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libFuzzer target: any bytes are loaded or refused; what loads is shown in every format. Small
 * bootstraps keep it fast; runs of many cells are only loaded.
 */
#include "bench_mmap/results.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

static void require(int condition)
{
    if (!condition)
        abort();
}

static void show(const struct results_run *run, FILE *out)
{
    static const uint64_t predict[] = {3000};
    struct results_view view = results_view_default();
    struct results_question question = {.chunk_bytes = 4096};
    int cannot_tell;

    view.replicates = 20;
    view.predict = predict;
    view.predict_count = 1;
    for (int format = RESULTS_FORMAT_TEXT; format <= RESULTS_FORMAT_JSON; format++) {
        view.format = (enum results_format)format;
        view.unicode = format % 2;
        (void)results_show(out, run, &view);
    }
    view.format = RESULTS_FORMAT_TEXT;
    (void)results_lesson(out, run, &view);
    (void)results_show_advice(out, run, &view, &question, &cannot_tell);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct results_run *run;
    struct results_problem problem;
    int error = results_load_text((const char *)data, size, &run, &problem);

    require(error <= 0);
    require((error == 0) == (run != NULL));
    require(error == 0 || problem.what != NULL);
    if (run != NULL && run->cell_count <= 64) {
        FILE *out = fopen("/dev/null", "w");
        require(out != NULL);
        show(run, out);
        fclose(out);
    }
    results_free(run);
    return 0;
}
