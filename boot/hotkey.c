// SPDX-License-Identifier: BSD-2-Clause
/* The keys at power-on: F12 for the menu, s for the prompt. */
#include "boot/hotkey.h"

#include "boot/config.h"
#include "boot/key.h"
#include "drivers/console.h"
#include "drivers/device.h"
#include "lib/deadline.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tree/prop.h"

/* The longest wait that boot-menu-wait may set. */
#define WAIT_MAX_MS 60000u
/* An F12 whose bytes come one by one, by a slow line, may look like ESC. */
#define REST_MS 50u

/* What a look finds, besides the keys: another key. */
#define HOTKEY_OTHER ((enum hotkey)(HOTKEY_MENU + 1))

/* -boot menu=on. [QEMU hw/ppc/spapr.c, spapr_dt_chosen()] */
static bool hotkey_menu_is_on(void)
{
	const struct node *chosen = tree_find("/chosen");
	uint32_t on;

	return chosen && !tree_get_u32(chosen, "qemu,boot-menu", 0, &on) &&
	       on == 1;
}

void hotkey_announce(void)
{
	if (hotkey_menu_is_on())
		print("Press F12 for boot menu.\n\n");
}

/* Only a key that leads the input is one: a pipe may hold commands. */
static enum hotkey hotkey_look(void)
{
	if (console_take_key(KEY_F12_BYTES))
		return HOTKEY_MENU;
	return console_take_key("s") ? HOTKEY_PROMPT : HOTKEY_NONE;
}

static enum hotkey hotkey_look_for_any(void)
{
	enum hotkey key = hotkey_look();

	return key == HOTKEY_NONE && console_take_key("") ? HOTKEY_OTHER : key;
}

/* Looks while it finds `as_long_as`. */
static enum hotkey hotkey_wait(enum hotkey as_long_as, uint32_t ms)
{
	struct deadline until;
	enum hotkey key;
	bool over = false;

	/* A screen, too, has the line about F12 now. */
	console_show(true);
	deadline_start(&until, ms);
	while ((key = hotkey_look_for_any()) == as_long_as && !over) {
		deadline_idle(&until);
		over = deadline_passed(&until);
	}
	deadline_stop(&until);
	return key;
}

static enum hotkey hotkey_wait_for_menu(void)
{
	uint32_t ms = (uint32_t)MIN(config_num("boot-menu-wait"), WAIT_MAX_MS);
	enum hotkey key;

	device_scan_rest();
	key = hotkey_wait(HOTKEY_NONE, ms);
	if (key == HOTKEY_OTHER)
		key = hotkey_wait(HOTKEY_OTHER, REST_MS);
	return key == HOTKEY_OTHER ? HOTKEY_NONE : key;
}

enum hotkey hotkey_pressed(bool boots)
{
	if (!boots)
		return console_take_key(KEY_F12_BYTES) ? HOTKEY_MENU
						       : HOTKEY_NONE;
	return hotkey_menu_is_on() ? hotkey_wait_for_menu() : hotkey_look();
}
