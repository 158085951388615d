// SPDX-License-Identifier: Apache-2.0
//
// The phone's side of GATT, on noble: finds the device of docs/BLE.md, connects,
// discovers, subscribes, and does so again whenever the connection is lost, for as long
// as the native session behind it lives. Does not know what is carried. Ends with its
// session, or with its standard input.
//
// usage: node phone.mjs PORT MTU ENGINE [ARGUMENT...]
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';

import { Engine, HANG_UP, VALUE } from './engine.mjs';
import { SERVICE, TO_COURIER, TO_DEVICE, controller, endWithInput, say, within }
    from './gatt.mjs';

const STEP_MS = 30000; // a stack on a loaded machine; a radio would have answered
const AGAIN_MS = 200;  // before the next attempt

const require = createRequire(import.meta.url);
const { withBindings } = require('@stoprocent/noble');

const [port, mtu, ...command] = process.argv.slice(2);
const noble = withBindings('hci', controller(port));
let link = null; // the connection, once it is subscribed
let conns = 0;

// ---- one connection -----------------------------------------------------------------

async function find() {
    const found = new Promise((resolve) => { noble.once('discover', resolve); });
    await noble.startScanningAsync([SERVICE], false);
    try {
        return await within(STEP_MS, 'scan', found);
    } finally {
        await noble.stopScanningAsync();
    }
}

// A step of a connection ends with it.
function step(what, gone, promise) {
    const lost = gone.then(() => { throw new Error(`${what}: connection lost`); });
    return within(STEP_MS, what, Promise.race([promise, lost]));
}

async function connect(device, gone) {
    const agreed = once(device, 'mtu');
    await step('connect', gone, device.connectAsync({ mtu: Number(mtu) }));
    await step('mtu', gone, agreed);
}

async function discover(device, gone) {
    const { characteristics } = await step('discover', gone,
        device.discoverSomeServicesAndCharacteristicsAsync([SERVICE], []));
    const byUuid = new Map(characteristics.map((each) => [each.uuid, each]));
    if (!byUuid.has(TO_DEVICE) || !byUuid.has(TO_COURIER)) {
        throw new Error('discover: a characteristic is missing');
    }
    return [byUuid.get(TO_DEVICE), byUuid.get(TO_COURIER)];
}

// From the first scan to the end of the connection.
async function visit(engine) {
    const device = await find();
    say('phone', `found address=${device.address} ` +
        `data=${device.advertisement.serviceData?.map((d) => d.data.toString('hex'))}`);
    const gone = once(device, 'disconnect');
    const conn = ++conns & 0xFFFF;
    try {
        await connect(device, gone);
        const [toDevice, toCourier] = await discover(device, gone);
        toCourier.on('data', (value) => engine.value(conn, value));
        await step('subscribe', gone, toCourier.subscribeAsync());
        link = { conn, device, toDevice, gone, written: Promise.resolve() };
        engine.up(conn, device.mtu);
        await gone;
    } finally {
        if (link !== null) {
            link = null;
            engine.down(conn);
        }
        await leave(device, gone);
    }
}

function hangUp(device) {
    if (device.state === 'connected') {
        device.disconnect();
    }
}

// However far it came: nothing of this connection is left.
async function leave(device, gone) {
    if (device.state === 'connecting') {
        device.cancelConnect();
    } else if (device.state !== 'disconnected') {
        hangUp(device);
        await within(STEP_MS, 'disconnect', gone);
    }
}

// ---- the session --------------------------------------------------------------------

// One after the other: noble remembers one writer.
async function write(engine, { conn, toDevice, written }, value) {
    await written;
    try {
        await toDevice.writeAsync(value, true);
        engine.sent(conn);
    } catch (why) {
        say('phone', `not written: ${why.message}`);
    }
}

function onMessage(engine, { kind, conn, body }) {
    if (link === null || conn !== link.conn) {
        return; // said while the connection was being lost
    }
    if (kind === VALUE) {
        link.written = write(engine, link, body);
    } else if (kind === HANG_UP) {
        hangUp(link.device);
    }
}

async function live(engine) {
    for (;;) {
        try {
            await visit(engine);
        } catch (why) {
            say('phone', `trouble: ${why.message}`);
        }
        await sleep(AGAIN_MS);
    }
}

// A process that just ends leaves its controller connected.
async function end(code) {
    try {
        if (link !== null) {
            hangUp(link.device);
            await within(STEP_MS, 'disconnect', link.gone);
        }
    } finally {
        process.exit(code);
    }
}

endWithInput();
await within(STEP_MS, 'controller', noble.waitForPoweredOnAsync(STEP_MS));
const engine = new Engine(command);
engine.on('message', (message) => onMessage(engine, message));
engine.on('end', (code) => end(code));
await live(engine);
