#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Builds every fuzz target the way OSS-Fuzz wants it: with its compilers and flags ($CC,
# $CXX, $CFLAGS, $CXXFLAGS), its fuzzing engine ($LIB_FUZZING_ENGINE), into $OUT, each with
# its corpus and dictionary. Wants meson, ninja, python3 and libsodium with its static
# library. To try it: OUT=DIR LIB_FUZZING_ENGINE=-fsanitize=fuzzer fuzz/oss-fuzz.sh
set -eu

fuzz=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd -P)
: "${OUT:?names the folder for the fuzzers}"
: "${LIB_FUZZING_ENGINE:?says what they are linked with}"
work=${WORK:-$OUT/work}/ferry
export CC="${CC:-clang}" CXX="${CXX:-clang++}"

mkdir -p "$OUT"
rm -rf "$work"
meson setup "$work" "$fuzz/.." --prefer-static -Dposix=enabled -Db_lundef=false \
    -Dbuildtype=plain -Dwerror=false -Dfuzz=true -Dfuzz_engine="$LIB_FUZZING_ENGINE"

grep -v '^#' "$fuzz/targets.txt" | while read -r name max_len dictionary; do
    ninja -C "$work" "fuzz/fuzz-$name"
    cp "$work/fuzz/fuzz-$name" "$OUT/"
    (cd "$fuzz/corpus/$name" &&
        python3 -m zipfile -c "$OUT/fuzz-${name}_seed_corpus.zip" ./*)
    printf '[libfuzzer]\nmax_len = %s\n' "$max_len" >"$OUT/fuzz-$name.options"
    [ "$dictionary" = - ] || cp "$fuzz/$dictionary" "$OUT/fuzz-$name.dict"
done
