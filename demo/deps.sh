#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Installs what the build, the tests and the demo need from Debian 12, and does nothing when all is there.
# No question is asked; PostgreSQL's package makes no cluster; Postfix and Dovecot, if they come new, are neither
# configured nor started.  What is installed and configured already stays as it is.
set -euo pipefail

BUILD="gcc make pkg-config libc6-dev libpq-dev libgnutls28-dev libtalloc-dev libjansson-dev libicu-dev libcmark-dev
    libical-dev libgmime-3.0-dev libxlsxwriter-dev libpango1.0-dev libcairo2-dev fonts-liberation fonts-dejavu-core libzip-dev libexpat1-dev zlib1g-dev libzstd-dev libseccomp-dev libsodium-dev libetpan-dev libcsv-dev libc-ares-dev libpsl-dev gettext ca-certificates"
SERVERS="postgresql-15 postgresql-client-15 postfix dovecot-core dovecot-imapd dovecot-lmtpd openssl"
TESTS="libcmocka-dev iproute2 nsd faketime mandoc mutt perl poppler-utils procps unzip python3-icalendar python3-dkim python3-nacl opendkim khard libmail-dkim-perl"

# IMAP servers that Debian does not let stand beside Dovecot: unpacked into folders of their own, for tests alone
# (tests/lib/beside.sh); none of their services is made known to the system
BESIDE=/usr/local/lib/adresar-tests
BESIDE_PACKAGES=("cyrus cyrus-imapd sasl2-bin" "courier courier-imap")

is_there() { [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]; }

missing=()
for package in $BUILD $SERVERS $TESTS "$@"; do
    is_there "$package" || missing+=("$package")
done
unpack=()
for name in "${BESIDE_PACKAGES[@]}"; do
    if [ "$(id -u)" = 0 ] && [ ! -d "$BESIDE/${name%% *}" ]; then unpack+=("$name"); fi
done
[ $((${#missing[@]} + ${#unpack[@]})) -gt 0 ] || exit 0

command -v apt-get >/dev/null || { echo "demo/deps.sh: this is no Debian; needed: ${missing[*]}" >&2; exit 1; }
if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || { echo "demo/deps.sh: as root: apt-get install ${missing[*]}" >&2; exit 1; }
    exec sudo -- bash "$0" "$@"
fi

export DEBIAN_FRONTEND=noninteractive
undo=()
trap 'for command in "${undo[@]}"; do eval "$command"; done' EXIT
trap 'exit 130' INT TERM HUP

# no service of a package is started while it is installed; a policy that the machine has is put back
policy=/usr/sbin/policy-rc.d
if [ -e $policy ]; then
    mv $policy $policy.before-adresar
    undo+=("mv $policy.before-adresar $policy")
else
    undo+=("rm -f $policy")
fi
printf '#!/bin/sh\nexit 101\n' >$policy
chmod 755 $policy

# postgresql-common makes a cluster `main` with the server unless told otherwise
clusters=/etc/postgresql-common/createcluster.conf
if ! is_there postgresql-15 && [ ! -e $clusters ]; then
    mkdir -p "$(dirname $clusters)"
    echo "create_main_cluster = false" >$clusters
elif ! is_there postgresql-15 && ! grep -q '^ *create_main_cluster' $clusters; then
    echo "create_main_cluster = false" >>$clusters
fi
if ! is_there postfix; then echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections; fi

echo "Installing from Debian: ${missing[*]}" "${unpack[@]}"
log=$(mktemp)
undo+=("rm -f $log")
apt-get -q update >"$log" 2>&1 || [ ${#missing[@]} = 0 ] || { tail -n 20 "$log" >&2; exit 1; }
if [ ${#missing[@]} -gt 0 ]; then
    apt-get -q -y --no-install-recommends -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        install "${missing[@]}" >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
fi

# unpack_beside NAME PACKAGE...: these and what they would bring along
unpack_beside() {
    local name=$1 work folder deb
    shift
    work=$(mktemp -d)
    undo+=("rm -rf $work")
    chmod 755 "$work"
    mkdir -p "$BESIDE" "$work/root"
    (cd "$work" && apt-get -s --no-install-recommends install "$@" | awk '/^Inst/ { print $2 }' |
        xargs apt-get -q download) || return
    # the folders of old are links into /usr, and are to be found there
    mkdir -p "$work"/root/usr/{bin,sbin,lib,lib64}
    for folder in bin sbin lib lib64; do ln -s "usr/$folder" "$work/root/$folder"; done
    for deb in "$work"/*.deb; do dpkg-deb --fsys-tarfile "$deb" | tar -x --keep-directory-symlink -C "$work/root" || return; done
    rm -rf "$BESIDE/$name.new" && mv "$work/root" "$BESIDE/$name.new" && mv "$BESIDE/$name.new" "$BESIDE/$name"
}
for name in "${unpack[@]}"; do
    # shellcheck disable=SC2086 # its words
    unpack_beside $name >"$log" 2>&1 || echo "demo/deps.sh: ${name%% *} cannot be had; its tests are left out: $(tail -n 1 "$log")" >&2
done
