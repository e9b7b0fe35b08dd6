import MailCore
import NIOCore

/// RFC 2177.
extension ServerSession {
    /// Begins, or goes on, to wait; what changed meanwhile is told at once.
    mutating func idle(_ pending: Pending) {
        if isWakePending {
            isWakePending = false
            ask(.idleUpdates, pending)
        } else {
            phase = .idling(pending, silentSeconds: 0)
        }
    }

    /// The server's waker called. Outside IDLE a client learns of changes with its next command, unless NOTIFY is on.
    mutating func woken() {
        switch phase {
        case .idling(let pending, _): ask(.idleUpdates, pending)
        case .performing(.idleStarted, _), .performing(.idleUpdates, _): isWakePending = true
        case .reading where notifies: ask(.notifications, Pending(tag: "*", name: "NOTIFY"), next: .resuming)
        case .reading, .refusing, .receiving, .authenticating, .performing, .startingTLS, .compressing,
            .closing:
            break
        }
    }

    /// Waits for DONE. RFC 2177 §3: a client says it every 29 minutes; a server may end a silent one after 30.
    mutating func readInIdle(
        _ input: inout ByteBuffer, _ pending: Pending, _ silentSeconds: Int, into output: inout ByteBuffer
    ) -> Step<Request>? {
        do throws(CommandFramer.Failure) {
            guard let line = try framer.line(&input, octetsMax: configuration.lineOctetsMax) else {
                let left = max(1, configuration.autologoutSeconds - silentSeconds)
                return .needsInput(withinSeconds: min(configuration.idleKeepAliveSeconds ?? left, left))
            }
            isWakePending = false
            var pending = pending
            let isDone = line.text.readableBytesView.map(\.uppercased) == Array("DONE".utf8)
            if !isDone { pending.next = .said(.bad("Expected DONE")) }
            ask(.idleEnded, pending)
        } catch {
            end(nil, "The line is too long", into: &output)
        }
        return nil
    }
}
