// SPDX-License-Identifier: BSD-2-Clause
// A fake virtio function: see tests/fake/virtio.h.
#include "tests/fake/virtio.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "lib/endian.h"

/* Offsets in the memory BAR. */
#define ISR 0x1000u
#define CONFIG 0x2000u
#define NOTIFY 0x3000u
#define MULTIPLIER 4u
#define CAP_FIRST 0x40u

struct fake_virtio fake_virtio;
struct pci_function fake_virtio_fn;

/* Registers are little-endian; everything else is too on modern devices. */
static uint16_t get16(const void *ptr)
{
	return fake_virtio.modern ? le16_load(ptr) : be16_load(ptr);
}

uint32_t fake_get32(const void *ptr)
{
	return fake_virtio.modern ? le32_load(ptr) : be32_load(ptr);
}

uint64_t fake_get64(const void *ptr)
{
	return fake_virtio.modern ? le64_load(ptr) : be64_load(ptr);
}

void fake_put16(void *ptr, uint16_t value)
{
	if (fake_virtio.modern)
		le16_store(ptr, value);
	else
		be16_store(ptr, value);
}

void fake_put32(void *ptr, uint32_t value)
{
	if (fake_virtio.modern)
		le32_store(ptr, value);
	else
		be32_store(ptr, value);
}

void fake_put64(void *ptr, uint64_t value)
{
	if (fake_virtio.modern)
		le64_store(ptr, value);
	else
		be64_store(ptr, value);
}

void fake_virtio_reset(bool modern)
{
	uint16_t i;

	memset(&fake_virtio, 0, sizeof(fake_virtio));
	memset(&fake_virtio_fn, 0, sizeof(fake_virtio_fn));
	fake_dma_reset();
	fake_virtio.modern = modern;
	fake_virtio.queue_size[0] = 256;
	fake_virtio_fn.vendor = 0x1af4;
	fake_virtio_fn.bar[0].space = PCI_IO;
	if (!modern)
		return;
	for (i = 0; i < ARRAY_SIZE(fake_virtio.notify_off); i++)
		fake_virtio.notify_off[i] = i;
	fake_virtio.features = VIRTIO_F_VERSION_1;
	fake_virtio_cap(1, 4, 0, 0x1000);
	fake_virtio_cap(3, 4, ISR, 0x1000);
	fake_virtio_cap(4, 4, CONFIG, sizeof(fake_virtio.config));
	fake_virtio_cap(2, 4, NOTIFY, 0x1000);
}

void fake_virtio_cap(uint8_t type, uint8_t bar, uint32_t offset, uint32_t len)
{
	uint8_t *pci = fake_virtio.pci_config;
	unsigned at = CAP_FIRST, last = 0x34;

	while (pci[last]) {
		last = pci[last] + 1u;
		at += 20;
	}
	pci[last] = (uint8_t)at;
	pci[at] = 0x09;
	pci[at + 2] = 20;
	pci[at + 3] = type;
	pci[at + 4] = bar;
	le32_store(&pci[at + 8], offset);
	le32_store(&pci[at + 12], len);
	le32_store(&pci[at + 16], MULTIPLIER);
}

/* PCI, as drivers/pci has it. */

uint32_t pci_config_read(const struct pci_function *fn, unsigned reg,
			 unsigned size)
{
	uint32_t value = 0;

	assert_ptr_equal(fn, &fake_virtio_fn);
	assert_true(reg + size <= sizeof(fake_virtio.pci_config));
	while (size--)
		value = value << 8 | fake_virtio.pci_config[reg + size];
	return value;
}

unsigned pci_find_capability(const struct pci_function *fn, uint8_t id,
			     unsigned prev)
{
	unsigned at = pci_config_read(fn, prev ? prev + 1 : 0x34, 1);

	while (at && fake_virtio.pci_config[at] != id)
		at = fake_virtio.pci_config[at + 1];
	return at;
}

uint64_t pci_bar_address(const struct pci_function *fn, unsigned bar,
			 uint64_t *size)
{
	assert_ptr_equal(fn, &fake_virtio_fn);
	if (bar == 0 && !fake_virtio.modern) {
		*size = 0x80;
		return FAKE_IO_BAR;
	}
	if (bar != 4)
		return 0;
	*size = FAKE_BAR_SIZE;
	return FAKE_MEM_BAR;
}

void pci_enable(const struct pci_function *fn)
{
	(void)fn;
	fake_virtio.enabled = true;
}

void pci_enable_decoding(const struct pci_function *fn)
{
	pci_enable(fn);
}

void pci_disable(const struct pci_function *fn)
{
	(void)fn;
	fake_virtio.enabled = false;
}

int pci_dma_init(const struct pci_function *fn, struct dma *dma)
{
	assert_ptr_equal(fn, &fake_virtio_fn);
	return dma_init_window(dma, 0x80000000, 0x80000000, GiB);
}

/* Rings. */

static unsigned queue_entries(unsigned q)
{
	return fake_virtio.size_set[q] ? fake_virtio.size_set[q]
				       : fake_virtio.queue_size[q];
}

/* Follows a chain; readable buffers must come first. [virtio 1.2, 2.7.4.2] */
static unsigned read_chain(unsigned q, uint16_t head, struct fake_buf *bufs,
			   unsigned max)
{
	uint16_t flags, i = head;
	unsigned n = 0;

	do {
		uint8_t *desc = fake_dma_ptr(fake_virtio.desc[q] + 16u * i, 16,
					     DMA_TO_DEVICE);
		bool writes;

		assert_true(i < queue_entries(q));
		assert_true(n < max);
		flags = get16(desc + 12);
		writes = flags & 2;
		assert_false(n && bufs[n - 1].device_writes && !writes);
		bufs[n].device_writes = writes;
		bufs[n].len = fake_get32(desc + 8);
		bufs[n].ptr =
			fake_dma_ptr(fake_get64(desc), bufs[n].len,
				     writes ? DMA_FROM_DEVICE : DMA_TO_DEVICE);
		i = get16(desc + 14);
		n++;
	} while (flags & 1);
	return n;
}

static void push_used(unsigned q, uint32_t id, uint32_t len)
{
	unsigned size = queue_entries(q);
	uint8_t *used = fake_dma_ptr(fake_virtio.used[q], 4 + 8u * size,
				     DMA_FROM_DEVICE);
	uint16_t idx = get16(used + 2);

	fake_put32(used + 4 + 8u * (idx % size), id);
	fake_put32(used + 8 + 8u * (idx % size), len);
	fake_put16(used + 2, (uint16_t)(idx + 1));
}

void fake_virtio_run_away(unsigned q)
{
	for (unsigned i = 0; i < 100; i++)
		push_used(q, 0, 1);
}

void fake_virtio_mute(unsigned q, bool on)
{
	fake_put16(fake_dma_ptr(fake_virtio.used[q], 2, DMA_FROM_DEVICE), on);
}

static void answer(unsigned q, uint16_t head)
{
	struct fake_buf bufs[64];
	unsigned n = read_chain(q, head, bufs, ARRAY_SIZE(bufs));
	uint32_t len = 0, total = 0;
	unsigned i;

	for (i = 0; i < n; i++)
		total += bufs[i].len;
	fake_virtio.requests++;
	if (fake_virtio.handle)
		len = fake_virtio.handle(q, bufs, n);
	if (fake_virtio.lie == FAKE_LONG)
		len = total + 1;
	if (fake_virtio.lie == FAKE_COUNTS_ALL)
		len = total;
	if (fake_virtio.lie == FAKE_WRONG_ID)
		push_used(q, queue_entries(q), len);
	else if (fake_virtio.lie == FAKE_OTHER_ID)
		push_used(q, head + 1u, len);
	else
		push_used(q, head, len);
	if (fake_virtio.lie == FAKE_TWICE)
		push_used(q, head, len);
	for (i = 0; fake_virtio.lie == FAKE_INDEX && i < 100; i++)
		push_used(q, head, len);
}

bool fake_virtio_answer_next(unsigned q)
{
	unsigned size = queue_entries(q), at;
	uint8_t *avail;

	if (!fake_virtio.desc[q] || !(fake_virtio.status & VIRTIO_DRIVER_OK))
		return false;
	avail = fake_dma_ptr(fake_virtio.avail[q], 4 + 2u * size,
			     DMA_TO_DEVICE);
	if (fake_virtio.last_avail[q] == get16(avail + 2))
		return false;
	at = fake_virtio.last_avail[q]++ % size;
	answer(q, get16(avail + 4 + 2u * at));
	return true;
}

void fake_virtio_answer(unsigned q)
{
	while (fake_virtio_answer_next(q))
		;
}

static void notify(unsigned q)
{
	assert_true(q < FAKE_QUEUES);
	assert_true(fake_virtio.enabled);
	assert_true(fake_virtio.status & VIRTIO_DRIVER_OK);
	fake_virtio.notified[q]++;
	if (fake_virtio.lie == FAKE_SILENT ||
	    (q < 64 && fake_virtio.holds >> q & 1))
		return;
	fake_virtio_answer(q);
}

/* Registers. */

static void set_status(uint8_t status)
{
	struct fake_virtio *fv = &fake_virtio;

	if (status == 0) {
		fv->resets++;
		memset(fv->last_avail, 0, sizeof(fv->last_avail));
		memset(fv->desc, 0, sizeof(fv->desc));
		memset(fv->size_set, 0, sizeof(fv->size_set));
		if (fv->lie == FAKE_NO_RESET)
			return;
	}
	if (fv->lie == FAKE_NO_FEATURES)
		status &= (uint8_t)~VIRTIO_FEATURES_OK;
	fv->status = status;
}

static void set_half(uint64_t *field, bool high, uint32_t value)
{
	unsigned shift = high ? 32 : 0;

	*field = (*field & ~(0xffffffffULL << shift)) | (uint64_t)value
								<< shift;
}

static uint32_t common_read(unsigned reg)
{
	struct fake_virtio *fv = &fake_virtio;

	switch (reg) {
	case 4:
		return (uint32_t)(fv->features >>
				  (fv->feature_select ? 32 : 0));
	case 20:
		return fv->status;
	case 21:
		return fv->lie == FAKE_TORN ? fv->generation++ : 0;
	case 24:
		return fv->queue_size[fv->select];
	case 30:
		return fv->notify_off[fv->select];
	}
	fail_msg("common register %u read", reg);
	return 0;
}

static void common_write(unsigned reg, uint32_t value)
{
	struct fake_virtio *fv = &fake_virtio;
	unsigned q = fv->select;

	switch (reg) {
	case 0:
	case 8:
		fv->feature_select = value;
		break;
	case 12:
		set_half(&fv->accepted, fv->feature_select, value);
		break;
	case 20:
		set_status((uint8_t)value);
		break;
	case 22:
		fv->select = (uint16_t)value;
		break;
	case 24:
		fv->size_set[q] = (uint16_t)value;
		break;
	case 28:
		assert_int_equal(value, 1);
		break;
	case 32:
	case 36:
		set_half(&fv->desc[q], reg & 4, value);
		break;
	case 40:
	case 44:
		set_half(&fv->avail[q], reg & 4, value);
		break;
	case 48:
	case 52:
		set_half(&fv->used[q], reg & 4, value);
		break;
	default:
		fail_msg("common register %u written", reg);
	}
}

static uint32_t legacy_read(unsigned reg)
{
	struct fake_virtio *fv = &fake_virtio;

	switch (reg) {
	case 0:
		return (uint32_t)fv->features;
	case 12:
		return fv->queue_size[fv->select];
	case 18:
		return fv->status;
	}
	fail_msg("legacy register %u read", reg);
	return 0;
}

/* [virtio 1.2, 2.7.2] */
static void legacy_set_pfn(uint32_t pfn)
{
	struct fake_virtio *fv = &fake_virtio;
	unsigned q = fv->select, size = fv->queue_size[q];

	fv->desc[q] = (uint64_t)pfn * 4096;
	fv->avail[q] = fv->desc[q] + 16u * size;
	fv->used[q] = ALIGN_UP(fv->avail[q] + 6 + 2u * size, 4096);
}

static void legacy_write(unsigned reg, uint32_t value)
{
	struct fake_virtio *fv = &fake_virtio;

	switch (reg) {
	case 4:
		fv->accepted = value;
		break;
	case 8:
		legacy_set_pfn(value);
		break;
	case 14:
		fv->select = (uint16_t)value;
		break;
	case 16:
		notify(value);
		break;
	case 18:
		set_status((uint8_t)value);
		break;
	default:
		fail_msg("legacy register %u written", reg);
	}
}

static uint32_t config_read(uint64_t offset, unsigned size)
{
	uint32_t value = 0;

	assert_true(offset + size <= sizeof(fake_virtio.config));
	while (size--)
		value = value << 8 | fake_virtio.config[offset + size];
	return value;
}

static void config_write(uint64_t offset, unsigned size, uint32_t value)
{
	assert_true(offset + size <= sizeof(fake_virtio.config));
	for (; size--; value >>= 8)
		fake_virtio.config[offset++] = (uint8_t)value;
}

uint32_t pci_io_read(uint64_t addr, unsigned size)
{
	assert_true(fake_virtio.enabled);
	assert_int_equal(addr % size, 0);
	if (fake_virtio.lie == FAKE_GONE)
		return UINT32_MAX >> (32 - 8 * size);
	if (!fake_virtio.modern && addr - FAKE_IO_BAR < 20)
		return legacy_read((unsigned)(addr - FAKE_IO_BAR));
	if (!fake_virtio.modern)
		return config_read(addr - FAKE_IO_BAR - 20, size);
	if (addr - FAKE_MEM_BAR < ISR)
		return common_read((unsigned)(addr - FAKE_MEM_BAR));
	return config_read(addr - FAKE_MEM_BAR - CONFIG, size);
}

void pci_io_write(uint64_t addr, unsigned size, uint32_t value)
{
	assert_int_equal(addr % size, 0);
	if (fake_virtio.lie == FAKE_GONE || !fake_virtio.enabled)
		return;
	if (!fake_virtio.modern)
		legacy_write((unsigned)(addr - FAKE_IO_BAR), value);
	else if (addr - FAKE_MEM_BAR < ISR)
		common_write((unsigned)(addr - FAKE_MEM_BAR), value);
	else if (addr - FAKE_MEM_BAR < NOTIFY)
		config_write(addr - FAKE_MEM_BAR - CONFIG, size, value);
	else
		notify((unsigned)(addr - FAKE_MEM_BAR - NOTIFY) / MULTIPLIER);
}
