// SPDX-License-Identifier: BSD-2-Clause
// Reads flattened trees (Devicetree Specification 0.3, chapter 5).
#include "tree/blob.h"

#include <string.h>

#include <libfdt.h>

#include "lib/endian.h"
#include "lib/err.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "tree/internal.h"

/* Older blobs align values differently and use full paths as names. */
#define BLOB_VERSION_MIN 17
/* Devicetree Specification 0.3, 5.6: blobs start at a multiple of 8. */
#define BLOB_ALIGN 8

static uint32_t blob_word(const struct blob_reader *r, size_t at)
{
	return be32_load(r->structs + at);
}

static void blob_read_node(struct blob_reader *r)
{
	r->name = r->structs + r->at;
	r->name_len = strlen(r->name);
	r->at += ALIGN_UP(r->name_len + 1, FDT_TAGSIZE);
}

static void blob_read_prop(struct blob_reader *r)
{
	r->len = blob_word(r, r->at);
	r->name = r->strings + blob_word(r, r->at + 4);
	r->name_len = strlen(r->name);
	r->value = r->structs + r->at + 8;
	r->at += 8 + ALIGN_UP((size_t)r->len, FDT_TAGSIZE);
}

/*
 * After a property without a name, a client's nextprop would start again; a
 * path component cannot contain a slash (IEEE 1275 3.2.1.1).
 */
static bool blob_name_ok(const struct blob_reader *r)
{
	if (r->name_len > 0 && r->name_len <= TREE_PROP_NAME_MAX &&
	    !memchr(r->name, '/', r->name_len))
		return true;
	reason_fail(
		ERR_FORMAT,
		"device tree blob: no name, or one of %zu characters: \"%.64s\"",
		r->name_len, r->name);
	return false;
}

/* fdt_check_full() has checked all tokens: nothing is out of bounds here. */
enum blob_token blob_next(struct blob_reader *r)
{
	uint32_t tag;

	do {
		tag = blob_word(r, r->at);
		r->at += FDT_TAGSIZE;
	} while (tag == FDT_NOP);

	switch (tag) {
	case FDT_BEGIN_NODE:
		blob_read_node(r);
		return blob_name_ok(r) ? BLOB_NODE : BLOB_BAD;
	case FDT_PROP:
		blob_read_prop(r);
		return blob_name_ok(r) ? BLOB_PROP : BLOB_BAD;
	case FDT_END_NODE:
		return BLOB_NODE_END;
	default:
		return BLOB_END;
	}
}

/* True if libfdt can check the blocks without an alignment trap. */
static bool blob_aligned(const void *blob, size_t max)
{
	if ((uintptr_t)blob % BLOB_ALIGN)
		return false;
	return max < sizeof(struct fdt_header) ||
	       (fdt_off_mem_rsvmap(blob) % BLOB_ALIGN == 0 &&
		fdt_off_dt_struct(blob) % FDT_TAGSIZE == 0);
}

/*
 * Check the version first: before 16, names are paths, and fdt_check_full() of
 * libfdt 1.6.1 fails on a root whose name has no slash.
 */
static int blob_check(const void *blob, size_t max)
{
	int err = -FDT_ERR_TRUNCATED;

	if (!blob_aligned(blob, max))
		return reason_fail(ERR_FORMAT, "device tree blob: not aligned");
	if (max >= sizeof(struct fdt_header))
		err = fdt_check_header(blob);
	if (!err && fdt_version(blob) < BLOB_VERSION_MIN)
		return reason_fail(ERR_FORMAT,
				   "device tree blob: old version %u",
				   fdt_version(blob));
	if (!err)
		err = fdt_check_full(blob, max);
	if (err)
		return reason_fail(ERR_FORMAT, "device tree blob: %s",
				   fdt_strerror(err));
	return 0;
}

long blob_open(struct blob_reader *r, const void *blob, size_t max)
{
	int err = blob_check(blob, max);

	if (err)
		return err;
	memset(r, 0, sizeof(*r));
	r->structs = (const char *)blob + fdt_off_dt_struct(blob);
	r->strings = (const char *)blob + fdt_off_dt_strings(blob);
	while (blob_word(r, r->at) == FDT_NOP)
		r->at += FDT_TAGSIZE;
	if (blob_word(r, r->at) != FDT_BEGIN_NODE)
		return reason_fail(ERR_FORMAT,
				   "device tree blob: no root node");
	r->at += FDT_TAGSIZE;
	blob_read_node(r);
	return (long)fdt_totalsize(blob);
}

phandle_t blob_phandle(const struct blob_reader *r)
{
	static const char name[] = "linux,phandle";
	size_t skip = strlen("linux,");

	/* "phandle" or the older "linux,phandle"; QEMU writes both. */
	if (r->name_len != strlen(name)) {
		if (r->name_len != strlen(name) - skip)
			return 0;
	} else {
		skip = 0;
	}
	if (r->len != sizeof(phandle_t) || strcmp(r->name, name + skip) != 0)
		return 0;
	return be32_load(r->value);
}

int blob_take_phandle(struct node *node, phandle_t phandle)
{
	int err = tree_set_phandle(node, phandle);

	if (err == ERR_NOMEM)
		return err;
	if (err)
		log_warn("%s", reason());
	return 0;
}
