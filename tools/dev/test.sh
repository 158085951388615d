# SPDX-License-Identifier: Apache-2.0
# The verb `test`: both compilers, format, size, and one sum. Part of `dev`.

passed=0 failed=0 skipped=0

# add NAME "N passed, N failed, N skipped": anything else counts as one failure
add() {
    say "$1: $2"
    case $2 in
    *' passed, '*' failed, '*' skipped') ;;
    *) set -- "$1" '0 passed, 1 failed, 0 skipped' ;;
    esac
    # shellcheck disable=SC2046
    set -- $(say "$2" | tr -cd '0-9 \n')
    passed=$((passed + $1)) failed=$((failed + $2)) skipped=$((skipped + $3))
}

add_pass() { add "$1" '1 passed, 0 failed, 0 skipped'; }
add_fail() { add "$1" '0 passed, 1 failed, 0 skipped'; }
add_skip() { add "$1 ($2)" '0 passed, 0 failed, 1 skipped'; }

# build_and_test NAME FOLDER COMPILER [MESON ARGUMENTS]
build_and_test() {
    name=$1 folder=$2 compiler=$3
    shift 3
    say "$name: building and testing in $folder (logs: build-logs)"
    if ! (export CC="$compiler" &&
        logged "$name-setup" set_up "$folder" -Dposix=enabled -Dtests=enabled -Dfleet=enabled "$@") ||
        ! logged "$name-build" meson compile -C "$folder"; then
        add_fail "$name"
        return
    fi
    rm -f "$folder/meson-logs/testlog.json"
    # its verdict is in the log that count.py reads; services: ./dev fleet server,
    # apps: ./dev phone
    meson test -C "$folder" --no-rebuild \
        --no-suite services --no-suite apps --no-suite apps-long -t 3 \
        >"$logs/$name-test.log" 2>&1 </dev/null
    python3 "$root/tests/house/count.py" "$folder/meson-logs/testlog.json" \
        >"$logs/$name-count.log" 2>&1
    sed '$d' "$logs/$name-count.log"
    add "$name" "$(tail -n 1 "$logs/$name-count.log")"
}

sanitizers_link() {
    say 'int main(void) { return 0; }' |
        clang -fsanitize=address,undefined -x c - -o "$logs/sanitized" 2>/dev/null
}

test_clang() {
    if ! command -v clang >/dev/null; then
        add_skip clang 'not installed'
    elif ! sanitizers_link; then
        add_skip clang 'its sanitizer runtime is not installed'
    else
        build_and_test clang "$builds/build-asan" clang -Db_sanitize=address,undefined \
            -Db_lundef=false -Dc_args=-fno-sanitize-recover=all
    fi
}

c_files() {
    if [ -e .git ] && git ls-files -co --exclude-standard -- '*.c' '*.h' 2>/dev/null; then
        return
    fi
    find . -name 'build*' -prune -o -name '*.[ch]' -print | sed 's|^\./||'
}

test_format() {
    tool=clang-format-$format_version
    command -v "$tool" >/dev/null || tool=clang-format
    if ! command -v "$tool" >/dev/null; then
        add_skip format 'clang-format is not installed'
        return
    fi
    cd "$root" || exit 1
    c_files | sort -u | while read -r file; do
        [ ! -f "$file" ] || printf '%s\n' "$file"
    done >"$logs/format-files.log"
    if xargs "$tool" --dry-run -Werror <"$logs/format-files.log" >"$logs/format.log" 2>&1
    then
        add_pass format
    elif ! "$tool" --version | grep -q "version $format_version\\."; then
        add_skip format "clang-format $format_version judges, not this one"
    else
        say 'to be formatted (places, file):'
        grep -E '(error|warning):' "$logs/format.log" | cut -d: -f1 | uniq -c
        add_fail format
    fi
}

test_size() {
    python3 "$root/tools/size.py" --builds "$builds" >"$logs/size.log" 2>&1 </dev/null
    case $? in
    0) sed '/^$/q' "$logs/size.log" && add_pass size ;;
    3) add_skip size "$(sed -n 's/^size: //p' "$logs/size.log")" ;;
    *) tail -n 60 "$logs/size.log" && add_fail size ;;
    esac
}

run_test() {
    quick=no
    for argument; do
        case $argument in
        --quick) quick=yes ;;
        *) die "test: what is $argument? (./dev test --help)" ;;
        esac
    done
    if [ $quick = yes ]; then
        need "$test_packages openssl"
    else
        need "$test_packages openssl clang clang-format dpkg-dev $cross_packages" \
            'libclang-rt-dev'
    fi
    for tool in meson python3 gcc; do
        command -v $tool >/dev/null || die "test: $tool is missing"
    done
    # Nordic's, from packages that carry them: without them a test skips.
    python3 "$root/tools/nordic_headers.py" "$builds/build-headers" \
        >"$logs/headers.log" 2>&1 </dev/null
    build_and_test gcc "$builds/build-test" gcc
    [ $quick = yes ] || {
        test_clang
        test_format
        test_size
    }
    say "$passed passed, $failed failed, $skipped skipped"
    [ $failed -eq 0 ]
}
