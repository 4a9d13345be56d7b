/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes are loaded as a run, or refused with a reason and a place within them. */
#include "src/run/load.h"
#include "tests/fuzzing/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct run *run;
    struct load_problem problem;
    int error = run_load_text((const char *)data, size, &run, &problem);

    require(error <= 0 && (error == 0) == (run != NULL));
    require((problem.what != NULL) == (error != 0) && problem.line <= size + 1 &&
            problem.column <= size + 1);
    for (size_t c = 0; run != NULL && c < run->cell_count; c++)
        require(run->cells[c].name != NULL);
    run_free(run);
    return 0;
}
