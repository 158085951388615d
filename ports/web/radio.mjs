/* SPDX-License-Identifier: Apache-2.0
 *
 * A device over Web Bluetooth, as a courier's link (docs/BLE.md): finds it, connects,
 * subscribes, and connects again when it was lost. Knows GATT; does not know what the
 * values say. */

export const SERVICE = "05fb0001-50e4-4052-992d-9c862f8c6c9e";
export const TO_DEVICE = "05fb0002-50e4-4052-992d-9c862f8c6c9e";
export const TO_COURIER = "05fb0003-50e4-4052-992d-9c862f8c6c9e";

const VALUE_LEAST = 20; /* what the smallest MTU carries */
const VALUE_MOST = 244;
const AGAIN_MS = [0, 1000, 2000, 4000, 8000, 16000, 32000, 60000];

/** Asks the user for a device. Browsers want a gesture of the user's for it. */
export function choose(bluetooth) {
    return bluetooth.requestDevice({ filters: [{ services: [SERVICE] }] });
}

export class Radio {
    #device;
    #courier = null;
    #toDevice = null; /* while the link is up */
    #writing = false;
    #longest = VALUE_LEAST; /* a notification of so many bytes came: so can a write */
    #wanted = false;
    #tries = 0;
    #timer = null;
    #onTrouble;

    /** `onTrouble(error)`: it did not work, and is tried again. */
    constructor(device, onTrouble = () => {}) {
        this.#device = device;
        this.#onTrouble = onTrouble;
        device.addEventListener("gattserverdisconnected", () => this.#lost());
    }

    /** From now on this courier has the link, whenever there is one. */
    connect(courier) {
        this.#courier = courier;
        this.#wanted = true;
        return this.#try();
    }

    /** Until connect() is called again. The courier may be closed after it. */
    disconnect() {
        this.#wanted = false;
        clearTimeout(this.#timer);
        this.#lost();
        this.#device.gatt.disconnect();
    }

    /* ---- the courier's link ---------------------------------------------------------- */

    room() {
        return this.#toDevice === null || this.#writing ? 0 : this.#valueMax();
    }

    write(value) {
        this.#writing = true;
        const to = this.#toDevice;
        to.writeValueWithoutResponse(value).catch(() => {
            /* A value that was lost is asked for again. */
        }).finally(() => {
            if (to === this.#toDevice) {
                this.#writing = false;
                this.#courier.writable();
            }
        });
        return true;
    }

    /* Browsers do not tell the MTU (one attribute is proposed). What came in one
     * notification also fits into one write; the first answer has 69 bytes, a statement's
     * pieces are as long as they can be. */
    #valueMax() {
        const told = this.#device.gatt.maxWriteWithoutResponseSize ?? this.#longest;
        return Math.min(Math.max(told, VALUE_LEAST), VALUE_MOST);
    }

    /* ---- coming and going ------------------------------------------------------------ */

    async #try() {
        try {
            const server = await this.#device.gatt.connect();
            const service = await server.getPrimaryService(SERVICE);
            const toCourier = await service.getCharacteristic(TO_COURIER);
            const toDevice = await service.getCharacteristic(TO_DEVICE);
            toCourier.oncharacteristicvaluechanged =
                (event) => this.#heard(event.target.value);
            await toCourier.startNotifications(); /* asks the user to pair, if need be */
            this.#up(toDevice);
        } catch (why) {
            if (this.#wanted) {
                this.#onTrouble(why);
                this.#device.gatt.disconnect();
                this.#later();
            }
        }
    }

    #up(toDevice) {
        if (!this.#wanted) {
            return;
        }
        this.#toDevice = toDevice;
        this.#writing = false;
        this.#tries = 0;
        this.#courier.linkUp();
    }

    #heard(view) {
        const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
        this.#longest = Math.max(this.#longest, bytes.length);
        if (this.#toDevice !== null) {
            this.#courier.received(bytes);
        }
    }

    #lost() {
        if (this.#toDevice !== null) {
            this.#toDevice = null;
            this.#longest = VALUE_LEAST; /* the next link may carry less */
            this.#courier.linkDown();
            this.#later();
        }
    }

    #later() {
        if (this.#wanted) {
            const wait = AGAIN_MS[Math.min(this.#tries, AGAIN_MS.length - 1)];
            this.#tries++;
            clearTimeout(this.#timer);
            this.#timer = setTimeout(() => this.#try(), wait);
        }
    }
}
