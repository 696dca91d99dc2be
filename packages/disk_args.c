// SPDX-License-Identifier: BSD-2-Clause
// Disk arguments: parsed, and formatted again.
#include "packages/disk_args.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/reason.h"

static bool disk_is_letter(const char *text, size_t len)
{
	return len == 1 && *text >= 'a' && *text <= 'z';
}

static bool disk_is_separator(char c)
{
	return c == '\\' || c == '/';
}

static int disk_parse_partition(const char *text, size_t len,
				struct disk_args *args)
{
	uint64_t number = 0;
	int err = 0;

	if (disk_is_letter(text, len))
		number = (uint64_t)(*text - 'a') + 1;
	else if (len)
		err = fmt_parse_dec(text, len, &number);
	if (err < 0 || number > UINT32_MAX)
		return reason_fail(ERR_INVAL,
				   "\"%.*s\" is not a partition number",
				   (int)MIN(len, 64), text);
	args->has_partition = len != 0;
	args->partition = (uint32_t)number;
	return 0;
}

int disk_args_parse(const char *text, struct disk_args *args)
{
	bool path_first = disk_is_separator(*text);
	bool digit_first = *text >= '0' && *text <= '9';
	size_t len = strlen(text);
	const char *comma;

	*args = (struct disk_args){ .path = "" };
	/* "disk:1:" and the like: clients append a ':' to the path they got. */
	while (len && text[len - 1] == ':')
		len--;
	comma = path_first ? NULL : memchr(text, ',', len);
	if (!comma && (digit_first || disk_is_letter(text, len)))
		return disk_parse_partition(text, len, args);
	args->path = comma ? comma + 1 : text;
	args->path_len = len - (size_t)(args->path - text);
	if (!comma)
		return 0;
	return disk_parse_partition(text, (size_t)(comma - text), args);
}

size_t disk_args_text(const struct disk_args *args, char *buf, size_t size)
{
	char number[12] = "";
	bool comma;

	if (args->has_partition)
		fmt_str(number, sizeof(number), "%u", args->partition);
	/* Without a comma in front, "vmlinux,1" would not parse as a path. */
	comma = args->path_len &&
		(args->has_partition || !disk_is_separator(*args->path));
	return fmt_str(buf, size, "%s%s%.*s", number, comma ? "," : "",
		       (int)args->path_len, args->path);
}
