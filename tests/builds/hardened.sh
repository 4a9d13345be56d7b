#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# hardened.sh PROGRAM...: are they position-independent, with all relocations read-only from the start, and
# checked by the stack protector and, where optimised, by FORTIFY_SOURCE?
set -euo pipefail
command -v readelf >/dev/null || { echo "skipped: hardened: there is no readelf"; exit 77; }

failed=0
want() { # WHAT PATTERN
    grep -E "$2" <<<"$elf" >/dev/null || { echo "${program##*/} has no $1"; failed=1; }
}
for program; do
    elf=$(readelf -W -h -l -d -s "$program")
    if grep __asan_ <<<"$elf" >/dev/null; then
        echo "skipped: hardened: ${program##*/} is built for a sanitizer"
        exit 77
    fi
    want "position-independent code" 'Type: +DYN'
    want "read-only relocations" GNU_RELRO
    want "immediate binding" 'BIND_NOW|FLAGS_1.*NOW'
    want "stack protector" __stack_chk_fail
    # CMake's and Meson's builds without optimisation have it not.
    [[ ${HARDENED_PLAIN:-} ]] || want "FORTIFY_SOURCE" '__[a-z]+_chk(@|$)'
done
exit "$failed"
