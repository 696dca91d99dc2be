/* SPDX-License-Identifier: BSD-2-Clause */
/* Reads a flattened tree token by token, after a check of the whole. */
#ifndef TREE_BLOB_H
#define TREE_BLOB_H

#include "tree/node.h"

/* The position of the reader, and the last token. */
struct blob_reader {
	const char *structs; /* structure block */
	const char *strings; /* strings block */
	size_t at;	     /* next token, counted from `structs` */

	const char *name; /* of the node ("name[@unit]") or property */
	size_t name_len;
	const void *value; /* of the property */
	uint32_t len;
};

enum blob_token {
	BLOB_NODE,     /* a node begins: name, name_len */
	BLOB_PROP,     /* a property: name, name_len, value, len */
	BLOB_NODE_END, /* the innermost open node ends */
	BLOB_END,
	BLOB_BAD, /* a name that clients cannot handle (see reason()) */
};

/*
 * blob_open - check a blob of at most `max` bytes and start reading it, with
 * the first token inside the root node.
 * Returns its total size, or ERR_FORMAT (see reason()).
 */
must_check long blob_open(struct blob_reader *r, const void *blob, size_t max);

/* blob_next - read one token. The last one is BLOB_END or BLOB_BAD. */
enum blob_token blob_next(struct blob_reader *r);

/* blob_phandle - the phandle in the property just read; 0: it is not one. */
phandle_t blob_phandle(const struct blob_reader *r);

/*
 * blob_take_phandle - give a node the phandle from the blob.
 * A handle that is already in use is refused with a warning, not an error.
 * Returns 0 or ERR_NOMEM.
 */
must_check int blob_take_phandle(struct node *node, phandle_t phandle);

#endif
