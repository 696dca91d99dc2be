// SPDX-License-Identifier: BSD-2-Clause
// Booting from a card: from the arguments of its path to the bytes of a file.
#include "packages/net/netboot.h"

#include <string.h>

#include "lib/fmt.h"
#include "lib/heap.h"
#include "lib/log.h"
#include "lib/reason.h"
#include "packages/measure.h"
#include "packages/net/message.h"
#include "packages/net/pxe.h"

/* What is tried, in this order. */
enum netboot_place {
	NETBOOT_NOTHING, /* no address yet */
	NETBOOT_FILE,	 /* the file of the arguments or the server */
	NETBOOT_CONFIG,	 /* what pxelinux.cfg says */
	NETBOOT_END,
};

struct netboot {
	struct session s;
	enum netboot_place place;
	struct url url; /* of the choice */
	struct pxe pxe;
	struct transfer transfer;
	const char *initrd; /* the next one in pxe.px.initrd */
	struct image_chain initrds;
};

static int netboot_begin(void *search, struct device *dev, const char *args)
{
	struct netboot *nb = search;
	int rc = net_args_parse(args, &nb->s.args);

	/* Before a minute of DHCP. */
	if (!rc && url_is(nb->s.args.file))
		rc = url_parse(nb->s.args.file, &nb->url);
	return rc ? rc : session_begin(&nb->s, dev);
}

static void netboot_end(void *search)
{
	struct netboot *nb = search;

	session_end(&nb->s);
}

/* Is the server's file a directory, of pxelinux's configuration? */
static bool netboot_is_directory(const char *file)
{
	size_t len = strlen(file);

	return !len || file[len - 1] == '/';
}

static bool netboot_wants_config(const struct netboot *nb)
{
	return netboot_is_directory(nb->s.config.file) ||
	       *nb->s.config.config_file;
}

static int netboot_file(struct netboot *nb, struct boot_choice *choice)
{
	int rc = session_url(&nb->s, nb->s.config.file, &nb->url);

	if (rc)
		return net_fail(NET_E3008, rc, reason());
	memcpy(choice->client_args, nb->s.config.args,
	       sizeof(nb->s.config.args));
	return 0;
}

static int netboot_config(struct netboot *nb, struct boot_choice *choice)
{
	struct pxelinux *px = &nb->pxe.px;
	int rc = pxe_find(&nb->s, &nb->pxe);

	if (!rc && px->local)
		return reason_fail(ERR_NODEV,
				   "%s says LOCALBOOT: the next device is "
				   "tried",
				   nb->pxe.path);
	if (!rc)
		rc = pxe_url(&nb->s, &nb->pxe, px->kernel, &nb->url);
	if (!rc)
		rc = pxe_args(&nb->s, &nb->pxe, choice->client_args,
			      sizeof(choice->client_args));
	nb->initrd = px->initrd;
	if (!rc || rc == ERR_ABORT || nb->pxe.told)
		return rc;
	return net_fail(NET_E3008, rc, reason());
}

static int netboot_next(void *search, struct boot_choice *choice)
{
	struct netboot *nb = search;
	int rc = 0;

	if (nb->place == NETBOOT_NOTHING)
		rc = session_configure(&nb->s);
	if (rc)
		return rc;
	nb->place++;
	if (nb->place == NETBOOT_FILE &&
	    netboot_is_directory(nb->s.config.file))
		nb->place++;
	if (nb->place == NETBOOT_CONFIG && !netboot_wants_config(nb))
		nb->place++;
	if (nb->place >= NETBOOT_END)
		return BOOTABLE_END;
	rc = nb->place == NETBOOT_FILE ? netboot_file(nb, choice)
				       : netboot_config(nb, choice);
	url_text(&nb->url, choice->args, sizeof(choice->args));
	choice->bare = true;
	choice->kernel = nb->place == NETBOOT_CONFIG;
	return rc;
}

static long netboot_read(struct image *img, uint64_t offset, void *buf,
			 size_t len)
{
	struct netboot *nb = img->priv;

	if (offset != nb->transfer.read)
		return reason_fail(ERR_NOTSUP, "a file from the network is "
					       "read in order");
	return transfer_read(&nb->transfer, buf, len);
}

static int netboot_open(void *search, struct image *img)
{
	struct netboot *nb = search;
	int rc = session_open(&nb->s, &nb->url, false, &nb->transfer);

	if (rc)
		return rc;
	*img = (struct image){ .name = nb->transfer.config.url.path,
			       .size = nb->transfer.size,
			       .stream = true,
			       .read = netboot_read,
			       .priv = nb };
	return 0;
}

/* A reader that gives up has no memory for the rest. */
static void netboot_close(void *search)
{
	struct netboot *nb = search;
	struct transfer *t = &nb->transfer;

	if (t->open && !t->complete && !t->err)
		t->err = transfer_fail(t, NET_E3018, ERR_NOMEM, reason());
	transfer_close(t);
}

/* Opens the next of the initrds, separated by commas. */
static int netboot_next_initrd(void *arg, struct image *img)
{
	struct netboot *nb = arg;
	const char *end;
	size_t len;
	char *file;
	int rc;

	transfer_close(&nb->transfer);
	while (*nb->initrd == ',')
		nb->initrd++;
	end = strchr(nb->initrd, ',');
	len = end ? (size_t)(end - nb->initrd) : strlen(nb->initrd);
	if (!len)
		return BOOTABLE_END;
	file = heap_strndup(nb->initrd, len);
	if (!file)
		return reason_fail(ERR_NOMEM, "out of memory");
	nb->initrd += len + (end != NULL);
	rc = pxe_url(&nb->s, &nb->pxe, file, &nb->url);
	heap_free(file);
	return rc ? rc : netboot_open(nb, img);
}

static int netboot_initrd(void *search, struct image *img)
{
	struct netboot *nb = search;
	bool several;
	int rc;

	if (nb->place != NETBOOT_CONFIG)
		return BOOTABLE_END;
	several = strchr(nb->initrd, ',') != NULL;
	nb->initrds =
		(struct image_chain){ .next = netboot_next_initrd, .arg = nb };
	rc = image_from_chain(img, &nb->initrds, IMAGE_SIZE_UNKNOWN);
	if (!several)
		img->size = nb->initrds.now.size;
	return rc;
}

const struct bootable netboot_bootable = {
	.size = sizeof(struct netboot),
	.takes_args = true,
	.begin = netboot_begin,
	.end = netboot_end,
	.next = netboot_next,
	.open = netboot_open,
	.close = netboot_close,
	.initrd = netboot_initrd,
};

/* The choice's arguments for the client are the loader's; here is none. */
static long netboot_load_next(struct netboot *nb, void *buf, size_t room)
{
	struct boot_choice *choice = heap_zalloc(sizeof(*choice));
	struct image img;
	long got;
	int rc;

	if (!choice)
		return reason_fail(ERR_NOMEM, "out of memory");
	rc = netboot_next(nb, choice);
	heap_free(choice);
	if (rc == BOOTABLE_END)
		rc = ERR_NOENT;
	if (!rc)
		rc = netboot_open(nb, &img);
	if (rc)
		return rc;
	if (img.size != IMAGE_SIZE_UNKNOWN && img.size > room)
		got = ERR_NOSPACE;
	else
		got = netboot_read(&img, 0, buf, room);
	if (got >= 0 && (size_t)got == room && !nb->transfer.complete)
		got = ERR_NOSPACE;
	if (got == ERR_NOSPACE) {
		reason_fail(ERR_NOSPACE, "%zu bytes are free", room);
		net_fail(NET_E3004, ERR_NOSPACE, reason());
	}
	transfer_close(&nb->transfer);
	return got;
}

long netboot_load(struct device *dev, const char *args, void *buf, size_t room)
{
	struct netboot *nb = heap_zalloc(sizeof(*nb));
	long got;

	if (!nb)
		return reason_fail(ERR_NOMEM, "out of memory");
	got = netboot_begin(nb, dev, args);
	if (!got) {
		got = netboot_load_next(nb, buf, room);
		netboot_end(nb);
	}
	/* What a client loads for itself is its own business. */
	measure_forget();
	heap_free(nb);
	return got;
}
