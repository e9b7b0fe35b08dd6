internal import Glibc

extension Database {
    /// How a database is opened. Sizes are octets.
    public struct Options: Sendable {
        public var path: String
        /// All chapters of the file: a file is refused when one of them is newer than it says here.
        public var chapters: [SchemaChapter]
        /// Brings chapters of an older version to this one, in place: only for a file that is a copy. Else they are refused.
        public var convertsOlder = false
        /// "Post", in the file's header.
        public var applicationID: Int32 = 0x506f_7374
        /// Connections that read, each on a thread of its own.
        public var readers = min(8, max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) + 2)
        /// Pages that all connections together may keep in memory.
        public var cacheOctetsMax = 48 << 20
        /// Requests that may wait for the writer; more get `busy`.
        public var queueRequestsMax = 1_024
        /// Announced octets of the requests that may wait.
        public var queueOctetsMax = 64 << 20
        /// What one transaction takes of them.
        public var groupRequestsMax = 256
        public var groupOctetsMax = 8 << 20
        /// Reads that may wait for a reader.
        public var readsWaitingMax = 65_536
        /// From here on the WAL is moved into the database beside the writer; at twice of it the writer itself helps.
        public var checkpointOctets = 32 << 20

        /// The name of the layer between SQLite and the files (a VFS); nil for the system's own. For tests of crashes.
        var vfs: String?

        public init(path: String, chapters: [SchemaChapter]) {
            self.path = path
            self.chapters = chapters
        }
    }
}
