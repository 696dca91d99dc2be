/* SPDX-License-Identifier: BSD-2-Clause */
/* Linker tables: open sets (drivers, packages); any file can add an entry. */
#ifndef LIB_TABLE_H
#define LIB_TABLE_H

#include "lib/types.h"

/*
 * TABLE_DECLARE(drivers, struct driver) in a header declares the table;
 * TABLE_ADD(drivers, struct driver, vty) = { ... }; in a .c file adds an entry.
 * The table holds pointers, so there is no padding between entries. It is in
 * link order: sorted by file name. Tests refer to the name of a pointer, e.g.
 * table_drivers_vty, to link the entry from an archive.
 */
#define TABLE_DECLARE(table, type)                                             \
	extern type *const __start_table_##table[] __attribute__((weak));      \
	extern type *const __stop_table_##table[] __attribute__((weak))

#define TABLE_ADD(table, type, id)                                             \
	static type id;                                                        \
	type *const table_##table##_##id                                       \
		__attribute__((used, section("table_" #table))) = &id;         \
	static type id

/* The same for an entry that other files refer to by name. */
#define TABLE_ADD_GLOBAL(table, type, id)                                      \
	extern type id;                                                        \
	static type *const table_##table##_##id                                \
		__attribute__((used, section("table_" #table))) = &id;         \
	type id

/* Walk a table; `pos` is a pointer to a pointer to an entry. */
#define table_for_each(pos, table)                                             \
	for (pos = __start_table_##table; pos < __stop_table_##table; pos++)

#endif
