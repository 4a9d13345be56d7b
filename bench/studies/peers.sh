#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: bench/studies/peers.sh [--dir=DIR] [--rounds=N] [--files=N]
#                               [--cases=REGEX] [--cpu=N|any]
#                               [--program=BENCH_OVERHEAD]
#
# The same work by our kernels, by fio and by dd: N new files of 10 MiB (at most
# 64) beside each other, one chunk size, page cache, no sync. First the system
# calls that name the files, counted by strace, then the time of a file, in
# rounds, ours and theirs in random order in each.
#
# What is in a figure:
# - ours: the mean of what bm_kernel_run() reports: open, size, map, fill, unmap,
#   close of each file. Where fio leaves out a part of it, there is a second row
#   without the phases in which we do it.
# - fio's: the runtime that it reports for the whole job, over the files. With
#   openfiles=1, create_on_open=1 and a sequential file service it holds open, all
#   writes and close of every file but the last one's close, and fio's own work
#   between them; not its start, its threads and its buffers' content
#   (scramble_buffers=0). It comes in milliseconds rounded up: half of one is
#   taken off. gtod_reduce=1: fio reads no clock around a call, so this is fio at
#   its fastest. iomem_align=4096: its buffer begins a page, as ours does; by
#   itself it would be 16 bytes into one, from where glibc copies 1 MiB into a
#   mapping some 5 % faster on an AMD EPYC.
# - fio's with mmap: fio does not size a new file, it would lay it down in writes.
#   So the files are made beforehand, with truncate(1), and fio 3 never unmaps
#   them: our second row is without create, size and unmap.
# - fio's with io_uring: one ring for all files, set up before; our second row is
#   without the phases map and unmap, which set up and take down a ring for each
#   file. fio enters the kernel twice for 32 writes, to submit and to wait, and we
#   once. It has 32 buffers, and we one.
# - dd's: what it reports itself, from after open to after close. It reads each
#   chunk from /dev/zero too, so it does more: we should be faster, not equal.
# - readers: N files that are in the page cache, laid down in one write each,
#   are read several times over on both sides. fio looks at no byte, and ours
#   add up all: what that takes, a bare loop that does it less one that does
#   not, is taken off. fio with mmap copies each chunk to its buffer; ours look
#   at it where it is, and nothing is taken off. fio has one buffer for all
#   files, ours one for each.
# All run on one processor, the last that this process may use, unless --cpu says
# another, or any: else the scheduler decides whether the kernel's io_uring
# workers share the submitter's, and in a virtual machine waking another one costs
# more than the write. Nothing is installed but, by third_party/install.sh, fio,
# where it is missing.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=../common.sh
source "$(dirname "${BASH_SOURCE[0]}")/../common.sh"
dir=. rounds=11 files=64 only=. cpu='' program=${BENCH_OVERHEAD:-$tree/build/bench_overhead}
size=10485760

for argument in "$@"; do
    case $argument in
    --dir=*) dir=${argument#*=} ;;
    --rounds=*) rounds=${argument#*=} ;;
    --files=*) files=${argument#*=} ;;
    --cases=*) only=${argument#*=} ;;
    --cpu=*) cpu=${argument#*=} ;;
    --program=*) program=${argument#*=} ;;
    -h | --help)
        sed -n '/^# usage/,/^[^#]/s/^# \{0,1\}//p' "$0"
        exit 0
        ;;
    *) fail "$argument: not known; --help lists what is" ;;
    esac
done
[[ $rounds =~ ^[1-9][0-9]*$ ]] || fail "--rounds=$rounds: not a number from 1"
[[ $files =~ ^[1-9][0-9]?$ && $files -le 64 ]] || fail "--files=$files: not a number from 1 to 64"
[[ -x $program ]] || fail "$program is not there; build it, or name it with --program"
if ! command -v fio >/dev/null; then
    "$tree/third_party/install.sh" fio
fi

# The whole script, so that all that it starts is there too.
if [[ $cpu != any ]]; then
    allowed=$(taskset -cp $$ 2>/dev/null) || fail "taskset is not there (util-linux): --cpu=any goes without"
    [[ -n $cpu ]] || cpu=${allowed##*[!0-9]}
    taskset -cp "$cpu" $$ >/dev/null 2>&1 ||
        fail "--cpu=$cpu: not a processor that this process may use; it may use ${allowed##*: }"
fi

work_in "$dir/bench_mmap-peers-XXXXXX"
mkdir "$work/files" "$work/read"
read_loops=20

# Peer, its engine, our writer, the phases that only we do, the chunk.
cases=(
    "fio sync Write - 4096" "fio sync Write - 65536" "fio sync Write - 1048576"
    "fio psync Pwrite - 4096" "fio psync Pwrite - 65536" "fio psync Pwrite - 1048576"
    "fio mmap Mmap create,size,unmap 4096" "fio mmap Mmap create,size,unmap 65536"
    "fio mmap Mmap create,size,unmap 1048576"
    "fio io_uring Uring map,unmap 4096" "fio io_uring Uring map,unmap 65536"
    "fio sync ReadCall - 4096" "fio sync ReadCall - 65536" "fio sync ReadCall - 1048576"
    "fio psync ReadPread - 4096" "fio psync ReadPread - 65536" "fio psync ReadPread - 1048576"
    "fio mmap ReadMmap unmap 4096" "fio mmap ReadMmap unmap 65536" "fio mmap ReadMmap unmap 1048576"
    "fio io_uring ReadUring map,unmap 4096" "fio io_uring ReadUring map,unmap 65536"
    "fio io_uring ReadUring map,unmap 1048576"
    "dd - Write - 4096" "dd - Write - 65536" "dd - Write - 1048576"
)

mapfile -t cases < <(printf '%s\n' "${cases[@]}" | grep -E -e "$only")
[[ ${#cases[@]} -gt 0 ]] || fail "--cases=$only: matches none, such as \"fio psync Pwrite - 4096\""

# fio_options ENGINE CHUNK FILES WRITER: the job, one option a line.
fio_options() {
    local create=(--create_on_open=1) way=(--rw=write "--directory=$work/files")
    if [[ $4 == Read* ]]; then
        create=() way=(--rw=read "--directory=$work/read" "--loops=$read_loops")
    fi
    printf '%s\n' --name=peer "${way[@]}" "--filename_format=sample.\$filenum" "--bs=$2" "--filesize=$size" "--nrfiles=$3" --openfiles=1 \
        --file_service_type=sequential --fallocate=none --fadvise_hint=0 --invalidate=0 \
        --scramble_buffers=0 --gtod_reduce=1 --thread=1 --iomem_align=4096
    case $1 in
    mmap) printf '%s\n' --ioengine=mmap ;;
    io_uring)
        printf '%s\n' "${create[@]}" --ioengine=io_uring --iodepth=32 \
            --iodepth_batch_submit=32 --iodepth_batch_complete_min=32
        ;;
    *) printf '%s\n' "${create[@]}" "--ioengine=$1" ;;
    esac
}

# Each leaves the nanoseconds of a file in $time_ns; time_ours those of the phases that are left
# out in $only_ns. "${under[@]}" is a command that runs them, as strace does; empty: none.
time_ours() { # WRITER CHUNK FILES PHASES
    local look_ns=0
    if [[ $1 == Read* && $1 != ReadMmap ]]; then
        time_side "$1" bare "$2" "$3" -
        look_ns=$time_ns
        time_side "$1" blind "$2" "$3" -
        look_ns=$((look_ns - time_ns))
    fi
    time_side "$1" kernel "$2" "$3" "$4"
    time_ns=$((time_ns - look_ns))
}

time_side() { # WRITER SIDE CHUNK FILES PHASES
    local times
    times=$("${under[@]}" "$program" --dir="$work" --files="$4" "$1" "$2" "$3" "$size")
    read -r time_ns only_ns < <(awk -v only=",$5," '{
        for (i = 1; i < NF; i += 2) {
            if ($i == "mean") mean = $(i + 1)
            if (index(only, "," $i ",")) sum += $(i + 1)
        }
        printf "%d %d\n", mean, sum }' <<<"$times")
}

lay_down() { # FILES
    for ((i = 0; i < $1; i++)); do
        [[ -f $work/read/sample.$i ]] || head -c "$size" /dev/urandom | dd "of=$work/read/sample.$i" "bs=$size" iflag=fullblock conv=fsync status=none
    done
}

time_fio() { # ENGINE CHUNK FILES WRITER
    local options direction=write loops=1
    mapfile -t options < <(fio_options "$@")
    if [[ $4 == Read* ]]; then
        direction=read loops=$read_loops
        lay_down "$3"
    elif [[ $1 == mmap ]]; then
        for ((i = 0; i < $3; i++)); do truncate -s "$size" "$work/files/sample.$i"; done
    fi
    "${under[@]}" fio --output-format=json --output="$work/fio.json" "${options[@]}"
    time_ns=$(awk -v times="$(($3 * loops))" -v way="\"$direction\" *:" '$0 ~ way { ours = 1 }
        ours && /"runtime"/ { gsub(/[^0-9]/, ""); printf "%.0f", ($0 - 0.5) * 1e6 / times; exit }' \
        "$work/fio.json")
    rm -f "$work/files/"*
}

time_dd() { # - CHUNK FILES
    : >"$work/dd"
    for ((i = 0; i < $3; i++)); do
        LC_ALL=C "${under[@]}" dd if=/dev/zero "of=$work/files/sample.$i" "bs=$2" \
            "count=$((size / $2))" conv=notrunc 2>>"$work/dd"
    done
    time_ns=$(awk -v files="$3" '/copied/ { for (i = 2; i <= NF; i++) if ($i == "s,") sum += $(i - 1) }
        END { printf "%.0f", sum * 1e9 / files }' "$work/dd")
    rm -f "$work/files/"*
}

# The calls that name a file, and those that belong to it otherwise: "close 1 openat 1 write 160".
calls_of() { # TRACE FILES
    awk -v files="$2" '
        /resumed>/ { next }
        / munmap\(/ { if (mapped[substr($2, 8, index($2, ",") - 8)]) count["munmap"]++; next }
        / mmap\(.*\/sample\./ { mapped[$NF] = 1 }
        /\/sample\.[0-9]+/ || /io_uring_enter\(/ { sub(/^[0-9]+ +/, ""); sub(/\(.*/, ""); count[$0]++ }
        END { for (name in count) printf "%s %g\n", name, count[name] / files }' "$1" |
        sort | tr '\n' ' '
}

show_calls() {
    under=(strace -f -y -s 0 -o "$work/trace")
    printf '%-16s %7s  %s\n' "peer" chunk "system calls a file: theirs, then ours"
    for line in "${cases[@]}"; do
        read -r peer engine writer phases chunk <<<"$line"
        # Those of readers would be those of laying the files down, too; tests/bench/studies has them.
        [[ $writer != Read* ]] || continue
        local count=4
        [[ $peer == fio ]] || count=1
        "time_$peer" "$engine" "$chunk" "$count" "$writer"
        printf '%-16s %7s  %s\n' "$peer ${engine#-}" "$chunk" "$(calls_of "$work/trace" "$count")"
        time_ours "$writer" "$chunk" 4 "$phases"
        printf '%-16s %7s  %s\n' "  $writer" "" "$(calls_of "$work/trace" 4)"
    done
    echo
}

measure() {
    under=()
    for ((round = 0; round < rounds; round++)); do
        for line in "${cases[@]}"; do
            read -r peer engine writer phases chunk <<<"$line"
            local first=$((RANDOM % 2)) ours ours_only theirs
            for turn in 0 1; do
                if ((turn == first)); then
                    time_ours "$writer" "$chunk" "$files" "$phases"
                    ours=$time_ns ours_only=$only_ns
                else
                    "time_$peer" "$engine" "$chunk" "$files" "$writer"
                    theirs=$time_ns
                fi
            done
            echo "$peer $engine $writer - $chunk $ours $theirs" >>"$work/times"
            [[ $phases == - ]] ||
                echo "$peer $engine $writer $phases $chunk $((ours - ours_only)) $theirs" >>"$work/times"
        done
    done
}

show_times() {
    awk -v rounds="$rounds" '
        function sort(list, n,    i, k, value) {
            for (i = 2; i <= n; i++) {
                value = list[i]
                for (k = i - 1; k >= 1 && list[k] > value; k--) list[k + 1] = list[k]
                list[k + 1] = value
            }
        }
        function quantile(list, n, p,    place, low) {
            place = 1 + p * (n - 1); low = int(place)
            return low < n ? list[low] + (place - low) * (list[low + 1] - list[low]) : list[n]
        }
        {
            key = $1 " " $2 " " $3 " " $4 " " $5
            if (!(key in n)) order[++keys] = key
            if ($4 != "-") has_equal[$1, $2, $3, $5] = 1
            n[key]++
            ours[key, n[key]] = $6; theirs[key, n[key]] = $7
        }
        END {
            printf "%-13s %-9s %7s %9s %9s %6s  %-15s %s\n", "peer", "kernel", "chunk", "ours",
                   "theirs", "ratio", "quartiles", "extremes of " rounds " rounds"
            for (k = 1; k <= keys; k++) {
                key = order[k]; split(key, word, " "); count = n[key]
                for (i = 1; i <= count; i++) {
                    a[i] = ours[key, i]; b[i] = theirs[key, i]; r[i] = a[i] / b[i]
                }
                sort(a, count); sort(b, count); sort(r, count)
                ratio = quantile(r, count, 0.5)
                less = word[4] == "-" ? "" : "  without " word[4]
                printf "%-13s %-9s %7d %6.2f ms %6.2f ms %6.3f  %.3f to %.3f  %.3f to %.3f%s\n",
                       word[1] " " (word[2] == "-" ? "" : word[2]), word[3], word[5],
                       quantile(a, count, 0.5) / 1e6, quantile(b, count, 0.5) / 1e6, ratio,
                       quantile(r, count, 0.25), quantile(r, count, 0.75), r[1], r[count], less
                if (ratio > 1.03 && (less != "" || !((word[1], word[2], word[3], word[5]) in has_equal)))
                    above = above " " word[1] "/" word[2] "/" word[3] "/" word[5]
            }
            print "\nmedian ratio above 1.03, of the same work:" (above == "" ? " none" : above)
        }' "$work/times"
}

if command -v strace >/dev/null; then
    show_calls
else
    echo "strace is not there: the system calls are not compared"
fi
measure
show_times
