// Swift untested here: no Swift compiler has read this file.
// SPDX-License-Identifier: Apache-2.0
//
// A CoreBluetooth peripheral as a courier's link, and the UUIDs of docs/BLE.md. Whoever is
// the peripheral's delegate passes on what it hears; this does not connect.
import CoreBluetooth
import Foundation

public enum FerryService {
    public static let service = CBUUID(string: "05fb0001-50e4-4052-992d-9c862f8c6c9e")
    public static let toDevice = CBUUID(string: "05fb0002-50e4-4052-992d-9c862f8c6c9e")
    public static let toCourier = CBUUID(string: "05fb0003-50e4-4052-992d-9c862f8c6c9e")
}

/// The delegate calls, on the courier's queue: `linkUp()` when
/// `didUpdateNotificationStateFor` tells that notifications are on, `received()` in
/// `didUpdateValueFor`, `writable()` in `peripheralIsReady(toSendWriteWithoutResponse:)`,
/// `linkDown()` in `didDisconnectPeripheral`.
public final class PeripheralLink: CourierLink {
    private static let valueMost = 244

    private let peripheral: CBPeripheral
    private let toDevice: CBCharacteristic
    private var wrote = false

    public init(peripheral: CBPeripheral, toDevice: CBCharacteristic) {
        self.peripheral = peripheral
        self.toDevice = toDevice
    }

    public var room: Int {
        // It can be false of a new connection until something was written (docs/PHONE.md).
        guard peripheral.canSendWriteWithoutResponse || !wrote else { return 0 }
        return min(peripheral.maximumWriteValueLength(for: .withoutResponse),
                   PeripheralLink.valueMost)
    }

    public func write(_ value: Data) -> Bool {
        wrote = true
        peripheral.writeValue(value, for: toDevice, type: .withoutResponse)
        return true
    }
}
