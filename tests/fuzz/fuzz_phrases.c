// SPDX-License-Identifier: BSD-2-Clause
// Text for interpret, boot-command and boot scripts.
#include <stdlib.h>

#include "ci/ci.h"
#include "ci/mem.h"
#include "ci/phrases.h"
#include "ci/quiesce.h"
#include "tests/fake/heap.h"
#include "tests/fake/timebase.h"
#include "tests/fake/tree.h"
#include "tests/fuzz/input.h"
#include "tree/node.h"

static uint8_t memory[256];
static bool acted;

int ci_leave_boot(const char *text)
{
	acted = true;
	/* Blanks were trimmed. */
	assert(!*text || text[strlen(text) - 1] != ' ');
	return 0;
}

void ci_reboot(void)
{
	acted = true;
}

void ci_power_off(void)
{
	acted = true;
}

void *ci_buf(uint64_t addr, uint64_t len)
{
	if (addr > sizeof(memory) || len > sizeof(memory) - addr)
		return NULL;
	return memory + addr;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	cell_t result = 1;
	int rc;

	memcpy(text, data, size);
	fake_clock_step(TIMEBASE_DEFAULT_HZ / 100);
	assert(!tree_init());
	acted = false;
	rc = phrases_run(text, size, &phrase_client, &result);
	assert((rc == 0) == (result == 0));
	acted = false;
	(void)!phrases_run(text, size, &phrase_script, NULL);
	assert(!acted);
	tree_free();
	free(text);
	assert(fake_heap_live() == 0);
	return 0;
}
