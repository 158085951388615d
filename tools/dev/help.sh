# SPDX-License-Identifier: Apache-2.0
# What each verb says of itself. Part of `dev`, which sets the lists of packages.

help_demo() {
    cat <<EOF
usage: ./dev demo [--no-install] [--json] [--keep DIR] [--speed N]
       ./dev demo [--no-install] IMAGE.bin

Builds everything in the folder 'build' and plays the whole story with real processes
(examples/board/demo.py): a board that is killed, phones that are killed, images that
crash, hang, go deaf or fall ill, and people who mean harm. Less than a minute. Ends 1 if
anything was otherwise than it should be.
With an image of your own (64 KB to 700 KB): one update of it in simulated time, phone and
device in one process (examples/journey).

packages: $base_packages
EOF
}

help_test() {
    cat <<EOF
usage: ./dev test [--no-install] [--quick]

Everything that must hold before a change goes in:
  gcc      build with -Werror, all tests       (build-test; --quick stops after this)
  clang    the same with ASan and UBSan        (build-asan)
  format   clang-format $format_version has nothing to change
  size     the budgets of ./dev size
What cannot run here is skipped by name. Logs: build-logs. The last line is the sum.

packages: $test_packages
          openssl, and without --quick
          clang libclang-rt-dev clang-format dpkg-dev $cross_packages
          (npm, where it is there already: Nordic's headers come from a package of its)
EOF
}

help_bench() {
    cat <<EOF
usage: ./dev bench powercut [--seconds N] [--seed S] [--json] [--replay CUT]
       ./dev bench kills [--kills N] [--seconds N] [--seed S] [--json]
       ./dev bench wear [--updates N] [--json]
       ./dev bench link [--json] [--svg DIR] [--seeds N] [--jobs N] [--brief]
       ./dev bench field [--devices N] [--seed S] [--json] [--svg DIR] [--image KIB]
       ./dev bench health [--runs N] [--json] [--svg DIR]
       ./dev bench fleet [--devices N] [--seconds S] [--rate R] [--json]
       ./dev bench storm [STEPS]

powercut  every flash operation of whole lives cut before, inside and after it, on a flash
          whose torn bits read differently later: every pair of cuts of the smallest
          device, sweeps of others, random lives of devices of full size. 600 seconds make
          more than a million cuts. Ends 1 if one of them did harm; prints the command
          that shows such a one again.
kills     kill -9 of the example board's processes while updates run
wear      whole updates on one flash: erases of each page, and how long that lasts
link      goodput of one update in every cell of MTU, interval, loss, chunk and pool, beside
          what others' formulas give; pictures with --svg. Ends 1 where a cell falls short
field     10,000 devices, phones near four minutes a day, batteries that give out in the
          middle of flash operations; with resume and without: days, bytes, a picture
health    rollouts under simulated phones: when a release that kills one hardware revision
          is frozen, and whether it is named; how often a sound one is frozen
fleet     the fleet server with a million devices in SQLite: check-ins a second with their
          signatures verified, what overload does, and how long an hourly look takes
storm     random valid, damaged and hostile messages to a device and to a phone, and what
          must hold after each (default 10,000,000 to each)

Built in the folder build-test.

packages: $test_packages
EOF
}

help_fleet() {
    cat <<EOF
usage: ./dev fleet [--devices N] [--phones N] [--boards N] [--seed N] [--hour-seconds S]
                   [--no-kills] [--keep] [--json]
       ./dev fleet server
       ./dev fleet store

Plays everything at once, an hour in a second: an HSM signs, the store publishes, ferryd
opens a canary, phones carry it to simulated devices, to real boards, and to one device in
QEMU; some walk away, die or lie, and ferryd, phones, boards and QEMU are killed; one
hardware revision begins to crash three days later, the rollout freezes itself, and a
corrected release heals. Prints what became of each device; --keep leaves the page open,
--no-kills kills nothing but QEMU. Some three minutes. What QEMU's firmware is built with
may be missing: then it goes without, and says so.
server    the fleet server's tests with PostgreSQL and with a browser, which ./dev test
          leaves out
store     \`ferry release\` with a real S3 server (OpenStack Swift) on this machine: what
          must be refused is, what breaks on the way leaves nothing visible. A minute.

Ends 1 if something is not as it should be, 3 without a server. Built in build-test.

packages: $story_packages
server:   $fleet_packages
store:    $store_packages
EOF
}

help_phone() {
    cat <<EOF
usage: ./dev phone [--all]

The courier as apps link it: the JVM's (under -Xcheck:jni), WebAssembly's in Node, Swift's
names. Each carries whole updates to a device in another process, through breaks. --all: a
thousand updates in one JVM, whose memory must not grow, and examples/phone between boards
and a server that breaks. Built in build-test.

packages: $phone_packages, nodejs where there is no node
EOF
}

help_ble() {
    cat <<EOF
usage: ./dev ble [--updates N] [--cuts N] [--mtu N]... [--seed N] [--keep DIR] [--json]

Updates over GATT between two real host stacks, noble as the phone and bleno as the device,
on BlueZ's user-space controllers: the first of each MTU undisturbed, then connections cut,
phones and the device killed at random packets. Ends 1 if one did not arrive as it should,
3 where something is not installed. Built in build-test, packages of npm in build-ble.

packages: $ble_packages, nodejs and npm where there are none
EOF
}

help_mutants() {
    cat <<EOF
usage: ./dev mutants [--json] [--hand] [--mechanical] [--only FILE] [--sample N] [--seed S]

Plants bugs in the engine, one at a time: those that other updaters really had, some more
by hand, and mechanical ones (a condition negated, a number or bound off by one, a
statement dropped). Each is built against the fast tests and names the test that finds it;
survivors must be argued (tests/mutants). --only FILE: those of one source; --sample N: so
many of them, picked by the seed S. Ends 1 if a hand-made one does not die by the test that
it names, a survivor is not argued, or fewer than 95 % of the mechanical ones die; 3 without
a tool that it needs. Built in build-mutants. All of them take half an hour or more.

packages: $test_packages
EOF
}

help_firmware() {
    cat <<EOF
usage: ./dev firmware [--json] [--only NAME] [--seed N] [--all]

Builds the nRF52 port, its bootloaders and applications, and the MPS2 port, and runs them
on emulated chips (QEMU): whole journeys over a serial line from the host's \`ferry push\`,
with power cuts, rollbacks and refusals; an update cut off at every store that reaches
flash, and every state of flash that leaves booted again; the port's self-test on two ports
and on broken ones; the engine's instructions on a Cortex-M4, held to their limits.
--only NAME: one step, or the journeys that have NAME in theirs; --seed N: repeats what is
random; --all: the long runs. Ends 1 if something is not as it should be, 3 without a tool.
Logs: build-logs. libsodium's source is fetched by apt and built for the chip.

packages: $chip_packages
EOF
}

help_portable() {
    cat <<EOF
usage: ./dev portable [--json] [--only TARGET]

Builds the engine and its tests for other processors and runs them there: an AVR with an
int of 16 bits (simavr), aarch64 and 32-bit x86 (qemu-user); and compiles the engine,
without a warning, for Cortex-M0, RISC-V, Android and iOS. Each processor must first be
seen to notice tests that fail. Some minutes. Ends 1 if something failed; what is not
installed is skipped by name. Built in build-portable.

packages: $other_packages
EOF
}

help_check() {
    cat <<EOF
usage: ./dev check [--json] [--only TOOL] [--fresh]
       ./dev check --dynamic [--json] [--only ROW] [--all]

gcc's analyzer, its strictest warnings, clang-tidy and cppcheck over every source, with the
flags that each is really built with: nothing is found that tests/static/explained.txt does
not argue. What is as it was is not looked at again; --fresh does.
--dynamic: valgrind and MemorySanitizer over the tests, and hostile signatures put to
libsodium on 32 bits. Ends 1 if something was found, 3 without a tool.

packages: $check_packages libclang-rt-dev
EOF
}

help_oracle() {
    cat <<EOF
usage: ./dev oracle [--inputs N] [--real N] [--seed N] [--jobs N] [--json]

Puts made and mutated inputs (a million, and a thousand with real signatures) to the engine
and to a second implementation, in Python and written from docs/PROTOCOL.md: same verdict,
same code. The test suite does 20,000. Ten minutes; ends 1 where they disagree.

packages: $test_packages openssl
EOF
}

help_coverage() {
    cat <<EOF
usage: ./dev coverage [--json] [--html DIR]

Counts every line and every outcome of every condition of src/ and its headers that the
unit, protocol, golden and scenario tests reach; pages with --html. Ends 1 unless all is
reached but for at most ten branches that tests/coverage/excluded.txt argues; 3 without a
tool. Built in build-coverage.

packages: $test_packages clang llvm libclang-rt-dev
EOF
}

help_fuzz() {
    cat <<EOF
usage: ./dev fuzz TARGET|all [--seconds N] [--jobs N] [--seed N] [--json]
       ./dev fuzz --merge TARGET
       ./dev fuzz --canfail

Hunts, with libFuzzer and clang's sanitizers, for inputs that break what a target asserts:
round trips, rules of flash, bounds of what a peer may cost. Says executions per second, new
edges, and the command that shows a finding again. Seconds are the processor's, of each job,
so that figures do not depend on what else the machine does. Targets: fuzz/targets.txt.
--merge takes the fewest new inputs into the corpus; --canfail plants mistakes, each of which
the corpus of its target must find. Ends 1 on a finding, 3
without clang's fuzzer. Built in build-fuzz.

packages: $base_packages clang libclang-rt-dev
EOF
}

help_prove() {
    cat <<EOF
usage: ./dev prove [--json] [--only FILE] [--fresh] [--ci]
       ./dev prove --mistakes [PART OF A NAME]
       ./dev prove --eva

Proves, with Frama-C's WP, what the contracts in src/ say: no run-time error for any input,
termination, and what parsers, window, trial, policy, boot and journals promise. Goals proved
and asked, by file, and what is not proved; results are kept by content in build-prove. Some
minutes. A run over all files writes tests/prove/proved.json; --ci proves what is not in that
record, and another part of the rest each day, in two minutes.
--eva: the journal over flash that holds anything, by Frama-C's EVA.
--mistakes: plants mistakes in copies of the sources, each of which must leave open the goals
that are listed for it. Ends 1 unless all is as it should be; 3 without a tool.

packages: $proof_packages
EOF
}

help_size() {
    cat <<EOF
usage: ./dev size [--no-install] [--json] [--functions] [--readme] [--arch m4|m0]
                  [--painted FILE]

Cross compiles the libraries for Cortex-M4 and M0 and prints what a user links: code,
static RAM and the deepest path of stack, by library and by source file, and bootloaders
without and with recovery; with --functions also the path and the largest functions; with
--readme into README's table, too. Stack painted on an emulated chip stands beside it once
\`./dev firmware\` has run. Ends 1 past a budget, 3 without a cross compiler.

packages: meson ninja-build python3 $cross_packages
EOF
}
