import Delivery
import Directory
import MIME
import MailCore
import MessageStore
import NIOCore
import SMTP

extension MailSession {
    /// What goes on with the message to other servers.
    func request(_ message: StagedMessage, _ envelope: Envelope, _ destinations: Destinations) -> MessageRequest {
        var request = MessageRequest(
            needs: needs(message, envelope, destinations), notification: envelope.parameters.notification)
        request.isTrusted = isTrusted
        for recipient in envelope.recipients where recipient.notification != RecipientNotification() {
            // Twice the same address: what was said first stands, as the first of equal recipients does.
            let key = address(recipient)
            if request.recipients[key] == nil { request.recipients[key] = recipient.notification }
        }
        return request
    }

    func address(_ recipient: Recipient) -> EmailAddress {
        switch recipient.path {
        case .address(let address): address
        case .postmaster: EmailAddress(localPart: "postmaster", domain: services.hostname)
        }
    }

    /// Of a spooled message only its beginning is looked at for octets above 127.
    private func needs(
        _ message: StagedMessage, _ envelope: Envelope, _ destinations: Destinations
    ) -> MessageNeeds {
        var needs: MessageNeeds = []
        let parameters = envelope.parameters
        let isEightBit = message.head.readableBytesView.contains { $0 >= 0x80 }
        if parameters.body == .eightBitMIME || isEightBit { needs.insert(.eightBit) }
        if parameters.body == .binaryMIME { needs.insert(.binary) }
        if parameters.requiresTLS {
            needs.insert(.requireTLS)
        } else if asksForDelivery(message) {
            needs.insert(.ignoresTLSPolicy)
        }
        // RFC 6531 §3.4 wants SMTPUTF8 of the next hop where it is needed; a client that always says it often needs it not.
        if parameters.isInternationalized, isInternational(message, envelope, destinations) {
            needs.insert(.internationalized)
        }
        return needs
    }

    /// RFC 8689 §5:
    ///
    ///     "TLS-Required:" [FWS] "No"                              ; once
    private func asksForDelivery(_ message: StagedMessage) -> Bool {
        let fields = message.message.header.all("TLS-Required")
        guard fields.count == 1, let field = fields.first else { return false }
        return String(buffer: message.message.header.unfolded(field)).lowercased() == "no"
    }

    private func isInternational(
        _ message: StagedMessage, _ envelope: Envelope, _ destinations: Destinations
    ) -> Bool {
        let addresses = [envelope.reversePath.address].compactMap { $0 } + destinations.remote
        if addresses.contains(where: { $0.localPart.utf8.contains { $0 >= 0x80 } }) { return true }
        let header = message.head.readableBytesView.prefix(message.facts.headerOctets)
        return header.contains { $0 >= 0x80 }
    }
}
