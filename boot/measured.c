// SPDX-License-Identifier: BSD-2-Clause
/* What is measured of the machine: firmware, tree, keys, variables, -kernel. */
#include "boot/measured.h"

#include <string.h>

#include "boot/config.h"
#include "ci/mem.h"
#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/reason.h"
#include "packages/measure.h"
#include "packages/secure/keys.h"
#include "tree/path.h"
#include "tree/prop.h"

/* EFI_CERT_X509_GUID, EFI_CERT_SHA256_GUID. [UEFI 2.10, 32.4.1] */
static const uint8_t guid_x509[16] = { 0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94,
				       0xa7, 0x4a, 0x87, 0xb5, 0xab, 0x15,
				       0x5c, 0x2b, 0xf0, 0x72 };
static const uint8_t guid_sha256[16] = { 0x26, 0x16, 0xc4, 0xc1, 0x4c, 0x50,
					 0x92, 0x40, 0xac, 0xa9, 0x41, 0xf9,
					 0x36, 0x93, 0x43, 0x28 };
#define OWNER_SIZE 16u
#define SHA256_SIZE 32u

/* EFI_SIGNATURE_LIST, its entries follow. [UEFI 2.10, 32.4.1] */
struct measured_list {
	uint8_t type[16];
	le32 size;   /* of all */
	le32 header; /* 0 */
	le32 entry;  /* of each: owner and data */
};
static_assert(sizeof(struct measured_list) == 28, "UEFI 2.10, 32.4.1");

/* Signature lists that are being written; `data` NULL: only their size. */
struct measured_lists {
	uint8_t *data;
	size_t len;
};

static void lists_put(struct measured_lists *lists, const void *data,
		      size_t len)
{
	if (lists->data && len)
		memcpy(lists->data + lists->len, data, len);
	lists->len += len;
}

/* A list's head, for `count` entries with `len` bytes after the owner. */
static void lists_begin(struct measured_lists *lists, const uint8_t *type,
			size_t count, size_t len)
{
	struct measured_list list = { .header = le32_make(0) };

	len += OWNER_SIZE;
	memcpy(list.type, type, sizeof(list.type));
	list.size = le32_make((uint32_t)(sizeof(list) + count * len));
	list.entry = le32_make((uint32_t)len);
	lists_put(lists, &list, sizeof(list));
}

/* Keys for boot loaders: a list for each, for their certificates differ. */
static void lists_keys(struct measured_lists *lists)
{
	for (size_t i = 0; i < keys_count(); i++) {
		const struct keys_key *key = keys_at(i);

		lists_begin(lists, guid_x509, 1, key->cert_len);
		lists_put(lists, key->owner, OWNER_SIZE);
		lists_put(lists, key->cert, key->cert_len);
	}
}

/* Hashes that are denied: one list. Nobody owns them. */
static void lists_denied(struct measured_lists *lists)
{
	static const uint8_t nobody[OWNER_SIZE];
	const uint8_t *hash;
	size_t count = 0;

	for (hash = keys_denied(NULL); hash; hash = keys_denied(hash))
		count++;
	if (count)
		lists_begin(lists, guid_sha256, count, SHA256_SIZE);
	for (hash = keys_denied(NULL); hash; hash = keys_denied(hash)) {
		lists_put(lists, nobody, OWNER_SIZE);
		lists_put(lists, hash, SHA256_SIZE);
	}
}

static void measured_variable(const char *name, const void *data, size_t len)
{
	measure_now(MEASURE_VARIABLE, name, data, len);
}

static void measured_lists(const char *name,
			   void (*write)(struct measured_lists *lists))
{
	struct measured_lists lists = { .data = NULL };

	write(&lists);
	lists.data = heap_alloc(lists.len);
	lists.len = 0;
	write(&lists);
	measured_variable(name, lists.data, lists.len);
	heap_free(lists.data);
}

/* What decides what may run: quoin, and GRUB with the lists that it gets. */
static void measured_keys(void)
{
	const uint8_t enforced = keys_mode() == KEYS_ENFORCE;
	const void *data;
	size_t len;

	measured_variable("SecureBoot", &enforced, 1);
	measured_variable("PK", NULL, 0);
	measured_variable("KEK", NULL, 0);
	data = keys_esl(KEYS_DB, &len);
	measured_variable("db", data, len);
	data = keys_esl(KEYS_DBX, &len);
	measured_variable("dbx", data, len);
	measured_lists("grubdb", lists_keys);
	measured_lists("grubdbx", lists_denied);
	data = keys_sbat(&len);
	measured_variable("sbat", data, len);
}

void measured_machine(const void *image, size_t image_len, const void *fdt,
		      size_t fdt_len)
{
	measure_now(MEASURE_VERSION, "quoin " QUOIN_VERSION, NULL, 0);
	measure_now(MEASURE_FIRMWARE, NULL, image, image_len);
	measure_now(MEASURE_TREE, NULL, fdt, fdt_len);
	measured_keys();
}

/* "name=value"; a value may be of any length. */
static void measured_setting(const char *name, const char *value)
{
	size_t size = strlen(name) + strlen(value) + sizeof("=");
	char *text = heap_alloc(size);

	if (text)
		fmt_str(text, size, "%s=%s", name, value);
	measure_now(text ? MEASURE_CONFIG : MEASURE_LOST, text, NULL, 0);
	heap_free(text);
}

void measured_config(void)
{
	static const char *const qemu[] = { "qemu,boot-list",
					    "qemu,boot-device" };
	const struct node *chosen = tree_find("/chosen");
	const struct config_var *var;
	const char *value;

	if (!measure_is_on())
		return;
	for (size_t i = 0; (var = config_var(i)) != NULL; i++) {
		value = config_str(var->name);
		if (strcmp(value, var->initial))
			measured_setting(var->name, value);
	}
	for (size_t i = 0; chosen && i < ARRAY_SIZE(qemu); i++) {
		value = tree_get_str(chosen, qemu[i]);
		if (value)
			measured_setting(qemu[i], value);
	}
}

/* The kernel's memory as an image: its ranges, one after the other. */
struct measured_ranges {
	const struct measured_range *range;
	size_t count;
};

static long measured_read(struct image *img, uint64_t offset, void *buf,
			  size_t len)
{
	const struct measured_ranges *ranges = img->priv;
	uint8_t *dst = buf;

	for (size_t i = 0; i < ranges->count && len; i++) {
		const struct measured_range *at = &ranges->range[i];
		const uint8_t *mem = ci_ram(at->start, at->size);
		size_t n;

		if (offset >= at->size) {
			offset -= at->size;
			continue;
		}
		if (!mem)
			return reason_fail(ERR_RANGE, "it is not in RAM");
		n = (size_t)MIN(len, at->size - offset);
		memcpy(dst, mem + offset, n);
		dst += n;
		len -= n;
		offset = 0;
	}
	return dst - (uint8_t *)buf;
}

void measured_kernel(const struct measured_range *range, size_t count,
		     const struct measured_range *initrd)
{
	struct measured_ranges ranges = { range, count };
	struct image img = { .name = "-kernel",
			     .read = measured_read,
			     .priv = &ranges };

	for (size_t i = 0; i < count; i++)
		img.size += range[i].size;
	measure_forget();
	measure_later(MEASURE_BOOTING, "-kernel", NULL, 0);
	if (measure_image(MEASURE_LOADER, "kernel", &img, img.size))
		measure_later(MEASURE_LOST, NULL, NULL, 0);
	if (initrd->size)
		measure_later(MEASURE_INITRD, NULL,
			      ci_ram(initrd->start, initrd->size),
			      (size_t)initrd->size);
}
