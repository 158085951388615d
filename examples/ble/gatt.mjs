// SPDX-License-Identifier: Apache-2.0
//
// What both ends need around a stack: what docs/BLE.md says once for both, a controller,
// patience, an end. Knows no session.
export const SERVICE = '05fb000150e44052992d9c862f8c6c9e';
export const TO_DEVICE = '05fb000250e44052992d9c862f8c6c9e';
export const TO_COURIER = '05fb000350e44052992d9c862f8c6c9e';

// An HCI controller behind a serial port: what both stacks take as options.
export function controller(port) {
    return {
        hciDriver: 'uart',
        bindParams: { uart: { port, baudRate: 1000000, flowControl: false } },
    };
}

// The promise, or an error after so many milliseconds: no step waits for ever.
export function within(ms, what, promise) {
    let timer;
    const late = new Promise((_, reject) => {
        timer = setTimeout(() => reject(new Error(`${what}: nothing in ${ms} ms`)), ms);
    });
    return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// Whoever started this is there as long as our standard input is: nobody outlives it.
export function endWithInput() {
    process.stdin.on('end', () => process.exit(1)).resume();
}

export function say(who, text) {
    process.stderr.write(`${who} ${text}\n`);
}
