import Glibc

/// How to run the scanner.
public struct ScannerConfiguration: Sendable {
    /// The program. By default `postino-scanner` in the folder of the running program.
    public var executable = ScannerConfiguration.besideThisProgram
    /// The folder of the signatures; may be missing or empty.
    public var signatureFolder: String
    /// A folder for what is unpacked; made where it is missing (its parent exists).
    public var temporaryFolder: String
    /// Messages scanned at one time.
    public var workers = max(1, min(16, sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    /// A scan that takes longer ends in "cannot be checked".
    public var scanSeconds = 20
    /// Octets looked at in one message, unpacked ones too. Larger messages are "cannot be checked".
    public var scanOctetsMax = 104_857_600
    /// Files unpacked from one message.
    public var scanFilesMax = 2_000
    /// Archives within archives.
    public var scanRecursionMax = 12
    /// Memory of one worker above that of the loaded signatures.
    public var workerMemoryOctetsMax = 1_073_741_824
    /// Octets that one worker may have unpacked on disk.
    public var workerTemporaryOctetsMax = 536_870_912
    /// How often the folder of signatures is looked at for new ones.
    public var signatureCheckSeconds = 5
    /// Scans that may wait; more are `unavailable`.
    public var queueMax = 256
    /// Octets of all waiting scans together that are held in memory.
    public var queueOctetsMax = 268_435_456
    /// A scan not answered after so long, waiting included, is `unavailable`.
    public var answerSeconds = 45
    /// The first pause before a scanner that died is started again; doubled each time, up to a minute.
    public var restartMilliseconds = 100

    public init(signatureFolder: String, temporaryFolder: String) {
        self.signatureFolder = signatureFolder
        self.temporaryFolder = temporaryFolder
    }

    var arguments: [String] {
        [
            "postino-scanner", "--signatures", signatureFolder, "--temporary", temporaryFolder,
            "--workers", "\(workers)", "--scan-seconds", "\(scanSeconds)", "--scan-octets", "\(scanOctetsMax)",
            "--scan-files", "\(scanFilesMax)", "--scan-recursion", "\(scanRecursionMax)",
            "--memory-octets", "\(workerMemoryOctetsMax)",
            "--temporary-octets", "\(workerTemporaryOctetsMax)", "--check-seconds", "\(signatureCheckSeconds)",
        ]
    }

    /// `postino-scanner` in the folder that holds the running program.
    public static var besideThisProgram: String {
        var path = [UInt8](repeating: 0, count: Int(PATH_MAX))
        let count = path.withUnsafeMutableBytes { buffer in
            buffer.withMemoryRebound(to: CChar.self) {
                $0.baseAddress.map { readlink("/proc/self/exe", $0, buffer.count) }
            }
        }
        guard let count, count > 0, let slash = path[..<count].lastIndex(of: UInt8(ascii: "/")) else {
            return "postino-scanner"
        }
        return String(decoding: path[...slash], as: UTF8.self) + "postino-scanner"
    }
}
