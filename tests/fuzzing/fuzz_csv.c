/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes behind the first word of a CSV are loaded as a run, or refused with a line. */
#include "src/run/load.h"
#include "tests/fuzzing/fuzz.h"

#include <errno.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char word[] = "chunk_bytes";
    char *text = text_of(data, size), *whole = NULL;
    struct run *run;
    struct load_problem problem;
    int is_whole = strncmp(text, word, sizeof word - 1) == 0;

    require(asprintf(&whole, "%s%s", is_whole ? "" : word, text) >= 0);
    int error = run_load_text(whole, strlen(whole), &run, &problem);
    require(error <= 0 && (error == 0) == (run != NULL));
    require(error == 0 || error == -ENODATA || (error == -EBADMSG && problem.line > 0));
    free(whole);
    free(text);
    run_free(run);
    return 0;
}
