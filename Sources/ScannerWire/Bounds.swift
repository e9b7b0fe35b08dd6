// SPDX-License-Identifier: Apache-2.0 OR GPL-2.0-or-later

/// The version of the words below and the bounds that both sides keep. A request or answer is one datagram of a
/// `SOCK_SEQPACKET` socket; the message to scan goes with it as a descriptor.
public enum Bounds {
    /// First octet of each datagram. Both executables come from one build, so another version is refused.
    public static let version: UInt8 = 1
    /// Below Linux's default socket buffer of 212,992 octets.
    public static let datagramOctetsMax = 131_072
    /// A reason, a signature's name, a version; longer ones are cut.
    public static let textOctetsMax = 1_024
    /// A domain name or a HELO argument.
    public static let nameOctetsMax = 255
    /// A reverse path: RFC 5321 §4.5.3.1.3 has 256 octets; some longer ones exist.
    public static let pathOctetsMax = 512
    /// DNS answers that go with one SPF question.
    public static let dnsAnswersMax = 160
    /// Records of one DNS answer.
    public static let dnsRecordsMax = 256
    /// One DNS record. Above what the guard against libspf2's defects lets through (2,048).
    public static let dnsRecordOctetsMax = 4_096
    /// Names that one round of SPF may still ask for.
    public static let missingMax = 64
    /// Workers named in a status.
    public static let workersMax = 256
}
