import MailCrypto
import SASL

/// The account of RFC 7677 §3's example, and the nonce of its server.
let exampleOffer = SCRAMOffer(
    keys: SCRAMKeys.derive(
        "pencil", salt: (try? SASL.Base64.decode("W22ZaJ0SNY7soEsUEjb6gQ==".utf8, octetsMax: 16)) ?? [],
        iterations: 4_096),
    nonce: "%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0")
