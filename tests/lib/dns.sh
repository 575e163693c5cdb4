# SPDX-License-Identifier: AGPL-3.0-or-later
#
# A name server for scripts: NSD on a port of loopback.  `. tests/lib/dns.sh DIR PORT`, then
#
#   zone NAME < RECORDS    as in a zone file, names relative to NAME; the SOA is put in front
#   zone_missing NAME      a zone whose file is not there: NSD answers SERVFAIL.  Of other names: REFUSED
#   dns_begin, dns_end

dns_dir=$1 dns_port=$2
mkdir -p "$dns_dir"
cat >"$dns_dir/nsd.conf" <<CONF
server:
  ip-address: 127.0.0.1@$dns_port
  server-count: 1
  username: ""
  chroot: ""
  database: ""
  zonesdir: "$dns_dir"
  pidfile: "$dns_dir/nsd.pid"
  logfile: "$dns_dir/nsd.log"
  xfrdfile: "$dns_dir/xfrd.state"
  xfrdir: "$dns_dir"
  zonelistfile: "$dns_dir/zone.list"
remote-control:
  control-enable: no
CONF

zone_missing() { printf 'zone:\n  name: "%s"\n  zonefile: "%s.zone"\n' "$1" "$1" >>"$dns_dir/nsd.conf"; }
zone() {
    zone_missing "$1"
    {
        printf '$ORIGIN %s.\n$TTL 60\n@ SOA ns.invalid. office.invalid. 1 3600 600 86400 60\n@ NS ns.invalid.\n' "$1"
        cat
    } >"$dns_dir/$1.zone"
}

dns_pid=""
dns_begin() {
    PATH=$PATH:/usr/sbin nsd -d -c "$dns_dir/nsd.conf" >"$dns_dir/start.log" 2>&1 &
    dns_pid=$!
    local _
    for _ in $(seq 100); do
        if (: <"/dev/tcp/127.0.0.1/$dns_port") 2>/dev/null; then return 0; fi
        sleep 0.05
    done
    cat "$dns_dir/start.log" "$dns_dir/nsd.log" >&2
    return 1
}
dns_end() {
    [ -z "$dns_pid" ] || { kill "$dns_pid" && wait "$dns_pid"; } 2>/dev/null
    dns_pid=""
}
