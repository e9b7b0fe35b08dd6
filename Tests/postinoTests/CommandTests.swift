import Testing

@Suite("The command, against a running server")
struct CommandTests {
    @Test("Domains and mailboxes are added, listed and removed, with documented exit codes")
    func life() async throws {
        try await CommandFixture.with { fixture in
            var run = try await fixture.run("domain", "add", "here.test")
            #expect(run.code == 0)
            #expect(run.output.hasPrefix("Added the domain here.test."))
            run = try await fixture.run("domain", "add", "here.test")
            #expect(run.code == 1)
            #expect(
                run.errors == "postino: Could not add the domain here.test: the domain here.test is there already.\n")
            run = try await fixture.run("domain", "add", "here.test", "--json")
            #expect(run.code == 1)
            #expect(run.output.hasPrefix("{\"error\": {\"code\": 1, \"word\": \"domain-exists\""))
            run = try await fixture.run("mailbox", "add", "ann@here.test", "--password-stdin", input: "pw\nnot this\n")
            #expect(run.code == 0)
            #expect(run.output == "Added the mailbox ann@here.test.\n")
            run = try await fixture.run("mailbox", "add", "bob@here.test", "--generate")
            #expect(run.output.contains("shown this once") && run.output.contains("bob@here.test  "))
            run = try await fixture.run("mailbox", "add", "cat@here.test")
            #expect(run.code == 64)
            #expect(run.errors.contains("no terminal"))
            run = try await fixture.run("mailbox", "show", "nobody@here.test")
            #expect(run.code == 3)
            run = try await fixture.run("mailbox", "list", "--json")
            #expect(
                run.output.hasPrefix(
                    "[{\"address\": \"ann@here.test\", \"messages\": 0, \"octets\": 0, \"isEnabled\": true"))
            run = try await fixture.run("mailbox", "set", "ann@here.test", "--pop3-leave-days", "7")
            #expect(run.output == "Changed the mailbox ann@here.test. What POP3 deletes stays for 7 days.\n")
            run = try await fixture.run("mailbox", "set", "ann@here.test", "--pop3", "off")
            #expect(run.output == "Changed the mailbox ann@here.test. POP3 is off.\n")
            run = try await fixture.run("mailbox", "show", "ann@here.test", "--json")
            #expect(run.output.contains("\"pop3\": false, \"pop3LeaveDays\": 7"))
            run = try await fixture.run("mailbox", "set", "nobody@here.test", "--pop3", "on")
            #expect(run.code == 3)
            run = try await fixture.run("mailbox", "remove", "ann@here.test")
            #expect(run.output == "Removed the mailbox ann@here.test and its mail.\n")
            run = try await fixture.run("alias", "add", "info@here.test", "bob@here.test", "x@elsewhere.test")
            #expect(run.output == "Mail to info@here.test now goes to bob@here.test, x@elsewhere.test.\n")
            run = try await fixture.run("alias", "list")
            #expect(
                run.output == """
                    ALIAS           TARGET            MEMBERS ONLY
                    info@here.test  bob@here.test     no
                    info@here.test  x@elsewhere.test  no

                    """)
            run = try await fixture.run("mailbox", "password", "bob@here.test", "--password-stdin", input: "")
            #expect(run.code == 64)
            run = try await fixture.run("queue", "list")
            #expect(run.code == 4)
        }
    }

    @Test("A list of 2,000 mailboxes is added in parts; a second time those that are there are passed over")
    func list() async throws {
        try await CommandFixture.with { fixture in
            _ = try await fixture.run("domain", "add", "here.test")
            let list = (0..<2_000).map { "user\($0)@here.test pw\($0)\n" }.joined()
            var run = try await fixture.run("mailbox", "add", "--from", "-", input: list)
            #expect(run.code == 0)
            #expect(run.output == "Added 2000 mailboxes.\n")
            fixture.write(list + "more@here.test\n", to: "list")
            run = try await fixture.run("mailbox", "add", "--from", "\(fixture.folder)/list", "--skip-existing")
            #expect(run.code == 64)
            #expect(run.errors.contains("more@here.test has no password there"))
            run = try await fixture.run(
                "mailbox", "add", "--from", "\(fixture.folder)/list", "--skip-existing", "--generate")
            #expect(
                run.output.hasPrefix("Added 1 mailbox. 2000 there already. The passwords made are shown this once."))
            #expect(run.output.contains("more@here.test  "))
            run = try await fixture.run("mailbox", "add", "--from", "\(fixture.folder)/none")
            #expect(run.code == 2)
        }
    }

    static let wrong: [[String]] = [
        ["domain", "add"], ["domain", "bite"], ["mailbox", "add"], ["spam", "learn", "x"],
        ["mailbox", "add", "a@b.test", "--from", "-"],
        ["mailbox", "add", "a@b.test", "--generate", "--password-stdin"],
        ["mailbox", "set", "a@b.test"], ["mailbox", "set", "a@b.test", "--pop3-leave-days", "-1"],
        ["mailbox", "set", "a@b.test", "--pop3", "maybe"],
        ["queue", "list", "x"], ["status", "--config", "x"],
    ]

    @Test("A wrong command line ends with 64")
    func usage() async throws {
        try await CommandFixture.with { fixture in
            for arguments in Self.wrong {
                let run = try await fixture.run(arguments)
                #expect(run.code == 64, "\(arguments)")
            }
        }
    }
}
