# SPDX-License-Identifier: AGPL-3.0-or-later
#
# Turns sql/query/MODULE.sql into constants: each statement begins with
#     -- name :promise        promise = none | one | maybe | many | part   (rows; none also for "number of rows changed")
# and ends with ';'.  The number of parameters is the highest $n; it becomes part of the type, so that a call with
# another number does not compile (base/db.h).  The name stands in front of the statement, for whoever reads the server's log or
# pg_stat_activity.  A :part is a piece of a statement that is put together (base/db_build.h).
function flush_statement(   i, max, text, s, n) {
    if (name == "") return
    sub(/;[ \t\n]*$/, "", body)
    max = 0; s = body
    while (match(s, /\$[0-9]+/)) { n = substr(s, RSTART + 1, RLENGTH - 1) + 0; if (n > max) max = n; s = substr(s, RSTART + RLENGTH) }
    gsub(/\\/, "&&", body); gsub(/"/, "\\\"", body); gsub(/\n/, "\\n\"\n    \"", body)
    if (promise == "part") {
        if (!parts++) printf "#include \"base/db_build.h\"\n\n"
        printf "static const struct { struct db_part part; char params[%d]; } SQL_%s __attribute__((unused)) = {\n    {\"%s\", \"%s\", %d}, {0}};\n\n", max + 1, toupper(name), name, body, max
        name = ""; body = ""
        return
    }
    if (body !~ /^copy/) body = "/* " name " */ " body
    printf "static const struct { struct db_stmt stmt; char params[%d]; } SQL_%s __attribute__((unused)) = {\n    {\"%s\", \"%s\", DB_ROWS_%s, %d, false}, {0}};\n\n", max + 1, toupper(name), name, body, promise, max
    all = all "    &SQL_" toupper(name) ".stmt, \\\n"
    name = ""; body = ""
}
BEGIN { printf "/* made from sql/query/%s.sql */\n#include \"base/db.h\"\n#include <stddef.h>\n\n", module }
/^-- [a-z][a-z0-9_]* :(none|one|maybe|many|part)$/ {
    flush_statement(); name = $2; promise = substr($3, 2)
    if (seen[name]++ || name !~ ("^" module "_")) { print FILENAME ":" FNR ": " name ": twice, or not named " module "_..." > "/dev/stderr"; exit 1 }
    next
}
/^[ \t]*--/ || /^[ \t]*$/ { next }
{ if (name == "") { print FILENAME ":" FNR ": text outside a statement" > "/dev/stderr"; exit 1 }
  body = body (body == "" ? "" : "\n") $0 }
END { flush_statement(); printf "#define SQL_ALL_%s \\\n%s\n", toupper(module), all }
