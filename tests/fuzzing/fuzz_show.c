/* SPDX-License-Identifier: Apache-2.0 */
/* What loads is shown in every format. Small bootstraps keep it fast; runs of many cells are not
 * shown. */
#include "src/report/document.h"
#include "src/report/show.h"
#include "src/run/load.h"
#include "tests/fuzzing/fuzz.h"

static void show(const struct run *run, FILE *out)
{
    static const uint64_t predict[] = {3000};
    const struct show_options options = {.predict = predict, .predict_count = 1, .replicates = 20};
    const struct advice_options advice = {.question = {.chunk_bytes = 4096}, .replicates = 20};
    struct view view = view_default();

    for (size_t n = 0; format_at(n) != NULL; n++) {
        view.format = format_at(n);
        view.ascii = n % 2;
        (void)report_run(out, run, &view, &options);
        (void)report_advice(out, run, &view, &advice);
    }
    (void)report_lesson(out, run, &view, &options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *run;

    if (run_load_text((const char *)data, size, &run, NULL) == 0 && run->cell_count <= 64)
        show(run, nowhere());
    run_free(run);
    return 0;
}
