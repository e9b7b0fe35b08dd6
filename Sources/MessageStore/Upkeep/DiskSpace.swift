internal import Logging
internal import Observation
internal import Synchronization

/// Whether the disk has room for more mail. Above the reserve, so that flags can be set and mail be deleted when no
/// more is taken.
final class DiskSpace: Sendable {
    private let path: String
    private let reserveOctets: Int64
    private let layer: FileLayer
    private let isLow = Atomic<Bool>(false)
    private let free = Atomic<Int64>(.max)
    private let log = Log.logger("store")

    init(path: String, reserveOctets: Int64, layer: FileLayer) {
        self.path = path
        self.reserveOctets = reserveOctets
        self.layer = layer
        look()
    }

    /// As it was at the last look. No call to the system.
    var hasRoom: Bool { !isLow.load(ordering: .relaxed) }

    var freeOctets: Int64 { free.load(ordering: .relaxed) }

    /// Expunged mail that is kept goes first: it yields before the reserve is touched.
    var isNearReserve: Bool { reserveOctets > 0 && freeOctets < reserveOctets * 2 }

    /// Asks the system. Room is there again a little above the reserve, so that it does not come and go.
    func look() {
        guard let octets = layer.freeOctets(path) else { return }
        free.store(octets, ordering: .relaxed)
        let wasLow = isLow.load(ordering: .relaxed)
        let isLowNow = octets < (wasLow ? reserveOctets + reserveOctets / 10 : reserveOctets)
        guard isLowNow != wasLow else { return }
        isLow.store(isLowNow, ordering: .relaxed)
        if isLowNow {
            log.critical(
                "the disk's reserve is reached: no more mail is taken", metadata: ["free_octets": "\(octets)"])
        } else {
            log.notice("the disk has room again: mail is taken", metadata: ["free_octets": "\(octets)"])
        }
    }
}
