#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# install.sh [--build] [PACKAGE...]: installs the Debian packages that are missing, and says which.
# --build stands for what a build of the programs and libraries needs.
set -euo pipefail

build_packages=(gcc g++ cmake ninja-build pkg-config libbenchmark-dev liburing-dev
    libsqlite3-dev libzstd-dev libmd-dev zlib1g-dev libpq-dev libjs-chart.js)

fail() {
    printf 'install.sh: %s\n' "$1" >&2
    exit 1
}

is_installed() {
    [[ "$(dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null)" == installed ]]
}

wanted=()
for argument in "$@"; do
    case $argument in
    --build) wanted+=("${build_packages[@]}") ;;
    -*) fail "$argument: not known; give --build or names of Debian packages" ;;
    *) wanted+=("$argument") ;;
    esac
done

if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    fail "no apt-get here: install what your system calls these Debian packages: ${wanted[*]}"
fi

missing=()
for package in "${wanted[@]}"; do
    is_installed "$package" || missing+=("$package")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then
    command -v sudo >/dev/null ||
        fail "packages are missing; run as root: apt-get install --no-install-recommends ${missing[*]}"
    as_root=(sudo)
fi

# Says nothing unless it fails: packages and their scripts talk a lot.
apt_get() {
    local log
    log=$("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 \
        "$@" 2>&1 </dev/null) || {
        printf '%s\n' "$log" >&2
        return 1
    }
}

is_known() {
    apt-get --simulate --no-install-recommends install "${missing[@]}" >/dev/null 2>&1
}

# A list that is too old names files that the mirror no longer has: then it is read anew.
install_missing() {
    apt_get --yes --no-install-recommends install "${missing[@]}"
}

echo "installing, which can take minutes: ${missing[*]}"
if is_known && install_missing 2>/dev/null; then
    exit 0
fi
apt_get update || fail "apt-get update failed: the message above says why"
install_missing || fail "not installed: ${missing[*]}; the message above says why"
