/* SPDX-License-Identifier: AGPL-3.0-or-later
 *
 * The log: one line an event on standard error, "time level program[pid]: text"; control characters become
 * '?'. Secrets and message bodies never go here.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "base/err.h"

enum log_level { LOG_ERROR_, LOG_WARNING_, LOG_INFO_, LOG_DEBUG_ };

void log_init(const char *program, enum log_level max);
void log_line(enum log_level level, const char *fmt, ...) PRINTF(2, 3);
#define log_error(...)   log_line(LOG_ERROR_, __VA_ARGS__)
#define log_warning(...) log_line(LOG_WARNING_, __VA_ARGS__)
#define log_info(...)    log_line(LOG_INFO_, __VA_ARGS__)
#define log_debug(...)   log_line(LOG_DEBUG_, __VA_ARGS__)

#endif
