/* SPDX-License-Identifier: BSD-2-Clause */
/* SBAT: is each component of a program new enough? [shim SBAT.md] */
#ifndef PACKAGES_SECURE_SBAT_H
#define PACKAGES_SECURE_SBAT_H

#include "lib/err.h"
#include "lib/types.h"

/*
 * sbat_check - compare the components of a program with the lowest generations
 * that may run. Both texts have a line "component,generation" for each, and more
 * may follow after another comma. `csv`: the program's, which may end in NULs.
 * A component without a lowest generation may run, and one that the program does
 * not have is not missed. Of a component that is there twice, each counts.
 * Returns 0; ERR_PERM with reason(): one is too old; ERR_FORMAT with reason():
 * a text has no lines, or one of another form.
 */
must_check int sbat_check(const char *csv, size_t len, const char *lowest,
			  size_t lowest_len);

#endif
