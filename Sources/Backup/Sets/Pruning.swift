internal import Logging
internal import Observation

/// Removes old sets and what only they named. Under the target's lock; blocks.
struct Pruning {
    let target: Target

    /// - Returns: names of the sets that were removed.
    func run(keep: Int) throws(BackupError) -> [String] {
        try target.removeLeftovers()
        let names = try target.setNames()
        var kept = Set(names.suffix(keep))
        if !kept.contains(where: isProven), let proven = names.last(where: isProven) { kept.insert(proven) }
        let removed = names.filter { !kept.contains($0) }
        for name in removed {
            // Under another name first: half a set is never seen.
            let leaving = target.sets + "/.removing-" + name
            try Disk.move(target.set(name), to: leaving)
            try Disk.sync(folder: target.sets)
            try Disk.removeTree(leaving)
        }
        try removeUnnamedFiles(kept: kept.sorted())
        return removed
    }

    private func isProven(_ name: String) -> Bool { target.proof(name)?.isProven ?? false }

    /// Nothing is removed while one manifest cannot be read: nobody knows what it names.
    private func removeUnnamedFiles(kept: [String]) throws(BackupError) {
        var named: Set<String> = []
        for name in kept {
            do throws(BackupError) {
                for part in try target.manifest(name).parts { named.insert(part.path) }
            } catch {
                Log.logger("backup").warning(
                    "no segment is removed from the target while a set cannot be read",
                    metadata: ["set": "\(name)", "reason": "\(error.diagnostic)"])
                return
            }
        }
        for folder in ["segments", "tails"] {
            for inner in try Disk.names(in: target.file(folder)) {
                let relative = folder + "/" + inner
                let files = try Disk.names(in: target.file(relative))
                let unnamed = files.filter { !named.contains(relative + "/" + $0) }
                for file in unnamed { try Disk.remove(target.file(relative + "/" + file)) }
                if unnamed.count == files.count { try Disk.removeTree(target.file(relative)) }
            }
        }
    }
}
