#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""The proofs notice: behind each promise stands code that, left out or off by one, leaves
a goal open. Each mistake is planted in a copy of src/, and only the function concerned is
proved again; before it was, every goal of that function must be proved.

usage: test_prove.py ROOT
"""
import shutil
import sys
import tempfile
from pathlib import Path

from frama import MISSING, Prover

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "house"))
from house import Report  # noqa: E402

# What is planted: unit, functions to prove, header or source, before, after.
PLANTED = {
    "a CBOR head that is longer than it need be":
        ("cbor", ["ferry_cbor_read"], "src/cbor.c",
         "if (arg <= INLINE_MAX || arg >> (4 * bytes) == 0)", "if (arg <= INLINE_MAX)"),
    "a string of CBOR that ends past the bytes":
        ("bytes", ["ferry_take"], "src/bytes.c", "n > r->left", "n > r->left + 1"),
    "a chunk that marks its neighbour, too":
        ("window", ["ferry_window_mark"], "src/window.h", "UINT32_C(1) <<",
         "UINT32_C(3) <<"),
    "a chunk of another block that is marked":
        ("window", ["ferry_window_row"], "src/window.c", "k < 0 || k > 1 ||", "k < 0 ||"),
    "a rewind that keeps what is gone":
        ("window", ["ferry_window_rewind"], "src/window.h", "    w->bits[1] = 0;\n    if",
         "    if"),
    "a trial of the other bank than the one that was verified":
        ("trial", ["ferry_trial_begin"], "src/trial.c", "bank | FERRY_BOOT_ON_TRIAL",
         "FERRY_BOOT_ON_TRIAL"),
    "a return that stays":
        ("trial", ["ferry_trial_return"], "src/trial.c",
         "    rec->flags ^= FERRY_BOOT_BANK;\n", ""),
    "a floor that falls":
        ("trial", ["ferry_trial_floor"], "src/trial.c", "own > floor ? own : floor",
         "own"),
    "an offer below the floor":
        ("policy", ["too_old"], "src/policy.c",
         "ferry_policy_below(now->floor, slot, m->sec_ctr)", "false"),
    "a frame that fills its buffer, and one byte more":
        ("frame", ["ferry_frame_in"], "src/frame.c", "if (done == cap) {\n            cap =",
         "if (done > cap) {\n            cap ="),
    "a frame that goes to no buffer":
        ("frame", ["find_room"], "src/frame.c", "in->to == NULL || len == in->cap",
         "len == in->cap"),
    "a group of one byte more than its length can say":
        ("frame", ["ferry_frame_out_start"], "src/frame.c", "run > GROUP_MAX",
         "run > GROUP_MAX + 1"),
    "a journal's last slot that ends past its page":
        ("journal", ["how_many"], "src/journal.c", "(unit - first) / each",
         "unit / each"),
    "a read of more than was lent":
        ("flash", ["ferry_flash_reads"], "src/flash.c", "len < READ_LEN ? len : READ_LEN",
         "READ_LEN"),
}


def verdict(name, prover, root, planted):
    """Pairs of where and what went wrong."""
    unit, functions, file, before, after = planted
    row = prover.prove(unit, functions)
    if row["proved"] != row["goals"]:
        yield file, f"open without {name}: {' '.join(row['open'])}"
    path = root / file
    text = path.read_text(encoding="utf-8")
    if text.count(before) != 1:
        yield file, f"{name}: not once in it: {before!r}"
        return
    path.write_text(text.replace(before, after), encoding="utf-8")
    row = prover.prove(unit, functions)
    path.write_text(text, encoding="utf-8")
    if row["proved"] == row["goals"]:
        yield file, f"nobody notices {name}"


def main():
    report = Report()
    if MISSING:
        report.skip("the proofs", f"{' '.join(MISSING)} not installed")
        report.end()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        for name in ("src", "include"):
            shutil.copytree(Path(sys.argv[1]) / name, root / name)
        prover = Prover(root, root / "build", timeout=5)
        for name, planted in PLANTED.items():
            report.check(verdict(name, prover, root, planted))
    report.end()


if __name__ == "__main__":
    main()
