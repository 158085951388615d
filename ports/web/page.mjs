/* SPDX-License-Identifier: Apache-2.0
 *
 * A page that carries a release to a device: what the user picks, and what the user is
 * told. Knows the elements of index.html; the courier and the radio do the work. */
import { Courier, load } from "./courier.mjs";
import { Radio, choose } from "./radio.mjs";

/* For whom waits (ferry_courier_wait_name()) mean nothing. */
const WAITS = {
    link: "Looking for the device. Stay close to it.",
    peer: "Waiting for the device to answer.",
    erasing: "The device makes room.",
    verifying: "The device checks what it received.",
    resuming: "The device looks at what it already has.",
    power: "The device's battery is low. Charge it, or change it.",
    retry: "That did not work; it is tried again.",
    parked: "That did not work; connecting anew.",
};

/* Why a device says later (ferry_courier_later_name()); the others are its own affair. */
const LATERS = {
    in_use: ", because it is in use",
    battery: ", because its battery is low",
    trial: ", because it is trying out an update",
    committed: ", because it is about to restart",
};

function minutes(seconds) {
    const [n, unit] = seconds < 90 ? [seconds, "second"]
        : [Math.round(seconds / 60), "minute"];
    return n === 1 ? `1 ${unit}` : `${n} ${unit}s`;
}

/** One sentence for the user. */
export function sentence(now) {
    if (now.state === "done") {
        return now.alreadyRunning ? `The device already runs ${now.version}.`
            : `Version ${now.version} is on the device. It restarts by itself.`;
    }
    if (now.state === "refused") {
        return now.errorName === "E_ABORT" ? "Stopped. The device keeps what it has."
            : `The device does not take this: ${now.errorText}.`;
    }
    if (now.state === "later") {
        const why = LATERS[now.laterWhy] ?? "";
        return `The device asks for ${minutes(now.laterSeconds)}${why}.`;
    }
    return WAITS[now.wait] ?? `Sending version ${now.version}.`;
}

/** The second line: how far, how fast, how long. */
export function numbers(now) {
    if (now.imageLen === 0) {
        return "";
    }
    const far = `${now.percent} % of ${Math.ceil(now.imageLen / 1024)} KB`;
    return now.leftMs ? `${far}, ${minutes(Math.ceil(now.leftMs / 1000))} left` : far;
}

export class Page {
    #el;
    #bluetooth;
    #module;
    #courier = null;
    #radio = null;
    #timer = null; /* ends a pause */
    #paused = false;

    /** `elements`: status, files, start, stop, bar, numbers. `module`: what load() gives. */
    constructor(elements, bluetooth, module) {
        this.#el = elements;
        this.#bluetooth = bluetooth;
        this.#module = module;
        elements.files.onchange = () => this.#ready();
        elements.start.onclick = () => this.start();
        elements.stop.onclick = () => this.#courier?.stop();
        this.#ready();
    }

    #ready() {
        const none = this.#el.files.files.length === 0;
        this.#el.start.disabled = this.#courier !== null || none;
        this.#el.stop.disabled = this.#courier === null;
    }

    #say(text) {
        this.#el.status.textContent = text;
    }

    /** Resolves when the update has ended, whichever way. */
    async start() {
        this.#el.start.disabled = true;
        try {
            const device = await choose(this.#bluetooth); /* first: it needs the click */
            const artifacts = await Promise.all(Array.from(this.#el.files.files,
                async (file) => new Uint8Array(await file.arrayBuffer())));
            this.#radio = new Radio(device,
                (why) => this.#say(`Cannot connect: ${why.message}`));
            this.#courier = new Courier(await this.#module, { artifacts, link: this.#radio,
                onProgress: (now) => this.#show(now) });
            this.#ready();
            this.#radio.connect(this.#courier);
            await this.#courier.outcome;
        } catch (why) {
            if (this.#courier?.progress.state !== "refused") {
                this.#say(`It did not work: ${why.message}`);
            }
        }
        this.#end();
    }

    #show(now) {
        if (this.#paused && now.state === "down") {
            return; /* what was said of the pause holds on */
        }
        this.#say(sentence(now));
        this.#el.bar.value = now.percent;
        this.#el.numbers.textContent = numbers(now);
        if (now.state === "later") { /* nobody holds the link meanwhile */
            this.#pause(now.laterSeconds * 1000);
        } else if (now.state === "parked" && now.wait === "parked") {
            this.#pause(1000); /* only a new link helps */
        }
    }

    #pause(ms) {
        clearTimeout(this.#timer);
        this.#paused = true;
        this.#timer = setTimeout(() => {
            this.#paused = false;
            this.#radio?.connect(this.#courier);
        }, ms);
        queueMicrotask(() => this.#radio?.disconnect());
    }

    #end() {
        clearTimeout(this.#timer);
        this.#paused = false;
        this.#radio?.disconnect();
        this.#courier?.close();
        this.#radio = this.#courier = null;
        this.#ready();
    }
}

if (typeof document !== "undefined") {
    const ids = ["status", "files", "start", "stop", "bar", "numbers"];
    const elements = Object.fromEntries(ids.map((id) => [id, document.getElementById(id)]));
    if (navigator.bluetooth === undefined) {
        elements.status.textContent =
            "This browser has no Web Bluetooth, or the page did not come over https.";
    } else {
        new Page(elements, navigator.bluetooth, load(fetch("courier.wasm")));
    }
}
