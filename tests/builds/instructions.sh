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

# count WRITER SIDE CHUNK CHUNKS: leaves the instructions in a file; none when it cannot run.
cat > "$directory/count" << 'END'
program=$1 directory=$2 writer=$3 side=$4 chunk=$5 chunks=$6
mkdir "$directory/$writer.$side.$chunks.files" # of its own, so that none looks at another's
valgrind --tool=callgrind --callgrind-out-file=/dev/null "$program" --dir="$directory/$writer.$side.$chunks.files" \
    --count "$writer" "$side" "$chunk" $((chunk * chunks)) 2> "$directory/$writer.$side.$chunks.log" &&
    sed -n 's/,//g; s/.*I *refs: *//p' "$directory/$writer.$side.$chunks.log" \
        > "$directory/$writer.$side.$chunks" || true
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
    for side in kernel bare; do
        for chunks in 1024 3072; do
            echo "$writer $side $(chunk_of "$writer") $chunks"
        done
    done
done | xargs -P "$(nproc)" -L 1 sh "$directory/count" "$program" "$directory"

failed=0 measured=0
printf '%-18s %8s %8s %8s\n' writer kernel bare more
for writer in $writers; do
    if ! numbers=$(cat "$directory/$writer.kernel.1024" "$directory/$writer.kernel.3072" \
        "$directory/$writer.bare.1024" "$directory/$writer.bare.3072" 2> /dev/null); then
        printf '%-18s skipped: %s\n' "$writer" \
            "$(cat "$directory/$writer.kernel.1024.log" "$directory/$writer.bare.1024.log" | grep -v '^==' | head -n 1)"
        continue
    fi
    measured=$((measured + 1))
    echo "$numbers" | tr '\n' ' ' | awk -v writer="$writer" '{
        kernel = ($2 - $1) / 2048; bare = ($4 - $3) / 2048
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
