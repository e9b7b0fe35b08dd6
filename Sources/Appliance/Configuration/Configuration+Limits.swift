import Directory
import SMTPServer

extension Configuration {
    /// What strangers may do.
    var clientLimits: ClientLimits {
        var limits = ClientLimits()
        limits.messagesPerAddress = messagesPerAddressHour
        limits.recipientsPerAddress = recipientsPerAddressHour
        limits.messagesPerNetwork = messagesPerNetworkHour
        limits.messages = messagesPerHour
        limits.guessesPerAddress = guessesPerAddressHour
        limits.greetingDelaySeconds = greetingDelaySeconds
        return limits
    }

    /// What our own people may do.
    var submissionPolicy: SubmissionPolicy {
        var policy = SubmissionPolicy()
        policy.checksFrom = checksFrom
        policy.hidesClient = hidesClient
        policy.limits.messagesPerHour = accountMessagesPerHour
        policy.limits.messagesPerDay = accountMessagesPerDay
        policy.limits.recipientsPerHour = accountRecipientsPerHour
        policy.limits.recipientsPerDay = accountRecipientsPerDay
        policy.limits.strangersPerHour = accountStrangersPerHour
        policy.limits.strangersPerDay = accountStrangersPerDay
        return policy
    }
}
