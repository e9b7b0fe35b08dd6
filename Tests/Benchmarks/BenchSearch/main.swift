// swift run -c release BenchSearch [MESSAGES [FOLDER [ONLY]]]
//
// Fills a store with messages of about 4 KiB (50,000 unless told otherwise), indexes them, and prints what each kind of
// SEARCH takes: the median time of several runs, and the CPU time of one. In a FOLDER the store stays for the next time;
// ONLY is a part of the name of the searches to be measured.
let arguments = Array(CommandLine.arguments.dropFirst())
try await Benchmark(
    messages: arguments.first.flatMap { Int($0) } ?? 50_000, folder: arguments.dropFirst().first,
    only: arguments.dropFirst(2).first ?? ""
).run()
