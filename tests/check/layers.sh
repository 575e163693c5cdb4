#!/bin/bash
# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Who may include whom: base <- crm <- mail <- reports <- web <- cmd, base <- mail/wire <- mail; and which file owns a
# third-party header.
. tests/lib/tap.sh

# Lines FILE:LINE:INCLUDE of our own headers; what the build makes lies beside what it is made of
ours=$(grep -rnoE --include='*.[ch]' '^ *# *include +"[^"]+"' base crm mail reports web cmd 2>/dev/null |
    sed -E 's/ *# *include +"([^"]+)"/\1/')

# may FOLDER FOLDERS: the files right in FOLDER include headers of FOLDERS alone.  sql/ are the statements of a module;
# base/ has none but those of the migrations.
may() {
    local bad
    bad=$(grep -E "^$1/[^/]+:" <<<"$ours" | grep -vx 'base/migrate.c:[0-9]*:sql/migrate.h' |
        awk -F: -v allowed="^($2)/[^/]+\$" '$3 ~ /\// && $3 !~ allowed && $3 !~ /^gen\// { print $1 ":" $2 ": " $3 }')
    [ -z "$bad" ]
    ok $? "$1 includes only $2" "$bad"
}
may base 'base'
may crm 'base|crm|sql'
may mail/wire 'base|mail/wire'
may mail 'base|crm|mail|mail/wire|sql'
may reports 'base|crm|mail|reports|sql'
may web 'base|crm|mail|reports|web'

bad=$(awk -F: '$3 !~ /\// && $3 !~ /^cmd_functions/ { print $1 ":" $2 ": " $3 }' <<<"$ours")
[ -z "$bad" ]
ok $? "includes are written from the root" "$bad"

# owner HEADER FILES: only FILES include it
owner() {
    local bad
    bad=$(grep -rnE --include='*.[ch]' "^ *# *include +[<\"]($1)" base crm mail reports web cmd 2>/dev/null | grep -vE "^($2)[^:]*:")
    [ -z "$bad" ]
    ok $? "$1 only in $2" "$bad"
}
owner 'libpq|postgres' 'base/db'
owner 'unicode/' 'base/unicode'
owner 'base/csv_lazy' 'base/csv'
owner 'base/cmark_lazy' 'base/'
owner 'mail/wire/etpan_lazy|gnutls/(gnutls|abstract|x509)' 'mail/wire/'
owner 'gnutls/crypto' 'mail/wire/|base/' # hashes and random bytes
owner 'mail/wire/(gmime|ical)_lazy' 'mail/wire/'
owner 'mail/wire/ares_lazy' 'mail/wire/dns'
owner 'mail/wire/psl_lazy' 'mail/wire/dmarc'
owner 'base/seccomp_lazy' 'base/cage'
owner 'base/sodium_lazy' 'base/keyring'
owner 'base/glib_lazy' 'mail/wire/|reports/paper'
owner 'base/zip_lazy' 'base/(xlsx_zip|archive)'
owner 'base/zstd_lazy' 'base/pack'
owner 'base/expat_lazy' 'base/xlsx_xml'
owner 'reports/sheet_lazy' 'reports/sheet'
owner 'reports/paper_lazy' 'reports/paper\.c'
owner '(glib|gmime|libical|libetpan|ares\.h|cmark\.h|zip\.h|csv\.h|zstd|expat|sodium|seccomp|libpsl|xlsxwriter|pango|cairo)' 'none: they come by way of a .lazy'

one=$(grep -rlE --include='*.[ch]' '^ *# *include +"base/cmark_lazy' base)
[ "$(wc -w <<<"$one")" -le 1 ]
ok $? "libcmark has one owner" "$one"

# but for talloc and jansson no header of ours shows a type of others
bad=$(grep -nE '^ *# *include +<(libpq|gnutls|libetpan|gmime|libical|unicode|xlsxwriter|pango|cairo|glib|cmark|csv|seccomp|zip|zstd|expat|ares)|include +"[a-z/]+_lazy\.h' base/*.h crm/*.h mail/*.h reports/*.h cmd/*.h 2>/dev/null)
[ -z "$bad" ]
ok $? "headers show no types of third parties" "$bad"
done_testing
