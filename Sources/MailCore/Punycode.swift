/// The ASCII form of a label (RFC 3492).
public enum Punycode {
    /// "xn--" and the label's code; nil for one of more than 63 characters.
    public static func aLabel(_ label: some StringProtocol) -> String? {
        let scalars = label.unicodeScalars.map(\.value)
        guard scalars.count <= 63 else { return nil }
        var output = scalars.filter { $0 < 0x80 }.map { UInt8(truncatingIfNeeded: $0) }
        let basicCount = output.count
        if basicCount > 0 { output.append(UInt8(ascii: "-")) }
        var handled = basicCount
        var (n, delta, bias) = (UInt32(128), UInt32(0), UInt32(72))
        while handled < scalars.count {
            // At most 63 × 0x10ffff: no overflow.
            let next = scalars.filter { $0 >= n }.min() ?? n
            delta += (next - n) * UInt32(handled + 1)
            n = next
            for scalar in scalars {
                if scalar < n { delta += 1 }
                guard scalar == n else { continue }
                output += variableLength(delta, bias)
                bias = adapted(delta, count: UInt32(handled + 1), isFirst: handled == basicCount)
                delta = 0
                handled += 1
            }
            delta += 1
            n += 1
        }
        return "xn--" + String(decoding: output, as: UTF8.self)
    }

    /// §6.3: a number in digits of changing base, the lowest first.
    private static func variableLength(_ value: UInt32, _ bias: UInt32) -> [UInt8] {
        var digits: [UInt8] = []
        var (rest, k) = (value, UInt32(36))
        while true {
            let threshold = k <= bias ? 1 : min(k - bias, 26)
            if rest < threshold { return digits + [digit(rest)] }
            digits.append(digit(threshold + (rest - threshold) % (36 - threshold)))
            rest = (rest - threshold) / (36 - threshold)
            k += 36
        }
    }

    private static func digit(_ value: UInt32) -> UInt8 {
        UInt8(truncatingIfNeeded: value < 26 ? value + 97 : value + 22)
    }

    /// §6.1.
    private static func adapted(_ delta: UInt32, count: UInt32, isFirst: Bool) -> UInt32 {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var k: UInt32 = 0
        while delta > 455 {
            delta /= 35
            k += 36
        }
        return k + 36 * delta / (delta + 38)
    }
}
