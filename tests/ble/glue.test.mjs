// SPDX-License-Identifier: Apache-2.0
//
// The logic of examples/ble's glue: messages, cut anywhere, in the bytes that wire.c
// speaks; a program that ends; a step that takes too long. Runs without any stack.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import test from 'node:test';

import { DOWN, Engine, Splitter, UP, VALUE, pack } from '../../examples/ble/engine.mjs';
import { SERVICE, TO_COURIER, TO_DEVICE, within } from '../../examples/ble/gatt.mjs';

const value = pack(VALUE, 0x0102, Buffer.from([7, 8, 9]));
const down = pack(DOWN, 3);

test('a message is its kind, connection and length, then its body', () => {
    assert.equal(value.toString('hex'), '76' + '0201' + '0300' + '070809');
    assert.equal(down.toString('hex'), '64' + '0300' + '0000');
});

test('messages come out whole wherever the stream is cut', () => {
    const stream = Buffer.concat([value, down, value]);
    for (let cut = 0; cut <= stream.length; cut++) {
        const splitter = new Splitter();
        const found = [...splitter.feed(stream.subarray(0, cut)),
            ...splitter.feed(stream.subarray(cut))];
        assert.deepEqual(found.map(({ kind, conn, body }) => pack(kind, conn, body)),
            [value, down, value]);
    }
});

test('one byte at a time makes the same messages', () => {
    const splitter = new Splitter();
    const found = [...Buffer.concat([value, down])].flatMap((byte) =>
        splitter.feed(Buffer.from([byte])));
    assert.deepEqual(found.map(({ kind }) => kind), [VALUE, DOWN]);
    assert.equal(found[0].body.toString('hex'), '070809');
});

test('what is told to a program comes back from one that repeats it', async () => {
    const engine = new Engine([process.execPath, '-e',
        'process.stdin.pipe(process.stdout)']);
    const answer = once(engine, 'message');
    engine.up(5, 247);
    const [{ kind, conn, body }] = await answer;
    assert.deepEqual([kind, conn, body.readUInt16LE()], [UP, 5, 247]);
    engine.end();
    assert.deepEqual(await once(engine, 'end'), [0]);
});

test('a program that ends says its exit code, and may still be spoken to', async () => {
    const engine = new Engine([process.execPath, '-e', 'process.exit(3)']);
    assert.deepEqual(await once(engine, 'end'), [3]);
    engine.value(1, Buffer.from([1]));
});

test('a program that does not exist ends, too', async () => {
    const engine = new Engine(['/nowhere/ble-phone']);
    assert.deepEqual(await once(engine, 'end'), [1]);
});

test('service and characteristics are those of docs/BLE.md', () => {
    const page = readFileSync(new URL('../../docs/BLE.md', import.meta.url), 'utf8');
    for (const [row, uuid] of [['service', SERVICE], ['to device', TO_DEVICE],
        ['to courier', TO_COURIER]]) {
        const said = page.match(new RegExp(`^\\| ${row} \\| \`([0-9a-f-]{36})\``, 'm'));
        assert.equal(uuid, said[1].replaceAll('-', ''));
    }
});

test('a step that takes too long is an error that names it', async () => {
    const never = new Promise(() => {});
    await assert.rejects(within(5, 'scan', never), /scan: nothing in 5 ms/);
    assert.equal(await within(60000, 'scan', Promise.resolve(4)), 4);
});
