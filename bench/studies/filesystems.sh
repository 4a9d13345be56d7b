#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# bench/studies/filesystems.sh [FLAG...]: the same sweep on ext4, xfs, btrfs and tmpfs, one after the other. Leaves
# four runs in results/. The flags are those of bench_mmap; without any, the default sweep. Root only.
#
# ext4, xfs and btrfs lie on loop devices, over image files in the current directory: their figures
# tell the file systems apart on this machine. A disk of their own would give others.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"

for argument in "$@"; do
    case $argument in
    --dir=* | --benchmark_out=* | --benchmark_out_format=*)
        fail "$argument: the directories and the files of the runs are this script's own"
        ;;
    esac
done
[[ $EUID -eq 0 ]] || fail "mounting needs root: sudo bench/studies/filesystems.sh"
unset BENCHMARK_OUT BENCHMARK_OUT_FORMAT

# Mounts of a namespace of its own are gone with the last process in it, however that ends.
if [[ ${BENCH_MMAP_NAMESPACE:-} != own ]]; then
    BENCH_MMAP_NAMESPACE=own exec unshare -m --propagation private "${BASH_SOURCE[0]}" "$@"
fi

"$tree/third_party/install.sh" e2fsprogs xfsprogs btrfs-progs util-linux
build_programs

# shellcheck disable=SC2317 # called by the trap
clean_up() {
    ! mountpoint -q "$mounted" || umount "$mounted" || umount -l "$mounted"
    rm -rf --one-file-system "$work"
}
work_in "$PWD/bench_mmap-images-XXXXXX"
mounted=$work/mounted
mkdir "$mounted"

readonly image_size=8G
cat <<TEXT
One run each on ext4, xfs, btrfs (sparse images of at most $image_size below $PWD, on loop devices, so
not what a disk of their own would give) and tmpfs (memory). A default sweep takes some three minutes a
file system on two processors; before each run stands how long it will take. Ctrl-C ends all of it, and
leaves the runs that are complete.
TEXT

mount_new() { # TYPE
    if [[ $1 == tmpfs ]]; then
        mount -t tmpfs bench_mmap "$mounted"
        return
    fi
    local quiet=-q image=$work/$1.image
    truncate -s "$image_size" "$image"
    [[ $1 != ext4 ]] || quiet=-Fq
    "mkfs.$1" "$quiet" "$image" >/dev/null
    mount -o loop "$image" "$mounted"
    # The loop device has it until the file system is unmounted.
    rm "$image"
}

status=0
for type in ext4 xfs btrfs tmpfs; do
    printf '\n---- %s\n' "$type"
    mount_new "$type" || {
        echo "filesystems.sh: no $type here" >&2
        status=1
        continue
    }
    run=$work/run.json
    started=$(utc_now)
    if "$build/bench_mmap" "--dir=$mounted" "$@" "--benchmark_out=$run" --benchmark_out_format=json; then
        # --help and the like measure nothing.
        if [[ -s $run ]]; then
            keep_run "$run" "$started"
            chown -R --reference="$tree/results" "${kept%/*}"
            echo "the run is in $kept"
        fi
    else
        status=$?
        echo "filesystems.sh: the run on $type is not complete, and not kept" >&2
        [[ $status -le 128 ]] || exit "$status"
    fi
    rm -f "$run"
    umount "$mounted"
done
exit "$status"
