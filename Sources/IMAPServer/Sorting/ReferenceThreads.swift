import IMAP
import MIME
import MailCore

/// The algorithm REFERENCES of RFC 5256 §3, step by step. Loops in what messages claim are broken.
struct ReferenceThreads {
    private struct Node {
        /// Nil for a message that is only referred to.
        var message: Int?
        var parent: Int?
        var children: [Int] = []
    }

    private let messages: [ThreadMessage]
    private var nodes: [Node] = []
    private var byID: [String: Int] = [:]
    private var roots: [Int] = []

    init(_ messages: [ThreadMessage]) { self.messages = messages }

    /// Steps 1 and 2: each message below the last that it refers to, and these below one another.
    mutating func link() {
        for index in messages.indices {
            let own = place(of: index)
            var parent: Int?
            for reference in messages[index].references {
                let node = node(named: reference)
                // 1 (A): what has a parent keeps it.
                if let parent, nodes[node].parent == nil, !isAbove(node, parent) { nodes[node].parent = parent }
                parent = node
            }
            // 1 (B): its own references are what counts for the message itself.
            if let parent, isAbove(own, parent) { continue }
            nodes[own].parent = parent
        }
        for index in nodes.indices {
            if let parent = nodes[index].parent { nodes[parent].children.append(index) } else { roots.append(index) }
        }
    }

    /// The node of a message; one with the identifier of another, or with none, has a node that nobody refers to.
    private mutating func place(of index: Int) -> Int {
        guard let id = messages[index].messageID else { return add(index) }
        let known = node(named: id)
        guard nodes[known].message == nil else { return add(index) }
        nodes[known].message = index
        return known
    }

    private mutating func node(named id: String) -> Int {
        if let known = byID[id] { return known }
        byID[id] = nodes.count
        return add(nil)
    }

    private mutating func add(_ message: Int?) -> Int {
        nodes.append(Node(message: message))
        return nodes.count - 1
    }

    /// Whether `node` is `other` or anywhere above it.
    private func isAbove(_ node: Int, _ other: Int) -> Bool {
        var current: Int? = other
        while let index = current {
            if index == node { return true }
            current = nodes[index].parent
        }
        return false
    }

    /// Step 3: nodes without a message go, their children take their place; at the root only where there is one child.
    mutating func prune() {
        // From the leaves up: parents stand before their children in this order.
        var order: [Int] = roots
        var next = 0
        while next < order.count {
            order.append(contentsOf: nodes[order[next]].children)
            next += 1
        }
        for index in order.reversed() {
            nodes[index].children = nodes[index].children.flatMap { child in
                nodes[child].message == nil ? nodes[child].children : [child]
            }
        }
        roots = roots.flatMap { root -> [Int] in
            guard nodes[root].message == nil, nodes[root].children.count < 2 else { return [root] }
            return nodes[root].children
        }
    }

    /// Step 5: threads of one base subject become one.
    mutating func joinSubjects() {
        sortRoots()
        var table: [[UInt8]: Int] = [:]
        for root in roots {
            let subject = SortKeys.collated(message(of: root).subject.text)
            guard !subject.isEmpty else { continue }
            guard let known = table[subject] else {
                table[subject] = root
                continue
            }
            let isBetter = nodes[root].message == nil && nodes[known].message != nil
            let knownIsReply = nodes[known].message != nil && message(of: known).subject.isReplyOrForward
            if isBetter || knownIsReply && !message(of: root).subject.isReplyOrForward { table[subject] = root }
        }
        /// Stands above a thread of the table and others that are none of its replies.
        var above: [Int: Int] = [:]
        let all = roots
        roots = []
        for root in all {
            let subject = SortKeys.collated(message(of: root).subject.text)
            guard !subject.isEmpty, let first = table[subject], first != root else {
                roots.append(root)
                continue
            }
            join(root, to: first, &above)
        }
        roots = roots.map { above[$0] ?? $0 }
    }

    private mutating func join(_ root: Int, to first: Int, _ above: inout [Int: Int]) {
        let isReply = message(of: root).subject.isReplyOrForward
        let target = above[first] ?? first
        if nodes[target].message == nil {
            if nodes[root].message == nil {
                nodes[target].children += nodes[root].children
            } else {
                nodes[target].children.append(root)
            }
        } else if isReply, !message(of: first).subject.isReplyOrForward {
            nodes[first].children.append(root)
        } else {
            let both = add(nil)
            nodes[both].children = [first, root]
            above[first] = both
        }
    }

    /// The message that stands for a thread: its own, or the first of its children.
    private func message(of node: Int) -> ThreadMessage {
        var current = node
        while nodes[current].message == nil, let child = nodes[current].children.min(by: { precedes($0, $1) }) {
            current = child
        }
        return messages[nodes[current].message ?? 0]
    }

    private func precedes(_ a: Int, _ b: Int) -> Bool {
        let first = nodes[a].message.map { messages[$0] } ?? message(of: a)
        let second = nodes[b].message.map { messages[$0] } ?? message(of: b)
        return (first.sentDate, first.uid) < (second.sentDate, second.uid)
    }

    /// Step 4.
    private mutating func sortRoots() {
        let keyed = roots.map { (root: $0, message: message(of: $0)) }
        roots = keyed.sorted { ($0.message.sentDate, $0.message.uid) < ($1.message.sentDate, $1.message.uid) }
            .map(\.root)
    }

    /// Step 6: siblings by their date.
    ///
    /// - Parameter newestLast: threads stand in the order of their newest messages (REFS).
    func tree(newestLast: Bool, _ number: (UID) -> UInt32) -> (nodes: [ThreadNode], roots: [Int]) {
        var copy = self
        copy.sortRoots()
        let tree = nodes.map { node in
            ThreadNode(
                number: node.message.map { number(messages[$0].uid) },
                children: node.children.count < 2 ? node.children : node.children.sorted { precedes($0, $1) })
        }
        guard newestLast else { return (tree, copy.roots) }
        let newest = copy.roots.map { (root: $0, date: newestDate(in: $0)) }
        return (tree, newest.sorted { $0.date < $1.date }.map(\.root))
    }

    private func newestDate(in root: Int) -> Int64 {
        var newest = Int64.min
        var waiting = [root]
        while let next = waiting.popLast() {
            if let message = nodes[next].message { newest = max(newest, messages[message].sentDate) }
            waiting += nodes[next].children
        }
        return newest
    }
}
