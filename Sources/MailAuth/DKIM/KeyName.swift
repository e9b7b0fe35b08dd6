import DNS
import MailCore

/// Whose key, and which of them: `d=` and `s=`, in lower case and as A-labels (RFC 8616 §5).
struct KeyName: Hashable, Sendable {
    var domain: String
    var selector: String

    /// RFC 6376 §3.6.2.1.
    var recordName: String { "\(selector)._domainkey.\(domain)" }

    init(domain: String, selector: String) {
        self.domain = domain
        self.selector = selector
    }

    init(_ tags: TagList) throws(SignatureFault) {
        domain = PublicSuffixList.key(try SignatureTags.required("d", tags))
        selector = PublicSuffixList.key(try SignatureTags.required("s", tags))
        guard isDomainPossible else { throw .permanent("d= is no domain") }
        guard isPossible else { throw .permanent("s= is no selector") }
    }

    /// RFC 6376 §3.5: a domain has two labels at least.
    private var isDomainPossible: Bool { EmailAddress.isDomain(domain) && domain.contains(".") }

    /// Whether there can be a record of this name.
    var isPossible: Bool {
        isDomainPossible && EmailAddress.isDomain(selector) && DomainName.isQueryable(recordName)
    }
}
