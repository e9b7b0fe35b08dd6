"""Thunderbird: reads, flags, copies, moves and deletes by IMAP, fetches by POP3, and sends; its own code, without eyes."""
import base64
import email.policy
import imaplib
import unittest
from pathlib import Path

import marionette
from localserve import PASSWORD, ServerTestCase, wait_until
from samples import difficult, message, multipart

# What the scripts below share: an account, a listener that is a promise, a message's source.
COMMON = """
const stopped = () => {
  const { promise, resolve, reject } = Promise.withResolvers();
  const end = status => Components.isSuccessCode(status) ? resolve() : reject(new Error("status " + status.toString(16)));
  return { promise, QueryInterface: ChromeUtils.generateQI(["nsIUrlListener", "nsIMsgCopyServiceListener"]),
    OnStartRunningUrl() {}, OnStopRunningUrl(url, status) { end(status); },
    onStartCopy() {}, onProgress() {}, setMessageKey() {}, getMessageId() { return null; }, onStopCopy: end };
};
const until = async (condition, what) => {
  for (let tries = 0; tries < 600; tries++) {
    const value = await condition();
    if (value) { return value; }
    await new Promise(resolve => setTimeout(resolve, 100));
  }
  throw new Error("not within a minute: " + what);
};
const server = key => MailServices.accounts.getIncomingServer(key);
const folderOf = (key, name) => name == "INBOX"
  ? server(key).rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox)
  : server(key).rootFolder.subFolders.find(folder => folder.name == name);
const update = async folder => {
  const listener = stopped();
  folder.QueryInterface(Ci.nsIMsgImapMailFolder).updateFolderWithListener(null, listener);
  // Of a folder that is busy already nothing is heard: whoever waits for something asks again.
  await Promise.race([listener.promise.catch(() => {}), new Promise(resolve => setTimeout(resolve, 3000))]);
};
const headers = folder => [...folder.messages].sort((one, other) => one.messageKey - other.messageKey);
const source = (folder, header) => new Promise((resolve, reject) => {
  const uri = folder.getUriForMsg(header);
  let octets = "";
  MailServices.messageServiceFromURI(uri).streamMessage(uri, {
    QueryInterface: ChromeUtils.generateQI(["nsIStreamListener", "nsIRequestObserver"]),
    onStartRequest() {},
    onDataAvailable(request, stream, offset, count) {
      const binary = Cc["@mozilla.org/binaryinputstream;1"].createInstance(Ci.nsIBinaryInputStream);
      binary.setInputStream(stream);
      octets += binary.readBytes(count);
    },
    onStopRequest(request, status) {
      Components.isSuccessCode(status) ? resolve(btoa(octets)) : reject(new Error("status " + status.toString(16)));
    },
  }, null, null, false, "", false);
});
"""

SOCKET = {"STARTTLS": 2, "TLS": 3}


@unittest.skipUnless(marionette.has_programs(), "thunderbird and xvfb are not installed")
class Thunderbird(ServerTestCase):
    settings = {"mailboxes": 10, "filter": "off"}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.thunderbird = marionette.Thunderbird()
        cls.addClassCleanup(cls.thunderbird.close)
        pem = Path(cls.server.ca).read_text()
        cls.thunderbird.run(
            """Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB).addCertFromBase64(args[0], "C,,");""",
            "".join(pem.split("-----")[2].split()))

    def run_script(self, script, *arguments):
        return self.thunderbird.run(COMMON + script, *arguments)

    def account(self, user, kind="imap", security="TLS"):
        """The key of the account's server."""
        ports = {"imap": {"TLS": "IMAPS", "STARTTLS": "IMAP"}, "pop3": {"TLS": "POP3S", "STARTTLS": "POP3"}}
        return self.run_script("""
            const [user, kind, port, security, password, submission] = args;
            const incoming = MailServices.accounts.createIncomingServer(user, "localhost", kind);
            incoming.port = port;
            incoming.socketType = security;
            incoming.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
            incoming.password = password;
            incoming.loginAtStartUp = false;
            incoming.doBiff = true;
            incoming.biffMinutes = 1000;
            const outgoing = MailServices.outgoingServer.createServer("smtp");
            const smtp = outgoing.QueryInterface(Ci.nsISmtpServer);
            smtp.hostname = "localhost";
            smtp.port = submission;
            smtp.username = user;
            outgoing.socketType = 2;
            outgoing.authMethod = Ci.nsMsgAuthMethod.passwordCleartext;
            outgoing.password = password;
            const identity = MailServices.accounts.createIdentity();
            identity.email = user;
            identity.smtpServerKey = outgoing.key;
            const account = MailServices.accounts.createAccount();
            account.incomingServer = incoming;
            account.addIdentity(identity);
            return incoming.key;
            """, user, kind, self.server.port(ports[kind][security]), SOCKET[security], PASSWORD,
            self.server.port("SUBMISSION"))

    def opened(self, key, count, name="INBOX"):
        """Opens a folder, and waits until it shows so many messages: their subjects, flags and octets, as shown."""
        rows = self.run_script("""
            const [key, count, name] = args;
            const folder = await until(() => folderOf(key, name) || (server(key).performExpand(null), null), name);
            await until(async () => { await update(folder); return headers(folder).length == count; }, "messages");
            const rows = [];
            for (const header of headers(folder)) {
              rows.push([header.mime2DecodedSubject, header.isRead, header.isFlagged, await source(folder, header)]);
            }
            return rows;
            """, key, count, name)
        return [(subject, is_read, is_flagged, base64.b64decode(octets))
                for subject, is_read, is_flagged, octets in rows]

    def test_shows_what_is_stored(self):
        for security in ["TLS", "STARTTLS"]:
            with self.subTest(security):
                user = self.server.user()
                for octets in [difficult("Grüße", user), message("Second"), multipart("Third", user)]:
                    self.server.deliver(octets, user)
                key = self.account(user, security=security)
                shown = self.opened(key, 3)
                self.assertEqual([row[0] for row in shown], ["Grüße", "Second", "Third"])
                self.assertEqual([row[3] for row in shown], self.server.messages(user, utf8=True))

    def test_new_mail_is_seen_without_asking(self):
        user = self.server.user()
        self.server.deliver(message("First"), user)
        key = self.account(user)
        self.opened(key, 1)
        self.server.deliver(message("While you wait"), user)
        self.run_script(
            """await until(() => headers(folderOf(args[0], "INBOX")).length == 2, "news by IDLE");""", key)

    def test_flags_copies_moves_and_deletes(self):
        user = self.server.user()
        for number in range(1, 5):
            self.server.deliver(message(f"Number {number}"), user)
        stored = self.server.messages(user)
        key = self.account(user)
        self.opened(key, 4)
        self.run_script("""
            const inbox = folderOf(args[0], "INBOX");
            const [first, second, third, fourth] = headers(inbox);
            inbox.markMessagesRead([first], true);
            inbox.markMessagesFlagged([second], true);
            server(args[0]).rootFolder.createSubfolder("Käse & Brot", null);
            const folder = await until(() => folderOf(args[0], "Käse & Brot"), "the new folder");
            MailServices.copy.copyMessages(inbox, [second], folder, false, null, null, false);
            MailServices.copy.copyMessages(inbox, [third], folder, true, null, null, false);
            inbox.deleteMessages([fourth], null, false, false, null, false);
            """, key)
        folder = "K&AOQ-se &- Brot"
        wait_until(lambda: len(self.server.messages(user, folder)) == 2, "the messages in the new folder")
        self.assertEqual(sorted(self.server.messages(user, folder)), sorted([stored[1], stored[2]]))
        wait_until(lambda: self.server.messages(user, "Trash") == [stored[3]], "the deleted message in Trash")
        with self.server.imap(user) as imap:
            imap.select("INBOX", readonly=True)

            def flags():
                found = imap.uid("FETCH", "1:*", "(FLAGS)")[1]
                return {number + 1: set(imaplib.ParseFlags(line)) - {b"\\Recent"}
                        for number, line in enumerate(found) if line and b"\\Deleted" not in line}

            wait_until(lambda: imap.noop() and b"\\Seen" in flags().get(1, ()), "what is read")
            wait_until(lambda: imap.noop() and b"\\Flagged" in flags().get(2, ()), "what is marked")
        self.assertEqual([row[0] for row in self.opened(key, 2, "Käse & Brot")], ["Number 2", "Number 3"])

    def test_fetches_by_pop3(self):
        for security in ["TLS", "STARTTLS"]:
            with self.subTest(security):
                user = self.server.user()
                for octets in [difficult("First", user), message("Second")]:
                    self.server.deliver(octets, user)
                stored = self.server.messages(user)
                key = self.account(user, "pop3", security)
                rows = self.run_script("""
                    const incoming = server(args[0]).QueryInterface(Ci.nsIPop3IncomingServer);
                    incoming.leaveMessagesOnServer = true;
                    const inbox = folderOf(args[0], "INBOX");
                    const fetched = stopped();
                    MailServices.pop3.GetNewMail(null, fetched, inbox, incoming);
                    await fetched.promise;
                    const rows = [];
                    for (const header of headers(inbox)) { rows.push(await source(inbox, header)); }
                    return rows;
                    """, key)
                # It puts fields of its own in front, and ends lines as the machine does.
                got = [base64.b64decode(octets).replace(b"\r\n", b"\n") for octets in rows]
                self.assertEqual(len(got), 2)
                for octets, whole in zip(got, stored):
                    whole = whole.replace(b"\r\n", b"\n")
                    self.assertTrue(octets.rstrip(b"\n").endswith(whole.rstrip(b"\n")), octets)
                self.assertEqual(self.server.messages(user), stored)

    def test_sends(self):
        user, other = self.server.user(), self.server.user()
        key = self.account(user)
        self.opened(key, 0)
        self.run_script("""
            const [key, user, other] = args;
            const account = MailServices.accounts.findAccountForServer(server(key));
            await until(() => folderOf(key, "Sent"), "the folder of what was sent");
            const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(Ci.nsIMsgCompFields);
            fields.from = user;
            fields.to = other;
            fields.subject = "Von Thunderbird, mit Grüßen";
            fields.body = "Käse\\r\\n.\\r\\n.dot\\r\\nFrom here\\r\\n";
            const params = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(Ci.nsIMsgComposeParams);
            params.composeFields = fields;
            params.identity = account.defaultIdentity;
            params.type = Ci.nsIMsgCompType.New;
            params.format = Ci.nsIMsgCompFormat.PlainText;
            const compose = MailServices.compose.initCompose(params);
            await compose.sendMsg(Ci.nsIMsgCompDeliverMode.Now, account.defaultIdentity, account.key, null, null);
            """, key, user, other)
        [stored] = wait_until(lambda: self.server.messages(other), "the message sent")
        received = email.message_from_bytes(stored, policy=email.policy.default)
        self.assertEqual(received["Subject"], "Von Thunderbird, mit Grüßen")
        self.assertEqual(received["From"], user)
        # Its own line ends and flowed text (RFC 3676) apart.
        words = [line.strip() for line in received.get_content().splitlines()]
        self.assertEqual(words[:4], ["Käse", ".", ".dot", "From here"])
        [copy] = wait_until(lambda: self.server.messages(user, "Sent"), "its copy in Sent")
        self.assertEqual(email.message_from_bytes(copy)["Message-ID"], received["Message-ID"])


if __name__ == "__main__":
    unittest.main()
