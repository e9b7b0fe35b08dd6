import Appliance
import ControlServer

/// The one place where the commands meet the appliance.
enum Hooks {
    /// What is done without a running server.
    static var stoppedStore: any StoppedStore { OfflineStore() }
}
