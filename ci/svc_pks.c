// SPDX-License-Identifier: BSD-2-Clause
/*
 * The platform's key store, as far as GRUB reads it: whether to use lists of
 * keys of the platform, and these. [GRUB 2.14
 * grub-core/kern/powerpc/ieee1275/platform_keystore.c]
 */
#include <string.h>

#include "ci/call.h"
#include "ci/mem.h"
#include "packages/secure/keys.h"

/* Codes as of hypercalls. [LoPAR 14.5.3] */
#define PKS_OK ((cell_t)0)
#define PKS_PARAMETER ((cell_t)-4)
#define PKS_NOT_FOUND ((cell_t)-7)

#define PKS_CONSUMER_FIRMWARE 1u
#define PKS_LABEL "SB_VERSION"
#define PKS_DB 1u
#define PKS_DBX 2u

/* GRUB allocates that much, and reads each object into it. */
#define PKS_SIZE_MIN 4096u

static bool pks_is_dynamic(void)
{
	size_t len;

	return keys_mode() == KEYS_ENFORCE && keys_esl(KEYS_DB, &len);
}

/* Copies an object to the client; returns its length, or 0 with a bad *rc. */
static cell_t pks_copy(cell_t buf, cell_t buflen, const void *data, size_t len,
		       cell_t *rc)
{
	void *to = len <= buflen ? ci_buf(buf, len) : NULL;

	*rc = to ? PKS_OK : PKS_PARAMETER;
	if (!to)
		return 0;
	if (len)
		memcpy(to, data, len);
	return (cell_t)len;
}

cell_t svc_pks_max_object_size(void)
{
	size_t db, dbx;

	(void)keys_esl(KEYS_DB, &db);
	(void)keys_esl(KEYS_DBX, &dbx);
	return (cell_t)MAX(MAX(db, dbx), (size_t)PKS_SIZE_MIN);
}

/* pks-read-object: `more`: policies (none), result. */
cell_t svc_pks_read_object(cell_t consumer, cell_t label, cell_t label_len,
			   cell_t buf, cell_t buflen, cell_t more[2])
{
	const uint8_t version = pks_is_dynamic();
	const char *name = ci_mem(label, label_len);

	more[1] = PKS_NOT_FOUND;
	if (!name)
		more[1] = PKS_PARAMETER;
	else if (consumer == PKS_CONSUMER_FIRMWARE &&
		 label_len == strlen(PKS_LABEL) &&
		 !memcmp(name, PKS_LABEL, strlen(PKS_LABEL)))
		return pks_copy(buf, buflen, &version, sizeof(version),
				&more[1]);
	return 0;
}

/*
 * pks-read-sbvar: `more`: result. A missing dbx is an empty one, because GRUB
 * prints an error otherwise; without db, it uses its own keys.
 */
cell_t svc_pks_read_sbvar(cell_t flags, cell_t type, cell_t buf, cell_t buflen,
			  cell_t more[1])
{
	const void *db, *list;
	size_t db_len, len;

	db = keys_esl(KEYS_DB, &db_len);
	list = keys_esl(type == PKS_DB ? KEYS_DB : KEYS_DBX, &len);
	more[0] = PKS_PARAMETER;
	if (flags || (type != PKS_DB && type != PKS_DBX))
		return 0;
	more[0] = PKS_NOT_FOUND;
	if (!list && (type == PKS_DB || !db))
		return 0;
	return pks_copy(buf, buflen, list, len, &more[0]);
}
