/* SPDX-License-Identifier: BSD-2-Clause */
/* Linker tables: an open set (drivers, packages) to which one file adds. */
#ifndef LIB_TABLE_H
#define LIB_TABLE_H

#include "lib/types.h"

/*
 * TABLE_DECLARE(drivers, struct driver) in a header makes the table known;
 * TABLE_ADD(drivers, struct driver, vty) = { ... }; in a .c file adds an entry.
 * The table holds pointers, so that padding between entries cannot matter. Its
 * order is the link order: sorted by file name. A pointer has a name that tests
 * refer to, to link the entry from an archive: table_drivers_vty.
 */
#define TABLE_DECLARE(table, type)                                             \
	extern type *const __start_table_##table[] __attribute__((weak));      \
	extern type *const __stop_table_##table[] __attribute__((weak))

#define TABLE_ADD(table, type, id)                                             \
	static type id;                                                        \
	type *const table_##table##_##id                                       \
		__attribute__((used, section("table_" #table))) = &id;         \
	static type id

/* The same for an entry that others name, too. */
#define TABLE_ADD_GLOBAL(table, type, id)                                      \
	extern type id;                                                        \
	static type *const table_##table##_##id                                \
		__attribute__((used, section("table_" #table))) = &id;         \
	type id

/* Walk a table; `pos` is a pointer to a pointer to an entry. */
#define table_for_each(pos, table)                                             \
	for (pos = __start_table_##table; pos < __stop_table_##table; pos++)

#endif
