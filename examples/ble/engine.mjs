// SPDX-License-Identifier: Apache-2.0
//
// A session's native program as a child, and the messages to and from it (wire.h is the
// other end). Knows how they are framed; does not know a stack, nor what values mean.
import { spawn } from 'node:child_process';
import { EventEmitter } from 'node:events';

export const UP = 'u';
export const DOWN = 'd';
export const SENT = 's';
export const VALUE = 'v';
export const ADVERT = 'a';
export const HANG_UP = 'x';

const HEAD = 5; // bytes: kind, connection, length of the body

export function pack(kind, conn, body = Buffer.alloc(0)) {
    const head = Buffer.alloc(HEAD);
    head.write(kind, 0, 'latin1');
    head.writeUInt16LE(conn, 1);
    head.writeUInt16LE(body.length, 3);
    return Buffer.concat([head, body]);
}

// Cuts a stream of bytes, which comes in pieces of any length, into messages.
export class Splitter {
    #bytes = Buffer.alloc(0);

    feed(piece) {
        const messages = [];
        this.#bytes = Buffer.concat([this.#bytes, piece]);
        while (this.#bytes.length >= HEAD) {
            const end = HEAD + this.#bytes.readUInt16LE(3);
            if (this.#bytes.length < end) {
                break;
            }
            messages.push({
                kind: this.#bytes.toString('latin1', 0, 1),
                conn: this.#bytes.readUInt16LE(1),
                body: this.#bytes.subarray(HEAD, end),
            });
            this.#bytes = this.#bytes.subarray(end);
        }
        return messages;
    }
}

// Node has null for a program that was killed, a negative one for what is no program.
function exitCode(code) {
    return code === null || code < 0 ? 1 : code;
}

// Emits 'message' for each, and 'end' with the exit code. What it says on standard
// error goes where ours goes.
export class Engine extends EventEmitter {
    #child;

    constructor([program, ...args]) {
        super();
        const splitter = new Splitter();
        this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
        this.#child.stdin.on('error', () => {}); // it has ended: 'end' says so
        this.#child.stdout.on('data', (piece) => {
            for (const message of splitter.feed(piece)) {
                this.emit('message', message);
            }
        });
        this.#child.on('error', (why) => console.error(`engine: ${why.message}`));
        this.#child.on('close', (code) => this.emit('end', exitCode(code)));
    }

    up(conn, mtu) {
        const body = Buffer.alloc(2);
        body.writeUInt16LE(mtu);
        this.#tell(UP, conn, body);
    }

    down(conn) {
        this.#tell(DOWN, conn);
    }

    // So many more values may be handed over.
    sent(conn, count = 1) {
        this.#tell(SENT, conn, Buffer.from([count]));
    }

    value(conn, bytes) {
        this.#tell(VALUE, conn, bytes);
    }

    // It hears no more, and should end.
    end() {
        this.#child.stdin.end();
    }

    #tell(kind, conn, body) {
        this.#child.stdin.write(pack(kind, conn, body));
    }
}
