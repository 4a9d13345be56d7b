/* SPDX-License-Identifier: Apache-2.0 */
/* libFuzzer target: any bytes are claims or are refused with a place; claims are judged. */
#include "src/analysis/claims.h"
#include "src/run/load.h"
#include "tests/fuzzing/fuzz.h"

static struct run *one_run(void)
{
    static const char text[] =
        "{\"context\":{\"file_system\":\"ext4\"},\"benchmarks\":["
        "{\"name\":\"A/size:8192/chunk:4096\",\"real_time\":1,\"time_unit\":\"ms\",\"calls\":0},"
        "{\"name\":\"A/size:8192/chunk:4096\",\"real_time\":2,\"time_unit\":\"ms\",\"calls\":1},"
        "{\"name\":\"B/size:8192/chunk:4096\",\"real_time\":0,\"time_unit\":\"ms\",\"calls\":2}]}";
    static struct run *run;

    if (run == NULL && run_load_text(text, sizeof text - 1, &run, NULL) != 0)
        abort();
    return run;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct claims claims;
    struct claims_problem problem;
    int error = claims_parse((const char *)data, size, &claims, &problem);

    if (error == 0 && claims.count <= 64) {
        struct claim_result results[64];
        if (claims.count == 0 || claims_judge(one_run(), &claims, 20, 1, results) != 0)
            abort();
        for (size_t i = 0; i < claims.count; i++)
            if (results[i].outcome >= CLAIM_OUTCOMES ||
                (results[i].outcome == CLAIM_NOT_MEASURED) != (results[i].missing != 0))
                abort();
    } else if (error != 0 && (problem.fault >= CLAIMS_FAULTS || problem.line == 0 ||
                              problem.column == 0 || problem.column > size + 1)) {
        abort();
    }
    claims_free(&claims);
    return 0;
}
