// SPDX-License-Identifier: BSD-2-Clause
// Options of DHCPv4 packets: joined, in up to three areas.
#include "packages/net/dhcp4_options.h"

#include "lib/endian.h"

#define OPT_PAD 0u

/*
 * Takes the next option off the first area that has one: code, length, value.
 * NULL: all areas have come to their END, or to an option that does not fit.
 */
static const uint8_t *dhcp4_take_option(struct dhcp4_message *msg)
{
	const uint8_t *option;

	for (unsigned i = 0; i < ARRAY_SIZE(msg->areas); i++) {
		struct dhcp4_area *area = &msg->areas[i];

		while (area->len && *area->at == OPT_PAD) {
			area->at++;
			area->len--;
		}
		option = area->at;
		if (area->len < 2 || option[0] == DHCP4_OPT_END ||
		    option[1] > area->len - 2)
			continue;
		area->at += 2 + option[1];
		area->len -= 2 + option[1];
		return option;
	}
	return NULL;
}

bool dhcp4_message_open(struct dhcp4_message *msg, const uint8_t *packet,
			size_t len)
{
	uint8_t overload;

	memset(msg, 0, sizeof(*msg));
	msg->packet = packet;
	if (len < DHCP4_OPTIONS)
		return false;
	if (be32_load(packet + DHCP4_COOKIE) != DHCP4_MAGIC)
		return true;
	msg->areas[0] = (struct dhcp4_area){ packet + DHCP4_OPTIONS,
					     len - DHCP4_OPTIONS };
	/* Only the options can say so, not the overloaded fields. */
	if (dhcp4_option(msg, DHCP4_OPT_OVERLOAD, &overload, 1) == 1)
		msg->overload = overload & 3;
	if (msg->overload & 1)
		msg->areas[1] = (struct dhcp4_area){ packet + DHCP4_FILE,
						     DHCP4_FILE_SIZE };
	if (msg->overload & 2)
		msg->areas[2] = (struct dhcp4_area){ packet + DHCP4_SNAME,
						     DHCP4_SNAME_SIZE };
	return true;
}

long dhcp4_option(const struct dhcp4_message *msg, uint8_t code, void *buf,
		  size_t size)
{
	struct dhcp4_message rest = *msg;
	const uint8_t *option;
	bool found = false;
	size_t total = 0;

	while ((option = dhcp4_take_option(&rest)) != NULL) {
		if (option[0] != code)
			continue;
		found = true;
		if (total < size)
			memcpy((uint8_t *)buf + total, option + 2,
			       MIN(option[1], size - total));
		total += option[1];
	}
	return found ? (long)total : -1;
}

void dhcp4_options_copy(const struct dhcp4_message *msg, uint8_t *buf)
{
	struct dhcp4_message rest = *msg;
	const uint8_t *option;

	while ((option = dhcp4_take_option(&rest)) != NULL) {
		if (option[0] == DHCP4_OPT_OVERLOAD)
			continue;
		memcpy(buf, option, 2u + option[1]);
		buf += 2 + option[1];
	}
	*buf = DHCP4_OPT_END;
}
