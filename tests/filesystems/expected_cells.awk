# SPDX-License-Identifier: Apache-2.0
#
# The names of all cells that should be measured, from what --writers says: stdin. Variables: size, and
# chunks in bytes. Complains on stderr of a writer that is not here without a reason.
function has(list, word) { return index("," list ",", "," word ",") > 0 }
function end_writer(   s, m, c) {
    if (writer == "" || absent || size % multiple || size < least)
        return
    for (s = 1; s <= state_count; s++)
        for (m = 1; m <= mode_count; m++)
            for (c = 1; c <= chunk_count; c++) {
                if (control != (states[s] == "none") || has(no_states, states[s]))
                    continue
                if (modes[m] != "none" && (control || has(no_modes, modes[m])))
                    continue
                if (modes[m] == "msync" && writer !~ /^Mmap/)
                    continue
                if (chunk[c] % multiple == 0)
                    printf "%s/file:%s/sync:%s/size:%d/chunk:%d/manual_time\n", writer, states[s], modes[m], size, chunk[c]
            }
}
BEGIN { chunk_count = split(chunks, chunk, ","); states[state_count = 1] = "none" }
/^Writers/ { part = "writers"; next }
/^File states/ { part = "states"; next }
/^Sync modes/ { part = "modes"; next }
/^Orders/ { part = "orders"; next }
/^  [A-Za-z0-9]/ { name = $1 }
part == "writers" && /^  [A-Z]/ { lines[++line_count] = $0; next }
part == "writers" && /^ +(not here:|here:|not with )/ { lines[++line_count] = $0; next }
part == "writers" && /^   / { $1 = $1; lines[line_count] = lines[line_count] " " $0; next } # folded
part == "states" && /^  [a-z]/ { states[++state_count] = name; next }
part == "states" && /not here: ./ { state_count--; next }
part == "modes" && /^  [a-z]/ { modes[++mode_count] = name; next }
END {
    for (i = 1; i <= line_count; i++) {
        $0 = lines[i]
        if (/^  [A-Z]/) {
            end_writer()
            writer = $1; control = $2 == "control:"
            absent = 0; multiple = 1; least = 1; no_states = no_modes = ""
        } else if (/ not here:/) {
            absent = 1
            if ($0 !~ /not here: [^ ].*[^.]$/)
                print "no reason: " writer > "/dev/stderr"
        } else if (/ not with file:/) {
            no_states = no_states "," substr($3, 6, length($3) - 6)
        } else if (/ not with sync:/) {
            no_modes = no_modes "," substr($3, 6, length($3) - 6)
        } else if (/ here: chunk and file size in multiples of/) {
            multiple = $(NF - 1)
        } else if (/ here: files of 2M or more/) {
            least = 2097152
        } else if ($0 !~ / here: chunks up to| not with (order:random|latency:each): [^ ]/) {
            print "not understood: " $0 > "/dev/stderr"
        }
    }
    end_writer()
}
