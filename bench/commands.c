/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 *     commands append|alone COMMAND ARGUMENT... <QUESTIONS
 *
 * How long a command takes, from its start until it has ended: it is run for each line, which is its last
 * argument (append) or none (alone); what it says goes nowhere.  Prints the 50th and the 95th percentile,
 * milliseconds.  A shell would be measured too: it copies itself first.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/took.h"

enum { QUESTIONS = 100000 };
static double took[QUESTIONS];

/* An exit code of 1 is an answer: nothing was found. */
static bool run(char **argv)
{
    posix_spawn_file_actions_t nowhere;
    pid_t pid;
    int status = -1;
    posix_spawn_file_actions_init(&nowhere);
    posix_spawn_file_actions_addopen(&nowhere, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_addopen(&nowhere, 1, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&nowhere, 2, "/dev/null", O_WRONLY, 0);
    if (posix_spawnp(&pid, argv[0], &nowhere, NULL, argv, environ) == 0)
        waitpid(pid, &status, 0);
    posix_spawn_file_actions_destroy(&nowhere);
    return WIFEXITED(status) && WEXITSTATUS(status) <= 1;
}

int main(int argc, char **argv)
{
    char line[1024];
    size_t n = 0;
    bool append = argc > 2 && !strcmp(argv[1], "append");
    if (argc < 3 || (!append && strcmp(argv[1], "alone") != 0))
        return 64;
    char **words = calloc((size_t)argc, sizeof *words);
    memcpy(words, argv + 2, (size_t)(argc - 2) * sizeof *words);
    while (n < QUESTIONS && fgets(line, sizeof line, stdin)) {
        line[strcspn(line, "\n")] = 0;
        words[argc - 2] = append ? line : NULL;
        double begin = took_now();
        if (!run(words)) {
            fprintf(stderr, "%s %s: failed\n", words[0], line);
            return 1;
        }
        took[n++] = took_now() - begin;
    }
    free(words);
    if (!n)
        return 1;
    printf("%.2f\t%.2f\n", took_percentile(took, n, 50), took_percentile(took, n, 95));
    return 0;
}
