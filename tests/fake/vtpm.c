// SPDX-License-Identifier: BSD-2-Clause
// A fake CRQ partner with a TPM: see tests/fake/vtpm.h.
#include "tests/fake/vtpm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "drivers/vio/vio.h"
#include "lib/endian.h"
#include "lib/watch.h"
#include "tests/fake/table.h"
#include "tree/path.h"
#include "tree/prop.h"
#include <cmocka.h>

#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"

TABLE_LINK(drivers, driver_vtpm);

#define QUEUE_LEN 4096u
#define INIT 0xc001000000000000ULL
#define INIT_DONE 0xc002000000000000ULL
#define ERROR(code) (0x80ff000000000000ULL | (code))
#define RESPONSE(what, len, data)                                              \
	(0x8080000000000000ULL | (uint64_t)(what) << 48 |                      \
	 (uint64_t)(len) << 32 | (data))

enum message {
	VERSION = 1,
	COMMAND = 2,
	BUFFER_SIZE = 3,
};

struct fake_vtpm fake_vtpm;
static struct node *node;

/* [QEMU hw/ppc/spapr_vio.c, spapr_vio_send_crq] */
void fake_vtpm_post(uint64_t high, uint64_t low)
{
	uint8_t *at;

	if (!fake_vtpm.queue)
		return;
	at = fake_dma_ptr(fake_vtpm.queue + fake_vtpm.next, 16,
			  DMA_FROM_DEVICE);
	assert_int_equal(at[0], 0);
	be64_store(at + 8, low);
	be64_store(at, high);
	fake_vtpm.next = (fake_vtpm.next + 16) % QUEUE_LEN;
}

static int64_t reg_crq(struct hcall *h)
{
	assert_int_equal(h->reg[0], FAKE_VTPM_UNIT);
	assert_int_equal(h->reg[1] % 4096, 0);
	assert_int_equal(h->reg[2], QUEUE_LEN);
	if (fake_vtpm.taken)
		return H_RESOURCE;
	assert_int_equal(fake_vtpm.queue, 0);
	fake_vtpm.queue = h->reg[1];
	fake_vtpm.next = 0;
	fake_vtpm.registers++;
	return H_SUCCESS;
}

static int64_t free_crq(struct hcall *h)
{
	assert_int_equal(h->reg[0], FAKE_VTPM_UNIT);
	fake_vtpm.queue = 0;
	fake_vtpm.taken = false;
	fake_vtpm.frees++;
	return H_SUCCESS;
}

/* [QEMU hw/tpm/tpm_spapr.c, tpm_spapr_request_completed] */
void fake_vtpm_end(void)
{
	uint64_t bus = fake_vtpm.running;
	size_t len = MIN(fake_vtpm.response_len, fake_vtpm.buffer_size);

	assert_int_not_equal(bus, 0);
	fake_vtpm.running = 0;
	if (!fake_dma_mapped(bus) || fake_vtpm.lie == FAKE_VTPM_ERROR_4) {
		fake_vtpm_post(ERROR(4), 0);
		return;
	}
	memcpy(fake_dma_ptr(bus, fake_vtpm.buffer_size, DMA_FROM_DEVICE),
	       fake_vtpm.response, len);
	if (fake_vtpm.lie == FAKE_VTPM_LEN)
		len = fake_vtpm.lie_len;
	if (fake_vtpm.lie == FAKE_VTPM_ADDRESS)
		bus += 0x10000;
	fake_vtpm_post(RESPONSE(COMMAND, len, bus), 0);
	if (fake_vtpm.lie == FAKE_VTPM_THEN_ERROR)
		fake_vtpm_post(ERROR(4), 0);
	if (fake_vtpm.lie == FAKE_VTPM_TWICE)
		fake_vtpm_post(RESPONSE(COMMAND, len, bus), 0);
}

/* The whole buffer is read, whatever the command's length. */
static void run(uint64_t bus, size_t len)
{
	fake_vtpm.running = fake_vtpm.last_page = bus;
	fake_vtpm.commands++;
	assert_int_equal(bus % 4096, 0);
	assert_true(len <= fake_vtpm.buffer_size);
	memcpy(fake_vtpm.command,
	       fake_dma_ptr(bus, fake_vtpm.buffer_size, DMA_TO_DEVICE),
	       fake_vtpm.buffer_size);
	fake_vtpm.command_len = len;
	switch (fake_vtpm.lie) {
	case FAKE_VTPM_SILENT:
	case FAKE_VTPM_SLOW:
	case FAKE_VTPM_LATE:
		break;
	case FAKE_VTPM_ERROR_3:
		fake_vtpm_post(ERROR(3), 0);
		break;
	case FAKE_VTPM_OTHER:
		fake_vtpm.running = 0;
		fake_vtpm_post(RESPONSE(VERSION, 0, 2), 0);
		break;
	case FAKE_VTPM_CLOSES:
		fake_vtpm.running = 0;
		fake_vtpm_post(0xff00000000000000ULL, 0);
		break;
	case FAKE_VTPM_UNKNOWN:
		fake_vtpm_post(0x9982000000000000ULL, 0);
		fake_vtpm_end();
		break;
	default:
		fake_vtpm_end();
	}
}

static int64_t take_command(uint64_t high)
{
	if (fake_vtpm.send_error)
		return fake_vtpm.send_error;
	if (fake_vtpm.busy || fake_vtpm.running) {
		if (fake_vtpm.busy && !--fake_vtpm.busy && fake_vtpm.running)
			fake_vtpm_end();
		return H_BUSY;
	}
	run(high & 0xffffffff, high >> 32 & 0xffff);
	return H_SUCCESS;
}

/* What needs no TPM. Reserved words and others are what was there before. */
static void take_message(unsigned what)
{
	if (fake_vtpm.lie == FAKE_VTPM_MUTE)
		return;
	if (what == VERSION)
		fake_vtpm_post(RESPONSE(VERSION, 0, fake_vtpm.version),
			       0x5a5a5a5a5a5a5a5aULL);
	if (what == BUFFER_SIZE && fake_vtpm.lie == FAKE_VTPM_LATE)
		fake_vtpm_end();
	if (what == BUFFER_SIZE)
		fake_vtpm_post(RESPONSE(BUFFER_SIZE, fake_vtpm.buffer_size,
					0x5a5a5a5aULL),
			       0x5a5a5a5a5a5a5a5aULL);
}

/* [QEMU hw/tpm/tpm_spapr.c, tpm_spapr_do_crq] */
static int64_t send_crq(struct hcall *h)
{
	uint64_t high = h->reg[1];

	assert_int_equal(h->reg[0], FAKE_VTPM_UNIT);
	assert_int_not_equal(fake_vtpm.queue, 0);
	assert_int_equal(h->reg[2], 0);
	if (high == INIT || high == INIT_DONE) {
		if (!fake_vtpm.no_init)
			fake_vtpm_post(high, 0);
		return H_SUCCESS;
	}
	assert_int_equal(high >> 56, 0x80);
	if ((high >> 48 & 0xff) == COMMAND)
		return take_command(high);
	take_message(high >> 48 & 0xff);
	return H_SUCCESS;
}

static void reset(void)
{
	memset(&fake_vtpm, 0, sizeof(fake_vtpm));
	fake_vtpm.version = 2;
	fake_vtpm.buffer_size = 4096;
	fake_dma_reset();
	fake_hcall_reset();
	fake_hcall_set(H_REG_CRQ, reg_crq);
	fake_hcall_set(H_FREE_CRQ, free_crq);
	fake_hcall_set(H_SEND_CRQ, send_crq);
}

struct node *fake_vtpm_plug(const char *compatible)
{
	static const uint32_t window[] = { FAKE_VTPM_UNIT, 0, 0, 0,
					   0x10000000 };

	fake_log_start();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 1000);
	reset();
	assert_int_equal(tree_init(), 0);
	device_init();
	node = tree_add_node(tree_root(), "vtpm@71000002", TREE_QEMU);
	assert_non_null(node);
	assert_int_equal(tree_set_str(node, "device_type", "IBM,vtpm"), 0);
	assert_int_equal(tree_set_str(node, "compatible", compatible), 0);
	assert_int_equal(tree_set_u32(node, "reg", FAKE_VTPM_UNIT), 0);
	assert_int_equal(tree_set_cells(node, "ibm,my-dma-window", window, 5),
			 0);
	device_add(NULL, &vio_bus, node, NULL);
	return node;
}

void fake_vtpm_unplug(void)
{
	tree_remove_node(node);
	tree_free();
	assert_int_equal(fake_vtpm.queue, 0);
	assert_int_equal(fake_dma_live(), 0);
	assert_int_equal(fake_heap_live(), 0);
}
