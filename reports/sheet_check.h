/* SPDX-License-Identifier: AGPL-3.0-or-later */
#ifndef REPORTS_SHEET_CHECK_H
#define REPORTS_SHEET_CHECK_H

#include "base/err.h"

/* Reads a workbook that was just written and looks whether each of its files ends with the end of its root
 * element; ERR_IO, without the path, if one does not. */
int sheet_check(const char *path, struct err *err) MUST_CHECK;

#endif
