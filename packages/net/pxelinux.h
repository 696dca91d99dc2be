/* SPDX-License-Identifier: BSD-2-Clause */
/* pxelinux's configuration files: their names, and what they say. */
#ifndef PACKAGES_NET_PXELINUX_H
#define PACKAGES_NET_PXELINUX_H

#include "packages/net/address.h"

#define PXELINUX_FILE_MAX 65536u
#define PXELINUX_PATH 1024u
#define PXELINUX_APPEND 4096u
#define PXELINUX_INCLUDES 64u /* files that one includes, directly or not */

/* What names are made of. */
struct pxelinux_names {
	const char *config_file; /* option 209, "": none */
	const char *prefix;	 /* see pxelinux_prefix() */
	const uint8_t *uuid;	 /* 16 bytes, or NULL */
	uint8_t mac[6];
	struct net_addr address; /* version 6: without hexadecimal names */
};

/*
 * pxelinux_prefix - the directory that names are relative to: option 210, or
 * the directory of the boot file, with its last '/'. `buf`: PXELINUX_PATH.
 */
void pxelinux_prefix(const char *path_prefix, const char *file, char *buf);

/*
 * pxelinux_name - name number `index` in the order of pxelinux: option 209, UUID,
 * 01-MAC, the address in hexadecimal with 8 to 1 digits, "default".
 * `buf`: PXELINUX_PATH bytes. Returns false: there are no more.
 */
bool pxelinux_name(const struct pxelinux_names *names, unsigned index,
		   char *buf);

/* What to boot. Paths are as written; pxelinux_path() completes them. */
struct pxelinux {
	bool local; /* LOCALBOOT: the next boot target */
	char kernel[PXELINUX_PATH];
	char initrd[PXELINUX_APPEND]; /* separated by commas; "": none */
	char append[PXELINUX_APPEND]; /* without initrd= */
	unsigned ipappend;	      /* bits 1 ip=, 2 BOOTIF=, 4 SYSUUID= */
};

/*
 * pxelinux_parse - read a file and choose what it boots by default.
 * `include`: reads another file, whose path is as written, into `buf`, which has
 * room for PXELINUX_FILE_MAX bytes; returns its length or ERR_*; it may fail,
 * and parsing goes on, except after ERR_ABORT.
 * Returns 0; ERR_FORMAT: no kernel, too large, too deep; ERR_NOMEM; ERR_ABORT;
 * reason().
 * Needs no pxelinux_free().
 */
must_check int pxelinux_parse(const char *text, size_t len,
			      long (*include)(void *arg, const char *path,
					      char *buf),
			      void *arg, struct pxelinux *out);

/*
 * pxelinux_path - the path to load: "::x" is x without the prefix, a URL or
 * "/x" is itself, "host::path" is "tftp://host/path", else prefix and path.
 * Returns 0; ERR_NOSPACE: `buf` of `size` bytes is too small.
 */
must_check int pxelinux_path(const char *prefix, const char *path, char *buf,
			     size_t size);

/* What IPAPPEND adds. */
struct pxelinux_facts {
	struct net_addr client, server, router, mask;
	uint8_t mac[6];
	const uint8_t *uuid; /* or NULL */
};

/*
 * pxelinux_args - the kernel's arguments: append and what ipappend asks for.
 * Returns 0 or ERR_NOSPACE.
 */
must_check int pxelinux_args(const struct pxelinux *px,
			     const struct pxelinux_facts *facts, char *buf,
			     size_t size);

#endif
