# SPDX-License-Identifier: AGPL-3.0-or-later
# Makes of crm/word.def the lines of a table, to be sorted by word: WORD(word, whole, class, key); and before them, in
# their order, SPELT("number", key, keys).
/^#/ || NF == 0 { next }
$1 == "spelt" {
    keys = ""
    for (f = 3; f <= NF; f++)
        keys = keys " " $f
    printf "SPELT(\"%03d\", \"%s\", \"%s\")\n", ++spelt, $2, substr(keys, 2)
    next
}
{
    for (f = 3; f <= NF; f++) {
        word = $f
        whole = word !~ /\*$/
        sub(/\*$/, "", word)
        if ((word, $2, $1) in seen)
            continue
        seen[word, $2, $1] = 1
        name = $1 == "short"
        if (word !~ /^[a-z]+$/ || !name && word in key_of && key_of[word] != $2) {
            print FILENAME ":" FNR ": " $f " is no fold, or is also " key_of[word] > "/dev/stderr"
            exit 1
        }
        if (!name)
            key_of[word] = $2
        key = $2
        gsub(/_/, " ", key)
        printf "WORD(\"%s\", %d, WORD_%s, \"%s\")\n", word, whole, toupper($1), key
    }
}
