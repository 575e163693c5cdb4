#!/usr/bin/python3
# SPDX-License-Identifier: AGPL-3.0-or-later
"""Messages as a strict reader wants them, and as three readers read them.

    lint_mail.py ADRESAR MBOX_FOR_MUTT MUTT_OUTPUT FILE.eml...

prints what is wrong, a line each.  Without MUTT_OUTPUT ("") mutt is left out, and the mbox for it is written.
"""
import email
import email.header
import email.policy
import hashlib
import json
import re
import subprocess
import sys

ONCE = ["from", "to", "subject", "date", "message-id", "mime-version", "content-type", "content-language"]


def squeezed(text):
    return " ".join(text.split())


def lines_are_fine(raw):
    """RFC 5322 2.1.1, 2.3; RFC 2045 6."""
    if not raw.endswith(b"\r\n") or re.search(rb"\r(?!\n)|(?<!\r)\n|\0", raw):
        yield "a bare CR, a bare LF, a NUL, or no end of the last line"
    for line in raw.split(b"\r\n"):
        if len(line) > 998:
            yield "a line of %d octets" % len(line)
        if line.startswith(b"From ") or line == b".":
            yield "a line that mail programs change: %r" % line
    if re.search(rb"[^\t\r\n -~]", raw):
        yield "not all of it is ASCII"


def header_is_fine(raw):
    head = raw.split(b"\r\n\r\n", 1)[0].decode("ascii", "replace")
    for line in head.split("\r\n"):
        words = line.strip().split(" ")
        if len(line) > 78 and len(words) > (1 if line[0] in " \t" else 2):
            yield "a line of the header has %d columns: %s" % (len(line), line)
        if not line.strip() or line != line.rstrip():
            yield "a line of the header is empty or ends with a blank"
    names = [line.split(":")[0].lower() for line in head.split("\r\n") if line[0] not in " \t"]
    for name in ONCE:
        if names.count(name) != 1:
            yield "%s stands %d times" % (name, names.count(name))
    for word in re.findall(r"=\?[^?]*\?[^?]*\?[^?]*\?=", head):
        if len(word) > 75:
            yield "an encoded word of %d" % len(word)


def leaves_of_python(message):
    for part in message.walk():
        if part.is_multipart():
            yield (part.get_content_type(),)
            continue
        name = part.get_filename()
        disposition = part.get_content_disposition()
        if part.get_content_maintype() == "text" and disposition != "attachment":
            yield (part.get_content_type(), name, disposition, part.get_content_charset(),
                   part.get_content().replace("\r\n", "\n"))
        else:
            body = part.get_payload(decode=True)
            yield (part.get_content_type(), name, disposition, len(body), hashlib.sha256(body).hexdigest())


def leaves_of_gmime(part):
    if "parts" in part:
        yield (part["type"],)
        for inner in part["parts"]:
            yield from leaves_of_gmime(inner)
    elif "text" in part and part.get("disposition") != "attachment":
        yield (part["type"], part.get("filename"), part.get("disposition"), part["charset"].lower(), part["text"])
    else:
        yield (part["type"], part.get("filename"), part.get("disposition"), part["size"], part.get("sha256"))


def python_says(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    old = email.message_from_bytes(raw)
    for part in message.walk():
        for defect in part.defects + [d for h in part.values() for d in getattr(h, "defects", [])]:
            yield "defect", "%s: %r" % (part.get_content_type(), defect)
    # the new interface leaves a blank between two encoded words of a name; the old one does not
    names = [[a.display_name.replace(" ", ""), a.addr_spec] for h in ("from", "to") for a in message[h].addresses]
    exact = [str(email.header.make_header(email.header.decode_header(n))) for h in ("from", "to")
             for n, _ in email.utils.getaddresses([re.sub(r"\r\n", "", old[h])])]
    yield "people", names
    yield "names", exact
    yield "subject", str(message["subject"])
    yield "date", int(message["date"].datetime.timestamp())
    yield "parts", list(leaves_of_python(message))


def adresar_says(program, path):
    out = subprocess.run([program, "--json", "message", path], capture_output=True, check=True).stdout
    whole = json.loads(out)
    people = whole["from"] + whole["to"]
    return {"people": [[n.replace(" ", ""), a] for n, a in people], "names": [n for n, _ in people],
            "subject": whole["subject"], "date": whole["date"], "parts": list(leaves_of_gmime(whole["parts"][0]))}


def languages_are_fine(raw):
    message = email.message_from_bytes(raw, policy=email.policy.default)
    html = message.get_body(("html",)).get_content()
    said = [l.strip() for l in message["content-language"].split(",")]
    if sorted(set(re.findall(r'lang="([^"]*)"', html))) != sorted(said):
        yield "Content-Language says %s, the HTML %s" % (said, re.findall(r'lang="([^"]*)"', html))
    for cid in re.findall(r'"cid:([^"]*)"', html):
        if sum(p["content-id"] == "<%s>" % cid for p in message.walk()) != 1:
            yield "the picture %s is not there once" % cid


def plain_name(name):
    """mutt shows some names with their quotes and some without."""
    return re.sub(r'[\s"\\]', "", name)


def mutt_says(block):
    head, _, text = block.partition("\n\n")
    fields = {}
    for line in re.sub(r"\n[ \t]+", " ", head).split("\n"):
        name, colon, value = line.partition(": ")
        fields[name.lower()] = value
    return fields, text


def check_mutt(facts, block):
    fields, text = mutt_says(block)
    if squeezed(fields["subject"]) != squeezed(facts["subject"]):
        yield "mutt reads the subject %r" % fields["subject"]
    for i, field in enumerate(("from", "to")):
        name, _, address = fields[field].rpartition(" ")
        if plain_name(name) != plain_name(facts["names"][i]) or address != "<%s>" % facts["people"][i][1]:
            yield "mutt reads %s as %r" % (field, fields[field])
    plain = next(p[4] for p in facts["parts"] if p[0] == "text/plain")
    if plain.strip() not in text:
        yield "mutt reads another text: %r" % text[:300]


def main(program, mbox, mutt, paths):
    blocks = []
    if mutt:
        blocks = re.split(r"(?m)^From lint@[^\n]*\n", open(mutt, encoding="utf-8").read())[1:]
        if len(blocks) != len(paths):
            print("mutt shows %d of %d messages" % (len(blocks), len(paths)))
    with open(mbox, "wb") as box:
        for i, path in enumerate(paths):
            raw = open(path, "rb").read()
            box.write(b"From lint@x Mon Nov 30 08:00:00 2026\n" + raw.replace(b"\r\n", b"\n") + b"\n")
            facts = adresar_says(program, path)
            wrong = list(lines_are_fine(raw)) + list(header_is_fine(raw)) + list(languages_are_fine(raw))
            for key, value in python_says(raw):
                if key == "defect":
                    wrong.append(value)
                elif value != facts[key]:
                    wrong.append("%s: Python reads %r, GMime %r" % (key, value, facts[key]))
            if i < len(blocks):
                wrong += check_mutt(facts, blocks[i])
            for line in wrong:
                print("%s: %s" % (path.rsplit("/", 1)[-1], line))


main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:])
