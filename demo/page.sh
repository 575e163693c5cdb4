#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# How the demo runs the program and shows what came of it; sourced by demo/run, which says what PROGRAM and LOG are.

bold="" dim="" plain=""
if [ -t 1 ]; then bold=$'\e[1m' dim=$'\e[2m' plain=$'\e[0m'; fi

step() { printf '\n%s%s%s\n\n' "$bold" "$*" "$plain"; }
say() { printf '%s\n' "$*"; }
fail() {
    printf '\ndemo: %s\n' "$*" >&2
    exit 1
}

# run_shown MOST CLERK ARGUMENTS...: prints the command and what came out; an exit code above MOST is a failure
run_shown() {
    local most=$1 clerk=$2 rc=0 out word line=""
    shift 2
    for word in "$@"; do
        case $word in *[\ \'\"]* | "") word="\"$word\"" ;; esac
        line="$line $word"
    done
    printf '%s  $ adresar%s%s\n' "$dim" "$line" "$plain"
    out=$(PGUSER=$clerk "$PROGRAM" "$@" 2>&1) || rc=$?
    [ -z "$out" ] || printf '%s\n' "$out" | sed 's/^/    /'
    [ $rc -le "$most" ] || fail "that ended with exit code $rc"
}
show() { run_shown 0 "$@"; }
# where it is expected that there is something to look at, such as rows of a list that are refused
look() { run_shown 1 "$@"; }

# quiet CLERK ARGUMENTS...: only its output, or what went wrong
quiet() {
    local clerk=$1 rc=0 out
    shift
    out=$(PGUSER=$clerk "$PROGRAM" "$@" 2>"$LOG.error") || rc=$?
    cat "$LOG.error" >>"$LOG"
    [ $rc = 0 ] || {
        printf '%s\n' "$out" >&2
        cat "$LOG.error" >&2
        fail "adresar $* ended with exit code $rc"
    }
    printf '%s\n' "$out"
}

# pick KEY: its value in the first JSON line of standard input that has it
pick() {
    perl -MJSON::PP -e 'my $k = shift; while (<STDIN>) { my $v = decode_json($_); next unless ref $v eq "HASH" && exists $v->{$k}; print "$v->{$k}\n"; exit } exit 1' "$1"
}

# rows FILE: the lines of a table without its comments
rows() { grep -v '^#' "$1"; }
