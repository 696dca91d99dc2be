// SPDX-License-Identifier: BSD-2-Clause
// The names of pxelinux's configuration files, and paths in them.
#include <string.h>

#include "lib/fmt.h"
#include "packages/net/pxelinux.h"
#include "packages/net/url.h"

#define PXELINUX_DIR "pxelinux.cfg/"
#define PXELINUX_NAME 40u /* the longest: a UUID of 36 characters */

void pxelinux_prefix(const char *path_prefix, const char *file, char *buf)
{
	static const char dir[] = PXELINUX_DIR;
	const char *from = path_prefix;
	const char *slash = strrchr(file, '/');
	size_t len = strlen(path_prefix);

	if (!len) {
		from = file;
		len = slash ? (size_t)(slash - file) + 1 : 0;
	}
	/* SLOF looks for the files in the prefix itself. */
	if (len >= strlen(dir) &&
	    !memcmp(from + len - strlen(dir), dir, strlen(dir)))
		len -= strlen(dir);
	fmt_str(buf, PXELINUX_PATH, "%.*s", (int)len, from);
}

/* Hexadecimal digits; bit n of `dashes`: '-' before byte n. */
static void pxelinux_hex(const uint8_t *bytes, size_t count, unsigned dashes,
			 char *buf)
{
	for (size_t i = 0; i < count; i++)
		buf += fmt_str(buf, 4, &"-%02x"[!(dashes >> i & 1)], bytes[i]);
}

static void pxelinux_uuid(const uint8_t *uuid, char *buf)
{
	pxelinux_hex(uuid, 16, 1 << 4 | 1 << 6 | 1 << 8 | 1 << 10, buf);
}

/* As pxelinux writes it, with the type of hardware: 1, Ethernet. */
static void pxelinux_mac(const uint8_t *mac, char *buf)
{
	memcpy(buf, "01", 2);
	pxelinux_hex(mac, 6, 0x3f, buf + 2);
}

/* Kinds of names, in the order in which they are tried. */
enum pxelinux_kind {
	NAME_GIVEN,
	NAME_UUID,
	NAME_MAC,
	NAME_HEX, /* 8 digits to 1 */
	NAME_DEFAULT = NAME_HEX + 8,
	NAME_KINDS,
};

/* False: there is none of this kind, or no room for it. */
static bool pxelinux_name_of(const struct pxelinux_names *names, unsigned kind,
			     char *buf)
{
	char path[sizeof(PXELINUX_DIR) + PXELINUX_NAME] = PXELINUX_DIR;
	char *name = path + strlen(PXELINUX_DIR);

	if (kind == NAME_GIVEN)
		return names->config_file[0] &&
		       pxelinux_path(names->prefix, names->config_file, buf,
				     PXELINUX_PATH) == 0;
	if (kind == NAME_DEFAULT)
		memcpy(name, "default", 8);
	else if (kind == NAME_MAC)
		pxelinux_mac(names->mac, name);
	else if (kind == NAME_UUID && names->uuid)
		pxelinux_uuid(names->uuid, name);
	else if (kind >= NAME_HEX && names->address.version == 4)
		fmt_str(name, NAME_DEFAULT - kind + 1, "%08X",
			net_addr_number(&names->address));
	return *name &&
	       pxelinux_path(names->prefix, path, buf, PXELINUX_PATH) == 0;
}

bool pxelinux_name(const struct pxelinux_names *names, unsigned index,
		   char *buf)
{
	for (unsigned kind = 0; kind < NAME_KINDS; kind++) {
		if (pxelinux_name_of(names, kind, buf) && index-- == 0)
			return true;
	}
	return false;
}

/* "scheme://host" of a prefix that is a URL: as many bytes; else 0. */
static size_t pxelinux_origin(const char *prefix)
{
	const char *host, *slash;

	if (!url_is(prefix))
		return 0;
	host = strchr(prefix, ':') + 3;
	slash = strchr(host, '/');
	return slash ? (size_t)(slash - prefix) : strlen(prefix);
}

/* The "::" after a host's name or its address in brackets, or NULL. */
static const char *pxelinux_colons(const char *path)
{
	const char *bracket = *path == '[' ? strchr(path, ']') : NULL;
	const char *at = strchr(bracket ? bracket : path, ':');

	return at && at[1] == ':' && !memchr(path, '/', (size_t)(at - path))
		       ? at
		       : NULL;
}

int pxelinux_path(const char *prefix, const char *path, char *buf, size_t size)
{
	const char *colons = pxelinux_colons(path);
	const char *slash = "";
	size_t len = strlen(prefix);

	if (url_is(path)) {
		len = 0;
	} else if (colons == path) {
		len = 0;
		path += 2;
	} else if (colons) {
		prefix = path;
		len = (size_t)(colons - path);
		slash = "/";
		path = colons + 2;
	} else if (*path == '/') {
		len = pxelinux_origin(prefix);
	}
	len = fmt_str(buf, size, "%s%.*s%s%s", *slash ? "tftp://" : "",
		      (int)len, prefix, slash, path);
	return len < size ? 0 : ERR_NOSPACE;
}

/* "client:server:router:mask"; what is not known stays empty. */
static void pxelinux_ip(const struct pxelinux_facts *facts, char *buf)
{
	const struct net_addr *const addrs[] = { &facts->client, &facts->server,
						 &facts->router, &facts->mask };

	for (size_t i = 0; i < ARRAY_SIZE(addrs); i++)
		buf += fmt_str(buf, 18, &":%s"[!i],
			       addrs[i] -> version == 4
						   ? net_addr_text(addrs[i])
						   : "");
}

int pxelinux_args(const struct pxelinux *px, const struct pxelinux_facts *facts,
		  char *buf, size_t size)
{
	static const char *const names[] = { "ip", "BOOTIF", "SYSUUID" };
	size_t len = fmt_str(buf, size, "%s", px->append);
	char values[3][72] = { "", "", "" };

	if (facts->client.version == 4)
		pxelinux_ip(facts, values[0]);
	pxelinux_mac(facts->mac, values[1]);
	if (facts->uuid)
		pxelinux_uuid(facts->uuid, values[2]);
	for (size_t i = 0; i < ARRAY_SIZE(names) && len < size; i++) {
		if (px->ipappend >> i & 1 && values[i][0])
			len += fmt_str(buf + len, size - len, "%s%s=%s",
				       len ? " " : "", names[i], values[i]);
	}
	return len < size ? 0 : ERR_NOSPACE;
}
