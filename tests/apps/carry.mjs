/* SPDX-License-Identifier: Apache-2.0
 *
 * An app as small as one can be, for the tests: a courier whose link is standard input
 * and output (radio.py has the messages). With --bluetooth they stand behind a browser's
 * Web Bluetooth, and ports/web/radio.mjs is the link.
 *
 * usage: carry.mjs FOLDER [--bluetooth] [--question HEX] ARTIFACT..., FOLDER as built */
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import path from "node:path";

import { Bluetooth } from "./bluetooth.mjs";
import { Messages } from "./messages.mjs";

const [folder, ...words] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(path.resolve(folder, name)));
const { Courier, load } = await from("courier.mjs");
const { Radio, choose } = await from("radio.mjs");

let question = null;
let bluetooth = false;
const artifacts = [];
for (let i = 0; i < words.length; i++) {
    if (words[i] === "--question") {
        question = Uint8Array.from(Buffer.from(words[++i], "hex"));
    } else if (words[i] === "--bluetooth") {
        bluetooth = true;
    } else {
        artifacts.push(new Uint8Array(readFileSync(words[i])));
    }
}

function line(word, now) {
    const said = now.statementLen > 0 ? courier.statement() : null;
    return `${word} state=${now.state.toUpperCase()} wait=${now.wait} acked=${now.acked}`
        + ` verified=${now.verified} of=${now.imageLen} sent=${now.imageBytesSent}`
        + ` repeated=${now.bytesRepeated} hellos=${now.hellos} version=${now.version}`
        + ` artifact=${now.artifact} already=${now.alreadyRunning} peer=${now.peerVersion}`
        + ` hw=${now.peerHardware} class=${now.peerClass} percent=${now.percent}`
        + ` statement=${said === null ? "none" : Buffer.from(said).toString("hex")}`;
}

const messages = new Messages();
const plain = {
    room: () => 244,
    write: (value) => {
        messages.send("V", value);
        return true;
    },
};
const air = bluetooth ? new Bluetooth(messages) : null;
const link = bluetooth ? new Radio(await choose(air)) : plain;
const courier = new Courier(await load(readFileSync(path.join(folder, "courier.wasm"))), {
    artifacts, question, link, onProgress: (now) => messages.tell(line("progress", now)) });

courier.outcome.then((now) => messages.tell(
    air?.mistakes.length > 0 ? `broken ${air.mistakes}` : line("done", now)),
    (why) => messages.tell(why.code < 0 ? `refused ${why.message}` : `broken ${why}`));
messages.on = {
    up: () => (bluetooth ? air.appear() : courier.linkUp()),
    down: () => (bluetooth ? air.vanish() : courier.linkDown()),
    value: (bytes) => (bluetooth ? air.notify(bytes) : courier.received(bytes)),
    end: () => {
        if (bluetooth) {
            link.disconnect();
        }
        courier.close();
    },
};
if (bluetooth) {
    link.connect(courier);
}
messages.listen();
