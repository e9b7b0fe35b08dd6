// swift-tools-version: 6.2
import PackageDescription

// The rows of the module diagram in README.md, from the bottom up: a module imports rows below its own.

let strict: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .treatAllWarnings(as: .error),
]

let nio: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioEmbedded: Target.Dependency = .product(name: "NIOEmbedded", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let nioTLS: Target.Dependency = .product(name: "NIOTLS", package: "swift-nio")
let nioSSL: Target.Dependency = .product(name: "NIOSSL", package: "swift-nio-ssl")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

func tests(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource]? = nil) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name)] + dependencies, resources: resources,
        swiftSettings: strict)
}

/// Armed by `swift build --sanitize fuzzer --product NAME --scratch-path .build-fuzz`; built plainly with all else, so that
/// it cannot rot.
func fuzzer(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/Fuzz/\(name)", swiftSettings: strict)
}

/// Run by hand: swift run -c release NAME. Built with all else, so that it cannot rot.
func benchmark(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "Tests/Benchmarks/\(name)", swiftSettings: strict)
}

let package = Package(
    name: "postino",
    products: [
        .executable(name: "postino", targets: ["postino"]),
        .executable(name: "postino-scanner", targets: ["postino-scanner"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", exact: "2.37.6"),
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    ],
    targets: [
        // C: a module map and a shim.h each.
        .systemLibrary(name: "CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CCrypt", pkgConfig: "libcrypt", providers: [.apt(["libcrypt-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        // No pkgConfig: libunbound's file names private libraries that need not be installed.
        .systemLibrary(name: "CUnbound", providers: [.apt(["libunbound-dev"])]),
        .systemLibrary(name: "CClamAV", pkgConfig: "libclamav", providers: [.apt(["libclamav-dev"])]),
        .target(name: "CSys"),
        .target(name: "CWALBuffer", linkerSettings: [.linkedLibrary("sqlite3")]),
        .target(name: "CSPF2", linkerSettings: [.linkedLibrary("spf2")]),

        // Words.
        module("MailCore", [nio]),
        module("MailCrypto", ["COpenSSL", "CCrypt", "CSys"]),
        module("Observation", [logging]),
        module("Execution", ["CSys"]),
        module("Control"),
        module("ScannerWire"),

        // Pure: no clock, no socket, no file, no thread.
        module("SASL", ["MailCore", "MailCrypto", nio]),
        module("MIME", ["MailCore", nio]),
        module("SMTP", ["MailCore", "SASL", nio]),
        module("IMAP", ["MailCore", "MIME", "SASL", nio]),
        module("POP3", ["MailCore", "SASL", nio]),

        // Services.
        module("SQLite", ["CSQLite", "CWALBuffer", "Execution", "Observation", logging]),
        module(
            "MessageStore",
            ["SQLite", "MailCore", "MIME", "IMAP", "MailCrypto", "Execution", "Observation", "CSys", nio, logging]),
        module("Directory", ["SQLite", "MailCore", "MailCrypto", "Execution", "Observation"]),
        module("DNS", ["CUnbound", "MailCore", "Execution", "Observation"]),
        module("Antivirus", ["ScannerWire", "CSys", "Execution", "Observation", logging]),
        module("MailAuth", ["DNS", "MIME", "MailCore", "MailCrypto", "Observation", nio]),
        module("SpamScoring", ["SQLite", "MIME", "MailCore", "MailCrypto", "Execution", "Observation", nio]),
        module("Transport", ["CZlib", "MailCore", "MailCrypto", "Observation", nio, nioPosix, nioTLS, nioSSL]),

        // Flows.
        module(
            "Filter",
            [
                "MailAuth", "Antivirus", "SpamScoring", "DNS", "MIME", "MailCore", "Execution", "Observation", logging,
                nio,
            ]),
        module(
            "OutboundQueue",
            [
                "MessageStore", "MailAuth", "MailCrypto", "DNS", "SMTP", "MIME", "SASL", "MailCore", "Transport",
                "Execution", "Observation", nio, logging,
            ]),
        module(
            "Delivery",
            ["MessageStore", "Directory", "OutboundQueue", "MailAuth", "MIME", "MailCore", "Observation", logging, nio]),
        module("Backup", ["MessageStore", "SQLite", "MailCrypto", "Execution", "Observation", "CSys", logging]),

        // Servers.
        module(
            "SMTPServer",
            [
                "SMTP", "SASL", "Filter", "Delivery", "OutboundQueue", "MessageStore", "Directory", "DNS", "MIME",
                "Transport", "MailCore", "MailCrypto", "Observation", nio, logging,
            ]),
        module(
            "IMAPServer",
            [
                "IMAP", "SASL", "MIME", "MessageStore", "Directory", "Transport", "MailCore", "MailCrypto",
                "Execution", "Observation", nio, logging,
            ]),
        module(
            "POP3Server",
            [
                "POP3", "SASL", "MessageStore", "Directory", "Transport", "MailCore", "MailCrypto", "Observation", nio,
                logging,
            ]),
        module(
            "ControlServer",
            [
                "Control", "OutboundQueue", "MessageStore", "Directory", "MailAuth", "DNS", "SQLite", "MailCore",
                "MailCrypto",
                "Execution",
                "Observation", logging, nio,
            ]),
        module("Web", ["MailCore", "Observation", "Transport", nio, nioPosix, nioHTTP1]),

        // The whole.
        module(
            "Appliance",
            [
                "SMTPServer", "IMAPServer", "POP3Server", "ControlServer", "Web", "Filter", "OutboundQueue", "Delivery",
                "Backup", "MessageStore", "Directory", "MailAuth", "Antivirus", "SpamScoring", "DNS", "Transport",
                "SQLite", "SMTP", "IMAP", "POP3", "Control", "MailCore", "MailCrypto", "Observation", "Execution",
                "CSys", nio, logging, yams,
            ]),

        // The command line.
        .executableTarget(
            name: "postino", dependencies: ["Appliance", "ControlServer", "Control", arguments],
            swiftSettings: strict),

        // Beside: GPL-2.0-or-later, no package.
        .executableTarget(
            name: "postino-scanner", dependencies: ["ScannerWire", "CClamAV", "CSPF2", "CSys"],
            exclude: ["LICENSE-GPL-2"], swiftSettings: strict),

        // For other people's programs to verify what we sign.
        .executableTarget(
            name: "SignMail", dependencies: ["MailAuth", "MailCrypto", "MIME", nio], path: "Tests/EndToEnd/SignMail",
            swiftSettings: strict),

        // Fuzzers: a stranger's octets.
        fuzzer("FuzzSMTP", ["SMTP", "MailCore", nio]),
        fuzzer("FuzzAddress", ["SMTP", "MIME", "MailCore", nio]),
        fuzzer("FuzzIMAP", ["IMAP", "SASL", "MailCrypto", "MailCore", nio]),
        fuzzer("FuzzPOP3", ["POP3", "MailCore", nio]),
        fuzzer("FuzzMIME", ["MIME", "IMAP", nio]),
        fuzzer("FuzzReport", ["MIME", nio]),
        fuzzer("FuzzMailAuth", ["MailAuth", "DNS", "MIME", "MailCore", "Execution", nio]),

        benchmark("BenchStore", ["MessageStore", "SQLite", "MailCore", "Execution", "Observation", nio]),

        benchmark(
            "BenchQueue",
            [
                "OutboundQueue", "MessageStore", "SQLite", "DNS", "Transport", "MailCore", "Execution", nio, nioPosix,
            ]),

        benchmark("BenchSearch", ["IMAP", "IMAPServer", "MessageStore", "SQLite", "MailCore", "Execution", nio]),

        // What tests share.
        .target(name: "CWatchedFiles", dependencies: ["CSQLite"], path: "Tests/Support/CWatchedFiles"),

        tests("MailCore", [nio]),
        tests("MailCrypto", ["CSys"]),
        tests("Execution"),
        tests("Control", ["ControlServer", "Directory", "SQLite", "MailCore", "MailCrypto", "Execution"]),
        tests("SASL", ["MailCore", "MailCrypto", nio]),
        tests("MIME", ["MailCore", nio]),
        tests("SMTP", ["MailCore", "MailCrypto", "SASL", nio], resources: [.copy("Transcripts")]),
        tests("IMAP", ["MailCore", "MailCrypto", "MIME", "SASL", nio], resources: [.copy("Transcripts")]),
        tests(
            "IMAPServer",
            [
                "IMAP", "MessageStore", "Directory", "SQLite", "Transport", "MailCore", "MailCrypto", "Execution", nio,
                nioPosix, nioEmbedded,
            ], resources: [.copy("Transcripts")]),
        tests("POP3", ["MailCore", "MailCrypto", "SASL", nio], resources: [.copy("Transcripts")]),
        tests("SQLite", ["CSQLite"]),
        tests(
            "MessageStore",
            ["SQLite", "CSQLite", "CWALBuffer", "CWatchedFiles", "MailCore", "MIME", "Execution", "Observation", nio]),
        tests(
            "postino",
            ["ControlServer", "Control", "Directory", "SQLite", "MailCore", "MailCrypto", "Execution"]),
        tests("Directory", ["SQLite", "MailCore", "MailCrypto", "Execution"]),
        tests("DNS", ["MailCore", "Execution", "Observation"]),
        tests("Antivirus", ["postino-scanner", "ScannerWire", "CSys", "Execution", "Observation"]),
        tests(
            "MailAuth", ["DNS", "MIME", "MailCore", "MailCrypto", "Observation", nio], resources: [.copy("Cases")]),
        tests("SpamScoring", ["SQLite", "MIME", "MailCore", "Execution", "Observation", nio]),
        tests(
            "Filter",
            [
                "SpamScoring", "MailAuth", "MailCrypto", "Antivirus", "DNS", "MIME", "MailCore", "Execution",
                "Observation", nio,
            ]),
        tests("Appliance", ["MailCore", "Transport"]),
        tests(
            "SMTPServer",
            [
                "SMTP", "DNS", "Delivery", "Directory", "Execution", "Filter", "MailCore", "MailCrypto", "MessageStore",
                "SQLite",
                "Transport", nio,
            ]),
        tests(
            "Backup", ["MessageStore", "SQLite", "MailCore", "MailCrypto", "Execution", "Observation", nio]),
        tests(
            "POP3Server",
            [
                "POP3", "MessageStore", "Directory", "SQLite", "Transport", "MailCore", "MailCrypto", "Execution", nio,
                nioPosix, nioEmbedded,
            ]),
        tests("Transport", ["MailCore", "Observation", nio, nioPosix, nioEmbedded, nioSSL]),
        tests(
            "OutboundQueue",
            [
                "MessageStore", "MailAuth", "MailCrypto", "SQLite", "DNS", "SMTP", "MIME", "SASL", "MailCore",
                "Transport", "Execution", "Observation", nio, nioPosix, nioSSL,
            ]),
        tests(
            "Delivery",
            [
                "MessageStore", "Directory", "OutboundQueue", "MailAuth", "SQLite", "DNS", "MIME", "MailCore",
                "MailCrypto", "Transport", "Execution", nio,
            ]),
    ]
)
