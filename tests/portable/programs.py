# SPDX-License-Identifier: Apache-2.0
"""The tests that other processors run, and what each is made of. Knows sources and names;
compilers and processors are targets.py's.

A program is {"name", "sources", "tables"}: the C tables of vectors.py take the place of
the documents, one program for each table.
"""
import vectors

# Engine, crypto and this project's test helpers: one archive for each target.
ENGINE = ["src/*.c"]
INSTEAD = {"device_mute"}  # compiled, and not linked: stands in another file's place
SMALL = ["ports/posix/crypto_sodium.c", "tests/portable/sodium/sodium.c",
         "tests/unit/check.c", "tests/unit/check_code.c", "tests/unit/sample.c",
         "tests/unit/stream.c", "tests/unit/sending.c", "tests/protocol/doc_find.c",
         "tests/protocol/wire.c", "tests/protocol/places.c", "tests/golden/states.c"]
LARGE = SMALL + ["tests/sim/*.c", "tests/sim/flash/*.c", "tests/scenario/[!t]*.c"]

# With each program: it is told which tests are skipped.
CMOCKA = ["tests/portable/cmocka/cmocka.c", "tests/portable/cmocka/facts.c"]

INCLUDES = ["include", "src", "ports/posix", "tests/portable/cmocka",
            "tests/portable/sodium", "tests/unit", "tests/protocol", "tests/golden",
            "tests/sim", "tests/sim/flash", "tests/scenario"]

# Of tests/unit: what needs no simulated flash, and what does.
UNIT = ["bytes", "cbor", "config_check", "crc", "envelope", "frame", "frame_damage",
        "identity", "journal", "lost_state",
        "manifest", "manifest_mutants", "msg", "pairs", "policy", "retry", "sender",
        "sender_lossy", "sender_lost", "statement", "trial", "trial_news", "verify",
        "verify_gates", "window"]
UNIT_SIMULATED = {"app_journal": "app", "app_running": "app", "bank": None, "flash": None,
                  "flash_time": None, "journal_doubt": "journal",
                  "journal_numbers": "journal", "sim_calls": "flash",
                  "sim_cuts": "flash", "sim_link": None}  # name: its bench
# What no emulated processor runs: it reads files or forks, is about Ed25519, or takes
# minutes there.
AT_HOME = {"backend", "device_mute", "err", "hostile", "journal_cuts", "journal_rows",
           "sim_rules"}

# Whole journeys that take a second or two, emulated.
SCENARIO = ["boot_anew", "boot_confirm", "boot_counts", "boot_grave", "boot_hostile",
            "boot_keys", "boot_last", "boot_life", "boot_moments", "boot_mute",
            "boot_recover", "boot_torn", "boot_trial", "boot_watchdog", "boot_waver",
            "gate_content", "gate_forced", "hostile_phone", "link_drop", "link_frames",
            "link_phones", "offer", "offer_damage", "phone_killed", "power", "resume_later",
            "statement_road", "transfer"]

TABLE_BYTES = 8000  # half of the memory of the smallest target

# Too large for 16 KB of RAM.
TOO_LARGE = {"frame", "frame_damage", "sender_lossy", "verify_gates"}

# Many seconds at 8 MHz, emulated: the other targets run them.
TOO_LONG = {
    "unit cbor": ["whatever_is_read_from_three_bytes_is_written_back_the_same"],
    "unit crc": ["crc_agrees_with_the_definition_over_random_runs"],
    "unit identity": ["no_bit_of_a_block_can_be_altered",
                      "an_unburned_place_is_no_identity"],
    "unit journal": ["the_newest_record_is_found_through_many_page_turns",
                     "a_cut_anywhere_is_decided_once_and_for_all",
                     "a_second_cut_in_the_boot_after_it_changes_nothing_later"],
    "unit manifest_mutants": ["every_flipped_bit_of_a_signed_envelope_is_refused",
                              "whatever_is_accepted_encodes_back_to_the_same_bytes",
                              "noise_is_refused_inside_its_bytes",
                              "an_ignorable_key_is_welcome_in_every_good_manifest"],
    "unit msg": ["every_other_length_type_and_direction_is_refused",
                 "a_message_of_another_session_is_refused"],
    "unit pairs": ["whatever_is_taken_is_put_back_the_same"],
    "unit sender": ["epochs_are_newer_or_stale_modulo_256"],
    "unit statement": ["whatever_is_accepted_is_written_back_the_same",
                       "noise_is_no_statement"],
    "unit trial": ["every_order_of_six_resets_in_a_trial_is_counted_right",
                   "five_unforgiven_faults_are_a_crash_loop",
                   "the_floor_never_falls_and_recovery_raises_its_counter_alone"],
    "unit window": ["row_and_index_are_each_others_inverse"],
}


def unit(name, bench=None):
    return {"name": f"unit {name}", "sources": [f"tests/unit/test_{name}.c"] +
            ([f"tests/unit/{bench}_bench.c"] if bench else [])}


def scenario(name):
    return {"name": f"scenario {name}", "sources": [f"tests/scenario/test_{name}.c"]}


def from_vectors():
    return [
        {"name": "vectors", "sources": ["tests/protocol/test_vectors.c"],
         "tables": [vectors.protocol()]},
        {"name": "golden files", "sources": ["tests/portable/test_files.c"],
         "tables": [vectors.files()]},
        {"name": "golden states", "sources": ["tests/portable/test_states.c"],
         "tables": vectors.state_tables(TABLE_BYTES)},
    ]


def all_of(small):
    """The programs of a small processor, or of a large one."""
    if small:
        return from_vectors() + [unit(name) for name in UNIT if name not in TOO_LARGE]
    return from_vectors() + [unit(name) for name in UNIT] \
        + [unit(*named) for named in UNIT_SIMULATED.items()] \
        + [scenario(name) for name in SCENARIO]


def skipped(program, small):
    """Names of the tests of a program that are left out."""
    return TOO_LONG.get(program, []) if small else []
