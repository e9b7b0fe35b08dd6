import Testing

@testable import Antivirus

@Suite("Parts of the scanner's client")
struct PartsTests {
    @Test("A message is given up after two deaths; a scan that ends forgets the first; the memory is bounded")
    func stopMemory() {
        var memory = StopMemory()
        memory.died("a")
        #expect(!memory.isGivenUp("a"))
        memory.scanned("a")
        memory.died("a")
        #expect(!memory.isGivenUp("a"))
        memory.died("a")
        #expect(memory.isGivenUp("a"))
        memory.died("b", times: 2)
        #expect(memory.isGivenUp("b"))
        memory.died(nil, times: 2)
        #expect(!memory.isGivenUp(nil))
        for number in 0..<(StopMemory.digestsMax - 2) { memory.died("\(number)", times: 2) }
        #expect(memory.isGivenUp("a") && memory.count == StopMemory.digestsMax)
        memory.died("one more", times: 2)
        #expect(!memory.isGivenUp("a") && memory.isGivenUp("b") && memory.count == StopMemory.digestsMax)
    }

    @Test("The pause before a start doubles up to a minute, and begins anew after an answer")
    func backOff() {
        var configuration = ScannerConfiguration(signatureFolder: "s", temporaryFolder: "t")
        configuration.restartMilliseconds = 100
        var backOff = BackOff(configuration)
        #expect((0..<3).map { _ in backOff.next() } == [100, 200, 400])
        for _ in 0..<20 { _ = backOff.next() }
        #expect(backOff.next() == BackOff.millisecondsMax)
        backOff.failed()
        #expect(!backOff.isHopeless)
        backOff.failed()
        #expect(backOff.isHopeless)
        backOff.succeeded()
        #expect(!backOff.isHopeless && backOff.next() == 100)
    }

    @Test("Lines for the log are cut, counted and harmless")
    func lines() {
        var lines = LineSplitter()
        #expect(lines.feed(Array("one\ntw".utf8), now: 0) == ["one"])
        #expect(lines.feed(Array("o\u{1b}[2J\n\n".utf8), now: 0) == ["two?[2J"])
        let long = [UInt8](repeating: 0x61, count: LineSplitter.lineOctetsMax + 1) + [10]
        #expect(lines.feed(long, now: 0).first?.utf8.count == LineSplitter.lineOctetsMax)
        #expect(lines.feed(Array(repeating: [0x61, 10], count: 100).joined(), now: 1).count == 57)
        #expect(lines.feed([0x61, 10], now: 59_999).isEmpty)
        #expect(lines.feed([0x61, 10], now: 60_000) == ["a"])
    }

    @Test("What was taken out of the queue meanwhile is not sent")
    func fifo() {
        var fifo = Fifo<Int>()
        for number in 0..<200 { fifo.append(number) }
        #expect((0..<150).map { _ in fifo.popFirst() } == (0..<150).map { $0 })
        fifo.prepend(-1)
        #expect(fifo.popFirst() == -1)
        #expect(fifo.popFirst() == 150)
    }
}
