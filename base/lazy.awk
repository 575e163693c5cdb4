# SPDX-License-Identifier: AGPL-3.0-or-later
# NAME.lazy -> NAME_lazy.h, or with part=c its table (base/lazy.h).  Lines: `library NAME` as the linker knows it, whose
# soname is asked for, `header FILE`, `suffix MACRO` of which
# the functions' names end in the library (ICU), FUNCTION (or a variable); what follows # is a comment.
{ sub(/#.*/, "") }
!NF { next }
$1 == "library" {
    ("readelf -d $(gcc -print-file-name=lib" $2 ".so) | sed -n 's/.*SONAME.*\\[\\(.*\\)\\]/\\1/p'") | getline soname
    if (!soname) {
        print FILENAME ": there is no library " $2 > "/dev/stderr"
        exit failed = 1
    }
    next
}
$1 == "suffix" { suffix = " NAME_ENDS(" $2 ")"; next }
$1 == "header" { headers = headers "#include <" $2 ">\n"; next }
{ function_of[++n] = $1 }
END {
    if (failed)
        exit 1
    print "/* made of " FILENAME " */"
    if (part == "c") {
        print "#include \"" name "_lazy.h\"\n#define STRING_OF(x) #x\n#define NAME_ENDS(x) STRING_OF(x)\nstruct " id "_lazy_functions " id "_lazy_functions;\nstatic const char *const names[] = {"
        for (i = 1; i <= n; i++)
            print "    \"" function_of[i] "\"" suffix ","
        print "};\nstruct lazy " id "_lazy = {\"" soname "\", names, (void **)&" id "_lazy_functions, " n ", false};"
        exit
    }
    print "#pragma once\n" (suffix ? "#define U_DISABLE_RENAMING 1\n" : "") headers "\n#include \"base/lazy.h\"\n\nextern struct " id "_lazy_functions {"
    for (i = 1; i <= n; i++)
        print "    __typeof__(" function_of[i] ") *" function_of[i] ";"
    print "} " id "_lazy_functions;\nextern struct lazy " id "_lazy;\n"
    print "static inline const struct " id "_lazy_functions *" id "_lazily(void)\n{"
    print "    if (!__atomic_load_n(&" id "_lazy.loaded, __ATOMIC_ACQUIRE))\n        lazy_need(&" id "_lazy);"
    print "    return &" id "_lazy_functions;\n}\n"
    for (i = 1; i <= n; i++)
        print "#define " function_of[i] " (*" id "_lazily()->" function_of[i] ")"
}
