import COpenSSL

/// A certificate of libcrypto's, freed with its one owner.
struct CertificateHandle: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CertificateError) {
        guard let pointer = X509_new() else { throw .ofLibrary("X509_new") }
        self.pointer = pointer
    }

    /// Takes the first certificate of a PEM text.
    init(pem: String) throws(CertificateError) {
        let memory = try MemoryHandle(text: pem)
        guard let pointer = PEM_read_bio_X509(memory.pointer, nil, refusesPassPhrase, nil) else {
            ERR_clear_error()
            throw .malformedCertificate
        }
        self.pointer = pointer
    }

    init(der: [UInt8]) throws(CertificateError) {
        let pointer = der.withUnsafeBufferPointer { octets in
            var next = octets.baseAddress
            return d2i_X509(nil, &next, octets.count)
        }
        guard let pointer else {
            ERR_clear_error()
            throw .malformedCertificate
        }
        self.pointer = pointer
    }

    deinit { X509_free(pointer) }

    func pem() throws(CertificateError) -> String {
        let memory = try MemoryHandle()
        guard PEM_write_bio_X509(memory.pointer, pointer) == 1 else { throw .ofLibrary("PEM_write_bio_X509") }
        return memory.text()
    }
}

/// A private key of libcrypto's, freed (and overwritten) with its one owner.
struct PrivateKeyHandle: ~Copyable {
    let pointer: OpaquePointer

    /// A new key on P-256.
    init() throws(CertificateError) {
        guard let pointer = postino_generate_p256() else { throw .ofLibrary("EVP_EC_gen") }
        self.pointer = pointer
    }

    init(pem: String) throws(CertificateError) {
        let memory = try MemoryHandle(text: pem)
        guard let pointer = PEM_read_bio_PrivateKey(memory.pointer, nil, refusesPassPhrase, nil) else {
            ERR_clear_error()
            throw .malformedPrivateKey
        }
        self.pointer = pointer
    }

    deinit { EVP_PKEY_free(pointer) }

    /// Gives the key to another owner, who frees it.
    consuming func take() -> OpaquePointer {
        let pointer = pointer
        discard self
        return pointer
    }

    /// PKCS #8 without a pass phrase.
    func pem() throws(CertificateError) -> String {
        let memory = try MemoryHandle()
        guard PEM_write_bio_PrivateKey(memory.pointer, pointer, nil, nil, 0, nil, nil) == 1 else {
            throw .ofLibrary("PEM_write_bio_PrivateKey")
        }
        return memory.text()
    }
}

/// Memory that libcrypto reads from or writes to.
struct MemoryHandle: ~Copyable {
    let pointer: OpaquePointer

    init() throws(CertificateError) {
        guard let pointer = BIO_new(BIO_s_mem()) else { throw .ofLibrary("BIO_new") }
        self.pointer = pointer
    }

    init(text: String) throws(CertificateError) {
        let octets = Array(text.utf8)
        guard let pointer = BIO_new(BIO_s_mem()) else { throw .ofLibrary("BIO_new") }
        guard octets.isEmpty || BIO_write(pointer, octets, Int32(clamping: octets.count)) == octets.count else {
            BIO_free(pointer)
            throw .ofLibrary("BIO_write")
        }
        self.pointer = pointer
    }

    deinit { BIO_free(pointer) }

    func text() -> String {
        let octets = [UInt8](unsafeUninitializedCapacity: BIO_ctrl_pending(pointer)) { buffer, count in
            count = max(0, Int(BIO_read(pointer, buffer.baseAddress, Int32(clamping: buffer.count))))
        }
        return String(decoding: octets, as: UTF8.self)
    }
}

/// Gives no pass phrase. Without it libcrypto would ask the terminal.
private func refusesPassPhrase(
    _: UnsafeMutablePointer<CChar>?, _: Int32, _: Int32, _: UnsafeMutableRawPointer?
) -> Int32 { -1 }
