// SPDX-License-Identifier: BSD-2-Clause
/* The boot log with its times, and the device that made a boot slow. */
#include "boot/bootlog.h"

#include <string.h>

#include "drivers/device.h"
#include "drivers/waits.h"
#include "lib/deadline.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "tree/path.h"
#include "tree/prop.h"

/* A client copies it, and the hypervisor limits its tree. */
#define PUBLISHED_MAX 8192u

/* Shorter waits are no reason to tell anything. */
#define SLOW_MS 1000u

/* "   12.345 ": seconds since reset. */
#define TIME_LEN 10u
#define TIME_POINT 5u

/* By hand: formatting this for each line would take longer than the rest. */
static void line_time(const struct log_line *line, char text[TIME_LEN])
{
	uint64_t ms = deadline_ms_at(line->time);
	size_t i = TIME_LEN - 1;

	memset(text, ' ', TIME_LEN);
	do {
		if (--i == TIME_POINT)
			text[i--] = '.';
		text[i] = (char)('0' + ms % 10);
		ms /= 10;
	} while (i && (ms || i >= TIME_POINT));
}

/* Without the CR of its end. */
static size_t line_len(const struct log_line *line)
{
	return line->len - (line->len && line->text[line->len - 1] == '\r');
}

void bootlog_print(void)
{
	struct log_line line = { 0 };
	char time[TIME_LEN];

	log_keep_nothing(true);
	while (log_next_line(&line)) {
		line_time(&line, time);
		log_write(time, TIME_LEN);
		log_write(line.text, line_len(&line));
		print("\n");
	}
	if (log_lost())
		print("(%zu bytes more: no room)\n", log_lost());
	log_keep_nothing(false);
}

/* Appends a line to `text`, with the LF; false: no room. */
static bool publish_line(char *text, size_t *len, const struct log_line *line)
{
	size_t n = line_len(line);

	if (PUBLISHED_MAX - *len < TIME_LEN + n + 2)
		return false;
	line_time(line, text + *len);
	memcpy(text + *len + TIME_LEN, line->text, n);
	*len += TIME_LEN + n + 1;
	text[*len - 1] = '\n';
	return true;
}

int bootlog_publish(void)
{
	char *text = heap_alloc(PUBLISHED_MAX);
	struct log_line line = { 0 };
	size_t len = 0;
	int rc;

	if (!text)
		return ERR_NOMEM;
	while (log_next_line(&line) && publish_line(text, &len, &line))
		;
	text[len] = '\0';
	rc = tree_setprop(tree_find("/openprom"), "quoin,boot-log", text,
			  (uint32_t)len + 1, TREE_QUOIN);
	heap_free(text);
	return rc;
}

void bootlog_slow(void)
{
	uint64_t ticks, ms;
	const struct device *dev = waits_longest(&ticks);

	ms = deadline_ms_of(ticks);
	if (dev && ms >= SLOW_MS)
		print("Waited %ju.%u s for %s %s\n", (uintmax_t)(ms / 1000),
		      (unsigned)(ms % 1000 / 100), dev->driver->name,
		      device_path(dev));
	waits_forget();
}
