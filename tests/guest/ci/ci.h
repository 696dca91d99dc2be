/* SPDX-License-Identifier: BSD-2-Clause */
/* The parts of the client that calls every service, and what they share. */
#ifndef TESTS_GUEST_CI_CI_H
#define TESTS_GUEST_CI_CI_H

#include "tests/guest/lib/guest.h"

#define MISSING UINT32_MAX /* -1 as a cell */
#define BAD_HANDLE 0x12345679

void check_entry(void);
void check_services(void);
void check_nodes(void);
void check_properties(void);
void check_paths(void);
void check_instances(void);
void check_console(void);
void check_disk_reads(void);
void check_disk_writes(void);
void check_methods(void);
void check_claim(void);
void check_available(void);
void check_spoilt(void);
void check_time(void);
void check_interpret(void);
void check_callbacks(void);
void check_start_cpu(void);
void check_fdt_fetch(void);
void check_quiesce(void);

/* Short forms of services. */
uint32_t find(const char *path);
uint32_t open_path(const char *path);
void close_instance(uint32_t ihandle);
uint32_t seek_to(uint32_t ihandle, uint64_t position);
uint32_t read_bytes(uint32_t ihandle, void *to, uint32_t n);
uint32_t write_bytes(uint32_t ihandle, const void *from, uint32_t n);
/* The text of a property, cut to size; "" when missing. */
void text_property(const char *path, const char *property, char *to,
		   uint32_t size);
bool same_text(const char *a, const char *b);
bool has_word(const char *text, const char *word);

#endif /* TESTS_GUEST_CI_CI_H */
