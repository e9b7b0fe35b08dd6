/// What this program calls itself; the changelog says what is in it.
public enum Version {
    public static let text = "0.1.0"
}
