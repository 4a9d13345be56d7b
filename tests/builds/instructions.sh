#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
#
# usage: tests/builds/instructions.sh BENCH_OVERHEAD
#
# Counts with callgrind the instructions that a chunk takes: those of a file of 3072 chunks less
# those of one of 1024, over 2048. A kernel's fill may take at most 10 % or 5 instructions more
# than the bare loop of bench/studies/overhead that makes the same system calls. Fails when one takes
# more; exits with 77, skipped, where valgrind is not there.
set -eu

program=${1:?usage: tests/builds/instructions.sh BENCH_OVERHEAD}
root=$(cd "$(dirname "$0")/../.." && pwd)

if ! command -v valgrind > /dev/null; then
    echo "skipped: valgrind is not there"
    exit 77
fi
# Sanitizers and valgrind do not go together.
if nm "$program" 2> /dev/null | grep -q '__asan_init\|__tsan_init\|__ubsan_handle'; then
    echo "skipped: built with a sanitizer"
    exit 77
fi

directory=$(mktemp -d)
trap 'rm -rf "$directory"' EXIT
trap 'exit 130' INT TERM HUP

# count WRITER CHUNK: leaves a line a file in WRITER.counts; none when it cannot run. The files lie in a directory of
# its own, so that none looks at another's. One start of valgrind takes longer than what is counted.
cat > "$directory/count" << 'END'
program=$1 files=$2/$3.files out=$2/$3 writer=$3 chunk=$4
mkdir "$files"
valgrind --tool=callgrind --callgrind-out-file="$out.dump" --toggle-collect=side_write --dump-after=side_write \
    "$program" --dir="$files" --count "$writer" both "$chunk" $((chunk * 1024)) 2> "$out.log" || rm -f "$out.dump".*
cat "$out.dump".? 2> /dev/null | sed -n 's/^totals: //p' > "$out.counts"
END

# The smallest chunk shows most; O_DIRECT wants whole blocks.
chunk_of() {
    case $1 in
        *Direct) echo 4096 ;;
        *) echo 64 ;;
    esac
}

writers=$(sed -n 's/^\(WRITER\|READER\)(\([A-Za-z0-9]*\),.*/\2/p' "$root/src/registry/writers.def" "$root/src/registry/readers.def")
for writer in $writers; do
    echo "$writer $(chunk_of "$writer")"
done | xargs -P "$(nproc)" -L 1 sh "$directory/count" "$program" "$directory"

failed=0 measured=0
printf '%-18s %8s %8s %8s\n' writer kernel bare more
for writer in $writers; do
    if [ "$(wc -l < "$directory/$writer.counts")" -ne 4 ]; then
        printf '%-18s skipped: %s\n' "$writer" "$(grep -v '^==' "$directory/$writer.log" | head -n 1)"
        continue
    fi
    measured=$((measured + 1))
    tr '\n' ' ' < "$directory/$writer.counts" | awk -v writer="$writer" '{
        kernel = ($3 - $1) / 2048; bare = ($4 - $2) / 2048
        too_many = kernel - bare > (bare * 0.1 > 5 ? bare * 0.1 : 5)
        printf("%-18s %8.1f %8.1f %8.1f%s\n", writer, kernel, bare, kernel - bare,
               too_many ? "  too many" : "")
        exit too_many
    }' || failed=1
done
if [ $measured -eq 0 ]; then
    echo "failed: no writer could be counted" >&2
    failed=1
fi
exit $failed
