# SPDX-License-Identifier: Apache-2.0
"""What was proved at an earlier time (proved.json, written by a full run alone), and what
CI proves again: whatever is not in it, and a part of the rest, another one each day, for
two minutes. Knows nothing of Frama-C."""
import json
import time
from pathlib import Path

from frama import TooLong

RECORD = Path(__file__).resolve().parent / "proved.json"
LIMIT = 120  # seconds for all that CI proves
LATE = "no time was left: run ./dev prove, and commit tests/prove/proved.json"


def recorded():
    return json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}


def record(tasks, rows):
    """All of them are proved. What was known before keeps the time that it took."""
    before = recorded()
    after = {task.unit: {"key": task.key, "goals": row["goals"],
                         "seconds": row["seconds"]} for task, row in zip(tasks, rows)}
    for unit, proof in after.items():
        if before.get(unit, {}).get("key") == proof["key"]:
            after[unit] = before[unit]
    if after != before:
        RECORD.write_text(json.dumps(after, indent=1) + "\n", encoding="utf-8")


def turned(units, day):
    """All of them, and another one first each day."""
    at = day % len(units) if units else 0
    return units[at:] + units[:at]


def prove_some(prover, tasks, day, limit=LIMIT):
    """Rows in the order of `tasks`; those that stand in the record are `cached` unless
    their turn came."""
    end = time.monotonic() + limit
    known = {unit: proof for unit, proof in recorded().items()
             if any(task.unit == unit and task.key == proof["key"] for task in tasks)}
    rows = {unit: earlier(unit, proof) for unit, proof in known.items()}
    by_unit = {task.unit: task for task in tasks}
    for unit in by_unit.keys() - known.keys():
        rows[unit] = in_time(prover, by_unit[unit], end) or late(unit)
    for unit in turned(list(known), day):
        if time.monotonic() + known[unit]["seconds"] < end:
            rows[unit] = in_time(prover, by_unit[unit], end) or rows[unit]
    return [rows[task.unit] for task in tasks]


def in_time(prover, task, end):
    left = end - time.monotonic()
    try:
        return prover.prove(task, left) if left > 0 else None
    except TooLong:
        return None


def earlier(unit, proof):
    return {"file": unit, "proved": proof["goals"], "goals": proof["goals"],
            "seconds": proof["seconds"], "cached": True, "open": [], "casts": []}


def late(unit):
    return {"file": unit, "proved": 0, "goals": 0, "seconds": 0, "cached": False,
            "open": [LATE], "casts": []}
