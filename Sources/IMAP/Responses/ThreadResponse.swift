public import NIOCore

/// One message of a thread, or a place where one is missing (RFC 5256 §4).
public struct ThreadNode: Hashable, Sendable {
    /// A sequence number or UID; nil for a message that is not there.
    public var number: UInt32?
    /// Places in the list of all nodes.
    public var children: [Int]

    public init(number: UInt32?, children: [Int] = []) {
        self.number = number
        self.children = children
    }
}

extension ByteBuffer {
    /// `* SORT 2 84 882`, with the highest mod-sequence of all of them where MODSEQ was asked for (RFC 7162 §3.1.9).
    public mutating func writeSort(_ numbers: [UInt32], modSeq: Int64? = nil) {
        writeStaticString("* SORT")
        for number in numbers { writeWord(" ", UInt64(number)) }
        if let modSeq {
            writeWord(" (MODSEQ ", UInt64(clamping: modSeq))
            writeStaticString(")")
        }
        writeLineEnd()
    }

    /// `* THREAD (2)(3 6 (4 23)(44 7 96))`: threads may be as deep as there are messages, so that nothing here calls
    /// itself.
    public mutating func writeThreads(_ roots: [Int], of nodes: [ThreadNode]) {
        writeStaticString(roots.isEmpty ? "* THREAD" : "* THREAD ")
        /// A node whose list is to be written, or nil for the end of one.
        var waiting: [Int?] = roots.reversed()
        while let next = waiting.popLast() {
            guard let node = next else {
                writeStaticString(")")
                continue
            }
            writeStaticString("(")
            let children = writeChain(node, nodes)
            waiting.append(nil)
            waiting.append(contentsOf: children.reversed())
        }
        writeLineEnd()
    }

    /// Messages that follow one another without a branch; the branches behind them.
    private mutating func writeChain(_ start: Int, _ nodes: [ThreadNode]) -> [Int] {
        var current = start
        var isFirst = true
        while nodes.indices.contains(current) {
            if let number = nodes[current].number {
                if !isFirst { writeStaticString(" ") }
                isFirst = false
                writeDecimal(number)
            }
            let children = nodes[current].children
            guard children.count == 1 else {
                if !children.isEmpty, !isFirst { writeStaticString(" ") }
                return children
            }
            current = children[0]
        }
        return []
    }
}
