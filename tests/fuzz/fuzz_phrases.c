// SPDX-License-Identifier: BSD-2-Clause
// Text for interpret, boot-command and boot scripts.
#include <stdlib.h>

#include "ci/phrases.h"
#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"
#include "tests/fuzz/input.h"
#include "tree/node.h"

static uint8_t memory[256];
static bool acted;

static int boot(void *arg, const char *text)
{
	(void)arg;
	acted = true;
	/* Blanks were trimmed. */
	assert(!*text || text[strlen(text) - 1] != ' ');
	return 0;
}

static void stop(void *arg)
{
	(void)arg;
	acted = true;
}

static uint8_t *mem(void *arg, uint32_t addr, uint32_t len)
{
	(void)arg;
	if (addr > sizeof(memory) || len > sizeof(memory) - addr)
		return NULL;
	return memory + addr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const struct phrase_ops all = { NULL, boot, stop, stop, mem };
	static const struct phrase_ops none = { .arg = NULL };
	char *text = malloc(size + 1);
	cell_t result = 1;
	int rc;

	memcpy(text, data, size);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	assert(!tree_init());
	acted = false;
	rc = phrases_run(text, size, &all, &result);
	assert((rc == 0) == (result == 0));
	acted = false;
	(void)!phrases_run(text, size, &none, NULL);
	assert(!acted);
	tree_free();
	free(text);
	assert(fake_heap_live() == 0);
	return 0;
}
