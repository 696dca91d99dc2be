// SPDX-License-Identifier: BSD-2-Clause
// A USB stick that lies: see tests/fake/usb_lies.h.
#include "tests/fake/usb_lies.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/endian.h"
#include "lib/reason.h"
#include <cmocka.h>

#include "tests/fake/watched.h"

struct block_device *lies_disk;
static struct fake_stick *const stick = &usb_stick[0];

/* Of an answer in `phase`: its result, and a number in it. */
static struct {
	enum stick_phase phase;
	long n;
	uint32_t at, val;
	size_t len;
} lie;

/* Of a control request. */
static struct {
	unsigned type, request;
	long n;
	long (*honest)(struct fake_usb_device *fd,
		       const struct usb_setup *setup, uint8_t *data,
		       uint32_t len);
} control;

void lies_open(void)
{
	lies_disk = usb_open_disk();
	fake_log_start();
	stick->fd.resets = 0;
	memset(stick->commands, 0, sizeof(stick->commands));
}

int lies_read(void)
{
	memset(usb_buf, 0, 1024);
	return watched_use(lies_disk, 7, 1, usb_buf);
}

void lies_expect_block(void)
{
	assert_int_equal(lies_read(), 0);
	assert_memory_equal(usb_buf, usb_data + 7 * 512, 512);
}

void lies_expect_reason(const char *why)
{
	if (!strstr(reason(), why))
		fail_msg("no \"%s\" in \"%s\"", why, reason());
}

static long tell(struct fake_stick *s, enum stick_phase phase, uint8_t *data,
		 uint32_t len, long n)
{
	uint8_t val[4];

	if (phase != lie.phase || !s->lies)
		return n;
	s->lies--;
	le32_store(val, lie.val);
	if (lie.len) {
		assert_true(lie.at + lie.len <= len);
		memcpy(data + lie.at, val, lie.len);
	}
	return lie.n == FAKE_USB_PASS ? n : lie.n;
}

void lies_with(unsigned times, enum stick_phase phase, long n)
{
	stick->lie = tell;
	stick->lies = times;
	lie.phase = phase;
	lie.n = n;
	lie.len = 0;
}

void lies_in_status(unsigned times, enum lies_field field, uint32_t val)
{
	lies_with(times, STICK_STATUS, FAKE_USB_PASS);
	lie.at = field;
	lie.val = val;
	lie.len = field == LIES_STATUS ? 1 : 4;
}

static long answer(struct fake_usb_device *fd, const struct usb_setup *setup,
		   uint8_t *data, uint32_t len)
{
	if (setup->type == control.type && setup->request == control.request)
		return control.n;
	return control.honest(fd, setup, data, len);
}

void lies_in_control(unsigned type, unsigned request, long n)
{
	if (stick->fd.control != answer)
		control.honest = stick->fd.control;
	stick->fd.control = answer;
	control.type = type;
	control.request = request;
	control.n = n;
}
