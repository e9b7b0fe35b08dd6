// SPDX-License-Identifier: GPL-2.0-or-later

import Glibc
import ScannerWire

/// What a worker process does: one request at a time from descriptor 3, until it is closed.
enum Worker {
    static func scan(_ engine: Engine, _ options: Options, temporary: String) -> Never {
        engine.useTemporary(temporary)
        ResourceLimits.confine(memoryOctets: options.memoryOctets, fileOctets: options.temporaryOctets)
        serve { request, descriptor in
            defer { if descriptor >= 0 { close(descriptor) } }
            guard case .scan(let kind) = request.body else { return nil }
            ResourceLimits.allowProcessor(seconds: options.scanSeconds + 2)
            return .scan(engine.scan(descriptor, as: kind))
        }
    }

    static func evaluateSPF() -> Never {
        ResourceLimits.confine(memoryOctets: 67_108_864, fileOctets: 0)
        serve { request, descriptor in
            if descriptor >= 0 { close(descriptor) }
            guard case .spf(let question) = request.body else { return nil }
            ResourceLimits.allowProcessor(seconds: 2)
            return .spf(SPFEvaluation(question).run())
        }
    }

    private static func serve(_ answer: (Request, Int32) -> Answer.Body?) -> Never {
        let channel = Channel(descriptor: 3)
        while case .datagram(let octets, let descriptor) = channel.receive(waiting: true) {
            guard let request = Request(octets), let body = answer(request, descriptor) else { break }
            guard channel.send(Answer(id: request.id, body)) else { break }
        }
        _exit(0)
    }
}
