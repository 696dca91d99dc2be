// SPDX-License-Identifier: BSD-2-Clause
// Device paths and aliases.
#include "lib/err.h"
#include "tests/fake/heap.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/input.h"
#include "tree/path.h"
#include "tree/prop.h"

static void plug(void)
{
	static const char *const below_root[] = {
		"aliases",	  "memory@40000000", "memory@0",    "pci@1",
		"pci@80000002,0", "vty@71000000",    "PCI@A,0,0,0",
	};
	struct node *node;

	assert(!tree_init());
	for (size_t i = 0; i < ARRAY_SIZE(below_root); i++)
		assert(tree_add_node(tree_root(), below_root[i], TREE_QEMU));
	node = tree_add_node(tree_find("/pci@1"), "scsi@2,1", TREE_QEMU);
	assert(node && tree_add_node(node, "disk@8000", TREE_QUOIN));
}

/* A canonical path names the same node. */
static void look(const char *path)
{
	char buf[TREE_PATH_MAX], canon[TREE_PATH_MAX];
	const char *args = NULL;
	struct node *node = tree_find(path);
	long len = tree_canon(path, canon, sizeof(canon));

	if (tree_resolve(path, buf, &args))
		assert(args && args >= buf && args <= buf + sizeof(buf));
	if (len >= 0 && (size_t)len < sizeof(canon)) {
		assert(strlen(canon) == (size_t)len);
		assert(tree_find(canon) == node);
	}
	assert(tree_canon(path, buf, 7) == len);
	if (node)
		assert(tree_path(node, buf, sizeof(buf)) == strlen(buf));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_input in = { data, size };
	char name[24], value[256], path[1200];
	struct node *aliases;

	plug();
	aliases = tree_find("/aliases");
	for (unsigned n = fuzz_u8(&in) % 5; n; n--) {
		fuzz_str(&in, name, sizeof(name));
		fuzz_str(&in, value, sizeof(value));
		/* A value without NUL, too. */
		if (*name)
			(void)!tree_setprop(aliases, name, value,
					    (uint32_t)strlen(value) + n % 2,
					    TREE_CLIENT);
	}
	path[fuzz_take(&in, path, sizeof(path) - 1)] = '\0';
	look(path);
	tree_drop_aliases();
	tree_free();
	assert(fake_heap_live() == 0);
	return 0;
}
