public import MailCore
public import NIOCore
public import SASL

extension ServerSession {
    /// What only the server can do. It streams the untagged responses itself (with the writers of Responses/), then
    /// gives an `Answer`, from which the session makes the tagged line.
    ///
    /// Unless another answer is named, the answer is `done`. In every state but before login, and in IDLE through
    /// `idleUpdates`, the server also tells what changed in the selected mailbox, where RFC 3501 §5.2 and §7.4.1 allow:
    /// EXPUNGE never in answer to FETCH, STORE and SEARCH by sequence number.
    public enum Request: Equatable, Sendable {
        /// Who is this? `authenticated`, or `done` with NO, best with AUTHENTICATIONFAILED.
        case authenticate(Credentials)
        /// The SCRAM keys of this login name; such as fit no password when there are none. `keys`, or `done` with NO.
        case findKeys(login: String)
        /// As `authenticate`. Without a proof it is NO.
        case admit(SCRAMClaim)
        /// Tell FLAGS, EXISTS, RECENT and the codes of RFC 3501 §6.3.1; then `selected`. What was selected before is
        /// deselected without an expunge, also when the answer is `done` with NO.
        case select(Select)
        /// As `select`, read-only.
        case examine(Select)
        /// With special uses (RFC 6154 §3). `done`, OK with MAILBOXID.
        case create(MailboxName, SpecialUse)
        case delete(MailboxName)
        case rename(MailboxName, to: MailboxName)
        case subscribe(MailboxName)
        case unsubscribe(MailboxName)
        case list(List)
        case lsub(List)
        case status(MailboxName, [StatusItem])
        /// More of the message of an APPEND that is above `memoryOctetsMax`: 1 to `spoolOctetsMax` octets, in order.
        /// The first opens the spool. `continued`, or `done` with NO: then the rest is dropped, and so is the spool.
        case spool(ByteBuffer)
        /// A message of an APPEND that has more of them to come (RFC 3502); the spool, if any, is used up. `continued`, or
        /// `done` with NO: then those before are forgotten, too.
        case stage(Append)
        /// The spool's message will not be appended after all, nor those that were staged. `continued`.
        case discardSpool
        /// With those that were staged before, all or none. `done`, OK with APPENDUID. The spool, if any, is used up,
        /// whatever the answer.
        case append(Append)
        case check
        /// Expunge silently (not when read-only) and deselect. `closed`.
        case close
        /// Deselect. `closed`.
        case unselect
        /// Nil: all that are `\Deleted`; else those of them with these UIDs (RFC 4315 §2.1).
        case expunge(uids: SequenceSet?)
        case search(Search)
        case fetch(Fetch)
        case store(StoreFlags)
        /// `done`, OK with COPYUID.
        case copy(Transfer)
        /// COPYUID is told in an untagged OK before the EXPUNGEs (RFC 6851 §4.3).
        case move(Transfer)
        case sort(Sort)
        case thread(Threading)
        case multiSearch(MultiSearch)
        /// RFC 9208: `* QUOTAROOT` and `* QUOTA`.
        case quotaRoot(MailboxName)
        case quota(root: String)
        /// The results of these searches are kept up to date no more (RFC 5267 §4.3.5).
        case cancelUpdates([String])
        /// Tell from now on what RFC 5465 names, by `ConnectionWaker.wake()`; nil: nothing any more.
        case notify(Notify?)
        /// Tell what was asked for by `notify` and happened. `continued`.
        case notifications
        /// Nil: of the server itself (RFC 5464 §4.2).
        case getMetadata(MailboxName?, MetadataQuery)
        case setMetadata(MailboxName?, [MetadataChange])
        /// Forget who this is and all that was enabled (RFC 8437). `continued`.
        case unauthenticate
        /// Rights of a person, or of everybody ("anyone"), on a mailbox; none at all: the entry goes (RFC 4314 §3.1, §3.2).
        case setACL(MailboxName, String, RightsChange)
        /// `* ACL`
        case getACL(MailboxName)
        /// `* LISTRIGHTS`, with the identifier as the client wrote it.
        case listRights(MailboxName, String)
        /// `* MYRIGHTS`
        case myRights(MailboxName)
        case noop
        /// From now on `ConnectionWaker.wake()` tells of changes. What changed before is told at once. `continued`.
        case idleStarted
        /// Tell what changed. `continued`.
        case idleUpdates
        /// Changes are no more told by themselves. `continued`.
        case idleEnded
        case namespace
        /// What the client says of itself. The server tells `* ID` (`writeID`).
        case id([IDField])
        /// Perhaps nothing. `continued`; `* ENABLED` is written by the session.
        case enable(Features)
        /// The client says goodbye. `continued`. The connection's end without it means the same.
        case logout
    }

    /// What the server says to a request.
    public enum Answer: Equatable, Sendable {
        /// The request ended so. For `spool`, `idleStarted` and `idleUpdates` only NO makes sense.
        case done(Completion)
        /// The request was a step in something longer, and went well.
        case continued
        /// The login holds.
        case authenticated
        case keys(SCRAMOffer)
        case selected(readOnly: Bool)
        /// No mailbox is selected now. With NO the mailbox stays selected.
        case closed
        /// The session ends: `* BYE`.
        case ended(ResponseCode?, String)
    }
}
