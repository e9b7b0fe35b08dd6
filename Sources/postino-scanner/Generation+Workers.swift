// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc
import ScannerWire

extension Generation {
    func makeWorker(isForSPF: Bool) -> Slot? {
        forks += 1
        let folder = isForSPF ? "" : temporary.make("\(getpid())-\(forks)")
        guard let folder, let (mine, theirs) = Channel.pair() else { return nil }
        let (engine, options) = (engine, options)
        let pid = Child.fork(keeping: [theirs.descriptor]) {
            isForSPF ? Worker.evaluateSPF() : Worker.scan(engine, options, temporary: folder)
        }
        theirs.close()
        guard let pid else {
            mine.close()
            return nil
        }
        return Slot(pid: pid, channel: mine, folder: folder, isForSPF: isForSPF, idleSince: turns)
    }

    /// An answer of a worker, or its end.
    func readWorker(_ index: Int) {
        switch slots[index].channel.receive(waiting: false) {
        case .nothing: break
        case .end: died(index)
        case .datagram(let octets, let descriptor):
            if descriptor >= 0 { close(descriptor) }
            answered(index, octets)
        }
    }

    private func answered(_ index: Int, _ octets: [UInt8]) {
        // A worker that a message took over can say what it likes about that message, and about no other.
        guard let task = slots[index].task, let answer = Answer(octets), answer.id == task.id,
            answer.isFrom(spf: slots[index].isForSPF)
        else { return fail(index, .workerDied, "the worker's answer made no sense") }
        client.send(octets)
        slots[index].task = nil
        slots[index].idleSince = turns
        slots[index].served += 1
        deathsInARow = 0
        if slots[index].served >= Self.servedMax { replace(index) }
    }

    private func died(_ index: Int) {
        if slots[index].isIdle {
            deathsInARow += 1
            guard deathsInARow <= 20 else { leave("workers die with nothing to do") }
            replace(index)
        } else {
            fail(index, .workerDied, nil)
        }
    }

    /// Stops workers that are over their time, or whose unpacked files are too many.
    func stopLongWork() {
        let now = Clock.now()
        for index in slots.indices {
            guard let task = slots[index].task else { continue }
            if now >= task.deadline {
                fail(index, .timeLimit, "not done after \((now - task.startedAt) / 1_000) s")
            } else if now - task.startedAt > 500, !slots[index].folder.isEmpty {
                let max = options.temporaryOctets
                guard TemporaryFolder.octets(below: slots[index].folder, max: max) > max else { continue }
                fail(index, .limit, "unpacks to more than \(max) octets")
            }
        }
    }

    /// Answers for a worker that cannot, and replaces it.
    private func fail(_ index: Int, _ obstacle: ScanResult.Obstacle, _ detail: String?) {
        let task = slots[index].task
        let isForSPF = slots[index].isForSPF
        let signal = replace(index)
        guard let task else { return }
        let text = detail ?? "the worker died (signal \(signal))"
        client.send(
            Answer(id: task.id, isForSPF ? .spf(.failed(text)) : .scan(.cannotCheck(obstacle, text))))
    }

    /// Kills a worker and puts a new one in its place. The signal that had ended the old one.
    @discardableResult
    func replace(_ index: Int) -> Int32 {
        let signal = discard(slots[index])
        guard let slot = makeWorker(isForSPF: slots[index].isForSPF) else {
            slots.remove(at: index)
            leave("cannot fork a worker: \(Log.lastError)")
        }
        slots[index] = slot
        return signal
    }

    @discardableResult
    func discard(_ slot: Slot) -> Int32 {
        slot.channel.close()
        let signal = Child.kill(slot.pid)
        if !slot.folder.isEmpty { TemporaryFolder.remove(slot.folder) }
        return signal
    }
}

extension Answer {
    fileprivate func isFrom(spf: Bool) -> Bool {
        switch body {
        case .scan: !spf
        case .spf: spf
        case .status, .reloaded, .busy: false
        }
    }
}
