import Control
import Directory
import Logging
import MailCore
import MessageStore

extension Administrator {
    private static let anyone = "anyone"

    /// - Parameter rights: letters, or a word for several; empty takes all back.
    func shareFolder(
        _ address: String, _ folder: String, with identifier: String, _ rights: String
    ) async throws(Failure) -> Outcome {
        let store = try store(to: "share a folder")
        return try await attempt("share the folder \(folder) of \(address)") {
            let mailbox = try await store.mailbox(of: try await account(named: address).id, named: folder)
            let change = try Self.change(rights)
            let isForAll = identifier.lowercased() == Self.anyone
            let grantee: MailboxShare.Grantee =
                isForAll ? .domain : .account(try await account(named: identifier).id)
            let now = try await store.share(mailbox.id, with: grantee, change)
            log.notice(
                "folder shared",
                metadata: [
                    "mailbox": "\(address)", "folder": "\(folder)", "with": "\(identifier)", "rights": "\(now.text)",
                ])
            let who = isForAll ? "Everybody of the domain" : identifier
            return Outcome(
                now.isEmpty
                    ? "\(who) has no rights on \(folder) of \(address) any more."
                    : "\(who) has the rights \(now.text) on \(folder) of \(address).")
        }
    }

    func listShares(_ address: String, _ folder: String?) async throws(Failure) -> Outcome {
        let store = try store(to: "list what is shared")
        return try await attempt("list what \(address) shares") {
            let account = try await account(named: address).id
            let mailboxes =
                if let folder {
                    [try await store.mailbox(of: account, named: folder)]
                } else {
                    try await store.mailboxes(of: account)
                }
            var rows: [[String?]] = []
            for mailbox in mailboxes {
                let shares = try await store.shares(of: mailbox.id)
                let addresses = try await registry.addresses(of: Set(shares.compactMap(\.account)))
                for share in shares {
                    switch share.grantee {
                    case .domain: rows.append([mailbox.name, Self.anyone, share.rights.text])
                    case .account(let id):
                        guard let address = addresses[id] else { continue }
                        rows.append([mailbox.name, "\(address)", share.rights.text])
                    }
                }
            }
            let report = Report(
                "shares", columns: [.init("folder", "FOLDER"), .init("who", "WHO"), .init("rights", "RIGHTS")],
                rows: rows)
            return Outcome(
                rows.isEmpty ? "Nothing is shared. Share a folder with: postino folder share" : "", reports: [report])
        }
    }

    private static func change(_ text: String) throws(Failure) -> RightsChange {
        let words = ["read": "lr", "work": "lrswite", "all": MailboxRights.all.text]
        let sign = text.first.flatMap { $0 == "+" || $0 == "-" ? $0 : nil }
        let word = sign == nil ? text : String(text.dropFirst())
        guard let rights = MailboxRights(letters: words[word] ?? word) else {
            throw Failure(
                .usage, "invalid", tried: "", obstacle: "\"\(word.prefix(40))\" are no rights",
                next: "Rights are letters among \(String(MailboxRights.letters)), or read, work or all.")
        }
        switch sign {
        case "+": return .add(rights)
        case "-": return .remove(rights)
        default: return .replace(rights)
        }
    }
}
