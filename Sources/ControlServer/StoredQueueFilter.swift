public import MessageStore

/// The store's filter, apart from the control socket's of the same name.
public typealias StoredQueueFilter = QueueFilter
