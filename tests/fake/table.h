/* SPDX-License-Identifier: BSD-2-Clause */
/* Entries of linker tables, taken from the archive of host code. */
#ifndef TESTS_FAKE_TABLE_H
#define TESTS_FAKE_TABLE_H

/*
 * TABLE_LINK(drivers, driver_vty) - link that entry into the table. The linker
 * takes only referenced objects from an archive, and nothing else refers to it.
 */
#define TABLE_LINK(table, id)                                                  \
	extern const void *const table_##table##_##id;                         \
	static const void *const *const link_##table##_##id                    \
		__attribute__((used)) = &table_##table##_##id

#endif
