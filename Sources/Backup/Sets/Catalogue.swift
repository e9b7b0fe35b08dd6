internal import Logging
internal import Observation

/// What the target's sets say is there, so that nothing is copied twice. Blocks.
struct Catalogue: Sendable {
    /// Sealed segments' files by their path.
    private(set) var sealed: [String: Manifest.Part] = [:]
    /// The newest run of pieces of each segment that was open.
    private(set) var tails: [Int64: [Manifest.Part]] = [:]
    /// Paths that a proof found damaged.
    private(set) var damaged: Set<String> = []
    private(set) var names: Set<String> = []

    init(_ target: Target, store: String, generation: Int64) throws(BackupError) {
        for name in try target.setNames().reversed() {
            names.insert(name)
            let manifest: Manifest
            do throws(BackupError) {
                manifest = try target.manifest(name)
            } catch {
                Log.logger("backup").warning(
                    "a backup set cannot be read", metadata: ["set": "\(name)", "reason": "\(error.diagnostic)"])
                continue
            }
            guard manifest.store == store else {
                throw .foreignTarget(path: target.path, detail: "the set \(name) in it is of another store")
            }
            guard manifest.generation <= generation else {
                throw .foreignTarget(
                    path: target.path,
                    detail:
                        "the set \(name) in it is of generation \(manifest.generation), this store is of \(generation)")
            }
            for segment in manifest.segments { add(segment) }
            damaged.formUnion(target.proof(name)?.damagedFiles ?? [])
        }
    }

    private mutating func add(_ segment: Manifest.Segment) {
        if segment.isSealed {
            if let part = segment.parts.first, sealed[part.path] == nil { sealed[part.path] = part }
        } else if tails[segment.id] == nil {
            tails[segment.id] = segment.parts
        }
    }
}
