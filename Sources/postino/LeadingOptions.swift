/// `postino --state DIR domain list` is `postino domain list --state DIR`.
///
/// The parser gives options to the command behind whose name they stand; people write these two in front.
enum LeadingOptions {
    private static let names: Set<String> = ["--state", "--config"]

    static func movedBehind(_ arguments: some Sequence<String>) -> [String] {
        var rest = Array(arguments)
        var leading: [String] = []
        while let first = rest.first {
            if names.contains(first), rest.count > 1 {
                leading += rest.prefix(2)
                rest.removeFirst(2)
            } else if names.contains(where: { first.hasPrefix("\($0)=") }) {
                leading.append(rest.removeFirst())
            } else {
                break
            }
        }
        // What stands behind "--" is no option any more.
        let end = rest.firstIndex(of: "--") ?? rest.endIndex
        rest.insert(contentsOf: leading, at: end)
        return rest
    }
}
