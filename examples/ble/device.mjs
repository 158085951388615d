// SPDX-License-Identifier: Apache-2.0
//
// The device's side of GATT, on bleno: the service of docs/BLE.md, and a native session
// behind it. Knows when values may go out; does not know what is in them. Ends with its
// standard input.
//
// usage: node device.mjs PORT ENGINE [ARGUMENT...]
import { createRequire } from 'node:module';

import { ADVERT, Engine, HANG_UP, VALUE } from './engine.mjs';
import { SERVICE, TO_COURIER, TO_DEVICE, controller, endWithInput, say, within }
    from './gatt.mjs';

const ADVERT_LEN = 18; // the rest of ADVERT's body is the scan response
const START_MS = 60000; // a loaded machine is slow

const require = createRequire(import.meta.url);
const { Characteristic, PrimaryService, withBindings } = require('@stoprocent/bleno');

const [port, ...command] = process.argv.slice(2);
const bleno = withBindings('hci', controller(port));
const connected = new Set();
let writes = 0;
let notifications = 0;

// ---- the service --------------------------------------------------------------------

const toDevice = new Characteristic({
    uuid: TO_DEVICE,
    properties: ['writeWithoutResponse'],
    onWriteRequest(conn, value, offset, withoutResponse, answer) {
        writes++;
        engine.value(conn, value);
        answer(Characteristic.RESULT_SUCCESS);
    },
});

const notifiers = new Map(); // of those who subscribed

const toCourier = new Characteristic({
    uuid: TO_COURIER,
    properties: ['notify'],
    onSubscribe(conn, valueMax, notify) {
        notifiers.set(conn, notify);
        say('device', `subscribed conn=${conn} mtu=${valueMax + 3}`);
        engine.up(conn, valueMax + 3);
    },
    onUnsubscribe(conn) {
        notifiers.delete(conn);
    },
    onNotify(conn) {
        engine.sent(conn);
    },
});

// ---- connections --------------------------------------------------------------------

bleno.on('accept', (address, conn) => {
    connected.add(conn);
    say('device', `connected conn=${conn} to=${address}`);
});

bleno.on('disconnect', (address, conn) => {
    notifiers.delete(conn);
    connected.delete(conn);
    engine.down(conn);
    say('device', `disconnected conn=${conn} writes=${writes} ` +
        `notifications=${notifications}`);
});

// ---- the session --------------------------------------------------------------------

function advertise(both) {
    bleno.startAdvertisingWithEIRData(both.subarray(0, ADVERT_LEN),
        both.subarray(ADVERT_LEN),
        (why) => say('device', `advertises err=${why ?? 'ok'}`));
}

function onMessage({ kind, conn, body }) {
    if (kind === VALUE && notifiers.has(conn)) {
        notifications++;
        notifiers.get(conn)(body);
    } else if (kind === HANG_UP && connected.has(conn)) {
        bleno.disconnect(conn);
    } else if (kind === ADVERT) {
        advertise(body);
    }
}

endWithInput();
await within(START_MS, 'controller', bleno.waitForPoweredOnAsync(START_MS));
await bleno.setServicesAsync([
    new PrimaryService({ uuid: SERVICE, characteristics: [toDevice, toCourier] }),
]);
// Nobody finds it before it asks to be advertised.
const engine = new Engine(command);
engine.on('message', onMessage);
engine.on('end', (code) => process.exit(code));
