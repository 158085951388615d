# SPDX-License-Identifier: Apache-2.0
# Debian packages: which are missing, and getting them. Part of `dev`, which says whether
# to install any ($install) and where logs go ($logs).

base_packages='build-essential meson ninja-build pkg-config libsodium-dev python3
          libcurl4-openssl-dev libexpat1-dev libjansson-dev libssl-dev'
cross_packages='gcc-arm-none-eabi libnewlib-arm-none-eabi'
chip_packages="$base_packages libcmocka-dev $cross_packages qemu-system-arm dpkg-dev"
other_packages="$cross_packages gcc-avr avr-libc simavr gcc-aarch64-linux-gnu
          libc6-dev-arm64-cross qemu-user gcc-i686-linux-gnu libc6-dev-i386-cross
          gcc-riscv64-unknown-elf clang python3"
test_packages="$base_packages libcmocka-dev libcsv-dev softhsm2 opensc
          libp11-kit-dev libmicrohttpd-dev libsqlite3-dev libpq-dev"
fleet_packages="$test_packages openssl postgresql chromium"
story_packages="$test_packages openssl $cross_packages qemu-system-arm dpkg-dev"
phone_packages="$test_packages openssl default-jdk-headless clang lld cmake"
ble_packages="$test_packages bluez-test-tools"
store_packages="$base_packages openssl
          swift-proxy swift-account swift-container swift-object memcached"
check_packages="$test_packages clang clang-tidy cppcheck valgrind dpkg-dev
          $cross_packages gcc-i686-linux-gnu libc6-dev-i386-cross qemu-user"
proof_packages='frama-c-base why3 z3 cvc4 gcc python3'
format_version=14 # the clang-format this tree is formatted with

missing_of() { # PACKAGE... -> those that are not installed
    for package; do
        dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            printf '%s ' "$package"
    done
}

# Packages that some releases do not have: wanted where they exist.
known_of() { # PACKAGE... -> those that apt knows
    for package; do
        apt-cache show "$package" >/dev/null 2>&1 && printf '%s ' "$package"
    done
}

# Node.js comes from Debian or from elsewhere; one that is there already is enough. Others'
# packages of it bring npm along, and conflict with Debian's.
node_packages() { # [npm]
    command -v node >/dev/null || printf 'nodejs '
    [ -z "${1:-}" ] || command -v npm >/dev/null || printf 'npm '
}

apt() {
    if [ "$(id -u)" -eq 0 ]; then
        DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
    else
        sudo env DEBIAN_FRONTEND=noninteractive apt-get -q -y "$@"
    fi
}

# need "PACKAGES" ["PACKAGES THAT MAY NOT EXIST"]
need() {
    if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
        say "packages: not a Debian system, going on with what is here (wanted: $1)" >&2
        return
    fi
    # shellcheck disable=SC2046,SC2086 # lists are split on purpose
    missing=$(missing_of $1)
    # shellcheck disable=SC2046,SC2086
    optional=$(missing_of $(known_of ${2:-}))
    [ -n "$missing$optional" ] || return 0
    if [ "$install" = no ]; then
        say "packages: missing, and not installed: $missing$optional" >&2
        return
    fi
    if [ "$(id -u)" -ne 0 ] && ! command -v sudo >/dev/null; then
        say "packages: missing, and neither root nor sudo to install: $missing$optional" >&2
        return
    fi
    # One at a time: verbs may run beside each other.
    (flock 9 && install_packages "$missing" "${2:-}") 9>"$logs/install.lock"
}

install_packages() { # "PACKAGES" "PACKAGES THAT MAY NOT EXIST"
    say "packages: apt-get update (log: build-logs/install.log)" >&2
    apt update >"$logs/install.log" 2>&1 </dev/null ||
        say "packages: apt-get update failed, trying with the lists there are" >&2
    # shellcheck disable=SC2046,SC2086
    set -- $1 $(missing_of $(known_of $2))
    [ $# -gt 0 ] || return 0
    say "packages: installing $*" >&2
    apt install --no-install-recommends "$@" >>"$logs/install.log" 2>&1 </dev/null && return
    tail -n 20 "$logs/install.log" >&2
    say "packages: apt-get install failed, going on with what is here" >&2
}
