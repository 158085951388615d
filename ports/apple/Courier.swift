// Swift untested here: no Swift compiler has read this file.
// SPDX-License-Identifier: Apache-2.0
//
// A courier that an app can hold: one native session by its pointer, the memory it lies in,
// and its timer. Knows when the session is to be asked for values; does not know Bluetooth,
// nor what the values say.
import FerryCourier
import Foundation

/// Where values go. Neither call may block.
public protocol CourierLink: AnyObject {
    /// The longest value that may be written now, in bytes; 0: none now, and `writable()`
    /// is called when that has changed.
    var room: Int { get }
    /// False: not taken. The same value is offered again, after 10 ms or at `writable()`.
    func write(_ value: Data) -> Bool
}

/// An update that will not happen with these artifacts: enum ferry_err, negative.
public struct CourierError: Error, CustomStringConvertible {
    public let code: Int32

    public var name: String { String(cString: ferry_errname(code)) }
    public var description: String { name + ": " + String(cString: ferry_strerror(code)) }
}

/// How a session stood at one moment.
public struct CourierProgress {
    private let numbers: [UInt32]

    fileprivate init(_ session: OpaquePointer) {
        let count = Int(FERRY_FFI_PLACES)
        var all = [UInt32](repeating: 0, count: count)
        ferry_ffi_look(session, &all, count)
        numbers = all
    }

    /// A number by its place; units and meanings stand in ferry/courier_ffi.h.
    public subscript(_ place: ferry_ffi_place) -> UInt32 { numbers[Int(place.rawValue)] }

    /// As enum ferry_courier_state.
    public enum State: UInt32 {
        case down, hello, report, offer, send, later, parked, done, refused
    }

    public var state: State { State(rawValue: self[FERRY_FFI_STATE]) ?? .down }
    public var error: CourierError? {
        let code = self[FERRY_FFI_ERROR]
        return code == 0 ? nil : CourierError(code: -Int32(code))
    }
    public var percent: Int {
        let all = UInt64(self[FERRY_FFI_IMAGE_LEN])
        return all == 0 ? 0 : Int(UInt64(self[FERRY_FFI_ACKED]) * 100 / all)
    }
    /// A stable word, such as "none", "link", "erasing".
    public var wait: String { String(cString: ferry_ffi_wait_name(self[FERRY_FFI_WAIT])) }
    /// With state later: why, a stable word.
    public var laterWhy: String {
        String(cString: ferry_ffi_later_name(self[FERRY_FFI_LATER_WHY]))
    }

    fileprivate func differs(from before: CourierProgress) -> Bool {
        state != before.state || percent != before.percent
            || self[FERRY_FFI_WAIT] != before[FERRY_FFI_WAIT]
            || self[FERRY_FFI_ERROR] != before[FERRY_FFI_ERROR]
    }
}

/// Carries one of these artifacts to one device, over as many connections as it takes.
///
/// Every call, and every call back, is made on `queue`, a serial one: CoreBluetooth's own
/// (`CBCentralManager(delegate:queue:)`), so that nothing has to be passed on. It lives as
/// long as somebody holds it, and frees everything when nobody does.
public final class Courier {
    private static let never = UInt32.max
    private static let busyMs: UInt32 = 10

    private let queue: DispatchQueue
    private let memory: UnsafeMutableRawPointer
    private let session: OpaquePointer
    private var artifacts: [UnsafeMutablePointer<UInt8>] = []
    /// A new one for each connection; held by the app.
    public weak var link: CourierLink?
    private let onProgress: (CourierProgress) -> Void
    private var refused: Data? // by the link: offered again before anything else
    private var timer: DispatchWorkItem?
    private var busy = false
    private var more = false // something happened that nothing was said about yet

    public private(set) var progress: CourierProgress

    /// `artifacts`: all of a release, at most 8. `question`: 16 bytes of a server, for the
    /// device's statement. Nil: nothing to carry and nothing to ask, or an empty artifact.
    public init?(artifacts: [Data], question: Data? = nil, link: CourierLink,
                 queue: DispatchQueue, onProgress: @escaping (CourierProgress) -> Void) {
        let size = ferry_ffi_size()
        memory = UnsafeMutableRawPointer.allocate(byteCount: size,
                                                  alignment: ferry_ffi_align())
        session = ferry_ffi_make(memory, size)
        self.queue = queue
        self.link = link
        self.onProgress = onProgress
        progress = CourierProgress(session)
        guard artifacts.allSatisfy(give), question.map(ask) ?? true, start() else {
            return nil // deinit frees what there is
        }
    }

    deinit {
        timer?.cancel()
        artifacts.forEach { $0.deallocate() }
        memory.deallocate()
    }

    private func give(_ artifact: Data) -> Bool {
        let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(artifact.count, 1))
        artifact.copyBytes(to: copy, count: artifact.count)
        artifacts.append(copy)
        return ferry_ffi_artifact(session, copy, artifact.count) >= 0
    }

    private func ask(_ question: Data) -> Bool {
        question.count == 16 && ferry_ffi_ask(session, [UInt8](question)) == 0
    }

    private func start() -> Bool {
        let nonce = (0..<4).map { _ in UInt8.random(in: 0...255) }
        return ferry_ffi_start(session, nonce, 512, now) == 0
    }

    private var now: UInt32 {
        UInt32(truncatingIfNeeded: DispatchTime.now().uptimeNanoseconds / 1_000_000)
    }

    // ---- what the app tells ----------------------------------------------------------

    /// Connected, subscribed and encrypted: values may flow.
    public func linkUp() {
        happens { ferry_ffi_link(session, 1, now) }
    }

    public func linkDown() {
        refused = nil
        happens { ferry_ffi_link(session, 0, now) }
    }

    /// A notification, in the order in which they came.
    public func received(_ value: Data) {
        happens { ferry_ffi_input(session, [UInt8](value), value.count, now) }
    }

    /// The link may have room again.
    public func writable() {
        happens {}
    }

    /// The user said stop. One last value goes out if the link is up.
    public func stop() {
        happens { ferry_ffi_abort(session, now) }
    }

    /// The device's signed answer, unverified; nil: none has come.
    public var statement: Data? {
        let most = Int(FERRY_FFI_STATEMENT_MAX)
        var said = [UInt8](repeating: 0, count: most)
        let count = ferry_ffi_statement(session, &said, most)
        return count == 0 ? nil : Data(said.prefix(count))
    }

    // ---- on the queue ----------------------------------------------------------------

    /// A callback may call in: what follows from that, follows when it has returned.
    private func happens(_ event: () -> Void) {
        dispatchPrecondition(condition: .onQueue(queue))
        event()
        more = true
        guard !busy else { return }
        busy = true
        while more {
            more = false
            say()
            tellNews()
        }
        busy = false
        setTimer()
    }

    /// Values are made only when the link can take one, so that each says the newest.
    private func say() {
        while let room = link?.room, room > 0, let value = refused ?? output(room) {
            refused = link?.write(value) == true ? nil : value
            if refused != nil { return }
        }
    }

    private func output(_ room: Int) -> Data? {
        var value = [UInt8](repeating: 0, count: room)
        let count = ferry_ffi_output(session, &value, room, now)
        return count == 0 ? nil : Data(value.prefix(count))
    }

    private func tellNews() {
        let before = progress
        progress = CourierProgress(session)
        if progress.differs(from: before) {
            onProgress(progress)
        }
    }

    private func setTimer() {
        timer?.cancel()
        timer = nil
        let wait = ferry_ffi_deadline(session, now)
        if refused != nil && wait > Courier.busyMs {
            schedule(Courier.busyMs) { $0.happens {} }
        } else if wait != Courier.never {
            schedule(wait) { courier in
                courier.happens { ferry_ffi_tick(courier.session, courier.now) }
            }
        }
    }

    private func schedule(_ ms: UInt32, _ work: @escaping (Courier) -> Void) {
        let item = DispatchWorkItem { [weak self] in
            if let courier = self { work(courier) }
        }
        timer = item
        queue.asyncAfter(deadline: .now() + .milliseconds(Int(ms)), execute: item)
    }
}
