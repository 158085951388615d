# SPDX-License-Identifier: Apache-2.0
"""`ferry release` with a store in a folder: whole or not at all, once and for good."""
import concurrent.futures
import json
import os
import subprocess
import time

from store_kit import (BANKS, CLASS, add_cases, artifacts, listed, objects, publish,
                       release, sha256, with_release, with_store)

OTHER_CLASS = "11111111-2222-5333-8444-555555555555"
RECORD = f"releases/{CLASS.replace('-', '')}/1.2.0.json"


# ---- what it does ------------------------------------------------------------------


def what_is_published_is_there_by_its_content(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    named = {f"artifacts/{sha256(w.read(name))}.ferry" for name in files}
    assert objects(w.dir / "store") == named | {RECORD}
    for name in files:
        there = w.dir / "store" / "artifacts" / f"{sha256(w.read(name))}.ferry"
        assert there.read_bytes() == w.read(name)


def a_release_tells_hardware_bank_and_hashes(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    told = json.loads(w.ok(*release("show", "1.2.0", json=True)))
    assert (told["version"], told["class"], told["slot"], told["sec_ctr"]) == \
        ("1.2.0", CLASS, 3, 7)
    assert not told["withdrawn"]
    rows = [(each["hw_min"], each["hw_max"], each["link"]) for each in told["artifacts"]]
    assert rows == [(low, high, int(bank, 0)) for low, high in ((1, 3), (4, 9))
                    for bank in BANKS]
    assert {each["artifact"] for each in told["artifacts"]} == \
        {sha256(w.read(name)) for name in files}
    assert {each["image"] for each in told["artifacts"]} == {sha256(w.image)}


def a_list_goes_by_version_and_hardware(w):
    with_store(w)
    for version in ("1.10.0", "1.2.0", "1.9.3"):
        w.ok_but_says(*publish(*artifacts(w, version=version)))
    w.ok_but_says(*publish(*artifacts(w, version="2.0.0", ranges=("5-9",))))
    assert list(listed(w)) == ["1.2.0", "1.9.3", "1.10.0", "2.0.0"]
    assert "2.0.0" not in listed(w, hw=4) and len(listed(w, hw=4)) == 3
    assert len(listed(w, hw=5)["1.2.0"]["artifacts"]) == 2
    said = w.ok(*release("list")).decode().splitlines()
    assert len(said) == 1 + 3 * 4 + 2 and said[0].startswith("version")


def two_classes_live_side_by_side(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    other = artifacts(w, ranges=("7",), **{"class": OTHER_CLASS})
    w.ok_but_says(*publish(*other))
    w.refuses(release("show", "1.2.0"), 2, "several classes", "--class")
    told = json.loads(w.ok(*release("show", "1.2.0", json=True, **{"class": OTHER_CLASS})))
    assert told["artifacts"][0]["hw_min"] == 7
    assert listed(w, **{"class": CLASS})["1.2.0"]["class"] == CLASS


def the_same_again_is_no_error_and_changes_nothing(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    before = w.snapshot()
    said = w.ok(*publish(*reversed(files))).decode()
    assert "published already" in said
    assert w.snapshot() == before


def a_url_of_a_folder_leads_to_the_file(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    told = json.loads(w.ok(*release("show", "1.2.0", json=True, url=60)))
    for each in told["artifacts"]:
        assert each["url"].startswith("file:///")
        with open(each["url"][len("file://"):], "rb") as file:
            assert sha256(file.read()) == each["artifact"]


# ---- what it will not do ----------------------------------------------------------


def a_version_with_other_bytes_is_refused(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    w.write("other.bin", w.image[:-4] + b"\0\0\0\1")
    others = artifacts(w, image="other.bin")
    w.refuses(publish(*others), 1, "1.2.0", "published already", "other bytes")
    w.refuses(publish(*files[:2]), 1, "other bytes")


def a_withdrawn_release_stays_listed_as_withdrawn(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    before = (w.dir / "store" / RECORD).read_bytes()
    w.ok(*release("withdraw", "1.2.0", reason="dies on revision D"))
    told = listed(w)["1.2.0"]
    assert told["withdrawn"] and told["reason"] == "dies on revision D"
    assert (w.dir / "store" / RECORD).read_bytes() == before
    assert "WITHDRAWN" in w.ok(*release("list")).decode()
    w.refuses(release("withdraw", "1.2.0", reason="again"), 1, "withdrawn already",
              "revision D")
    assert "and withdrawn" in w.ok(*publish(*files)).decode()
    assert listed(w)["1.2.0"]["reason"] == "dies on revision D"


# ---- many at once, and killed --------------------------------------------------------


def of_many_publishers_of_one_version_exactly_one_gets_it(w):
    with_store(w)
    sets = []
    for number in range(8):
        w.write(f"i{number}.bin", w.image[:-4] + bytes([number, 1, 2, 3]))
        sets.append(artifacts(w, image=f"i{number}.bin", ranges=("1-9",)))
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda files: w.run(*publish(*files)), sets))
    won = [i for i, each in enumerate(done) if each.returncode == 0]
    assert len(won) == 1, [each.stderr for each in done]
    for i, each in enumerate(done):
        assert i in won or b"other bytes" in each.stderr
    told = json.loads(w.ok(*release("show", "1.2.0", json=True)))
    assert told["artifacts"][0]["image"] == sha256(w.read(f"i{won[0]}.bin"))


def many_publishers_of_the_same_all_succeed(w):
    files = with_release(w)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        done = list(pool.map(lambda _: w.run(*publish(*files)), range(8)))
    assert [each.returncode for each in done] == [0] * 8, [each.stderr for each in done]


def killed_at_any_moment_a_release_is_there_whole_or_not_at_all(w):
    """After each object that appears, and a little later."""
    files = with_release(w)
    seen = set()
    for step in range(24):
        subprocess.run(["rm", "-rf", "store"], cwd=w.dir, check=True)
        (w.dir / "store").mkdir()
        child = subprocess.Popen([w.ferry, *publish(*files)], cwd=w.dir,
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        while child.poll() is None and len(objects(w.dir / "store")) < step // 4:
            pass
        time.sleep(step % 4 * 0.002)
        child.kill()
        child.wait()
        releases = listed(w)
        seen.add(len(releases))
        for each in releases.get("1.2.0", {}).get("artifacts", []):
            path = w.dir / "store" / "artifacts" / f"{each['artifact']}.ferry"
            assert sha256(path.read_bytes()) == each["artifact"]
        w.ok_but_says(*publish(*files))  # and it can be done after all
        assert len(listed(w)["1.2.0"]["artifacts"]) == 4
    assert seen == {0, 1}, seen


def a_full_disk_publishes_nothing(w):
    files = with_release(w)
    w.write("store/.keep", b"")
    done = w.run(*publish(*files), after="ulimit -f 8")
    assert done.returncode == 1 and b"File too large" in done.stderr
    assert listed(w) == {} and objects(w.dir / "store") == set()
    assert [p.name for p in (w.dir / "store").iterdir() if ".part" in p.name] == []


# ---- bad input ----------------------------------------------------------------------


def _damaged(w, name, at):
    data = bytearray(w.read(name))
    data[at] ^= 1
    w.write("damaged.ferry", data)
    return "damaged.ferry"


def what_a_device_would_refuse_is_not_published(w):
    files = with_release(w)
    w.ok("keygen", "-o", "other")
    for at, says in ((-1, "E_BLOCK"), (350, ""), (30, "E_SIG"), (0, "")):
        w.refuses(publish(_damaged(w, files[0], at)), 1, "damaged.ferry", says)
    w.refuses(release("publish", *files, key="other.pub"), 1, files[0], "E_SIG")
    w.write("cut.ferry", w.read(files[0])[:-1])
    w.refuses(publish("cut.ferry"), 1, "cut.ferry")
    w.refuses(publish("absent.ferry"), 1, "absent.ferry", "No such file")


def artifacts_of_two_releases_are_told_apart(w):
    files = with_release(w)
    for what, options in (("version", {"version": "1.2.1"}), ("slot", {"slot": 4}),
                          ("counter", {"sec_ctr": 8}), ("min_from", {"min_from": "1.0.0"}),
                          ("class", {"class": OTHER_CLASS})):
        other = artifacts(w, ranges=("10",), **options)
        w.refuses(publish(*files, *other), 1, "not of one release", what)
    w.refuses(publish(files[0], files[0]), 1, "could not choose", "0x10000")
    overlapping = artifacts(w, ranges=("3-4",))
    w.refuses(publish(*files, *overlapping), 1, "could not choose")
    bound = artifacts(w, version="3.0.0", device=OTHER_CLASS)
    w.refuses(publish(*bound), 1, "bound to one device")


# name, arguments, exit code, what the one line says
ROWS = [
    ("no store", ["release", "list"], 2, ["--store", "FERRY_STORE"]),
    ("a store that is not there", release("list", store="nowhere"), 1, ["nowhere"]),
    ("a store that is a file", release("list", store="image.bin"), 1, ["not a folder"]),
    ("no artifact", publish(), 2, ["no artifact"]),
    ("no key", release("publish", "x"), 2, ["--key"]),
    ("no such verb", ["release", "unpublish"], 2, ["unpublish", "release --help"]),
    ("no verb", ["release"], 2, ["no verb"]),
    ("no version", release("show", "newest"), 2, ["newest", "X.Y.Z"]),
    ("an unknown version", release("show", "7.7.7"), 1, ["7.7.7", "no such release"]),
    ("to withdraw an unknown one", release("withdraw", "7.7.7", reason="x"), 1, ["7.7.7"]),
    ("no reason", release("withdraw", "1.2.0"), 2, ["--reason"]),
    ("an empty reason", release("withdraw", "1.2.0", reason=""), 2, ["--reason"]),
    ("a reason of two lines", release("withdraw", "1.2.0", reason="a\nb"), 2, ["--reason"]),
    ("a long reason", release("withdraw", "1.2.0", reason="a" * 201), 2, ["--reason"]),
    ("a class that is none", release("list", **{"class": "x"}), 2, ["--class"]),
    ("hardware that is none", release("list", hw="D"), 2, ["--hw", "'D'"]),
    ("a URL for ever", release("show", "1.2.0", url=604801), 2, ["--url"]),
    ("no patience", release("list", timeout=0), 2, ["--timeout"]),
    ("s3 without keys", release("list", store="s3://fleet"), 1, ["AWS_ACCESS_KEY_ID"]),
]


def _row(name, args, code, says):
    def test(w):
        with_store(w)
        w.refuses(args, code, *says)
    return f"refused: {name}", test


def a_damaged_store_is_named(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    path = w.dir / "store" / RECORD
    good = path.read_text()
    for bad, says in ((good[:-9], "no JSON"), (good.replace("1.2.0", "1.2.1"), "another"),
                      (good.replace('"format": 1', '"format": 2'), "format"),
                      (good.replace('"slot": 3', '"slot": 9'), "slot"),
                      (good.replace('"hw_min": 1', '"hw_min": -1'), "hw_min"),
                      ("{}", "format"), ("", "no JSON")):
        path.write_text(bad)
        w.refuses(release("list"), 1, RECORD, says)
    path.write_text(good)
    artifact = w.dir / "store" / "artifacts" / f"{sha256(w.read(files[0]))}.ferry"
    artifact.write_bytes(b"something else")
    path.unlink()
    done = w.run(*publish(*files))
    assert done.returncode == 1 and b"damaged in the store" in done.stderr, done.stderr
    assert listed(w) == {}


def what_others_leave_in_the_folder_is_passed_over(w):
    files = with_release(w)
    w.ok_but_says(*publish(*files))
    for name in ("README", "releases/notes.txt", "releases/x/1.2.0.json", ".hidden",
                 f"releases/{CLASS.replace('-', '')}/1.02.0.json"):
        path = w.dir / "store" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"?")
    os.symlink("loop", w.dir / "store" / "loop")
    assert list(listed(w)) == ["1.2.0"]


def add_to(tests):
    add_cases(tests, globals())
    for row in ROWS:
        tests.add(*_row(*row))
