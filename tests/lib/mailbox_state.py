# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Another client's look at a mailbox, that changes nothing in it, and the means to fill one:
#
#   mailbox_state.py PORT USER PASSWORD CA|- state FOLDER...   STATUS; then UID, flags (\Recent too), date, size of each mail
#                                            put FOLDER FLAGS  a mail from standard input
#                                            read FOLDER       as people do: the mails are seen, and \Recent no more
import imaplib, re, ssl, sys

port, user, password, ca, verb, *args = sys.argv[1:]


def ok(answer):
    if answer[0] != "OK":
        sys.exit("%s: %s" % (verb, answer))
    return answer[1]


def look(box, folder):
    # in a session that has nothing open: for one that has, a server may count otherwise
    print(folder, ok(box.status(folder, "(MESSAGES RECENT UNSEEN UIDNEXT UIDVALIDITY)"))[0].decode())
    ok(box.select(folder, readonly=True))
    for mail in ok(box.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE)")):
        if mail is None:
            continue
        text = mail.decode()
        flags = sorted(re.search(r"FLAGS \(([^)]*)\)", text).group(1).split())
        print(re.search(r"UID (\d+)", text).group(1), *flags, re.search(r'INTERNALDATE "([^"]*)"', text).group(1),
              re.search(r"RFC822.SIZE (\d+)", text).group(1))
    box.unselect() if "UNSELECT" in box.capabilities else box.close()  # of a folder opened for reading, close removes nothing


if ca == "-":
    box = imaplib.IMAP4("127.0.0.1", int(port))
else:
    box = imaplib.IMAP4_SSL("127.0.0.1", int(port), ssl_context=ssl.create_default_context(cafile=ca))
ok(box.login(user, password))
if verb == "state":
    for name in args:
        look(box, name)
elif verb == "put":
    mail = sys.stdin.buffer.read().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    ok(box.append(args[0], "(%s)" % args[1] if args[1] else None, '"02-Mar-2026 10:00:00 +0100"', mail))
else:
    ok(box.select(args[0]))
    ok(box.fetch("1:*", "(BODY[])"))
box.logout()
