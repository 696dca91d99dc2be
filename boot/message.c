// SPDX-License-Identifier: BSD-2-Clause
/* Boot messages: SLOF's code and text, then where and why. */
#include "boot/message.h"

#include "lib/log.h"

static const char *const message_texts[] = {
	[E3401] = "E3401: Aborting boot,",
	[E3403] = "E3403: Bad executable:",
	[E3404] = "E3404: Not a bootable device!",
	[E3405] = "E3405: No such device:",
	[E3406] = "E3406: Client application returned an error:",
	[E3407] = "E3407: Load failed:",
	[E3408] = "E3408: Failed to claim memory for the executable:",
	[E3409] = "E3409: Unknown FORTH Word:",
	[W3411] = "W3411: Client application returned.",
};

void message_print(enum message msg, const char *where, const char *why)
{
	bool has_where = where && *where, has_why = why && *why;

	print("\n%s%s%s%s%s\n", message_texts[msg], has_where ? " " : "",
	      has_where ? where : "", has_why ? (has_where ? ": " : " ") : "",
	      has_why ? why : "");
}

int message_fail(enum message msg, const char *where, const char *why)
{
	message_print(msg, where, why);
	return ERR_NODEV;
}

enum message message_for_image(int err)
{
	switch (err) {
	case ERR_FORMAT:
	case ERR_PERM:
		return E3403;
	case ERR_EXIST:
	case ERR_RANGE:
		return E3408;
	default:
		return E3407;
	}
}
