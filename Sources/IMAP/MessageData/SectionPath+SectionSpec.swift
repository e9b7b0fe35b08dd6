public import MIME

extension MIME.SectionPath {
    /// The section a client asked for.
    public init(_ section: SectionSpec) {
        let text: Text? =
            switch section.text {
            case .whole: nil
            case .header: .header
            case .headerFields(let names): .headerFields(names)
            case .headerFieldsNot(let names): .headerFieldsNot(names)
            case .text: .text
            case .mime: .mime
            }
        self.init(parts: section.path.map { Int($0) }, text: text)
    }
}
