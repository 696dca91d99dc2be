// SPDX-License-Identifier: BSD-2-Clause
/* A whole small machine around the client interface. */
#include "tests/fake/machine.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ci/cas.h"
#include "ci/claim.h"
#include "ci/fdt.h"
#include "ci/mem.h"
#include "ci/methods.h"
#include "ci/nodes.h"
#include "ci/quiesce.h"
#include "drivers/block.h"
#include "drivers/console.h"
#include "drivers/dma.h"
#include "drivers/vio/vio.h"
#include "hcall/rtas.h"
#include "lib/endian.h"
#include "lib/fmt.h"
#include "lib/reason.h"
#include "lib/watch.h"
#include "packages/disk_bootable.h"
#include "tests/fake/table.h"
#include "tree/path.h"

TABLE_LINK(drivers, driver_vdevice);
TABLE_LINK(drivers, driver_vty);

uint8_t fake_memory[FAKE_MEMORY] __attribute__((aligned(4096)));
cell_t fake_ret[24];
char fake_console_out[4096];
char fake_events[1024];
char fake_option[128];
uint64_t fake_code_written;
int fake_rtas_status;
uint32_t fake_rtas_results[8], fake_rtas_args[8];
int fake_disk_error, fake_disk_read_error;
uint8_t fake_disk[16384];
size_t fake_disk_size;
uint64_t fake_disk_sought;
int fake_left;
bool fake_quiet;

static const char *fake_typed;
static cell_t fake_next;

static void fake_append(char *to, size_t size, const char *text, size_t len)
{
	if (fake_quiet)
		return;
	assert_true(len < size - strlen(to));
	strncat(to, text, len);
}

void fake_event(const char *fmt, ...)
{
	char text[128];
	va_list ap;

	va_start(ap, fmt);
	fmt_vstr(text, sizeof(text), fmt, ap);
	va_end(ap);
	fake_append(fake_events, sizeof(fake_events), text, strlen(text));
	fake_append(fake_events, sizeof(fake_events), " ", 1);
}

void fake_events_clear(void)
{
	fake_events[0] = fake_console_out[0] = '\0';
	fake_log_clear();
}

/* The hypervisor. */

static int64_t fake_put_term_char(struct hcall *h)
{
	char text[H_TERM_CHARS + 2];

	assert_in_range(h->reg[1], 1, H_TERM_CHARS);
	text[0] = (char)('0' + h->reg[0] % 16);
	text[1] = ':';
	fake_append(fake_console_out, sizeof(fake_console_out), text, 2);
	be64_store(text, h->reg[2]);
	be64_store(text + 8, h->reg[3]);
	fake_append(fake_console_out, sizeof(fake_console_out), text,
		    h->reg[1]);
	return H_SUCCESS;
}

static int64_t fake_get_term_char(struct hcall *h)
{
	char text[H_TERM_CHARS] = { 0 };
	size_t n = MIN(strlen(fake_typed), sizeof(text));

	memcpy(text, fake_typed, n);
	fake_typed += n;
	h->reg[0] = n;
	h->reg[1] = be64_load(text);
	h->reg[2] = be64_load(text + 8);
	return H_SUCCESS;
}

void fake_console_typed(const char *text)
{
	fake_typed = text;
}

/* Tokens are 0x2000 + enum rtas_fn. */
static int64_t fake_rtas(struct hcall *h)
{
	uint8_t *block = (uint8_t *)(uintptr_t)h->reg[0];
	uint32_t nargs = be32_load(block + 4), nrets = be32_load(block + 8);

	fake_event("rtas=%s", rtas_fn_name(be32_load(block) - 0x2000));
	for (uint32_t i = 0; i < nargs; i++)
		fake_rtas_args[i] = be32_load(block + 12 + 4 * i);
	block += 12 + 4 * nargs;
	be32_store(block, (uint32_t)fake_rtas_status);
	for (uint32_t i = 1; i < nrets; i++)
		be32_store(block + 4 * i, fake_rtas_results[i - 1]);
	return H_SUCCESS;
}

static int64_t fake_update_dt(struct hcall *h)
{
	(void)h;
	fake_event("update-dt");
	return H_SUCCESS;
}

/* The parts around the client interface. */

static void fake_bus_quiesce(const struct node *keep)
{
	fake_event("bus:%s", keep ? keep->unit : "");
}

BUS(fake_bus) = {
	.name = "fake",
	.match = bus_match_compatible,
	.quiesce = fake_bus_quiesce,
};

void dma_quiesce_all(void)
{
	fake_event("dma");
}

/* The disk: 32 blocks, read through its instances below "disk-label". */

static struct block_device fake_bd;

static int fake_disk_start(struct device *dev)
{
	(void)dev;
	if (fake_disk_error)
		return reason_fail(fake_disk_error, "it is broken");
	fake_bd.block_size = 512;
	fake_bd.blocks = sizeof(fake_disk) / 512;
	fake_bd.max_blocks = 8;
	return 0;
}

static void fake_disk_stop(struct device *dev)
{
	fake_event("stop=%s", dev->node->name);
}

static int fake_disk_attach(struct device *dev)
{
	int err;

	fake_bd = (struct block_device){ 0 };
	err = device_add_role(dev, &fake_bd.as, &block_role);
	return err < 0 ? err : tree_add_alias("disk", dev->node);
}

DRIVER(fake_disk) = {
	.name = "fake-disk",
	.bus = &vio_bus,
	.match = "fake,disk",
	.attach = fake_disk_attach,
	.start = fake_disk_start,
	.stop = fake_disk_stop,
};

static long label_read(struct instance *inst, void *buf, size_t len)
{
	uint64_t *pos = inst->priv;
	size_t n = MIN(len, sizeof(fake_disk) - *pos);

	if (fake_disk_read_error)
		return reason_fail(fake_disk_read_error, "a bad block");
	/* A device writes there, which is not a visible store. */
	watch_written(buf, n);
	memcpy(buf, fake_disk + *pos, n);
	*pos += n;
	return (long)n;
}

static long label_write(struct instance *inst, const void *buf, size_t len)
{
	(void)inst;
	(void)buf;
	(void)len;
	return ERR_PERM;
}

static int label_seek(struct instance *inst, uint64_t pos)
{
	fake_disk_sought = pos;
	if (pos > sizeof(fake_disk))
		return ERR_RANGE;
	*(uint64_t *)inst->priv = pos;
	return 0;
}

static long label_size(struct instance *inst)
{
	(void)inst;
	return (long)fake_disk_size;
}

static void label_close(struct instance *inst)
{
	/* Its parent must still exist. */
	assert_true(inst->parent->handle != inst->handle);
	heap_free(inst->priv);
}

static int label_block_size(struct instance *inst, const cell_t *args,
			    cell_t *rets)
{
	const struct block_device *bd = inst->parent->priv;

	(void)args;
	rets[0] = bd->block_size;
	return 0;
}

/* ( a b c -- c b a fail? ): the order of cells; a == 13: fails half-way. */
static int label_turn(struct instance *inst, const cell_t *args, cell_t *rets)
{
	(void)inst;
	rets[0] = args[2];
	rets[1] = args[1];
	rets[2] = args[0];
	rets[3] = 4; /* more than its row says */
	return args[0] == 13 ? ERR_IO : 0;
}

static int label_open(struct instance *inst)
{
	if (!strcmp(inst->args, "9"))
		return reason_fail(ERR_NOENT, "no partition 9");
	if (strstr(inst->args, "missing"))
		return reason_fail(ERR_NOENT, "no file or directory");
	inst->priv = heap_zalloc(sizeof(uint64_t));
	return inst->priv ? 0 : reason_fail(ERR_NOMEM, "out of memory");
}

static const struct instance_ops label_ops = {
	.read = label_read,
	.write = label_write,
	.seek = label_seek,
	.size = label_size,
	.close = label_close,
};

static const struct method label_methods[] = {
	{ "block-size", 0, 1, label_block_size },
	{ "turn", 3, 3, label_turn },
	{ .name = NULL },
};

PACKAGE(fake_label) = {
	.name = "disk-label",
	.role = &block_role,
	.ops = &label_ops,
	.methods = label_methods,
	.open = label_open,
	.boot = &disk_bootable,
};

/* The tree. */

static struct node *fake_node(struct node *parent, const char *name,
			      const char *compatible)
{
	struct node *node = tree_add_node(parent, name, TREE_QEMU);

	assert_non_null(node);
	if (node->unit) {
		unsigned unit;

		assert_int_equal(sscanf(node->unit, "%x", &unit), 1);
		assert_int_equal(tree_set_u32(node, "reg", unit), 0);
	}
	if (compatible)
		assert_int_equal(tree_set_str(node, "compatible", compatible),
				 0);
	return node;
}

static void fake_tree(void)
{
	const uint32_t memory[4] = { 0, 0, 0, FAKE_MEMORY };
	struct node *root, *node;

	assert_int_equal(tree_init(), 0);
	root = tree_root();
	fake_node(fake_node(root, "cpus", NULL), "PowerPC,POWER9@8", NULL);
	node = fake_node(root, "memory@0", NULL);
	assert_int_equal(tree_set_cells(node, "reg", memory, 4), 0);
	node = fake_node(root, "rtas", NULL);
	assert_int_equal(tree_set_u32(node, "rtas-size", 64), 0);
	for (unsigned fn = 0; fn < RTAS_FN_COUNT; fn++)
		assert_int_equal(
			tree_set_u32(node, rtas_fn_name(fn), 0x2000 + fn), 0);
	node = fake_node(root, "vdevice", "IBM,vdevice");
	assert_int_equal(tree_set_str(node, "device_type", "vdevice"), 0);
	fake_node(node, "vty@71000001", "hvterm1");
	fake_node(node, "vty@71000000", "hvterm1");
	fake_node(node, "disk@71000002", "fake,disk");
}

static void fake_leave(enum ci_leave why, uint64_t result)
{
	fake_left = (int)why;
	fake_event("leave=%d,%jx", (int)why, (uintmax_t)result);
}

static void fake_enter(void)
{
	fake_event("enter");
}

static void fake_option_changed(const char *name, const void *value,
				uint32_t len)
{
	fmt_str(fake_option, sizeof(fake_option), "%s=%.*s", name, (int)len,
		(const char *)value);
}

static void fake_count_code(void *addr, uint64_t size)
{
	(void)addr;
	fake_code_written += size;
}

static void fake_reset(void)
{
	fake_blocks_reset();
	fake_hcall_reset();
	ci_quiesce_reset();
	fake_log_start();
	reason_clear();
	fake_events_clear();
	memset(fake_memory, 0xee, sizeof(fake_memory));
	memset(fake_rtas_results, 0, sizeof(fake_rtas_results));
	fake_rtas_status = fake_disk_error = fake_disk_read_error = 0;
	fake_disk_size = sizeof(fake_disk);
	fake_code_written = 0;
	fake_typed = "";
	fake_next = FAKE_ARRAY + 0x1000;
	fake_left = -1;
	fake_option[0] = '\0';
}

int fake_machine_start(void **state)
{
	static const struct ci_hooks hooks = {
		.leave = fake_leave,
		.enter = fake_enter,
		.option_changed = fake_option_changed,
		.code_written = fake_count_code,
	};

	(void)state;
	fake_reset();
	fake_hcall_set(H_PUT_TERM_CHAR, fake_put_term_char);
	fake_hcall_set(H_GET_TERM_CHAR, fake_get_term_char);
	fake_hcall_set(KVMPPC_H_RTAS, fake_rtas);
	fake_hcall_set(KVMPPC_H_UPDATE_DT, fake_update_dt);
	fake_tree();
	device_init();
	ci_set_hooks(&hooks);
	ci_mem_init((uintptr_t)fake_memory, FAKE_MEMORY);
	ci_mem_protect(FAKE_WINDOW, FAKE_WINDOW_END, FAKE_STACK,
		       FAKE_STACK_END);
	assert_int_equal(claim_init(FAKE_MEMORY), 0);
	assert_int_equal(
		claim_exact(FAKE_WINDOW, FAKE_WINDOW_END - FAKE_WINDOW), 0);
	assert_int_equal(claim_publish(), 0);
	ci_rtas_tokens();
	assert_int_equal(ci_nodes_create(), 0);
	assert_int_equal(ci_methods_register(), 0);
	ci_fdt_set_qemu_size(65536);
	assert_int_equal(ci_cas_init(65536), 0);
	bus_offer_all(true);
	bus_offer_all(false);
	assert_int_equal(tree_set_str(tree_find("/chosen"), "stdout-path",
				      "/vdevice/vty@71000000"),
			 0);
	assert_int_equal(ci_chosen_open(), 0);
	assert_string_equal(fake_printed, "Using default console: "
					  "/vdevice/vty@71000000\r\n");
	fake_events_clear();
	return 0;
}

int fake_machine_stop(void **state)
{
	(void)state;
	fake_blocks_fail_after(-1);
	instance_close_all();
	tree_free();
	tree_set_remove_hook(NULL);
	return 0;
}

/* The client. */

cell_t fake_buf(size_t len)
{
	cell_t addr = fake_next;

	assert_true(addr + len + 1 <= FAKE_WINDOW);
	memset(fake_memory + addr, 0xee, len + 1);
	/* Include odd addresses. */
	fake_next += (cell_t)len + 1;
	return addr;
}

cell_t fake_str(const char *text)
{
	cell_t addr = fake_buf(strlen(text) + 1);

	memcpy(fake_memory + addr, text, strlen(text) + 1);
	return addr;
}

int64_t fake_ci(const char *name, const cell_t *args, size_t nargs,
		size_t nrets)
{
	uint8_t *array = fake_memory + FAKE_ARRAY;
	int64_t rc;

	be32_store(array, fake_str(name));
	be32_store(array + 4, (uint32_t)nargs);
	be32_store(array + 8, (uint32_t)nrets);
	for (size_t i = 0; i < nargs; i++)
		be32_store(array + 12 + 4 * i, args[i]);
	for (size_t i = nargs; i < nargs + nrets + 1; i++)
		be32_store(array + 12 + 4 * i, 0x5a5a5a5a);
	rc = ci_call(FAKE_ARRAY);
	/* Neither its arguments nor the cells after them have changed. */
	for (size_t i = 0; i < nargs; i++)
		assert_int_equal(be32_load(array + 12 + 4 * i), args[i]);
	assert_int_equal(be32_load(array + 12 + 4 * (nargs + nrets)),
			 0x5a5a5a5a);
	for (size_t i = 0; i < MIN(nrets, ARRAY_SIZE(fake_ret)); i++)
		fake_ret[i] = be32_load(array + 12 + 4 * (nargs + i));
	return rc;
}

cell_t fake_ci1(const char *name, const cell_t *args, size_t nargs)
{
	assert_int_equal(fake_ci(name, args, nargs, 1), 0);
	return fake_ret[0];
}

cell_t fake_phandle(const char *path)
{
	const struct node *node = tree_find(path);

	return node ? node->phandle : 0;
}
