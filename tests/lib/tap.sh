# SPDX-License-Identifier: AGPL-3.0-or-later
#
# TAP for scripts: `. tests/lib/tap.sh`, then points, then `done_testing`.

tap_count=0
tap_failed=0

# ok STATUS NAME [DETAILS]: `ok $? "the name"`
ok() {
    tap_count=$((tap_count + 1))
    if [ "$1" = 0 ]; then
        echo "ok $tap_count - $2"
    else
        echo "not ok $tap_count - $2"
        tap_failed=$((tap_failed + 1))
        [ -z "${3:-}" ] || printf '%s\n' "$3" | sed 's/^/#   /'
    fi
    return 0
}

# is GOT WANTED NAME [DETAILS]
is() { [ "$1" = "$2" ]; ok $? "$3" "got    $1"$'\n'"wanted $2"${4:+$'\n'"$4"}; }

# like GOT REGEX NAME
like() { [[ $1 =~ $2 ]]; ok $? "$3" "got    $1"$'\n'"wanted $2"; }

# exits CODE NAME COMMAND...: its output is then in $out
exits() {
    local wanted=$1 name=$2 code
    shift 2
    out=$("$@" 2>&1)
    code=$?
    [ $code = "$wanted" ]
    ok $? "$name" "exit $code instead of $wanted"$'\n'"$out"
}

skip() {
    tap_count=$((tap_count + 1))
    echo "ok $tap_count # SKIP $1"
}

done_testing() {
    echo "1..$tap_count"
    [ $tap_failed = 0 ]
    exit
}
