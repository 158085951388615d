# SPDX-License-Identifier: Apache-2.0
# Build folders: configured once, built, and their long output kept in log files. Part of
# `dev`.

# logged NAME COMMAND...: output to a log file, shown only if the command fails
logged() {
    log=$logs/$1.log
    shift
    "$@" >"$log" 2>&1 </dev/null && return
    grep -vE '^\[[0-9]+/[0-9]+\] (Compiling|Linking|Generating)' "$log" | tail -n 60
    say "failed: $*" "(all of it: $log)"
    return 1
} >&2

# set_up FOLDER [MESON ARGUMENTS]: configures it, unless it is and is so
set_up() { python3 "$root/tools/builds.py" "$@"; }

# built_for VERB FOLDER TARGET...: configured with the tests, and these targets built
built_for() {
    for_verb=$1 folder=$2
    shift 2
    need "$test_packages"
    command -v meson >/dev/null || die "$for_verb: meson is missing"
    logged "$for_verb-setup" set_up "$folder" -Dposix=enabled -Dtests=enabled -Dfleet=enabled || exit 1
    logged "$for_verb-build" meson compile -C "$folder" "$@" || exit 1
}
