/* SPDX-License-Identifier: BSD-2-Clause */
/* Keys and policy: what the host has attached to the firmware's file. */
#ifndef PACKAGES_SECURE_KEYS_H
#define PACKAGES_SECURE_KEYS_H

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/rsa.h"
#include "lib/types.h"

/*
 * The header of the firmware's file, at KEYS_HEADER: entry/start.S. Lengths in
 * bytes; the trailer follows the image of `length` bytes.
 */
#define KEYS_HEADER 0x40u
#define KEYS_MAGIC "QUOINIMG"

#define KEYS_HASH 32u /* bytes of a SHA-256 */

struct keys_header {
	char magic[8];
	be32 version; /* 1 */
	be32 length;
	be32 trailer; /* 0: none; then `sha256` is zeros */
	be32 zero;
	uint8_t sha256[KEYS_HASH]; /* of the trailer */
};
static_assert(sizeof(struct keys_header) == 56, "entry/start.S");

/* The values of the root's property ibm,secure-boot. */
enum keys_mode {
	KEYS_OFF = 0,	  /* nothing is verified */
	KEYS_AUDIT = 1,	  /* verified; what would be refused is said */
	KEYS_ENFORCE = 2, /* only what is signed by a key runs */
};

/* A key for boot loaders. The bytes are the trailer's: valid for ever. */
struct keys_key {
	const char *name; /* its owner's, for messages */
	struct rsa_key rsa;
	const uint8_t *owner; /* a GUID of 16 bytes */
	const uint8_t *cert;  /* DER */
	size_t cert_len;
};

/* Signature lists for GRUB, as its services pks-read-sbvar gives them. */
enum keys_list {
	KEYS_DB,
	KEYS_DBX
};

/*
 * keys_read - read header and trailer of the firmware's file, which is still
 * where QEMU loaded it, at `image`; the trailer is copied. The header, which is
 * in the image and so new after each reset, has length and SHA-256 of the
 * trailer: what else follows the image may be a guest's.
 * Returns 0 (also: there is no trailer, the mode is KEYS_OFF); ERR_CHECKSUM,
 * ERR_FORMAT, ERR_NOMEM with reason(): the machine must not boot.
 */
must_check int keys_read(const void *image);

/*
 * keys_raise_mode - the host also asks for `mode` by the device tree. Returns 0;
 * ERR_NOENT with reason(): it is to be enforced, but there are no keys.
 */
must_check int keys_raise_mode(uint32_t mode);

/* keys_print - say the mode, if it is not KEYS_OFF, and the number of keys. */
void keys_print(void);

enum keys_mode keys_mode(void);

/* keys_is_locked - KEYS_ENFORCE: no memory, properties or policy by hand. */
bool keys_is_locked(void);

/* keys_refuse_kernel - does the host also forbid -kernel, which it gives? */
bool keys_refuse_kernel(void);

/*
 * keys_count, keys_at - the keys for boot loaders, in the trailer's order;
 * NULL: there is no such one.
 */
size_t keys_count(void);
const struct keys_key *keys_at(size_t i);

/*
 * keys_denied - the denied hash, of 32 bytes, that follows `last`; NULL for
 * `last`: the first one. Returns NULL: there are no more.
 */
const uint8_t *keys_denied(const uint8_t *last);

/* keys_denies - is this SHA-256, of contents or of a certificate, denied? */
bool keys_denies(const uint8_t hash[KEYS_HASH]);

/*
 * keys_esl - a list as GRUB wants it: UEFI signature lists. `len`: 0 if it is
 * empty. Returns NULL: the host gave none (GRUB uses its own keys).
 */
const void *keys_esl(enum keys_list list, size_t *len);

/* keys_sbat - minimum generations, "component,generation\n"…; NULL: none. */
const char *keys_sbat(size_t *len);

#endif
