# SPDX-License-Identifier: Apache-2.0
# The other verbs: each gets its packages, and hands over to a program. Part of `dev`.

run_demo() {
    need "$base_packages"
    command -v meson >/dev/null || die 'demo: meson is missing'
    logged demo-setup set_up "$builds/build" -Dposix=enabled || exit 1
    logged demo-build meson compile -C "$builds/build" || exit 1
    if [ $# -eq 1 ] && [ "${1#-}" = "$1" ]; then
        exec "$builds/build/examples/journey" "$@"
    fi
    exec python3 "$root/examples/board/demo.py" "$@" "$builds/build"
}

run_size() {
    need "meson ninja-build python3 $cross_packages"
    command -v python3 >/dev/null || die 'size: python3 is missing'
    exec python3 "$root/tools/size.py" --builds "$builds" "$@"
}

run_bench() {
    name=${1:-}
    [ $# -eq 0 ] || shift
    case $name in
    powercut)
        built_for bench "$builds/build-test" powercut-sweep powercut-lives
        exec python3 "$root/tests/powercut/run.py" "$builds/build-test" "$@"
        ;;
    kills)
        built_for bench "$builds/build-test"
        exec python3 "$root/tests/board/kills.py" "$builds/build-test" "$@"
        ;;
    wear)
        built_for bench "$builds/build-test" bench-wear
        exec "$builds/build-test/tests/bench/bench-wear" "$@"
        ;;
    link)
        built_for bench "$builds/build-test" bench-link
        exec "$builds/build-test/tests/bench/link/bench-link" "$@"
        ;;
    field)
        built_for bench "$builds/build-test" bench-field
        exec "$builds/build-test/tests/bench/field/bench-field" "$@"
        ;;
    health)
        built_for bench "$builds/build-test" examples/fleet/ferry-fleet-sim
        exec python3 "$root/tests/fleet/bench_health.py" \
            "$builds/build-test/examples/fleet/ferry-fleet-sim" "$@"
        ;;
    fleet)
        need "$fleet_packages"
        built_for bench "$builds/build-test"
        fleet=$builds/build-test/examples/fleet/server/ferryd
        "$builds/build-test/tests/fleet/bench-tick" || exit 1
        exec python3 "$root/tests/fleet/bench_server.py" "$fleet" \
            "$builds/build-test/tools/ferry/ferry" "$builds/build-test/tests/fleet/fleet-signer" \
            "$builds/build-test/tests/fleet/fleet-load" "$@"
        ;;
    storm)
        built_for bench "$builds/build-test" scenario_storm scenario_storm_phone
        FERRY_STEPS=${1:-10000000} && export FERRY_STEPS
        "$builds/build-test/tests/scenario/scenario_storm" || exit 1
        exec "$builds/build-test/tests/scenario/scenario_storm_phone"
        ;;
    *)
        help_bench
        exit 2
        ;;
    esac
}

run_firmware() {
    need "$chip_packages"
    exec python3 "$root/tests/chip/run.py" --builds "$builds" "$@"
}

run_portable() {
    need "$other_packages"
    exec python3 "$root/tests/portable/run.py" --build "$builds/build-portable" "$@"
}

run_check() {
    what=tests/static/run.py
    case ${1:-} in
    --dynamic)
        what=tests/dynamic/check.py
        shift
        ;;
    esac
    need "$check_packages" libclang-rt-dev
    exec python3 "$root/$what" --builds "$builds" "$@"
}

run_coverage() {
    need "$test_packages clang llvm" libclang-rt-dev
    exec python3 "$root/tests/coverage/run.py" --build "$builds/build-coverage" "$@"
}

run_fuzz() {
    need "$base_packages clang" libclang-rt-dev
    exec python3 "$root/fuzz/run.py" --build "$builds/build-fuzz" "$@"
}

run_prove() {
    need "$proof_packages"
    case ${1:-} in
    --mistakes)
        shift
        exec python3 "$root/tests/prove/test_prove.py" "$root" "$@"
        ;;
    --eva) exec python3 "$root/tests/prove/eva.py" "$root" --build "$builds/build-prove" ;;
    esac
    exec python3 "$root/tests/prove/run.py" --build "$builds/build-prove" "$@"
}

run_fleet() {
    case ${1:-} in
    store)
        shift
        need "$store_packages"
        built_for fleet "$builds/build-test" tools/ferry/ferry
        python3 "$root/tests/store/swift_test.py" "$builds/build-test/tools/ferry/ferry" "$@"
        code=$?
        [ $code -ne 77 ] || exit 3
        exit $code
        ;;
    server)
        need "$fleet_packages"
        built_for fleet "$builds/build-test"
        exec meson test -C "$builds/build-test" --no-rebuild --suite services -t 3
        ;;
    '' | -*)
        need "$story_packages"
        built_for fleet "$builds/build-test"
        exec python3 "$root/examples/fleet/story/story.py" "$builds/build-test" "$@"
        ;;
    *)
        help_fleet
        exit 2
        ;;
    esac
}

run_oracle() {
    need "$test_packages openssl"
    built_for oracle "$builds/build-test" tests/oracle/oracle-judge
    exec python3 "$root/tests/oracle/run.py" "$builds/build-test" --inputs 1000000 \
        --real 1000 --jobs 2 "$@"
}

run_phone() {
    suites='--suite apps'
    case ${1:-} in
    '') ;;
    --all) suites='--suite apps --suite apps-long --suite phone' ;;
    *)
        help_phone
        exit 2
        ;;
    esac
    need "$phone_packages $(node_packages)"
    built_for phone "$builds/build-test"
    logged phone-options set_up "$builds/build-test" -Djvm=enabled -Dweb=enabled || exit 3
    logged phone-build meson compile -C "$builds/build-test" || exit 1
    # shellcheck disable=SC2086 # a list of suites
    exec meson test -C "$builds/build-test" --no-rebuild $suites -t 3
}

run_ble() {
    need "$ble_packages $(node_packages npm)"
    built_for ble "$builds/build-test"
    exec python3 "$root/tests/ble/run.py" "$builds/build-test" --builds "$builds" "$@"
}

run_mutants() {
    need "$test_packages"
    exec python3 "$root/tests/mutants/run.py" --build "$builds/build-mutants" "$@"
}
