import Execution
import Synchronization
import Testing

@Suite struct BlockingPoolTests {
    @Test("Work runs on the pool's threads and its value comes back")
    func runs() async throws {
        let pool = BlockingPool(name: "test", threads: 2, queueMax: 100)
        let sum = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<50 { group.addTask { try await pool.run { number } } }
            return try await group.reduce(0, +)
        }
        #expect(sum == 1_225)
        pool.stop()
    }

    @Test("What does not fit the queue is refused at once, and interactive work goes before bulk work")
    func bounds() async throws {
        let pool = BlockingPool(name: "test", threads: 1, queueMax: 2)
        let gate = Semaphore()
        let started = Semaphore()
        let order = Mutex<[String]>([])
        let done = Semaphore()
        #expect(
            pool.submit {
                started.signal()
                gate.wait()
            })
        started.wait()
        #expect(
            pool.submit(priority: .bulk) {
                order.withLock { $0.append("bulk") }
                done.signal()
            })
        #expect(
            pool.submit {
                order.withLock { $0.append("interactive") }
                done.signal()
            })
        #expect(!pool.submit {})
        await #expect(throws: BlockingPool.Full.self) { try await pool.run {} }
        gate.signal()
        done.wait()
        done.wait()
        #expect(order.withLock { $0 } == ["interactive", "bulk"])
        pool.stop()
        #expect(!pool.submit {})
    }

    @Test("Tasks that prefer the pool run on it")
    func executes() async {
        let pool = BlockingPool(name: "test", threads: 1, queueMax: 1)
        let value = await Task(executorPreference: pool) { 7 }.value
        #expect(value == 7)
        pool.stop()
    }
}
