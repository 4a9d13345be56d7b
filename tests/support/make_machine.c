/* SPDX-License-Identifier: Apache-2.0 */
#include "make_machine.h"

#include "make_results.h"
#include "support.h"

static const uint64_t chunks[MACHINE_CHUNKS] = {1024,  2048,  4096,   8192,  16384,
                                                32768, 65536, 131072, 262144};

const struct made_machine machine_here = {
    .call_ns = 300,
    .copy_ns = 1e5,
    .fault_ns = 500,
    .rest = 1,
    .seed = 1,
    .context = ",\"machine_key\":\"" KEY_A "\",\"cpu_model\":\"A 1\",\"file_system\":\"ext4\""};

char *machine_text(const struct made_machine *machine, int controls)
{
    double write_call = machine->call_ns + 500 * machine->rest;
    double faults = machine->faults > 0 ? machine->faults : MACHINE_FAULTS;
    const struct make_writer writers[] = {
        {.name = "Mmap",
         .fixed_ns = machine->copy_ns + 3e5 * machine->rest + faults * machine->fault_ns,
         .faults = faults},
        {.name = "Write",
         .fixed_ns = machine->bend != 0 ? 1e6 : machine->copy_ns + 2e5 * machine->rest,
         .per_call_ns = write_call,
         .power = machine->bend},
        {.name = "EmptyCall", .file = "none", .per_call_ns = machine->call_ns},
        {.name = "Memcpy", .file = "none", .fixed_ns = machine->copy_ns},
        {.name = "MemcpyFresh",
         .file = "none",
         .fixed_ns = machine->copy_ns,
         .per_fault_ns = machine->fault_ns,
         .faults = MACHINE_FAULTS},
    };
    struct make_spec spec = {
        .writers = writers,
        .writer_count = controls ? 5 : 2,
        .chunks = chunks,
        .chunk_count = machine->chunk_count > 0 ? machine->chunk_count : MACHINE_CHUNKS,
        .samples = 10,
        .noise = 0.01,
        .seed = machine->seed,
        .size_bytes = machine->file_bytes > 0 ? machine->file_bytes : MACHINE_FILE_BYTES,
        .counters = 1,
        .context = machine->context};
    char *text = make_json(&spec);
    assert_non_null(text);
    return text;
}
