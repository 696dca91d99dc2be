// SPDX-License-Identifier: BSD-2-Clause
// A fake CRQ partner: see tests/fake/vscsi.h.
#include "tests/fake/vscsi.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "hcall/rtas.h"
#include "lib/endian.h"

#define INIT 0xc001000000000000ULL
#define INIT_DONE 0xc002000000000000ULL
#define EVENT 0xff00000000000000ULL
#define QUEUE_LEN 4096u

struct fake_vscsi fake_vscsi;

int rtas_set_tce_bypass(uint32_t unit, bool on)
{
	assert_int_equal(unit, FAKE_VSCSI_UNIT);
	if (fake_vscsi.no_bypass)
		return ERR_NOTSUP;
	fake_vscsi.bypass = on;
	return 0;
}

static uint8_t *element(unsigned offset)
{
	return fake_dma_ptr(fake_vscsi.queue + offset % QUEUE_LEN, 16,
			    DMA_FROM_DEVICE);
}

void fake_vscsi_stray(uint64_t high, uint64_t low)
{
	uint8_t *at = element(fake_vscsi.next);

	be64_store(at + 8, low);
	be64_store(at, high);
}

/* [QEMU hw/ppc/spapr_vio.c, spapr_vio_send_crq] */
void fake_vscsi_post(uint64_t high, uint64_t low)
{
	assert_int_equal(element(fake_vscsi.next)[0], 0);
	fake_vscsi_stray(high, low);
	fake_vscsi.last_high = high;
	fake_vscsi.next = (fake_vscsi.next + 16) % QUEUE_LEN;
}

void fake_vscsi_repeat(void)
{
	be64_store(element(fake_vscsi.next + QUEUE_LEN - 16),
		   fake_vscsi.last_high);
}

static int64_t reg_crq(struct hcall *h)
{
	int64_t error = fake_vscsi.register_error;

	assert_int_equal(h->reg[0], FAKE_VSCSI_UNIT);
	assert_int_equal(h->reg[1] % 4096, 0);
	assert_int_equal(h->reg[2], QUEUE_LEN);
	fake_vscsi.register_error = 0;
	if (error)
		return error;
	assert_int_equal(fake_vscsi.queue, 0);
	fake_vscsi.queue = h->reg[1];
	fake_vscsi.next = 0;
	if (fake_vscsi.greeting == FAKE_ASKS_FIRST)
		fake_vscsi_post(INIT, 0);
	return fake_vscsi.greeting == FAKE_LATE ? H_CLOSED : H_SUCCESS;
}

static int64_t free_crq(struct hcall *h)
{
	assert_int_equal(h->reg[0], FAKE_VSCSI_UNIT);
	fake_vscsi.queue = 0;
	fake_vscsi.frees++;
	fake_vscsi.kept = 0;
	return H_SUCCESS;
}

static int64_t take_init(uint64_t high)
{
	if (high == INIT_DONE) {
		fake_vscsi.greeted = true;
		return H_SUCCESS;
	}
	assert_int_equal(high, INIT);
	if (fake_vscsi.greeting == FAKE_ANSWERS)
		fake_vscsi_post(INIT_DONE, 0);
	if (fake_vscsi.greeting != FAKE_LATE)
		return H_SUCCESS;
	/* The late partner appears. */
	fake_vscsi_post(INIT, 0);
	return H_CLOSED;
}

/* The data of a command, and the pieces of memory that hold it. */
static uint8_t gathered[2 << 20];
static struct piece {
	uint8_t *ptr;
	uint32_t len;
} pieces[32];
static unsigned n_pieces;

/* QEMU counts in 16 bits. [hw/scsi/spapr_vscsi.c, cur_desc_offset] */
static void add_piece(const uint8_t *desc, enum dma_dir dir)
{
	uint32_t len = be32_load(desc + 12);

	assert_true(len > 0 && len <= 65536);
	assert_true(n_pieces < ARRAY_SIZE(pieces));
	pieces[n_pieces].ptr = fake_dma_ptr(be64_load(desc), len, dir);
	pieces[n_pieces++].len = len;
}

/* Finds the pieces of a data buffer. Returns the sum. [SRP r16a 5.6.2] */
static uint32_t find_pieces(const uint8_t *data, unsigned format,
			    enum dma_dir dir)
{
	uint32_t sum = 0, table_len = be32_load(data + 12);
	const uint8_t *table;
	uint32_t i;

	n_pieces = 0;
	if (format == 1)
		add_piece(data, dir);
	if (format == 2) {
		table = fake_dma_ptr(be64_load(data), table_len, DMA_TO_DEVICE);
		for (i = 0; i < table_len; i += 16)
			add_piece(table + i, dir);
	}
	for (i = 0; i < n_pieces; i++)
		sum += pieces[i].len;
	if (format == 2)
		assert_int_equal(sum, be32_load(data + 16));
	assert_true(sum <= sizeof(gathered));
	return sum;
}

static void copy_pieces(bool out)
{
	uint8_t *at = gathered;
	unsigned i;

	for (i = 0; i < n_pieces; i++) {
		if (out)
			memcpy(at, pieces[i].ptr, pieces[i].len);
		else
			memcpy(pieces[i].ptr, at, pieces[i].len);
		at += pieces[i].len;
	}
}

/* Runs the command of an SRP_CMD. [SRP r16a 6.8] */
static struct fake_result run(const uint8_t *iu)
{
	unsigned in = iu[5] & 0xf, out = iu[5] >> 4;
	struct fake_result res;
	uint32_t len;

	assert_int_equal(iu[0], 0x02);
	assert_true(in == 0 || out == 0);
	len = find_pieces(iu + 48, in | out,
			  out ? DMA_TO_DEVICE : DMA_FROM_DEVICE);
	/* Bytes that are not transferred stay unchanged. */
	copy_pieces(true);
	res = fake_scsi_serve(be64_load(iu + 20), iu + 32, gathered, len, out);
	if (in)
		copy_pieces(false);
	return res;
}

/* Answers for no unit. [QEMU hw/scsi/spapr_vscsi.c, vscsi_queue_cmd] */
static void absent(struct fake_result *res)
{
	*res = (struct fake_result){ .status = 2, .sense_len = 18 };
	res->sense[0] = 0xf0;
	res->sense[2] = 5;
	res->sense[12] = 0x24;
}

/* Fills an SRP_RSP. Returns its length. [SRP r16a 6.9] */
static uint32_t respond(uint8_t *iu, const struct fake_result *res)
{
	uint8_t tag[8];
	uint32_t skip = fake_vscsi.lie == FAKE_SRP_RESPONSE ? 4 : 0;

	memcpy(tag, iu + 8, 8);
	memset(iu, 0, 256);
	iu[0] = fake_vscsi.lie == FAKE_SRP_OPCODE ? 0x55 : 0xc1;
	memcpy(iu + 8, tag, 8);
	iu[19] = res->status;
	if (fake_vscsi.lie == FAKE_SRP_UNDER && res->residual) {
		iu[18] |= 0x20;
		be32_store(iu + 24, res->residual);
	}
	if (skip) {
		iu[18] |= 0x01;
		be32_store(iu + 32, skip);
	}
	if (res->sense_len) {
		iu[18] |= 0x02;
		be32_store(iu + 28, res->sense_len);
		memcpy(iu + 36 + skip, res->sense, res->sense_len);
	}
	if (fake_vscsi.lie == FAKE_SRP_SENSE_LEN)
		be32_store(iu + 28, UINT32_MAX);
	if (fake_vscsi.lie == FAKE_SRP_RESPONSE_LEN) {
		iu[18] |= 0x01;
		be32_store(iu + 32, UINT32_MAX);
	}
	return 36 + skip + res->sense_len;
}

static void answer(uint8_t *iu)
{
	struct fake_result res = run(iu);
	uint64_t tag = be64_load(iu + 8);
	uint32_t len;

	if (res.absent)
		absent(&res);
	len = respond(iu, &res);
	if (fake_vscsi.lie == FAKE_SRP_SHORT)
		len = 10;
	if (fake_vscsi.lie == FAKE_SRP_LONG)
		len = 60000;
	if (fake_vscsi.lie == FAKE_SRP_WRONG_TAG)
		tag += 16;
	if (fake_vscsi.lie == FAKE_SRP_GARBAGE)
		fake_vscsi_post(0x9900000000000000ULL, 0);
	fake_vscsi_post(0x8001000000000000ULL | len, tag);
	if (fake_vscsi.lie == FAKE_SRP_TWICE)
		fake_vscsi_post(0x8001000000000000ULL | len, tag);
}

/* Keeps a command without an answer; its data may still arrive late. */
static void keep(uint64_t bus)
{
	const uint8_t *iu = fake_dma_ptr(bus, 256, DMA_BOTH);

	fake_vscsi.kept++;
	fake_vscsi.most_kept = MAX(fake_vscsi.most_kept, fake_vscsi.kept);
	fake_vscsi.late_iu = bus;
	fake_vscsi.late_data = be64_load(iu + 48);
}

static void take_command(uint64_t bus)
{
	fake_vscsi.commands++;
	if (fake_vscsi.lie == FAKE_SRP_CLOSES)
		fake_vscsi_post(EVENT, 0);
	else if (fake_vscsi.lie == FAKE_SRP_SILENT)
		keep(bus);
	else
		answer(fake_dma_ptr(bus, 256, DMA_BOTH));
	if (fake_vscsi.answers && --fake_vscsi.answers == 0)
		fake_vscsi.lie = FAKE_SRP_SILENT;
}

static int64_t send_crq(struct hcall *h)
{
	uint64_t high = h->reg[1];
	uint32_t len = high & 0xffff;

	assert_int_equal(h->reg[0], FAKE_VSCSI_UNIT);
	assert_true(fake_vscsi.queue != 0);
	if (high >> 56 == 0xc0)
		return take_init(high);
	if (fake_vscsi.send_error)
		return fake_vscsi.send_error;
	assert_int_equal(high >> 48, 0x8001);
	assert_int_equal(len, 68);
	take_command(h->reg[2]);
	return H_SUCCESS;
}

void fake_vscsi_reset(void)
{
	memset(&fake_vscsi, 0, sizeof(fake_vscsi));
	fake_dma_reset();
	fake_hcall_reset();
	fake_hcall_set(H_REG_CRQ, reg_crq);
	fake_hcall_set(H_FREE_CRQ, free_crq);
	fake_hcall_set(H_SEND_CRQ, send_crq);
}
