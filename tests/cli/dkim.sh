#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Keys for signing: made, never replaced, listed, changed for new ones; what goes into DNS holds what OpenSSL reads out of
# the key.
. tests/lib/tap.sh
scratch=$(mktemp -d "${ADRESAR_TEST_DIR:-/tmp}/dkim.XXXXXX")
trap 'rm -rf "$scratch"' EXIT
conf=$scratch/adresar.conf
adresar() { "$ADRESAR_BIN" -c "$conf" "$@"; }
configure() { # LINES...: the configuration, with a section [dkim] of these lines
    printf '%s\n' "[smtp office]" "from_address = office@klokot.example" >"$conf"
    [ $# = 0 ] || printf '%s\n' "[dkim klokot.example]" "$@" >>"$conf"
}
# the section that `dkim new` printed
section() { sed -n '/^\[dkim /,/^$/p' <<<"$out"; }
month=$(date -u +%Y%m)
public() { openssl pkey -in "$1" -pubout -outform DER | base64 -w 0; }

configure
exits 1 "no section" adresar dkim list
like "$out" 'dkim new' "says how to begin"
exits 1 "nothing for DNS" adresar dkim dns

exits 0 "new keys" adresar dkim new
cp "$conf" "$scratch/before"
is "$(section)" "$(printf '[dkim klokot.example]\nsign = a%sr a%se\n' "$month" "$month")" "the section is printed"
is "$(cat "$conf")" "$(cat "$scratch/before")" "and written by a person"
rsa=$scratch/dkim/a${month}r.klokot.example.pem ed25519=$scratch/dkim/a${month}e.klokot.example.pem
is "$(stat -c %a "$scratch/dkim" "$rsa" "$ed25519" | tr '\n' ' ')" "700 600 600 " "folder and keys are their owner's alone"
like "$(openssl pkey -in "$rsa" -noout -text)" 'Private-Key: \(2048 bit' "the RSA key has 2048 bits"
like "$out" "a${month}r._domainkey.klokot.example. IN TXT" "with the records for DNS"
configure "sign = a${month}r a${month}e"

exits 0 "dkim dns" adresar dkim dns
zone=$out
is "$(grep -c '"' <<<"$zone")" 3 "strings: two of the RSA key, one of the other"
is "$(grep -o '"[^"]*"' <<<"$zone" | awk 'length > 257' | wc -l)" 0 "none is longer than DNS allows"
is "$(sed -n "/^a${month}r\./,/ )/s/.*\"\(.*\)\".*/\1/p" <<<"$zone" | tr -d '\n')" "v=DKIM1; k=rsa; p=$(public "$rsa")" \
    "together they are the public key as OpenSSL writes it"
is "$(sed -n "/^a${month}e\./,/ )/s/.*\"\(.*\)\".*/\1/p" <<<"$zone")" \
    "v=DKIM1; k=ed25519; p=$(openssl pkey -in "$ed25519" -pubout -outform DER | tail -c 32 | base64)" "so is the other, bare"
is "$(sed -n "s/^;   v=/v=/p" <<<"$zone" | head -n 1)" "v=DKIM1; k=rsa; p=$(public "$rsa")" "and in one piece for a web form"
exits 0 "for programs" adresar --json dkim dns
is "$(grep -c '"domain":"klokot.example","selector":"a[0-9]*[re]","key":"[^"]*","state":"sign","file":"[^"]*","name":"a[0-9]*[re]._domainkey.klokot.example","value":"v=DKIM1; ' <<<"$out")" 2 "a line each"
exits 0 "of one domain" adresar dkim dns --domain KLOKOT.example
exits 1 "of one that is not there" adresar dkim dns --domain other.example

# ---- new ones for old
sums=$(sha256sum "$scratch"/dkim/*)
exits 0 "new keys in the same month" adresar dkim new
is "$(section)" "$(printf '[dkim klokot.example]\nsign = b%sr b%se\nidle = a%sr a%se\n' "$month" "$month" "$month" "$month")" \
    "the new ones sign, the old ones are idle"
is "$(sha256sum "$scratch"/dkim/a*)" "$sums" "and as they were"
configure "sign = b${month}r,b${month}e" "idle = a${month}r, a${month}e"
exits 0 "dkim list" adresar dkim list
is "$(tail -n 4 <<<"$out" | awk '{ print $2, $(NF - 1) }' | tr '\n' ' ')" \
    "b${month}r signs b${month}e signs a${month}r idle a${month}e idle " "which is active"
exits 0 "one of the two kinds" adresar dkim new --algorithm ed25519 --selector spring
is "$(section)" "$(printf '[dkim klokot.example]\nsign = spring b%sr\nidle = b%se a%sr a%se\n' "$month" "$month" "$month" "$month")" \
    "the other kind signs on"
[ -f "$scratch/dkim/spring.klokot.example.pem" ]
ok $? "its selector is the one that was asked for"
exits 1 "once more" adresar dkim new --algorithm ed25519 --selector spring
like "$out" 'is there already' "is refused"
exits 0 "for another domain" adresar --json dkim new --domain Other.Example --selector s
is "$(ls "$scratch/dkim" | grep -c '^s[er].other.example.pem$')" 2 "both have their letter"
exits 64 "a selector that leaves the folder" adresar dkim new --selector ../x
exits 64 "one that is none" adresar dkim new --selector 'a b' --algorithm rsa
exits 64 "a domain that is none" adresar dkim new --domain 'a/../b'
exits 64 "an algorithm that is none" adresar dkim new --algorithm dsa

# ---- what is wrong
wrong() { # SAYS NAME LINES...
    local says=$1 name=$2
    shift 2
    configure "$@"
    exits 78 "$name" adresar dkim list
    like "$out" "$says" "is named"
}
wrong "a${month}r and b${month}r are of one kind" "two keys of one kind that sign" "sign = a${month}r b${month}r"
wrong "b${month}r stands twice" "a selector that stands twice" "sign = b${month}r" "idle = b${month}r"
wrong 'no selector' "a selector with a path" "sign = ../keys"
wrong 'nowhere.klokot.example.pem' "a key that is not there" "sign = nowhere"
openssl genrsa -traditional -out "$scratch/dkim/weak.klokot.example.pem" 768 2>/dev/null
chmod 600 "$scratch/dkim/weak.klokot.example.pem"
wrong 'weak.klokot.example.pem: an RSA key of 768 bits' "an RSA key that nobody has to believe" "sign = weak"
openssl ecparam -name prime256v1 -genkey -noout -out "$scratch/dkim/curve.klokot.example.pem"
chmod 600 "$scratch/dkim/curve.klokot.example.pem"
wrong 'RSA and Ed25519' "a key of another kind" "sign = curve"
echo "not a key" >"$scratch/dkim/text.klokot.example.pem"
chmod 600 "$scratch/dkim/text.klokot.example.pem"
wrong 'text.klokot.example.pem: no private key' "a file that is no key" "sign = text"
chmod 644 "$rsa"
wrong 'others can read this secret' "a key that others can read" "sign = a${month}r"
chmod 600 "$rsa"
configure "sign = old"
openssl genrsa -traditional -out "$scratch/dkim/old.klokot.example.pem" 2048 2>/dev/null
chmod 600 "$scratch/dkim/old.klokot.example.pem"
exits 0 "a key in the form that other signers write" adresar dkim list
like "$out" 'RSA, 2048 bits +signs' "signs"
done_testing
