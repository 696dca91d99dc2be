// SPDX-License-Identifier: BSD-2-Clause
// The pxelinux.cfg of a server: finding and loading it.
#include "packages/net/pxe.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/measure.h"

/* Reading one configuration, and what it includes. */
struct pxe_reader {
	const struct session *s;
	const struct pxe *pxe;
	struct transfer *transfer;
	struct url url;
	bool told; /* the last transfer has printed why it failed */
};

static void pxe_measure(const char *path, const char *text, size_t len)
{
	char name[256];

	fmt_str(name, sizeof(name), "pxelinux.cfg %s", path);
	measure_later(MEASURE_TEXT, name, text, len);
}

/* All of a small file. Returns its length or ERR_*. */
static long pxe_fetch(struct pxe_reader *r, char *buf)
{
	long got;
	int rc = session_open(r->s, &r->url, true, r->transfer);

	r->told = rc && rc != ERR_NOENT;
	if (rc)
		return rc;
	got = transfer_read(r->transfer, buf, PXELINUX_FILE_MAX);
	r->told = got < 0;
	transfer_close(r->transfer);
	if (got == PXELINUX_FILE_MAX)
		return reason_fail(ERR_FORMAT,
				   "%s: %u bytes or more are no configuration",
				   r->url.path, PXELINUX_FILE_MAX);
	if (got >= 0)
		pxe_measure(r->url.path, buf, (size_t)got);
	return got;
}

int pxe_url(const struct session *s, const struct pxe *pxe, const char *file,
	    struct url *url)
{
	char *path = heap_alloc(URL_MAX);
	int rc = ERR_NOMEM;

	if (!path)
		return reason_fail(rc, "out of memory");
	rc = pxelinux_path(pxe->prefix, file, path, URL_MAX);
	if (rc)
		reason_fail(rc, "\"%s\": the path is too long", file);
	else
		rc = session_url(s, path, url);
	heap_free(path);
	return rc;
}

static long pxe_include(void *arg, const char *path, char *buf)
{
	struct pxe_reader *r = arg;
	int rc = pxe_url(r->s, r->pxe, path, &r->url);

	return rc ? rc : pxe_fetch(r, buf);
}

/* The first name that is there. Returns the file's length, or ERR_*. */
static long pxe_search(struct pxe_reader *r, struct pxe *pxe, char *buf)
{
	const struct session *s = r->s;
	struct pxelinux_names names = {
		.config_file = s->config.config_file,
		.prefix = pxe->prefix,
		.uuid = s->uuid,
		.address = s->config.address,
	};
	long got = ERR_NOENT;

	memcpy(names.mac, s->nd->mac, sizeof(names.mac));
	for (unsigned i = 0;
	     got == ERR_NOENT && pxelinux_name(&names, i, pxe->path); i++) {
		got = session_url(s, pxe->path, &r->url);
		log_debug(LOG_BOOT, "configuration %s", pxe->path);
		if (!got)
			got = pxe_fetch(r, buf);
	}
	return got;
}

static int pxe_read(struct pxe_reader *r, struct pxe *pxe, char *buf)
{
	long got = pxe_search(r, pxe, buf);

	if (got == ERR_NOENT)
		return reason_fail(ERR_NOENT,
				   "the server names no boot file and has no "
				   "%spxelinux.cfg/default",
				   pxe->prefix);
	if (got < 0)
		return (int)got;
	print("  Configuration: %s\n", pxe->path);
	return pxelinux_parse(buf, (size_t)got, pxe_include, r, &pxe->px);
}

int pxe_find(const struct session *s, struct pxe *pxe)
{
	struct pxe_reader *r = heap_zalloc(sizeof(*r));
	char *buf = heap_alloc(PXELINUX_FILE_MAX);
	int rc = ERR_NOMEM;

	if (r)
		r->transfer = heap_alloc(sizeof(*r->transfer));
	if (r && buf && r->transfer) {
		r->s = s;
		r->pxe = pxe;
		pxelinux_prefix(s->config.path_prefix, s->config.file,
				pxe->prefix);
		rc = pxe_read(r, pxe, buf);
		pxe->told = r->told;
	} else {
		reason_fail(rc, "out of memory");
	}
	heap_free(r ? r->transfer : NULL);
	heap_free(r);
	heap_free(buf);
	return rc;
}

int pxe_args(const struct session *s, const struct pxe *pxe, char *buf,
	     size_t size)
{
	struct pxelinux_facts facts = {
		.client = s->config.address,
		.server = s->config.server,
		.router = s->config.router,
		.mask = s->config.mask,
		.uuid = s->uuid,
	};

	memcpy(facts.mac, s->nd->mac, sizeof(facts.mac));
	if (!pxelinux_args(&pxe->px, &facts, buf, size))
		return 0;
	return reason_fail(ERR_NOSPACE, "the kernel's arguments are too long");
}
