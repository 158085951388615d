/* SPDX-License-Identifier: Apache-2.0
 *
 * The messages of radio.py, from the app's side: a letter, a length of two bytes, and so
 * many bytes, on standard input and output. */
import { writeSync } from "node:fs";

const HEAD = 3;

export class Messages {
    on = {}; /* up, down, value, end */
    #inbox = Buffer.alloc(0);

    listen() {
        process.stdin.on("data", (data) => this.#hear(data));
        process.stdin.on("end", () => this.on.end());
    }

    send(kind, body) {
        const head = Buffer.from([kind.charCodeAt(0), body.length >> 8, body.length & 0xFF]);
        this.#write(Buffer.concat([head, body]));
    }

    tell(text) {
        this.send("S", Buffer.from(text));
    }

    /* The pipe may be full for a moment: who reads it never waits for long. */
    #write(bytes) {
        for (let at = 0; at < bytes.length;) {
            try {
                at += writeSync(1, bytes, at);
            } catch (why) {
                if (why.code !== "EAGAIN") {
                    throw why;
                }
            }
        }
    }

    #hear(data) {
        this.#inbox = Buffer.concat([this.#inbox, data]);
        while (this.#inbox.length >= HEAD) {
            const end = HEAD + this.#inbox.readUInt16BE(1);
            if (this.#inbox.length < end) {
                return;
            }
            const kind = String.fromCharCode(this.#inbox[0]);
            const body = this.#inbox.subarray(HEAD, end);
            this.#inbox = this.#inbox.subarray(end);
            if (kind === "V") {
                this.on.value(body);
            } else {
                (kind === "U" ? this.on.up : this.on.down)();
            }
        }
    }
}
