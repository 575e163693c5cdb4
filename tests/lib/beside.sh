#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# IMAP servers that Debian does not let stand beside Dovecot, unpacked by demo/deps.sh and never installed:
#
#   bash tests/lib/beside.sh is-there cyrus|courier      0, or why not
#   bash tests/lib/beside.sh cyrus|courier DIR PORT      runs it until it is killed, on 127.0.0.1, without TLS; all it keeps is
#                                                        in DIR, and the mailbox is `kabinet` with the password `secret`
#
# It runs in a mount namespace of its own, in which its packages lie over the system's files; what it changes in these is
# memory, and gone with it.
set -eu
lower=/usr/local/lib/adresar-tests/${2:-}
[ "$1" = is-there ] || lower=/usr/local/lib/adresar-tests/$1

case ${BESIDE_PHASE:-begin} in
    begin)
        why=""
        [ "$(id -u)" = 0 ] || why="it needs root"
        [ -n "$why" ] || [ -d "$lower" ] || why="it is not unpacked (demo/deps.sh)"
        [ -n "$why" ] || unshare -m true 2>/dev/null || why="there are no mount namespaces"
        [ -z "$why" ] || { echo "$why"; exit 1; }
        [ "$1" != is-there ] || exit 0
        BESIDE_PHASE=mount exec unshare -m --propagation private bash "$0" "$@"
        ;;
    mount)
        over=$2/over
        mkdir -p "$over"
        mount -t tmpfs none "$over"
        mkdir "$over/work" "$over/root"
        cp -a "$lower" "$over/upper"
        mount -t overlay overlay -o "lowerdir=/,upperdir=$over/upper,workdir=$over/work" "$over/root"
        for folder in proc dev tmp; do mount --rbind "/$folder" "$over/root/$folder"; done
        cp "$0" "$over/root/run.sh"
        BESIDE_PHASE=run exec chroot "$over/root" bash /run.sh "$@"
        ;;
esac

dir=$2 port=$3

run_cyrus() {
    grep -q '^cyrus:' /etc/passwd || echo "cyrus:x:961:$(id -g mail)::/nonexistent:/bin/sh" >>/etc/passwd
    cat >"$dir/imapd.conf" <<CONF
configdirectory: $dir/config
partition-default: $dir/mail
defaultpartition: default
servername: mail.klokot.example
sasl_pwcheck_method: auxprop
sasl_auxprop_plugin: sasldb
sasl_sasldb_path: $dir/sasldb2
sasl_mech_list: PLAIN
allowplaintext: yes
unixhierarchysep: yes
autocreate_quota: 1000000
autocreate_inbox_folders: Sent
CONF
    cat >"$dir/cyrus.conf" <<CONF
START {
  recover cmd="ctl_cyrusdb -C $dir/imapd.conf -r"
  idled cmd="idled -C $dir/imapd.conf"
}
SERVICES {
  imap cmd="imapd -C $dir/imapd.conf" listen="127.0.0.1:$port"
}
EVENTS {
}
CONF
    mkdir -p "$dir/mail" "$dir"/config/{db,log,msg,proc,ptclient,socket,quota,user,sieve}
    echo secret | saslpasswd2 -p -c -f "$dir/sasldb2" -u mail.klokot.example kabinet
    chown -R cyrus:mail "$dir/mail" "$dir/config" "$dir/sasldb2"
    exec /usr/lib/cyrus/bin/master -C "$dir/imapd.conf" -M "$dir/cyrus.conf" -p "$dir/pid" -D
}

run_courier() {
    local uid gid
    uid=$(id -u nobody) gid=$(id -g nobody)
    grep -q '^courier:' /etc/passwd || echo "courier:x:961:$gid::/nonexistent:/bin/sh" >>/etc/passwd
    maildirmake.courier "$dir/Maildir"
    maildirmake.courier -f Sent "$dir/Maildir"
    chown -R "$uid:$gid" "$dir/Maildir"
    mkdir -p /run/courier/authdaemon
    sed -i 's/^authmodulelist=.*/authmodulelist="authuserdb"/' /etc/courier/authdaemonrc
    (umask 077 && touch /etc/courier/userdb)
    userdb kabinet set uid="$uid" gid="$gid" home="$dir" mail="$dir/Maildir"
    userdb kabinet set systempw="$(echo secret | userdbpw -md5)"
    makeuserdb
    set -a
    . /etc/courier/authdaemonrc
    . /etc/courier/imapd
    IMAP_IDLE_TIMEOUT=1 # seconds between two looks of a session that waits
    /usr/lib/courier/courier-authlib/authdaemond &
    exec couriertcpd -address=127.0.0.1 -maxprocs=40 -maxperip=20 -nodnslookup -noidentlookup "$port" \
        /usr/lib/courier/courier/imaplogin /usr/bin/imapd Maildir
}

"run_$1"
