// SPDX-License-Identifier: BSD-2-Clause
/* What boot/loader.c loads from: a disk's label and an ELF file, faked. */
#include "tests/fake/loader.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "boot/handover.h"
#include "boot/config.h"
#include "boot/loader.h"
#include "drivers/block.h"
#include "lib/reason.h"
#include "tree/path.h"

struct fake_load fake_load;

int disk_boot_next(struct disk_search *search, struct disk_boot *boot)
{
	int rc = block_open(search->bd);

	fake_load.asked++;
	if (rc)
		return rc;
	if (search->found == fake_load.labels)
		return fake_load.label_end < 0
			       ? reason_fail(fake_load.label_end, "%s",
					     fake_load.label_why)
			       : fake_load.label_end;
	search->found++;
	*boot = fake_load.label;
	boot->partition += search->found - 1;
	return 0;
}

static long read_disk(struct image *img, uint64_t offset, void *buf, size_t len)
{
	(void)img;
	if (fake_disk_read_error)
		return reason_fail(fake_disk_read_error, "a bad block");
	if (len > sizeof(fake_disk) - offset)
		return reason_fail(ERR_IO, "the disk ends too early");
	memcpy(buf, fake_disk + offset, len);
	return (long)len;
}

int disk_boot_open(struct block_device *bd, const struct disk_boot *boot,
		   struct disk_target *target, struct image *img)
{
	struct disk_args args = disk_boot_args(boot);

	assert_true(bd->as.dev->users);
	disk_args_text(&args, fake_load.args, sizeof(fake_load.args));
	if (boot->partition == 9)
		return reason_fail(ERR_NOENT, "no partition 9");
	target->is_file = true;
	fake_load.open_targets++;
	*img = (struct image){ .size = fake_disk_size, .read = read_disk };
	return 0;
}

void disk_target_close(struct disk_target *target)
{
	fake_load.open_targets -= target->is_file;
}

uint64_t config_num(const char *name)
{
	assert_string_equal(name, "load-base");
	return 0x4000;
}

int elf_probe(struct image *img, struct elf_info *out)
{
	struct instance *inst = img->priv;

	if (inst && !fake_load.staged)
		snprintf(fake_load.args, sizeof(fake_load.args), "%s",
			 inst->args);
	*out = fake_load.info;
	if (fake_load.failures && !--fake_load.failures)
		fake_load.probe_error = fake_load.load_error = 0;
	return fake_load.probe_error
		       ? reason_fail(fake_load.probe_error, "no ELF magic")
		       : 0;
}

int elf_load(struct image *img, struct elf_info *in,
	     const struct elf_place *place, struct elf_entry *entry)
{
	uint64_t size = fake_load.size;
	int rc = place->claim(place->arg, 0x20000, size);
	uint8_t *dst;

	assert_int_equal(in->osabi, fake_load.info.osabi);
	if (rc)
		return reason_fail(rc, "20000: %s", err_str(rc));
	dst = place->ptr(place->arg, 0x20000, size);
	assert_ptr_equal(dst, fake_memory + 0x20000);
	rc = image_read(img, 0, dst, 512);
	if (!rc && fake_load.load_error)
		rc = reason_fail(fake_load.load_error, "the load failed");
	if (rc) {
		place->release(place->arg, 0x20000, size);
		return rc;
	}
	place->flush(place->arg, dst, size);
	entry->pc = entry->loaded = 0x20000;
	entry->linked = fake_load.linked;
	return 0;
}

void elf_info_free(struct elf_info *out)
{
	assert_int_equal(out->osabi, fake_load.info.osabi);
}

/* There is no -kernel here. */
bool elf_is_header(const void *p, size_t len)
{
	(void)p;
	(void)len;
	return false;
}

int elf_find_loaded(struct image *img, uint64_t base,
		    const struct elf_place *place, struct elf_entry *out)
{
	(void)img;
	(void)base;
	(void)place;
	(void)out;
	return ERR_FORMAT;
}

int fake_load_run(const char *device, const char *args)
{
	char dev[400], text[64] = "";
	const struct boot_target target = { .device = dev, .args = text };

	dev[0] = '\0';
	strncat(dev, device, sizeof(dev) - 1);
	strncat(text, args, sizeof(text) - 1);
	memset(&fake_load.entry, 0, sizeof(fake_load.entry));
	fake_code_written = 0;
	return loader_load(&target, &fake_load.entry);
}

void fake_load_reset(void)
{
	fake_load = (struct fake_load){
		.label = { .has_partition = true,
			   .partition = 2,
			   .is_prep = true },
		.labels = 1,
		.label_end = DISK_BOOT_END,
		.size = 0x1000,
		.linked = 0x20000,
	};
	memset(fake_disk, 0x7f, sizeof(fake_disk));
}

void fake_load_chosen(const char *bootpath, const char *bootargs)
{
	const struct node *chosen = tree_find("/chosen");

	assert_string_equal(tree_get_str(chosen, "bootpath"), bootpath);
	assert_string_equal(tree_get_str(chosen, "bootargs"), bootargs);
}

void fake_load_printed(const char *text)
{
	if (!fake_log_has(text))
		print_message("printed: %s\n", fake_printed);
	assert_true(fake_log_has(text));
}
