internal import SQLite

/// The file `search/<account>.db`: an inverted index of one account's mail. Derived data: it may vanish at any time.
///
/// Documents are the messages that the index holds, numbered from 0 in the order of their message ids. Each has two rows,
/// one for its header, one for its body. Segments are parts of the index that do not change: a batch of messages makes one,
/// and when there are many of a size they are merged.
enum IndexSchema {
    /// "PosS", in the file's header.
    static let applicationID: Int32 = 0x506f_7353

    /// A file of another version is made anew.
    static let chapter = SchemaChapter(
        name: "search", version: 1,
        create: [
            // One row. `identity` says whose mail it is: the store may have been replaced beneath.
            "CREATE TABLE progress (indexed_through INTEGER NOT NULL, documents INTEGER NOT NULL, identity TEXT NOT NULL)",
            // Which messages the documents are: runs of message ids without a gap.
            "CREATE TABLE document_run (first_message_id INTEGER PRIMARY KEY, document_count INTEGER NOT NULL)",
            // Documents of which the index may lack terms, so that it can only say what is in them.
            "CREATE TABLE partial_document (document INTEGER PRIMARY KEY)",
            "CREATE TABLE segment (segment_id INTEGER PRIMARY KEY, level INTEGER NOT NULL, block_count INTEGER NOT NULL)",
            // A segment's terms (`TermEntry`) in blocks; the id has the segment in its upper bits (`PieceID`).
            "CREATE TABLE term_block (piece_id INTEGER PRIMARY KEY, terms BLOB NOT NULL)",
            // Which of its blocks a needle may be in (`GramFilter`).
            "CREATE TABLE gram_piece (piece_id INTEGER PRIMARY KEY, bits BLOB NOT NULL)",
            // The lists of rows (`RowList`) of a segment as one stream, cut in pieces of equal length.
            "CREATE TABLE row_piece (piece_id INTEGER PRIMARY KEY, octets BLOB NOT NULL)",
        ])
}

/// Numbers of blocks and pieces: those of one segment stand together.
enum PieceID {
    private static let bits: Int64 = 24

    static func make(_ segment: Int64, _ index: Int) -> Int64 { segment << bits | Int64(index) }

    static func range(of segment: Int64) -> ClosedRange<Int64> { segment << bits...(segment << bits | 0xff_ffff) }

    static func segment(of id: Int64) -> Int64 { id >> bits }
}

/// Numbers of rows: a document's header, and its body.
enum IndexRow {
    static func make(_ document: Int, _ area: SearchText.Area) -> UInt32 {
        UInt32(truncatingIfNeeded: document << 1 | area.rawValue)
    }

    static func document(of row: UInt32) -> Int { Int(row >> 1) }

    static let documentsMax = 1 << 30
}
