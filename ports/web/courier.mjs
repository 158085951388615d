/* SPDX-License-Identifier: Apache-2.0
 *
 * A courier that a page can hold: events in, values and progress out, in one thread. Knows
 * where a session lies in WebAssembly's memory, and when it is to be asked for values;
 * does not know Bluetooth, nor what the values say. */

const STATES = ["down", "hello", "report", "offer", "send", "later", "parked", "done",
    "refused"];

/* Places in what ferry_ffi_look() gives: enum ferry_ffi_place, in its order. */
const PLACES = ["state", "error", "wait", "imageLen", "acked", "verified", "version", "rate",
    "leftMs", "laterSeconds", "laterWhy", "laterDetail", "artifact", "peerKnown", "withheld",
    "peerVersion", "peerHardware", "statementLen", "imageBytesSent", "bytesRepeated",
    "framesBad", "hellos"];

const VALUE_MAX = 512; /* of notifications: any */
const STATEMENT_MAX = 333;
const PAGE = 65536;
const NEVER = 0xFFFFFFFF;
const BUSY_MS = 10;
const E_SAME = 44;

/** A WebAssembly.Module of courier.wasm: from bytes, or a response, or its promise. */
export async function load(source) {
    const from = await source;
    const bytes = typeof Response !== "undefined" && from instanceof Response
        ? await from.arrayBuffer() : from;
    return WebAssembly.compile(bytes);
}

/** An update that will not happen with these artifacts: `code` is negative (enum
 * ferry_err), `errorName` its name, such as "E_HW". */
export class CourierError extends Error {
    constructor(code, errorName, text) {
        super(`${errorName}: ${text}`);
        this.name = "CourierError";
        this.code = code;
        this.errorName = errorName;
    }
}

function versionText(v) {
    return `${v >>> 24}.${v >>> 16 & 0xFF}.${v & 0xFFFF}`;
}

/* ---- one session in one memory of its own ------------------------------------------ */

class Session {
    #wasm;
    #at; /* where things lie: f, value, statement, look, small, and the end of them */

    constructor(module, artifacts, question, now) {
        this.#wasm = new WebAssembly.Instance(module).exports;
        this.#at = this.#places();
        this.#reserve(this.#at.end + artifacts.reduce((sum, a) => sum + a.length, 0));
        if (this.#wasm.ferry_ffi_make(this.#at.f, this.#wasm.ferry_ffi_size()) === 0) {
            throw new RangeError("no memory for a courier");
        }
        this.#give(artifacts);
        if (question) {
            this.#put(this.#at.small, question);
            this.#must(this.#wasm.ferry_ffi_ask(this.#at.f, this.#at.small));
        }
        this.#put(this.#at.small, crypto.getRandomValues(new Uint8Array(4)));
        this.#must(this.#wasm.ferry_ffi_start(this.#at.f, this.#at.small, VALUE_MAX, now));
    }

    #places() {
        const up = (n) => n + 15 & ~15;
        const f = up(this.#wasm.__heap_base.value);
        const value = up(f + this.#wasm.ferry_ffi_size());
        const statement = up(value + VALUE_MAX);
        const look = up(statement + STATEMENT_MAX);
        const small = up(look + 4 * PLACES.length);
        return { f, value, statement, look, small, end: small + 16 };
    }

    #reserve(bytes) {
        const more = bytes - this.#wasm.memory.buffer.byteLength;
        if (more > 0) {
            this.#wasm.memory.grow(Math.ceil(more / PAGE));
        }
    }

    #give(artifacts) {
        let at = this.#at.end;
        for (const bytes of artifacts) {
            this.#put(at, bytes);
            this.#must(this.#wasm.ferry_ffi_artifact(this.#at.f, at, bytes.length));
            at += bytes.length;
        }
    }

    #must(result) {
        if (result < 0) {
            const why = this.errorText(result);
            throw new TypeError(`a courier cannot be made of this: ${why}`);
        }
    }

    #put(at, bytes) {
        new Uint8Array(this.#wasm.memory.buffer).set(bytes, at);
    }

    #get(at, length) {
        return new Uint8Array(this.#wasm.memory.buffer).slice(at, at + length);
    }

    /* A C string: ASCII. */
    #text(at) {
        const memory = new Uint8Array(this.#wasm.memory.buffer);
        return String.fromCharCode(...memory.subarray(at, memory.indexOf(0, at)));
    }

    link(up, now) {
        this.#wasm.ferry_ffi_link(this.#at.f, up ? 1 : 0, now);
    }

    input(bytes, now) {
        for (let i = 0; i < bytes.length; i += VALUE_MAX) {
            const piece = bytes.subarray(i, i + VALUE_MAX);
            this.#put(this.#at.value, piece);
            this.#wasm.ferry_ffi_input(this.#at.f, this.#at.value, piece.length, now);
        }
    }

    /** A value of at most `room` bytes, or null. */
    output(room, now) {
        const length = this.#wasm.ferry_ffi_output(this.#at.f, this.#at.value,
            Math.min(room, VALUE_MAX), now);
        return length === 0 ? null : this.#get(this.#at.value, length);
    }

    tick(now) {
        this.#wasm.ferry_ffi_tick(this.#at.f, now);
    }

    deadline(now) {
        return this.#wasm.ferry_ffi_deadline(this.#at.f, now) >>> 0;
    }

    abort(now) {
        this.#wasm.ferry_ffi_abort(this.#at.f, now);
    }

    statement() {
        const length = this.#wasm.ferry_ffi_statement(this.#at.f, this.#at.statement,
            STATEMENT_MAX);
        return length === 0 ? null : this.#get(this.#at.statement, length);
    }

    errorName(code) {
        return this.#text(this.#wasm.ferry_errname(code));
    }

    errorText(code) {
        return this.#text(this.#wasm.ferry_strerror(code));
    }

    #peerClass() {
        this.#wasm.ferry_ffi_class(this.#at.f, this.#at.small);
        const hex = Array.from(this.#get(this.#at.small, 16),
            (byte) => byte.toString(16).padStart(2, "0")).join("");
        return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
    }

    look() {
        this.#wasm.ferry_ffi_look(this.#at.f, this.#at.look, PLACES.length);
        const numbers = new Uint32Array(this.#wasm.memory.buffer, this.#at.look,
            PLACES.length);
        const now = Object.fromEntries(PLACES.map((name, i) => [name, numbers[i]]));
        const known = now.peerKnown === 1;
        return Object.freeze({
            ...now,
            state: STATES[now.state],
            error: -now.error | 0,
            errorName: this.errorName(-now.error),
            errorText: this.errorText(-now.error),
            wait: this.#text(this.#wasm.ferry_ffi_wait_name(now.wait)),
            laterWhy: this.#text(this.#wasm.ferry_ffi_later_name(now.laterWhy)),
            leftMs: now.leftMs === NEVER ? null : now.leftMs,
            version: versionText(now.version),
            artifact: now.imageLen === 0 ? null : now.artifact,
            percent: now.imageLen === 0 ? 0 : Math.floor(now.acked * 100 / now.imageLen),
            alreadyRunning: STATES[now.state] === "done" && now.error === E_SAME,
            peerKnown: known,
            peerVersion: known && now.withheld === 0 ? versionText(now.peerVersion) : null,
            peerClass: known ? this.#peerClass() : null,
        });
    }
}

/* ---- what a page holds ------------------------------------------------------------- */

function milliseconds() {
    return Math.floor(performance.now());
}

/**
 * Carries one of these artifacts to one device, over as many connections as it takes.
 *
 * `link.room()`: the longest value that may be written now, in bytes; 0: none now, and
 * writable() is called when that has changed. `link.write(value)`: false: not taken, the
 * same value is offered again, after 10 ms or at the next writable(). Neither waits.
 *
 * `outcome` is a promise: of the progress in state "done"; or rejected by a CourierError;
 * or by an AbortError, if it was closed before. What `link` or `onProgress` throw rejects
 * it, too, and closes the courier.
 */
export class Courier {
    #session;
    #link;
    #onProgress;
    #last;
    #timer = null;
    #refused = null; /* by the link: to be offered again before anything else */
    #events = []; /* those that came while one was dealt with */
    #busy = false;
    #settle;

    /** @param module of load(); artifacts: Uint8Arrays, all of a release, at most 8;
     * question: 16 bytes of a server, for the device's statement, or none. */
    constructor(module, { artifacts = [], question = null, link, onProgress = () => {} }) {
        if (question !== null && question.length !== 16) {
            throw new TypeError("a question has 16 bytes");
        }
        if (typeof link?.room !== "function" || typeof link?.write !== "function") {
            throw new TypeError("a courier wants a link");
        }
        this.#session = new Session(module, artifacts, question, milliseconds());
        this.#link = link;
        this.#onProgress = onProgress;
        this.#last = this.#session.look();
        this.outcome = new Promise((resolve, reject) => {
            this.#settle = { resolve, reject };
        });
        this.outcome.catch(() => {}); /* who does not ask need not be told */
    }

    linkUp() {
        this.#happens(() => this.#open().link(true, milliseconds()));
    }

    linkDown() {
        this.#happens(() => {
            this.#refused = null;
            this.#open().link(false, milliseconds());
        });
    }

    /** A notification, in the order in which they came. */
    received(bytes) {
        const copy = Uint8Array.from(bytes);
        this.#happens(() => this.#open().input(copy, milliseconds()));
    }

    /** A write has ended: the link may have room again. */
    writable() {
        this.#happens(() => {});
    }

    /** The user said stop. One last value goes out if the link is up. */
    stop() {
        this.#happens(() => this.#open().abort(milliseconds()));
    }

    /** Twice is harmless; every other call but `progress` throws from now on. */
    close() {
        if (this.#session !== null) {
            this.#session = null;
            clearTimeout(this.#timer);
            this.#settle.reject(new DOMException("this courier was closed", "AbortError"));
        }
    }

    get progress() {
        return this.#last;
    }

    /** The device's signed answer, unverified; null: none has come. */
    statement() {
        return this.#open().statement();
    }

    #open() {
        if (this.#session === null) {
            throw new DOMException("this courier is closed", "InvalidStateError");
        }
        return this.#session;
    }

    /* A callback may call in: that waits until what is under way is done. */
    #happens(event) {
        this.#open();
        this.#events.push(event);
        if (this.#busy) {
            return;
        }
        this.#busy = true;
        try {
            while (this.#events.length > 0 && this.#session !== null) {
                this.#deal(this.#events.shift());
            }
        } finally {
            this.#busy = false;
        }
    }

    #deal(event) {
        try {
            event();
            this.#say();
            this.#tellNews();
            this.#setTimer();
        } catch (why) {
            if (this.#session !== null) {
                this.#settle.reject(why);
                this.close();
            }
        }
    }

    /* Values are made only when the link can take one, so that each says the newest. */
    #say() {
        let room;
        while ((room = this.#link.room()) > 0) {
            const value = this.#refused ?? this.#open().output(room, milliseconds());
            if (value === null) {
                return;
            }
            this.#refused = this.#link.write(value) ? null : value;
            if (this.#refused !== null) {
                return;
            }
        }
    }

    #tellNews() {
        const before = this.#last;
        const now = this.#open().look();
        this.#last = now;
        if (["state", "wait", "error", "percent"].some((key) => now[key] !== before[key])) {
            this.#onProgress(now);
        }
        if (now.state === "done") {
            this.#settle.resolve(now);
        } else if (now.state === "refused") {
            this.#settle.reject(new CourierError(now.error, now.errorName, now.errorText));
        }
    }

    #setTimer() {
        const wait = this.#open().deadline(milliseconds());
        clearTimeout(this.#timer);
        if (this.#refused !== null && wait > BUSY_MS) {
            this.#timer = setTimeout(() => this.#happens(() => {}), BUSY_MS);
        } else if (wait !== NEVER) {
            this.#timer = setTimeout(
                () => this.#happens(() => this.#open().tick(milliseconds())), wait);
        }
    }
}
