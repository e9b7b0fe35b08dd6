// SPDX-License-Identifier: GPL-2.0-or-later
// Started by the mail server with a SOCK_SEQPACKET socket as descriptor 3. See `Root` for the processes.

import Glibc

switch Options.parse(CommandLine.arguments.dropFirst()) {
case .success(let options):
    Root(options).run()
case .failure(let problem):
    Log.line(problem.text)
    exit(64)
}
