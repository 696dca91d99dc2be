// SPDX-License-Identifier: BSD-2-Clause
// USB mass storage: what a device answers to its commands, and when.
#include "drivers/block.h"
#include "drivers/scsi/cdb.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/usb.h"
#include "tests/fuzz/block.h"
#include "tests/fuzz/scsi.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_usb_storage);
TABLE_LINK(drivers, driver_scsi_disk);

#define CBW 31u
#define CSW 13u
/* Most answers of a device, however long its input is. */
#define ANSWERS 5000u

static const uint8_t descriptor[2][18] = {
	{ 18, 1, 0, 2, 0, 0, 0, 64, 0xf4, 0x46, 1, 0, 0, 0, 0, 0, 0, 1 },
	{ 18, 1, 0, 3, 0, 0, 0, 9, 0xf4, 0x46, 1, 0, 0, 0, 0, 0, 0, 1 },
};

static const uint8_t config[] = {
	9, 2, 32,   0, 1, 1, 0, 0xc0, 0, /* configuration */
	9, 4, 0,    0, 2, 8, 6, 0x50, 0, /* interface */
	7, 5, 2,    2, 0, 2, 0,		 /* bulk out */
	7, 5, 0x81, 2, 0, 2, 0,		 /* bulk in */
};

static struct fuzz_input in;
static unsigned answers;

struct stick {
	struct fake_usb_device fd;
	uint8_t cbw[CBW];
	uint32_t left; /* data that has not been moved */
	bool silent;   /* until its reset */
};
static struct stick sticks[2];

static struct stick *stick_of(struct fake_usb_device *fd)
{
	return container_of(fd, struct stick, fd);
}

/* Mostly `n`. */
static long answer(struct fake_usb_device *fd, long n, uint32_t len)
{
	static const long others[] = { USB_STALL, USB_STALL, ERR_IO,
				       FAKE_USB_NAK, ERR_NODEV };
	uint8_t how = fuzz_u8(&in);

	if (++answers > ANSWERS)
		return ERR_NODEV;
	if (how < 0xe0 || (how < 0xf0 && n == FAKE_USB_PASS))
		return n;
	if (how < 0xf0)
		return fuzz_u8(&in) % (len + 1);
	fd->partial = fuzz_u8(&in) % (len + 1);
	n = others[how % ARRAY_SIZE(others)];
	fd->gone |= n == ERR_NODEV && how >= 0xfc;
	stick_of(fd)->silent |= n == FAKE_USB_NAK;
	return n;
}

/* What is sent is ours: nothing of it may be wrong. [BOT 5.1, 6.2] */
static void take_cbw(struct stick *stick, const uint8_t *data)
{
	uint8_t op = data[15];

	memcpy(stick->cbw, data, CBW);
	stick->left = le32_load(data + 8);
	assert(le32_load(data) == 0x43425355);
	assert(data[13] < 16 && (data[12] & 0x7f) == 0);
	assert(data[14] == 6 || data[14] == 10 || data[14] == 16);
	assert(stick->left <= 1 << 20);
	if (op == SCSI_READ_10 || op == SCSI_WRITE_10)
		assert(stick->left % be16_load(data + 22) == 0);
	if (op == SCSI_WRITE_10 || !stick->left)
		assert(!data[12]);
}

static long take_out(struct stick *stick, const uint8_t *data, uint32_t len)
{
	bool wants_data = stick->left && !stick->cbw[12];

	if (len == CBW && !wants_data)
		take_cbw(stick, data);
	else
		stick->left = 0;
	return answer(&stick->fd, len, len);
}

static long send_csw(struct stick *stick, uint8_t *data)
{
	le32_store(data, 0x53425355);
	memcpy(data + 4, stick->cbw + 4, 4);
	le32_store(data + 8, 0);
	data[12] = fuzz_u8(&in) >= 0xe0;
	if (fuzz_u8(&in) >= 0xc0) {
		uint8_t at = fuzz_u8(&in) % CSW;

		fuzz_take(&in, data + at, CSW - at);
	}
	return answer(&stick->fd, CSW, CSW);
}

static long send_data(struct stick *stick, uint8_t *data, uint32_t len)
{
	uint8_t usual[FUZZ_SCSI_ANSWER] = { 0 };
	size_t n = fuzz_scsi_usual(&in, stick->cbw[15], 0, usual);
	uint8_t changed = fuzz_u8(&in);

	stick->left = 0;
	if (changed >= 0xc0)
		n = MAX(n, fuzz_take(&in, usual, changed - 0xc0u));
	memcpy(data, usual, MIN(n, len));
	if (len > FUZZ_SCSI_ANSWER)
		n = len;
	return answer(&stick->fd, MIN((long)n, (long)len), len);
}

static long bulk(struct fake_usb_device *fd, uint8_t endpoint, uint8_t *data,
		 uint32_t len)
{
	struct stick *stick = stick_of(fd);

	if (stick->silent)
		return FAKE_USB_NAK;
	if (!(endpoint & USB_IN))
		return take_out(stick, data, len);
	if (stick->left && len == stick->left)
		return send_data(stick, data, len);
	assert(len == CSW);
	return send_csw(stick, data);
}

static long control(struct fake_usb_device *fd, const struct usb_setup *setup,
		    uint8_t *data, uint32_t len)
{
	if (stick_of(fd)->silent)
		return FAKE_USB_NAK;
	if (setup->type == (USB_IN | USB_TYPE_CLASS | USB_TO_INTERFACE)) {
		assert(setup->request == 0xfe && len == 1);
		data[0] = fuzz_u8(&in) % 20;
		return answer(fd, 1, 1);
	}
	/* The rest is the core's. */
	return answer(fd, FAKE_USB_PASS, 0);
}

static void reset(struct fake_usb_device *fd)
{
	stick_of(fd)->left = 0;
	stick_of(fd)->silent = false;
}

static void plug_stick(unsigned i, bool fast)
{
	sticks[i] = (struct stick){
		.fd = { .speed = fast ? USB_SUPER : USB_HIGH,
			.descriptor = descriptor[fast],
			.config = config,
			.config_len = sizeof(config),
			.control = control,
			.bulk = bulk,
			.reset = reset },
	};
	fake_usb.port[1 + i] = &sticks[i].fd;
}

static struct device *plug(uint8_t kind)
{
	fake_usb_reset();
	fake_usb.window = kind & 1;
	fake_usb.backward = kind & 2;
	fake_usb.max_bulk = kind & 4 ? 4096 : 0;
	plug_stick(0, kind & 8);
	if (kind & 0x10)
		plug_stick(1, kind & 0x20);
	if (kind & 0x40)
		fake_dma_limit(4096 + fuzz_u16(&in));
	log_reset();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 4);
	answers = 0;
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	return fake_usb_plug("usb@3");
}

static void use(struct block_device *bd)
{
	uint8_t lba = fuzz_u8(&in), n = fuzz_u8(&in);

	if (block_open(bd))
		return;
	assert(bd->block_size >= BLOCK_SIZE_MIN && bd->max_blocks);
	fuzz_block_read(bd, lba, n);
	fuzz_block_read_bytes(bd, lba, fuzz_u16(&in));
	fuzz_block_write(bd, lba, n % 16);
	(void)!block_flush(bd);
	block_close(bd);
}

static void use_all(void)
{
	struct device_role *as = NULL;

	while ((as = device_next_role(as, &block_role)) != NULL)
		use(container_of(as, struct block_device, as));
}

static void unplug(struct device *controller)
{
	assert(!fake_usb.running);
	tree_remove_node(controller->node);
	tree_free();
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct device *controller;

	in = (struct fuzz_input){ data, size };
	controller = plug(fuzz_u8(&in));
	device_scan_rest();
	use_all();
	use_all();
	unplug(controller);
	return 0;
}
