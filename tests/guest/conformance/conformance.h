/* SPDX-License-Identifier: BSD-2-Clause */
/* The conformance suite: its groups, and code shared by their cases. */
#ifndef TESTS_GUEST_CONFORMANCE_CONFORMANCE_H
#define TESTS_GUEST_CONFORMANCE_CONFORMANCE_H

#include "tests/guest/lib/cases.h"

#define MISSING UINT32_MAX    /* -1 as a cell */
#define UNTOUCHED 0xdeadbeef  /* what a result cell holds before a call */
#define BAD_HANDLE 0x12345679 /* no firmware hands this out */

/* Short forms of services; a result that was not written is UNTOUCHED. */
uint32_t find(const char *path);
uint32_t open_path(const char *path);
void close_instance(uint32_t ihandle);
uint32_t seek_to(uint32_t ihandle, uint64_t position);
uint32_t read_bytes(uint32_t ihandle, void *to, uint32_t n);
uint32_t write_bytes(uint32_t ihandle, const void *from, uint32_t n);
uint32_t claim(uint32_t base, uint32_t size, uint32_t align);
void release(uint32_t base, uint32_t size);
uint32_t interpret(const char *text);
uint32_t get_property(uint32_t node, const char *name, void *to, uint32_t size);

/* A cell of an argument array: big-endian, at any address. */
void store_cell(void *at, uint32_t value);

/* Whether `test` knows the service. */
bool has_service(const char *name);

/* The text of a property, cut to size; "" when missing. */
void text_property(const char *path, const char *property, char *to,
		   uint32_t size);
bool same_text(const char *a, const char *b);
bool has_text(const char *text, const char *part);

#define PATH_SIZE 256

/*
 * The path of the data disk, without arguments: argument disk=PATH, else the
 * alias "disk". Its sectors in [DISK_WORDS, DISK_WORDS_END), in the 64 sectors
 * on each side of DISK_4G and in its last 64 hold big-endian 32-bit words, each
 * its byte position on the disk divided by 4.
 * Returns NULL, after skip(), when there is none.
 */
const char *data_disk(void);

/* Byte positions on the data disk. */
#define DISK_WORDS UINT64_C(0x800000)
#define DISK_WORDS_END UINT64_C(0xa00000)
#define DISK_SCRATCH UINT64_C(0xa00000) /* 64 sectors that may be written */
#define DISK_4G UINT64_C(0x100000000)
#define DISK_SIZE UINT64_C(0x140000000) /* 5 GiB */
#define SECTOR 512u

/* Whether data equals the disk's at a position, in areas of words. */
bool is_disk_data(const unsigned char *data, uint64_t at, uint32_t n);

/* The firmware still answers as before: for the end of an abuse. */
void expect_alive(void);

uint64_t timebase(void);
/* Ticks of the timebase in a second (/cpus/.../timebase-frequency). */
uint32_t timebase_hz(void);

#endif /* TESTS_GUEST_CONFORMANCE_CONFORMANCE_H */
