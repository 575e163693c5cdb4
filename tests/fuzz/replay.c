/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * main() of a fuzz target outside V=fuzz: gives it each file of the folders named, one TAP point a file.  A
 * crash ends the program before its plan, which tests/run counts as a failure.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int count;

static void replay_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    uint8_t *data = NULL;
    size_t size = 0;
    if (f && fseek(f, 0, SEEK_END) == 0) {
        long end = ftell(f);
        rewind(f);
        data = end >= 0 ? malloc((size_t)end + 1) : NULL;
        size = data ? fread(data, 1, (size_t)end, f) : 0;
    }
    if (data)
        LLVMFuzzerTestOneInput(data, size);
    printf("%s %d - %s\n", data ? "ok" : "not ok", ++count, path);
    fflush(stdout);
    free(data);
    if (f)
        fclose(f);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        DIR *dir = opendir(argv[i]);
        struct dirent *entry;
        while (dir && (entry = readdir(dir))) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", argv[i], entry->d_name);
            replay_file(path);
        }
        if (dir)
            closedir(dir);
    }
    printf("1..%d\n", count);
    return 0;
}
