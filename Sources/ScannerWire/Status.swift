// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// What the serving generation of the scanner says of itself.
public struct Status: Equatable, Sendable {
    /// Signatures loaded; 0 without a data base.
    public var signatures: UInt32 = 0
    /// The version of ClamAV's "daily" data base; 0 when there is none.
    public var databaseVersion: UInt32 = 0
    /// When the newest signature file was made, in seconds since 1970; 0 without one.
    public var databaseTime: Int64 = 0
    /// libclamav's.
    public var engineVersion = ""
    /// Counts the loads of this scanner process, from 1.
    public var generation: UInt32 = 0
    /// Process ids of the workers that scan.
    public var workers: [Int32] = []
    /// The worker for SPF.
    public var spfWorker: Int32 = 0
    public var busyWorkers: UInt16 = 0
    /// Why signatures could not be loaded; empty when all is well.
    public var problem = ""

    public init() {}

    func write(into writer: inout Writer) {
        writer.integer(signatures)
        writer.integer(databaseVersion)
        writer.integer(databaseTime)
        writer.text(engineVersion)
        writer.integer(generation)
        writer.list(workers, max: Bounds.workersMax) { $0.integer($1) }
        writer.integer(spfWorker)
        writer.integer(busyWorkers)
        writer.text(problem)
    }

    init(_ reader: inout Reader) throws(Malformed) {
        signatures = try reader.integer()
        databaseVersion = try reader.integer()
        databaseTime = try reader.integer()
        engineVersion = try reader.text()
        generation = try reader.integer()
        workers = try reader.list(max: Bounds.workersMax) { (reader) throws(Malformed) in try reader.integer() }
        spfWorker = try reader.integer()
        busyWorkers = try reader.integer()
        problem = try reader.text()
    }
}
