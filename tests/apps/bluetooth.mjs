/* SPDX-License-Identifier: Apache-2.0
 *
 * As much of a browser's Web Bluetooth as ports/web uses, before a device that comes and
 * goes. As strict as browsers are: one operation at a time, no value that is too long,
 * nothing without a connection. Written from the specification; no browser was asked. */
import { webcrypto } from "node:crypto";

globalThis.crypto ??= webcrypto; /* which browsers have, and Node from 20 on */

export const MTU = 247;

class NetworkError extends DOMException {
    constructor(why) {
        super(why, "NetworkError");
    }
}

class ToDevice {
    constructor(air) {
        this.air = air;
        this.writing = false;
    }

    async writeValueWithoutResponse(value) {
        if (!this.air.connected) {
            throw new NetworkError("GATT Server is disconnected");
        }
        if (this.writing) {
            this.air.mistakes.push("two writes at a time");
            throw new NetworkError("GATT operation already in progress.");
        }
        if (value.length > MTU - 3) {
            this.air.mistakes.push(`a value of ${value.length} bytes`);
            throw new NetworkError("too long");
        }
        this.writing = true;
        this.air.lengths.push(value.length);
        this.air.messages.send("V", value);
        await new Promise((resolve) => setImmediate(resolve));
        this.writing = false;
    }
}

class ToCourier {
    oncharacteristicvaluechanged = null;
    subscribed = false;

    async startNotifications() {
        this.subscribed = true;
        return this;
    }
}

class Service {
    constructor(air) {
        this.toCourier = new ToCourier();
        this.all = { "05fb0002-50e4-4052-992d-9c862f8c6c9e": new ToDevice(air),
            "05fb0003-50e4-4052-992d-9c862f8c6c9e": this.toCourier };
    }

    async getCharacteristic(uuid) {
        if (this.all[uuid] === undefined) {
            throw new DOMException(`no characteristic ${uuid}`, "NotFoundError");
        }
        return this.all[uuid];
    }
}

/** navigator.bluetooth, the device, and its server, in one. */
export class Bluetooth extends EventTarget {
    connected = false;
    mistakes = [];
    lengths = []; /* of what was written */
    filters = null;
    #there = false;
    #waiting = [];
    #service = null;

    constructor(messages) {
        super();
        this.messages = messages;
        this.gatt = this;
    }

    async requestDevice(options) {
        this.filters = options.filters;
        return this;
    }

    /** Waits, as browsers do, until the device is in reach. */
    async connect() {
        if (!this.#there) {
            await new Promise((resolve) => this.#waiting.push(resolve));
        }
        this.connected = true;
        this.#service = new Service(this);
        return this;
    }

    async getPrimaryService(uuid) {
        if (uuid !== "05fb0001-50e4-4052-992d-9c862f8c6c9e") {
            throw new DOMException(`no service ${uuid}`, "NotFoundError");
        }
        return this.#service;
    }

    disconnect() {
        const was = this.connected;
        this.connected = false;
        if (was) {
            this.dispatchEvent(new Event("gattserverdisconnected"));
        }
    }

    /* ---- what the test does to it ---------------------------------------------------- */

    appear() {
        this.#there = true;
        this.#waiting.splice(0).forEach((resolve) => resolve());
    }

    vanish() {
        this.#there = false;
        this.disconnect();
    }

    /** A value of the device's, in notifications as long as the MTU allows. */
    notify(bytes) {
        const to = this.#service?.toCourier;
        if (!this.connected || !to?.subscribed) {
            return;
        }
        for (let at = 0; at < bytes.length; at += MTU - 3) {
            const piece = Uint8Array.from(bytes.subarray(at, at + MTU - 3));
            const value = new DataView(piece.buffer);
            to.oncharacteristicvaluechanged?.({ target: { value } });
        }
    }
}
