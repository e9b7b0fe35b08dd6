// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc
import ScannerWire

extension Generation {
    /// Takes what the mail server sent, some at a time, so that workers are seen to as well.
    func readRequests() {
        for _ in 0..<32 {
            switch client.receive(waiting: false) {
            case .nothing: return
            case .end: leave(nil)
            case .datagram(let octets, let descriptor): take(octets, descriptor)
            }
        }
    }

    private func take(_ datagram: [UInt8], _ descriptor: Int32) {
        guard let request = Request(datagram) else {
            if descriptor >= 0 { close(descriptor) }
            return Log.line("a request that cannot be read")
        }
        let waiting = Waiting(id: request.id, datagram: datagram, descriptor: descriptor)
        switch request.body {
        case .scan: enqueue(waiting, in: &scans)
        case .spf: enqueue(waiting, in: &questions)
        case .status:
            if descriptor >= 0 { close(descriptor) }
            client.send(Answer(id: request.id, .status(status)))
        case .reload:
            if descriptor >= 0 { close(descriptor) }
            control.send(ControlWord.reload(request.id).octets)
        }
        dispatch()
    }

    private func enqueue(_ waiting: Waiting, in queue: inout Queue<Waiting>) {
        guard queue.count < Self.queueMax else {
            if waiting.descriptor >= 0 { close(waiting.descriptor) }
            return _ = client.send(Answer(id: waiting.id, .busy))
        }
        queue.append(waiting)
    }

    /// Gives waiting requests to idle workers.
    func dispatch() {
        while let index = idleSlot(isForSPF: false), let next = scans.popFirst() {
            give(next, to: index, orSay: .scan(.cannotCheck(.workerDied, "no worker would take it")))
        }
        while let index = idleSlot(isForSPF: true), let next = questions.popFirst() {
            give(next, to: index, orSay: .spf(.failed("no worker would take it")))
        }
    }

    private func idleSlot(isForSPF: Bool) -> Int? {
        slots.indices
            .filter { slots[$0].isForSPF == isForSPF && slots[$0].isIdle }
            .min { slots[$0].idleSince < slots[$1].idleSince }
    }

    private func give(_ next: Waiting, to index: Int, orSay failure: Answer.Body) {
        if !give(next, to: index) { client.send(Answer(id: next.id, failure)) }
        if next.descriptor >= 0 { close(next.descriptor) }
    }

    private func give(_ next: Waiting, to index: Int) -> Bool {
        for _ in 0..<2 {
            if slots[index].channel.send(next.datagram, descriptor: next.descriptor) {
                turns += 1
                let now = Clock.now()
                // libclamav keeps its own, coarse limit first.
                let limit = slots[index].isForSPF ? Self.spfMilliseconds : options.scanSeconds * 1_000 + 2_000
                slots[index].task = Slot.Task(id: next.id, startedAt: now, deadline: now + limit)
                return true
            }
            replace(index)
        }
        return false
    }

    private var status: Status {
        var status = Status()
        status.signatures = engine.signatures
        status.databaseVersion = engine.databaseVersion
        status.databaseTime = Int64(engine.databaseTime)
        status.engineVersion = Engine.version
        status.generation = number
        status.workers = slots.filter { !$0.isForSPF }.map(\.pid)
        status.spfWorker = slots.first { $0.isForSPF }?.pid ?? 0
        status.busyWorkers = UInt16(clamping: slots.count { !$0.isForSPF && !$0.isIdle })
        status.problem = reloadProblem.isEmpty ? engine.problem : reloadProblem
        return status
    }
}
