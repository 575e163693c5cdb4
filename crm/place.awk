# SPDX-License-Identifier: AGPL-3.0-or-later
# Makes of crm/place.def the lines of a table that is sorted by name: PLACE(name, key, country, is a land).
BEGIN {
    # how many letters go, and what comes in their place
    ending["m"] = "0 a u om"    # Serbian Klokot, Klokota, Klokotu, Klokotom
    ending["me"] = "0 a u em"   # Beč, Bečom or Bečem
    ending["a"] = "1 e i u om"  # Mogila, Mogile, Mogili
    ending["o"] = "1 a u om em" # Uroševo, Skoplje
    ending["ac"] = "2 ca cu cem" # Vrbovac, Vrbovca
    ending["ec"] = "2 ca cu cem"
    ending["i"] = "0 i it in"   # Albanian Kllokot, Kllokoti, Kllokotit
    ending["u"] = "0 u ut un"   # Ranillug, Ranillugu
    ending["e"] = "1 a es en"   # Prishtinë, Prishtina, Prishtinës
    ending["ni"] = "0 a se ne"  # Gjermani, Gjermania, Gjermanisë
    ending["se"] = "0 se ja"    # SHBA-së
}

function put(name)
{
    if (!(name in key_of))
        key_of[name] = key
    else if (key_of[name] != key) {
        print FILENAME ":" FNR ": " name " is also " key_of[name] > "/dev/stderr"
        failed = 1
        exit 1
    } else
        return
    line[++lines] = sprintf("PLACE(\"%s\", \"%s\", \"%s\", %d)", name, key, $1, $2 == "land")
}

/^#/ || NF == 0 { next }
{
    names = $0
    sub(/^[^ ]+ [^ ]+ /, "", names)
    n = split(names, form, /, /)
    for (f = 1; f <= n; f++) {
        slash = index(form[f], "/")
        name = slash ? substr(form[f], 1, slash - 1) : form[f]
        if (name !~ /^[a-z]+( [a-z]+)*$/ || (slash && !(substr(form[f], slash + 1) in ending))) {
            print FILENAME ":" FNR ": " form[f] " is no fold, or declines in no known way" > "/dev/stderr"
            failed = 1
            exit 1
        }
        if (f == 1) {
            key = name
            gsub(/ /, "", key)
            put(key)
        }
        put(name)
        if (!slash)
            continue
        parts = split(ending[substr(form[f], slash + 1)], part, " ")
        for (p = 2; p <= parts; p++)
            put(substr(name, 1, length(name) - part[1]) part[p])
    }
}

END {
    if (failed)
        exit 1
    for (l = 1; l <= lines; l++)
        print line[l]
}
