# SPDX-License-Identifier: AGPL-3.0-or-later
#
# dkim_verify.py RECORDS MAIL: the verdict of dkimpy on each signature of the mail, "SELECTOR ALGORITHM pass|fail" a line.
# RECORDS is what `adresar --json dkim dns` printed; there is no other DNS.
import json
import sys

import dkim
from dkim.util import parse_tag_value

with open(sys.argv[1], encoding="utf-8") as records:
    dns = {(r["name"] + ".").encode(): r["value"].encode() for r in map(json.loads, records)}
with open(sys.argv[2], "rb") as mail:
    message = mail.read()
for index, value in enumerate(v for n, v in dkim.rfc822_parse(message)[0] if n.lower() == b"dkim-signature"):
    tags = parse_tag_value(value)
    try:
        good = dkim.DKIM(message).verify(idx=index, dnsfunc=lambda name, timeout=5: dns.get(name))
    except dkim.DKIMException:
        good = False
    print(tags[b"s"].decode(), tags[b"a"].decode(), "pass" if good else "fail")
