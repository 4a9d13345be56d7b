#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# filesystems.sh PROGRAM: every cell of bench_mmap once, verified, on several file systems.
#
# The images lie in a tmpfs, and all mounts in a mount namespace of this process: when it is killed,
# nothing is left but an empty directory.
set -euo pipefail

program=$(realpath "${1:?usage: filesystems.sh PROGRAM}")

tests=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)

skip() {
    printf 'skipped: %s\n' "$1"
    exit 77
}

if [[ ${2:-} != inside ]]; then
    [[ $(id -u) -eq 0 ]] || skip "loop mounts need root"
    unshare -m true 2>/dev/null || skip "no mount namespaces here"
    exec unshare -m --propagation private "$tests/filesystems.sh" "$program" inside
fi

work=$(mktemp -d "${TMPDIR:-/tmp}/bench_mmap-filesystems-XXXXXX")
mount_point=$work/mounted
trap 'umount -q "$mount_point" || true; umount -q "$work" || true; rmdir "$work"' EXIT
trap 'exit 130' INT TERM HUP
mount -t tmpfs -o size=1g,mode=0700 images "$work" 2>/dev/null || skip "no mounts here"
mkdir "$mount_point"
failures=0

complain() { # SENTENCE
    printf 'failed: %s: %s\n' "$where" "$1" >&2
    failures=$((failures + 1))
}

# TYPE [MOUNT_OPTIONS]. 1 and a line: it cannot be had here.
mount_new() {
    local type=$1 options=${2:-}
    where=$type${options:+ ($options)}
    if [[ $type == tmpfs ]]; then
        mount -t tmpfs -o "size=128m${options:+,$options}" bench_mmap "$mount_point" 2>/dev/null && return
    elif ! command -v "mkfs.$type" >/dev/null; then
        echo "not tested: $where: no mkfs.$type"
        return 1
    else
        local image=$work/$type.image quiet=(-q) log
        [[ $type != btrfs && $type != xfs ]] && quiet+=(-F)
        truncate -s 400M "$image"
        log=$("mkfs.$type" "${quiet[@]}" "$image" 2>&1) || {
            printf '%s\n' "$log" >&2
            complain "mkfs.$type"
            return 1
        }
        if mount -o "loop${options:+,$options}" "$image" "$mount_point" 2>/dev/null; then
            # The loop device has it until the file system is unmounted.
            rm "$image"
            return
        fi
        rm "$image"
    fi
    echo "not tested: $where: cannot be mounted here"
    return 1
}

# Nothing of ours may be left, neither to be seen nor held open.
unmount() {
    rm -rf "$mount_point/lost+found"
    [[ -z $(ls -A "$mount_point") ]] || complain "left behind: $(ls -A "$mount_point")"
    if ! umount "$mount_point"; then
        complain "something is still open"
        umount -l "$mount_point"
    fi
}

same_names() { # WANTED FOUND WHAT
    diff <(sort "$1") <(sort "$2") >"$work/difference" && return
    complain "$3 are not those that --writers tells of (<):"
    head -n 10 "$work/difference" >&2
}

check_run() { # STATUS SIZE CHUNKS
    local errors
    [[ $1 -eq 0 ]] || {
        complain "status $1"
        cat "$work/log" >&2
    }
    awk -v size="$2" -v chunks="$3" -f "$tests/expected_cells.awk" "$work/writers" >"$work/wanted" 2>"$work/complaints"
    [[ ! -s $work/complaints ]] || complain "--writers: $(cat "$work/complaints")"
    [[ -s $work/wanted ]] || complain "no cell at all"
    sed -n 's|^ *"run_name": "\(.*\)",$|\1|p' "$work/run.json" >"$work/measured"
    errors=$(grep -c '"error_occurred"' "$work/run.json" || true)
    [[ $errors -eq 0 ]] || {
        complain "$errors error rows"
        grep '"error_message"' "$work/run.json" | sort | uniq -c >&2
    }
    same_names "$work/wanted" "$work/listed" "the cells of --benchmark_list_tests"
    same_names "$work/wanted" "$work/measured" "the cells in the run"
}

run_all() { # SIZE CHUNKS: in bytes
    local status=0
    local flags=("--dir=$mount_point" "--file_size=$1" "--chunks=$2" --file=all --sync=all --all)
    rm -f "$work/run.json"
    touch "$work/run.json"
    "$program" "${flags[@]}" --writers >"$work/writers"
    "$program" "${flags[@]}" --benchmark_list_tests >"$work/listed"
    # A run takes seconds: status 124 is a sample that hangs.
    timeout --signal=INT --kill-after=10 120 "$program" "${flags[@]}" --verify=all \
        --benchmark_repetitions=1 --benchmark_min_warmup_time=0 \
        --benchmark_out="$work/run.json" >"$work/log" 2>&1 || status=$?
    check_run "$status" "$1" "$2"
    printf '%s: files of %s: %s cells\n' "$where" "$1" "$(wc -l <"$work/measured")"
}

is_here() { # WRITER_OR_STATE
    ! sed -n "/^  $1 /,/^  [^ ]/p" "$work/writers" | grep 'not here:' >/dev/null
}

should_not_be_here() { # WRITER_OR_STATE...
    local name
    for name in "$@"; do
        ! is_here "$name" || complain "$name is here, where the file system cannot do it"
    done
}

# One cell is enough to see that it works where it should.
should_run() { # WRITER
    is_here "$1" || {
        complain "$1 is not here: $(grep -A 1 "^  $1 " "$work/writers" | tail -n 1)"
        return
    }
    "$program" "--dir=$mount_point" --file_size=4M --chunks=64K --verify=all "--benchmark_filter=^$1/" \
        --benchmark_repetitions=1 >"$work/log" 2>&1 || {
        complain "$1"
        cat "$work/log" >&2
    }
}

all_cells() { # TYPE
    run_all 196608 4096,65536
    run_all 100001 1000
    case $1 in
    tmpfs) should_not_be_here Direct cold ;;
    ext4 | xfs) should_run Direct ;;
    esac
}

# What is special there, without all the rest.
writers_only() {
    "$program" "--dir=$mount_point" --writers >"$work/writers"
}

no_fallocate() {
    writers_only
    should_not_be_here MmapFalloc WriteFalloc prealloc
    should_run Write
}

no_direct() {
    writers_only
    should_not_be_here Direct
    should_run Write
}

direct_in_blocks() {
    writers_only
    should_run Direct
    grep -A 1 '^  Direct ' "$work/writers" | grep -q 'multiples of 4096 bytes' ||
        complain "Direct takes less than a block: $(grep -A 1 '^  Direct ' "$work/writers" | tail -n 1)"
}

huge_pages() {
    writers_only
    should_run MmapHuge
}

on() { # FUNCTION TYPE [MOUNT_OPTIONS]
    mount_new "${@:2}" || return 0
    "$1" "$2"
    unmount
    printf '%s: %s: done\n' "$where" "${1//_/ }"
    tested=$((tested + 1))
}

tested=0
for type in ext4 xfs btrfs tmpfs; do
    on all_cells $type
done
on no_fallocate ext2
on no_direct ext4 data=journal
# Files without checksums have direct I/O on every kernel, but never for a part of a block.
on direct_in_blocks btrfs nodatasum
[[ ! -e /sys/kernel/mm/transparent_hugepage/hpage_pmd_size ]] || on huge_pages tmpfs huge=always

[[ $failures -eq 0 ]] || exit 1
[[ $tested -gt 0 ]] || skip "no file system can be made and mounted here"
