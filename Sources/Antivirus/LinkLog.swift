import Logging
import Observation
import ScannerWire

/// What the operator is told of the scanner's life.
struct LinkLog: Sendable {
    static let restarts = Counter("postino_scanner_restarts_total", help: "Times that the scanner was started again.")

    private let logger = Log.logger("scanner")

    func died(_ reason: String, pauseMilliseconds: Int) {
        Self.restarts.increment()
        logger.error("\(reason); started again in \(pauseMilliseconds) ms")
    }

    func started(_ status: Status) {
        guard status.signatures > 0 else {
            return logger.warning("scanning without signatures, so no virus will be found")
        }
        logger.info("libclamav \(status.engineVersion) with \(status.signatures) signatures")
    }

    func said(_ line: String) { logger.warning("\(line)") }
}
