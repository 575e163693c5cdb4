/* SPDX-License-Identifier: AGPL-3.0-or-later */
#include "base/secret.h"

#include <sys/stat.h>

int secret_read_file(void *mem, const char *path, char **text_r, struct err *err)
{
    struct stat st;
    size_t len;
    if (mem_read_file(mem, path, 65536, text_r, &len, err) < 0 || stat(path, &st) < 0) {
        err->code = ERR_CONFIG;
        return -1;
    }
    if (st.st_mode & 007)
        return err_set(err, ERR_CONFIG, "%s: others can read this secret; chmod o-rwx %s", path, path);
    return 0;
}

int secret_read(void *mem, const char *path, char **secret_r, struct err *err)
{
    char *text;
    if (secret_read_file(mem, path, &text, err) < 0)
        return -1;
    text[strcspn(text, "\r\n")] = 0;
    if (!*text)
        return err_set(err, ERR_CONFIG, "%s: empty", path);
    *secret_r = text;
    return 0;
}
