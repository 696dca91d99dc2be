// SPDX-License-Identifier: BSD-2-Clause
// Devices that the firmware starts by itself. A client with its own drivers
// finds every device in its reset state, except those it has open.

#include "tests/guest/conformance/walk.h"

#define H_REG_CRQ 0xfc	 // LoPAR 17.2.3.1.5.1
#define H_FREE_CRQ 0x100 // LoPAR 17.2.3.1.5.2
#define H_CLOSED 2	 // registered, no partner yet
#define QUEUE_SIZE 4096u

#define COMMAND 0x04 // PCI 3.0 6.2.2
#define COMMAND_MASTER 0x04
#define CLASS_BRIDGE 0x06 // PCI 3.0, appendix D

// LoPAR 17.2.3.1: only one queue at a time.
static void register_queue(uint32_t unit)
{
	static unsigned char queue[2 * QUEUE_SIZE];
	uint32_t page = (cell(queue) + QUEUE_SIZE - 1) & ~(QUEUE_SIZE - 1);
	uint64_t regs[8] = { H_REG_CRQ, unit, page, QUEUE_SIZE };
	uint64_t end[8] = { H_FREE_CRQ, unit };

	guest_hcall(regs);
	expect(regs[0] == 0 || regs[0] == H_CLOSED, "H_REG_CRQ is refused");
	if (regs[0] == 0 || regs[0] == H_CLOSED)
		guest_hcall(end);
}

static bool is_compatible(uint32_t node, const char *with)
{
	char text[64] = "";

	get_property(node, "compatible", text, sizeof(text) - 1);
	return same_text(text, with);
}

// Returns the number found.
static uint32_t check_queues(void)
{
	uint32_t node = child_of(find("/vdevice")), n = 0;
	unsigned char unit[4];

	for (; node && node != MISSING; node = peer_of(node)) {
		if (!is_compatible(node, "IBM,v-scsi") ||
		    get_property(node, "reg", unit, 4) != 4)
			continue;
		n++;
		register_queue(guest_be32(unit));
	}
	return n;
}

static void queues_are_free(void)
{
	if (needs_pseries() && !check_queues())
		skip("there is no virtual SCSI adapter");
}

static uint32_t cell_of(uint32_t node, const char *name, unsigned int i)
{
	unsigned char cells[8] = { 0 };

	get_property(node, name, cells, sizeof(cells));
	return guest_be32(cells + 4 * i);
}

// The PHB above a node: its ancestor directly below the root.
static uint32_t bridge_of(uint32_t node)
{
	uint32_t root = find("/"), parent = parent_of(node);

	while (parent && parent != MISSING && parent != root) {
		node = parent;
		parent = parent_of(node);
	}
	return node;
}

// LoPAR 7.3.5.1; the first cell of `reg` has the bus and device.
static uint32_t read_command(uint32_t node)
{
	uint32_t phb = bridge_of(node);
	uint32_t cells[6] = { (cell_of(node, "reg", 0) & 0xffff00) | COMMAND,
			      cell_of(phb, "reg", 0), cell_of(phb, "reg", 1),
			      2 };

	expect(guest_rtas("ibm,read-pci-config", 4, 2, cells),
	       "RTAS has no ibm,read-pci-config");
	expect_is(cells[4], 0, "ibm,read-pci-config");
	return cells[5];
}

static bool is_function(uint32_t node)
{
	return property_length(node, "class-code") == 4 &&
	       property_length(node, "vendor-id") == 4 &&
	       cell_of(node, "class-code", 0) >> 16 != CLASS_BRIDGE;
}

// Returns the number found.
static uint32_t check_masters(void)
{
	uint32_t n = 0;

	for (struct walk w = WALK; walk_step(&w);) {
		if (!is_function(w.node))
			continue;
		n++;
		expect_of(w.node, !(read_command(w.node) & COMMAND_MASTER),
			  "it is a bus master");
	}
	return n;
}

static void no_function_is_master(void)
{
	if (needs_pseries() && !check_masters())
		skip("there is no PCI function");
}

static void closed_disk_is_no_master(void)
{
	const char *path = needs_pseries() ? data_disk() : NULL;
	unsigned char sector[SECTOR];
	uint32_t disk;

	if (!path)
		return;
	disk = open_path(path);
	seek_to(disk, DISK_WORDS);
	expect_is(read_bytes(disk, sector, SECTOR), SECTOR, "read");
	close_instance(disk);
	check_masters();
	check_queues();
	disk = open_path(path);
	seek_to(disk, DISK_WORDS);
	expect_is(read_bytes(disk, sector, SECTOR), SECTOR, "read, again");
	expect(is_disk_data(sector, DISK_WORDS, SECTOR), "other data, again");
	close_instance(disk);
}

static const struct test_case cases[] = {
	RUNS("a client can register the queue of a virtual SCSI host",
	     "LoPAR 17.2.3.1", EXPECTED, queues_are_free),
	RUNS("no PCI function is a bus master at entry", "PCI 3.0 6.2.2",
	     EXPECTED, no_function_is_master),
	RUNS("nothing of a disk is active after its last close",
	     "PCI 3.0 6.2.2", EXPECTED, closed_disk_is_no_master),
};

GROUP("11", "active devices", NULL);
