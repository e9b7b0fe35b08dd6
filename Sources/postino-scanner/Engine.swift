// SPDX-License-Identifier: GPL-2.0-or-later

import CClamAV
import Glibc
import ScannerWire

/// libclamav with its signatures loaded. One for a process; workers inherit it by fork and share its pages.
struct Engine {
    let pointer: OpaquePointer
    private(set) var signatures: UInt32 = 0
    private(set) var databaseVersion: UInt32 = 0
    private(set) var databaseTime = 0
    /// Why signatures are missing; empty when all is well.
    private(set) var problem = ""

    struct LoadError: Error { var text: String }

    /// - Parameter mayBeEmpty: with it, signatures that cannot be loaded are a `problem` and the engine has none;
    ///   else they are an error.
    static func load(_ options: Options, mayBeEmpty: Bool) -> Result<Engine, LoadError> {
        guard cl_init(UInt32(CL_INIT_DEFAULT)) == CL_SUCCESS else { return .failure(LoadError(text: "cl_init failed")) }
        let folder = SignatureFolder(options.signatures)
        var problem = folder.exists ? "" : "no signature folder \(options.signatures)"
        if folder.exists, folder.isEmpty { problem = "no signatures in \(options.signatures)" }
        if !folder.isEmpty {
            switch attempt(options, folder) {
            case .success(let engine): return .success(engine)
            case .failure(let error):
                guard mayBeEmpty else { return .failure(error) }
                problem = error.text
            }
        }
        return attempt(options, nil).map { engine in
            var engine = engine
            engine.problem = problem
            return engine
        }
    }

    private static func attempt(_ options: Options, _ folder: SignatureFolder?) -> Result<Engine, LoadError> {
        guard let pointer = cl_engine_new() else { return .failure(LoadError(text: "cl_engine_new failed")) }
        var engine = Engine(pointer: pointer)
        if let folder {
            var count: UInt32 = 0
            let flags = UInt32(CL_DB_PHISHING | CL_DB_PHISHING_URLS | CL_DB_BYTECODE)
            let outcome = cl_load(options.signatures, pointer, &count, flags)
            guard outcome == CL_SUCCESS else {
                cl_engine_free(pointer)
                let why = String(cString: cl_strerror(outcome))
                return .failure(LoadError(text: "cannot load the signatures in \(options.signatures): \(why)"))
            }
            engine.signatures = count
            engine.databaseVersion = UInt32(clamping: cl_engine_get_num(pointer, CL_ENGINE_DB_VERSION, nil))
            engine.databaseTime = max(Int(cl_engine_get_num(pointer, CL_ENGINE_DB_TIME, nil)), folder.newest)
        }
        engine.limit(options)
        let outcome = cl_engine_compile(pointer)
        guard outcome == CL_SUCCESS else {
            cl_engine_free(pointer)
            return .failure(LoadError(text: "cannot compile the signatures: \(String(cString: cl_strerror(outcome)))"))
        }
        return .success(engine)
    }

    private init(pointer: OpaquePointer) { self.pointer = pointer }

    private func limit(_ options: Options) {
        let limits: [(cl_engine_field, Int)] = [
            (CL_ENGINE_MAX_SCANSIZE, options.scanOctets),
            (CL_ENGINE_MAX_FILESIZE, options.scanOctets),
            (CL_ENGINE_MAX_RECURSION, options.scanRecursion),
            (CL_ENGINE_MAX_FILES, options.scanFiles),
            (CL_ENGINE_MAX_SCANTIME, options.scanSeconds * 1_000),
        ]
        for (field, value) in limits { cl_engine_set_num(pointer, field, Int64(value)) }
    }

    /// Where this process unpacks.
    func useTemporary(_ folder: String) {
        cl_engine_set_str(pointer, CL_ENGINE_TMPDIR, folder)
        setenv("TMPDIR", folder, 1)
    }
}

extension Engine {
    /// libclamav's own.
    static var version: String { String(cString: cl_retver()) }
}
