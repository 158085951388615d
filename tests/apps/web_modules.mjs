/* SPDX-License-Identifier: Apache-2.0
 *
 * What the modules of ports/web promise to those who make mistakes, and what the radio
 * and the page do; without a device. FERRY_WEB is the folder as built. */
import assert from "node:assert";
import { readFileSync } from "node:fs";
import path from "node:path";
import test from "node:test";
import { pathToFileURL } from "node:url";

import { Bluetooth } from "./bluetooth.mjs";

const folder = process.env.FERRY_WEB;
const from = (name) => import(pathToFileURL(path.join(folder, name)));
const { Courier, load } = await from("courier.mjs");
const { Radio, choose, SERVICE, TO_DEVICE, TO_COURIER } = await from("radio.mjs");
const { Page, sentence, numbers } = await from("page.mjs");
const module = await load(readFileSync(path.join(folder, "courier.wasm")));

const QUESTION = new Uint8Array(16);

/** Keeps what it is given, as long as it has room and takes it. */
class Air {
    said = [];
    roomNow = 244;
    refusals = 0;

    room() {
        return this.roomNow;
    }

    write(value) {
        this.said.push(value);
        return this.refusals-- <= 0;
    }
}

function asking(link = new Air(), more = {}) {
    return new Courier(module, { question: QUESTION, link, ...more });
}

async function until(holds) {
    for (let i = 0; !holds(); i++) {
        assert.ok(i < 60000, "it never came to it");
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
}

/* ---- the courier ------------------------------------------------------------------- */

test("nothing to carry and nothing to ask is refused", () => {
    assert.throws(() => new Courier(module, { link: new Air() }), TypeError);
});

test("an empty artifact, a ninth one and a short question are refused", () => {
    const four = new Uint8Array(4);
    const make = (more) => new Courier(module, { link: new Air(), ...more });
    assert.throws(() => make({ artifacts: [four, new Uint8Array(0)] }), TypeError);
    assert.throws(() => make({ artifacts: Array(9).fill(four) }), TypeError);
    assert.throws(() => make({ question: new Uint8Array(15) }), TypeError);
    assert.throws(() => make({ question: QUESTION, link: {} }), TypeError);
    make({ artifacts: Array(8).fill(four) }).close();
});

test("an artifact larger than the memory that wasm begins with has room", () => {
    new Courier(module, { artifacts: [new Uint8Array(1 << 20)], link: new Air() }).close();
});

test("a second close does nothing and every other call throws", async () => {
    const courier = asking();
    courier.close();
    courier.close();
    const calls = [() => courier.linkUp(), () => courier.linkDown(), () => courier.stop(),
        () => courier.writable(), () => courier.received([0]), () => courier.statement()];
    for (const call of calls) {
        assert.throws(call, { name: "InvalidStateError" });
    }
    assert.strictEqual(courier.progress.state, "down");
    await assert.rejects(courier.outcome, { name: "AbortError" });
});

test("it says HELLO when the link comes up, in values of at most the room", () => {
    const air = new Air();
    air.roomNow = 5;
    const courier = asking(air);
    courier.linkUp();
    assert.ok(air.said.length >= 2 && air.said.every((value) => value.length <= 5));
    courier.close();
});

test("a refused value is offered again, and nothing before it", async () => {
    const air = new Air();
    air.refusals = 3;
    const courier = asking(air);
    courier.linkUp();
    await until(() => air.said.length >= 4);
    air.said.slice(0, 4).forEach((value) => assert.deepStrictEqual(value, air.said[0]));
    courier.close();
});

test("without room nothing is said until there is", () => {
    const air = new Air();
    air.roomNow = 0;
    const courier = asking(air);
    courier.linkUp();
    assert.strictEqual(air.said.length, 0);
    air.roomNow = 20;
    courier.writable();
    assert.ok(air.said.length > 0);
    courier.close();
});

test("a link may call in from its own write, and close from it", async () => {
    const air = new Air();
    air.write = (value) => {
        air.said.push(value);
        courier.writable();
        courier.close();
        return true;
    };
    const courier = asking(air);
    courier.linkUp();
    assert.strictEqual(air.said.length, 1);
    await assert.rejects(courier.outcome, { name: "AbortError" });
});

test("what a callback throws is the outcome, and closes the courier", async () => {
    const courier = asking(new Air(), { onProgress: () => {
        throw new RangeError("the page's own");
    } });
    courier.linkUp();
    await assert.rejects(courier.outcome, { message: "the page's own" });
    assert.throws(() => courier.linkUp(), { name: "InvalidStateError" });
});

test("stopping is an outcome with a name and a number", async () => {
    const courier = asking();
    courier.stop();
    await assert.rejects(courier.outcome, { name: "CourierError", errorName: "E_ABORT",
        code: -13, message: /^E_ABORT: ./ });
    courier.close();
});

test("noise of any length is heard and forgotten", () => {
    const courier = asking();
    courier.linkUp();
    for (const length of [0, 1, 511, 512, 513, 5000]) {
        courier.received(new Uint8Array(length).fill(0x55));
    }
    assert.strictEqual(courier.progress.state, "hello");
    courier.close();
});

/* ---- the radio --------------------------------------------------------------------- */

/** A device in reach that keeps what it is sent. */
function inReach() {
    const values = [];
    const air = new Bluetooth({ send: (_, value) => values.push(value) });
    air.appear();
    return { air, values };
}

test("UUIDs are those of docs/BLE.md", () => {
    const doc = readFileSync(new URL("../../docs/BLE.md", import.meta.url), "utf8");
    for (const [row, uuid] of [["service", SERVICE], ["to device", TO_DEVICE],
        ["to courier", TO_COURIER]]) {
        assert.ok(doc.includes(`| ${row} | \`${uuid}\` |`), row);
    }
});

test("the user is asked for a device with Ferry's service", async () => {
    const { air } = inReach();
    assert.strictEqual(await choose(air), air);
    assert.deepStrictEqual(air.filters, [{ services: [SERVICE] }]);
});

test("one value at a time, and none that is longer than what came", async () => {
    const { air, values } = inReach();
    const radio = new Radio(air);
    const courier = asking(radio);
    await radio.connect(courier);
    await until(() => values.length === 1);
    await until(() => radio.room() === 20);
    air.notify(new Uint8Array(69));
    await until(() => radio.room() === 69);
    air.notify(new Uint8Array(244));
    await until(() => radio.room() === 244);
    assert.deepStrictEqual(air.mistakes, []);
    radio.disconnect();
    courier.close();
});

test("a browser that tells how long a write may be is believed", async () => {
    const { air } = inReach();
    const radio = new Radio(air);
    const courier = asking(radio);
    air.maxWriteWithoutResponseSize = 182;
    await radio.connect(courier);
    await until(() => radio.room() === 182);
    air.maxWriteWithoutResponseSize = 512;
    assert.strictEqual(radio.room(), 244);
    radio.disconnect();
    courier.close();
});

test("a lost device is connected again, and not once it is not wanted", async () => {
    const { air } = inReach();
    const radio = new Radio(air);
    const courier = asking(radio);
    await radio.connect(courier);
    assert.strictEqual(courier.progress.state, "hello");
    air.vanish();
    assert.strictEqual(courier.progress.state, "down");
    air.appear();
    await until(() => courier.progress.state === "hello");
    assert.strictEqual(courier.progress.hellos, 2);
    radio.disconnect();
    assert.strictEqual(courier.progress.state, "down");
    courier.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    assert.strictEqual(air.connected, false);
});

test("a connection that fails is told of and tried again", async () => {
    const { air } = inReach();
    const troubles = [];
    const radio = new Radio(air, (why) => troubles.push(why));
    const courier = asking(radio);
    const connect = air.connect.bind(air);
    air.connect = async () => {
        air.connect = connect;
        throw new DOMException("Connection failed", "NetworkError");
    };
    await radio.connect(courier);
    assert.strictEqual(troubles.length, 1);
    await until(() => courier.progress.state === "hello");
    radio.disconnect();
    courier.close();
});

/* ---- the page ---------------------------------------------------------------------- */

function elements(files) {
    const make = () => ({ textContent: "", disabled: false, value: 0, files });
    return { status: make(), files: make(), start: make(), stop: make(), bar: make(),
        numbers: make() };
}

const FILE = { arrayBuffer: async () => new Uint8Array(500).buffer };

test("the page starts with files only, and stops when the user says so", async () => {
    const { air, values } = inReach();
    const el = elements([]);
    const page = new Page(el, air, module);
    assert.ok(el.start.disabled && el.stop.disabled);
    el.files.files = [FILE];
    el.files.onchange();
    assert.ok(!el.start.disabled);
    const ended = page.start();
    await until(() => values.length > 0);
    assert.ok(el.start.disabled && !el.stop.disabled);
    el.stop.onclick();
    await ended;
    assert.match(el.status.textContent, /^Stopped/);
    assert.ok(!el.start.disabled && el.stop.disabled && !air.connected);
});

test("a user who picks no device is told, and may try again", async () => {
    const { air } = inReach();
    air.requestDevice = async () => {
        throw new DOMException("User cancelled", "NotFoundError");
    };
    const el = elements([FILE]);
    await new Page(el, air, module).start();
    assert.match(el.status.textContent, /did not work: User cancelled/);
    assert.ok(!el.start.disabled);
});

test("each state has its sentence", () => {
    const now = { state: "send", wait: "none", version: "1.2.3", imageLen: 0 };
    const said = [
        [{ state: "done", alreadyRunning: true }, /already runs 1\.2\.3/],
        [{ state: "done" }, /1\.2\.3 is on the device/],
        [{ state: "refused", errorName: "E_HW", errorText: "not for it" }, /not for it/],
        [{ state: "refused", errorName: "E_ABORT" }, /Stopped/],
        [{ state: "later", laterSeconds: 60, laterWhy: "battery" },
            /60 seconds, because its battery is low\./],
        [{ state: "later", laterSeconds: 3600, laterWhy: "rate" }, /60 minutes\./],
        [{ wait: "erasing" }, /makes room/],
        [{}, /Sending version 1\.2\.3/],
    ];
    for (const [more, words] of said) {
        assert.match(sentence({ ...now, ...more }), words);
    }
    assert.strictEqual(numbers(now), "");
    assert.strictEqual(numbers({ imageLen: 2048, percent: 50, leftMs: 1500 }),
        "50 % of 2 KB, 2 seconds left");
    assert.strictEqual(numbers({ imageLen: 2048, percent: 50, leftMs: null }),
        "50 % of 2 KB");
});
