/* SPDX-License-Identifier: Apache-2.0
 *
 * The page of ports/web without a browser: its elements are plain objects, Web Bluetooth
 * stands before the messages of radio.py. Says each sentence that a user would read.
 *
 * usage: page_app.mjs FOLDER ARTIFACT..., FOLDER as built */
import { readFileSync } from "node:fs";
import path from "node:path";
import { pathToFileURL } from "node:url";

import { Bluetooth } from "./bluetooth.mjs";
import { Messages } from "./messages.mjs";

const [folder, ...names] = process.argv.slice(2);
const from = (name) => import(pathToFileURL(path.resolve(folder, name)));
const { load } = await from("courier.mjs");
const { Page } = await from("page.mjs");

const messages = new Messages();
const air = new Bluetooth(messages);
const files = names.map((name) => ({ arrayBuffer: async () => readFileSync(name) }));
const status = {
    set textContent(text) {
        messages.tell(`says ${text}`);
    },
};
const elements = { status, files: { files }, start: {}, stop: {}, bar: {}, numbers: {} };
const page = new Page(elements, air, load(readFileSync(path.join(folder, "courier.wasm"))));

messages.on = { up: () => air.appear(), down: () => air.vanish(),
    value: (bytes) => air.notify(bytes), end: () => process.exit(0) };
messages.listen();
await page.start();
messages.tell(`ended bar=${elements.bar.value} mistakes=${air.mistakes.length}`);
