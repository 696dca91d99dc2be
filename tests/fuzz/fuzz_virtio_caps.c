// SPDX-License-Identifier: BSD-2-Clause
// virtio functions whose configuration space says what it likes: capability
// lists, BARs, offsets; registers are only touched where the BARs are.
#include "drivers/block.h"
#include "drivers/device.h"
#include "drivers/pci/bus.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "lib/log.h"
#include "tests/fake/hcall.h"
#include "tests/fake/heap.h"
#include "tests/fake/log.h"
#include "tests/fake/table.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fake/virtio_dma.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_virtio_blk);
TABLE_LINK(drivers, driver_virtio_scsi);
TABLE_LINK(drivers, driver_scsi_disk);

#define BAR_MAX 4096u
#define BAR_STEP 0x10000u
#define WINDOW 0x210000000000ULL
#define READ_TOKEN 1u
#define WRITE_TOKEN 2u
#define CAPS_MAX 12u

static struct fuzz_input in;
static struct pci_phb phb = { .buid = 0x800000020000000 };
static struct pci_function fn;
static uint8_t config[256];
/* A device that remembers what was written to it, or says what it likes. */
static uint8_t regs[PCI_BAR_ROM][BAR_MAX];

int pci_dma_init(const struct pci_function *f, struct dma *dma)
{
	assert(f == &fn);
	return dma_init_window(dma, 0x80000000, 0x80000000, GiB);
}

/* The register at a real address: in a BAR, at a multiple of its size. */
static uint8_t *reg_at(uint64_t addr, uint64_t size)
{
	for (unsigned i = 0; i < PCI_BAR_ROM; i++) {
		uint64_t base, len;

		base = pci_bar_address(&fn, i, &len);
		if (base && addr >= base && addr - base < len &&
		    size <= len - (addr - base)) {
			assert(addr % size == 0);
			return &regs[i][addr - base];
		}
	}
	assert(!"outside of every BAR");
	return NULL;
}

static int64_t ci_load(struct hcall *h)
{
	uint64_t size = h->reg[0], value = 0;
	const uint8_t *at = reg_at(h->reg[1], size);
	uint8_t how = fuzz_u8(&in);

	for (uint64_t i = 0; i < size; i++)
		value = value << 8 | at[i];
	if (how >= 0xf0)
		value = fuzz_u64(&in);
	h->reg[0] = value;
	return how == 0xef ? H_HARDWARE : H_SUCCESS;
}

static int64_t ci_store(struct hcall *h)
{
	uint64_t size = h->reg[0], value = h->reg[2];
	uint8_t *at = reg_at(h->reg[1], size);

	for (uint64_t i = size; i; i--) {
		at[i - 1] = (uint8_t)value;
		value >>= 8;
	}
	return H_SUCCESS;
}

static int64_t rtas(struct hcall *h)
{
	be32 *cell = (be32 *)(uintptr_t)h->reg[0];
	uint32_t addr = be32_get(cell[3]), size = be32_get(cell[6]), value = 0;
	unsigned reg = (addr >> 28) << 8 | (addr & 0xff);
	be32 *status = &cell[3 + be32_get(cell[1])];

	assert(reg % size == 0);
	if (be32_get(cell[0]) == WRITE_TOKEN) {
		/* The one register that is written. (PCI 3.0, 6.2.2) */
		assert(reg == PCI_COMMAND);
		*status = be32_make(0);
		return H_SUCCESS;
	}
	for (unsigned i = size; i; i--)
		value = value << 8 | (reg < 256 ? config[reg + i - 1] : 0xff);
	*status = be32_make(reg < 256 ? 0 : (uint32_t)-1);
	status[1] = be32_make(value);
	return H_SUCCESS;
}

static void plug_bars(void)
{
	memset(&fn, 0, sizeof(fn));
	fn.phb = &phb;
	fn.vendor = 0x1af4;
	fn.devfn = 8;
	for (unsigned i = 0; i < PCI_SPACES; i++)
		phb.window[i] = (struct pci_window){ 0, WINDOW, GiB };
	for (unsigned i = 0; i < PCI_BAR_ROM; i++) {
		uint8_t what = fuzz_u8(&in);

		fn.bar[i].space = what & 0x80 ? PCI_IO : PCI_MEM64;
		fn.bar[i].size = 16u << what % 9;
		fn.bar[i].addr = what & 0x40 ? 0 : (i + 1) * BAR_STEP;
		if ((what & 0x30) == 0x30)
			fn.bar[i].size = 0;
	}
}

/* What a driver goes by: a feature word of ones, queues of 8 entries. */
static void fill_regs(unsigned bar, uint32_t offset)
{
	if (bar >= PCI_BAR_ROM || offset > BAR_MAX - 56)
		return;
	regs[bar][offset + 4] = fuzz_u8(&in) | 1;
	regs[bar][offset + 24] = 8;
	regs[bar][offset + 30] = fuzz_u8(&in);
}

/* A list in due form, with any numbers. [virtio 1.2, 4.1.4] */
static void make_list(void)
{
	unsigned at = PCI_CAPABILITIES;
	uint8_t pos = 0x40;

	for (unsigned n = fuzz_u8(&in) % CAPS_MAX; n; n--) {
		uint8_t bar = fuzz_u8(&in), flags = fuzz_u8(&in);
		uint32_t offset = fuzz_u16(&in), len = fuzz_u16(&in);

		config[at] = pos;
		config[pos] = 0x09;
		config[pos + 2] = flags & 0x80 ? fuzz_u8(&in) : 20;
		config[pos + 3] = flags % 8;
		config[pos + 4] = bar & 0x80 ? bar : bar % PCI_BAR_ROM;
		le32_store(&config[pos + 8],
			   flags & 0x40 ? fuzz_u32(&in) : offset % BAR_MAX);
		le32_store(&config[pos + 12],
			   flags & 0x20 ? fuzz_u32(&in) : len % BAR_MAX);
		le32_store(&config[pos + 16],
			   flags & 0x10 ? fuzz_u32(&in) : 4u);
		fill_regs(bar, offset);
		at = pos + 1;
		/* Capabilities may lie over each other. */
		pos = (uint8_t)MIN(pos + (flags & 8 ? 4 : 20), 0xe8);
	}
}

static void plug(uint8_t kind)
{
	static const uint16_t ids[] = { 0x1001, 0x1004, 0x1042, 0x1048 };

	memset(config, 0, sizeof(config));
	memset(regs, 0, sizeof(regs));
	fake_dma_reset();
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 4);
	fake_hcall_reset();
	fake_hcall_set(H_LOGICAL_CI_LOAD, ci_load);
	fake_hcall_set(H_LOGICAL_CI_STORE, ci_store);
	fake_hcall_set(KVMPPC_H_RTAS, rtas);
	rtas_reset();
	rtas_set_token(RTAS_READ_PCI_CONFIG, READ_TOKEN);
	rtas_set_token(RTAS_WRITE_PCI_CONFIG, WRITE_TOKEN);
	plug_bars();
	fn.device = ids[kind % 4];
	config[PCI_STATUS] = 0x10;
	make_list();
	fuzz_patch(&in, config, sizeof(config));
}

static void use(struct node *bus)
{
	static uint8_t buf[65536];

	device_scan_all();
	for (struct node *n = bus; n; n = tree_next(n)) {
		struct block_device *bd = n->device ? block_of(n->device)
						    : NULL;

		if (!bd || block_open(bd))
			continue;
		(void)!block_read_bytes(bd, fuzz_u16(&in), buf, 512);
		block_close(bd);
	}
}

static void unplug(struct node *bus)
{
	tree_remove_node(bus);
	tree_free();
	assert(fake_dma_live() == 0);
	assert(fake_heap_live() == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct node *bus;

	in = (struct fuzz_input){ data, size };
	log_reset();
	plug(fuzz_u8(&in));
	assert(!tree_init());
	device_init();
	assert(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	bus = tree_add_node(tree_root(), "scsi@1", TREE_QEMU);
	fn.node = bus;
	(void)device_add(NULL, &pci_bus, bus, &fn);
	use(bus);
	unplug(bus);
	return 0;
}
