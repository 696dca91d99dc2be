// SPDX-License-Identifier: BSD-2-Clause
// A machine with NVMe controllers: see tests/fake/nvme_machine.h.
#include "tests/fake/nvme_machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "drivers/pci/bus.h"
#include "hcall/rtas.h"
#include "lib/watch.h"
#include "tests/fake/nvme.h"
#include "tests/fake/table.h"

/* The firmware's, whose windows can be freed. */
#include "drivers/dma.c"

TABLE_LINK(drivers, driver_nvme);
TABLE_LINK(drivers, driver_nvme_namespace);

#define BAR 0x210000000000ULL
#define BAR_STEP 0x10000000ULL
#define BUID 0x800000020000000ULL
#define LIOBN 0x80000000u
#define READ_TOKEN 0x2016
#define WRITE_TOKEN 0x2017
#define PAGES_MAX 65536u

struct fake_nvme_machine fake_nvme_machine;
static struct pci_phb phb;
static struct pci_function functions[FAKE_NVMES];
static uint64_t tces[PAGES_MAX];
static unsigned calls_before;

static void meanwhile(void)
{
	if (fake_nvme_machine.meanwhile)
		fake_nvme_machine.meanwhile();
}

static int64_t put_tce(uint64_t liobn, uint64_t ioba, uint64_t value)
{
	meanwhile();
	assert_int_equal(liobn, LIOBN);
	assert_int_equal(ioba % 4096, 0);
	assert_true(ioba / 4096 < fake_nvme_machine.pages);
	fake_nvme_machine.mapped += value != 0;
	fake_nvme_machine.mapped -= tces[ioba / 4096] != 0;
	tces[ioba / 4096] = value;
	return H_SUCCESS;
}

static int64_t fake_put(struct hcall *h)
{
	return put_tce(h->reg[0], h->reg[1], h->reg[2]);
}

static int64_t fake_indirect(struct hcall *h)
{
	const be64 *list = (const be64 *)(uintptr_t)h->reg[2];

	for (uint64_t i = 0; i < h->reg[3]; i++)
		put_tce(h->reg[0], h->reg[1] + i * 4096, be64_get(list[i]));
	return H_SUCCESS;
}

static int64_t fake_stuff(struct hcall *h)
{
	for (uint64_t i = 0; i < h->reg[3]; i++)
		put_tce(h->reg[0], h->reg[1] + i * 4096, h->reg[2]);
	return H_SUCCESS;
}

void *fake_nvme_dma(uint64_t bus, size_t len, enum fake_nvme_dir dir)
{
	uint64_t first = bus / 4096, last = (bus + len - 1) / 4096, i;

	for (i = first; i <= last; i++) {
		if (bus > UINT64_MAX - len || last >= PAGES_MAX ||
		    !(tces[i] & dir) ||
		    (tces[i] & ~4095ull) - (i - first) * 4096 !=
			    (tces[first] & ~4095ull)) {
			fake_nvme_machine.strays++;
			return NULL;
		}
	}
	return (void *)(uintptr_t)((tces[first] & ~4095ull) + bus % 4096);
}

/* Only the command register is written. */
static int64_t fake_rtas(struct hcall *h)
{
	be32 *cell = (be32 *)(uintptr_t)h->reg[0];
	bool write = be32_get(cell[0]) == WRITE_TOKEN;
	unsigned i = be32_get(cell[3]) >> 11 & 31;

	assert_true(write || be32_get(cell[0]) == READ_TOKEN);
	assert_true(i < FAKE_NVMES);
	cell[3 + be32_get(cell[1])] = be32_make(0);
	if (!write) {
		cell[4 + be32_get(cell[1])] =
			be32_make(fake_nvme_machine.master[i] ? 6 : 2);
		return H_SUCCESS;
	}
	assert_int_equal(be32_get(cell[3]) & 0xff, 4);
	fake_nvme_machine.master[i] = be32_get(cell[7]) & 4;
	return H_SUCCESS;
}

static struct fake_nvme *access_controller(const struct hcall *h, unsigned *reg)
{
	uint64_t at = h->reg[1] - BAR;
	unsigned i = (unsigned)(at / BAR_STEP);

	assert_true(h->reg[1] >= BAR && i < FAKE_NVMES);
	assert_int_equal(h->reg[0], 4);
	*reg = (unsigned)(at % BAR_STEP);
	assert_int_equal(*reg % 4, 0);
	assert_true(*reg + 4 <= fake_nvme_machine.bar_size);
	/* No access without decoding. */
	assert_true(fake_nvme_machine.master[i]);
	meanwhile();
	return &fake_nvmes[i];
}

static int64_t fake_load(struct hcall *h)
{
	unsigned reg;
	struct fake_nvme *fn = access_controller(h, &reg);

	h->reg[0] = __builtin_bswap32(fake_nvme_read(fn, reg));
	return H_SUCCESS;
}

static int64_t fake_store(struct hcall *h)
{
	unsigned reg;
	struct fake_nvme *fn = access_controller(h, &reg);

	fake_nvme_write(fn, reg, __builtin_bswap32((uint32_t)h->reg[2]));
	return H_SUCCESS;
}

unsigned fake_nvme_calls(void)
{
	static const unsigned ops[] = { KVMPPC_H_RTAS,	    H_LOGICAL_CI_LOAD,
					H_LOGICAL_CI_STORE, H_PUT_TCE,
					H_PUT_TCE_INDIRECT, H_STUFF_TCE };
	unsigned sum = 0, before = calls_before;

	for (unsigned i = 0; i < ARRAY_SIZE(ops); i++)
		sum += fake_hcall_count(ops[i]);
	calls_before = sum;
	return sum - before;
}

static void plug_calls(void)
{
	fake_hcall_reset();
	calls_before = 0;
	fake_hcall_set(KVMPPC_H_RTAS, fake_rtas);
	fake_hcall_set(H_LOGICAL_CI_LOAD, fake_load);
	fake_hcall_set(H_LOGICAL_CI_STORE, fake_store);
	fake_hcall_set(H_PUT_TCE, fake_put);
	fake_hcall_set(H_PUT_TCE_INDIRECT, fake_indirect);
	fake_hcall_set(H_STUFF_TCE, fake_stuff);
	rtas_reset();
	rtas_set_token(RTAS_READ_PCI_CONFIG, READ_TOKEN);
	rtas_set_token(RTAS_WRITE_PCI_CONFIG, WRITE_TOKEN);
}

int fake_nvme_plug(void **state)
{
	(void)state;
	fake_log_start();
	fake_heap_fail_after(-1);
	fake_clock_set(0);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 10000);
	deadline_init(0);
	plug_calls();
	if (fake_nvme_machine.mapped)
		memset(tces, 0, sizeof(tces));
	fake_nvme_machine = (struct fake_nvme_machine){ .bar_size = 0x4000,
							.pages = 4096,
							.allocations = -1 };
	fake_nvme_fill();
	for (unsigned i = 0; i < FAKE_NVMES; i++)
		fake_nvme_reset(&fake_nvmes[i]);
	assert_int_equal(tree_init(), 0);
	device_init();
	device_attach_rest();
	assert_non_null(tree_add_node(tree_root(), "aliases", TREE_QUOIN));
	return 0;
}

static void device_make(unsigned i)
{
	struct pci_function *fn = &functions[i];
	char name[] = "mass-storage@0";
	struct node *node;

	*fn = (struct pci_function){ .phb = &phb,
				     .devfn = (uint8_t)(i << 3),
				     .class_code = 0x010802 };
	fn->bar[0] = (struct pci_bar){
		.reg = 0x10,
		.space = PCI_MEM64,
		.is_64 = true,
		.size = fake_nvme_machine.bar_size,
		.addr = fake_nvme_machine.bar_size ? BAR + i * BAR_STEP : 0,
	};
	name[sizeof(name) - 2] = (char)('0' + i);
	node = tree_add_node(tree_root(), name, TREE_QEMU);
	assert_non_null(node);
	fake_heap_fail_after(fake_nvme_machine.allocations);
	(void)device_add(NULL, &pci_bus, node, fn);
}

void fake_nvme_device(unsigned count)
{
	phb = (struct pci_phb){
		.buid = BUID,
		.dma_liobn = LIOBN,
		.dma_size = fake_nvme_machine.pages * 4096ull,
	};
	phb.window[PCI_MEM64] = (struct pci_window){ .bus = BAR,
						     .cpu = BAR,
						     .size = 1024 * GiB };
	list_init(&phb.functions);
	for (unsigned i = 0; i < count; i++)
		device_make(i);
	device_scan_all();
}

struct block_device *fake_nvme_block(const char *path)
{
	struct node *node = tree_find(path);
	struct block_device *bd;

	assert_non_null(node);
	assert_non_null(node->device);
	bd = block_of(node->device);
	assert_non_null(bd);
	return bd;
}

static void unplug_windows(void)
{
	struct dma_window *w, *next;

	list_for_each_safe(w, next, &dma_windows, link) {
		heap_free(w->map);
		heap_free(w);
	}
	heap_free(dma_list);
	dma_init();
}

int fake_nvme_unplug(void **state)
{
	(void)state;
	while (tree_root()->child)
		tree_remove_node(tree_root()->child);
	for (unsigned i = 0; i < FAKE_NVMES; i++)
		assert_false(fake_nvme_machine.master[i]);
	assert_int_equal(fake_nvme_machine.mapped, 0);
	unplug_windows();
	tree_free();
	fake_log_stop();
	assert_int_equal(fake_heap_live(), 0);
	return 0;
}
