// SPDX-License-Identifier: BSD-2-Clause
// EHCI: starting and stopping the controller (EHCI 1.0, 4.1).
#include "drivers/usb/ehci.h"

#include "lib/deadline.h"
#include "lib/log.h"
#include "lib/reason.h"

/* Capability registers. [EHCI 1.0, 2.2] */
enum cap_reg {
	CAP_LENGTH = 0x00, /* one byte */
	CAP_HCSPARAMS = 0x04,
	CAP_HCCPARAMS = 0x08,
};
#define CAP_LENGTH_MIN 0x0cu
#define HCSPARAMS_PORTS(v) ((v)&0xfu)
#define HCSPARAMS_POWER (1u << 4) /* software switches the ports' power */
#define HCSPARAMS_COMPANIONS(v) ((v) >> 12 & 0xfu)
#define HCCPARAMS_EECP(v) ((v) >> 8 & 0xffu)

/* USBLEGSUP, in configuration space. [EHCI 1.0, 2.1.7, 2.1.8] */
#define LEGACY_ID 1u
#define LEGACY_BIOS 2u	  /* byte: bit 0, the BIOS owns it */
#define LEGACY_OS 3u	  /* byte: bit 0, so do we */
#define LEGACY_CONTROL 4u /* SMIs */
#define LEGACY_FIRST 0x40u
#define LEGACY_MOST 48u /* capabilities in 0x40..0xff */

#define LEGACY_MS 1000u
#define HALT_MS 20u /* 16 microframes [EHCI 1.0, 2.3.1] */
#define RESET_MS 1000u

static bool start_is_halted(void *arg)
{
	return ehci_read(arg, EHCI_USBSTS) & EHCI_STS_HALTED;
}

static bool start_is_running(void *arg)
{
	return !start_is_halted(arg);
}

/* An absent controller, all ones, does not count. */
static bool start_is_reset(void *arg)
{
	return !(ehci_read(arg, EHCI_USBCMD) & EHCI_CMD_RESET);
}

/* An emulated one may be reset while it runs. */
static int start_reset(struct ehci *eh)
{
	if (eh->hc.real && !start_is_halted(eh)) {
		ehci_write(eh, EHCI_USBCMD, 0);
		/* A reset is the answer if it does not halt, too. */
		if (deadline_wait(start_is_halted, eh, HALT_MS))
			log_debug(LOG_DRIVERS, "ehci %s: does not halt",
				  device_path(eh->hc.dev));
	}
	ehci_write(eh, EHCI_USBCMD, EHCI_CMD_RESET);
	if (deadline_wait(start_is_reset, eh, RESET_MS))
		return reason_fail(ERR_TIMEOUT, "reset timed out after %u ms",
				   RESET_MS);
	return 0;
}

struct legacy {
	const struct pci_function *fn;
	unsigned at;
};

static bool legacy_is_ours(void *arg)
{
	const struct legacy *legacy = arg;

	return !(pci_config_read(legacy->fn, legacy->at + LEGACY_BIOS, 1) & 1);
}

/* A BIOS that does not answer loses the controller all the same. */
static void legacy_take_over(const struct pci_function *fn, unsigned at)
{
	struct legacy legacy = { fn, at };

	pci_config_write(fn, at + LEGACY_OS, 1, 1);
	if (deadline_wait(legacy_is_ours, &legacy, LEGACY_MS))
		pci_config_write(fn, at + LEGACY_BIOS, 1, 0);
	pci_config_write(fn, at + LEGACY_CONTROL, 4, 0);
}

/* Takes a real controller over from its host's BIOS. [EHCI 1.0, 5.1] */
static void start_take_over(const struct ehci *eh, uint32_t hccparams)
{
	unsigned at = HCCPARAMS_EECP(hccparams), n;

	for (n = 0; at >= LEGACY_FIRST && n < LEGACY_MOST; n++) {
		uint32_t head = pci_config_read(eh->fn, at & 0xfc, 4);

		if ((head & 0xff) == LEGACY_ID)
			legacy_take_over(eh->fn, at & 0xfc);
		at = head >> 8 & 0xff;
	}
}

/* Checks and keeps what the capability registers say. */
static int start_read_caps(struct ehci *eh)
{
	uint64_t size, base;
	uint32_t length, params;

	base = usb_controller_registers(&eh->hc, CAP_LENGTH_MIN, &size);
	if (!base)
		return ERR_NODEV;
	length = pci_io_read(base + CAP_LENGTH, 1);
	params = pci_io_read(base + CAP_HCSPARAMS, 4);
	eh->hc.ports = HCSPARAMS_PORTS(params);
	eh->companions = HCSPARAMS_COMPANIONS(params);
	eh->switches_power = params & HCSPARAMS_POWER;
	if (params == UINT32_MAX)
		return reason_fail(ERR_IO, "its registers cannot be read");
	if (length < CAP_LENGTH_MIN || length % 4 ||
	    length + EHCI_PORTSC + 4 * eh->hc.ports > size)
		return reason_fail(ERR_IO, "registers at 0x%x, outside its BAR",
				   length);
	if (!eh->hc.ports)
		return reason_fail(ERR_NOTSUP, "the controller has no ports");
	eh->op = base + length;
	if (eh->hc.real)
		start_take_over(eh, pci_io_read(base + CAP_HCCPARAMS, 4));
	return 0;
}

/* [EHCI 1.0, 4.1] */
static int start_run(struct ehci *eh)
{
	const uint32_t schedule = (uint32_t)eh->schedule_bus;

	ehci_write(eh, EHCI_USBINTR, 0);
	ehci_write(eh, EHCI_SEGMENT, 0);
	ehci_write(eh, EHCI_PERIODIC,
		   schedule + (uint32_t)offsetof(struct ehci_schedule, frame));
	ehci_write(eh, EHCI_ASYNC,
		   schedule + (uint32_t)offsetof(struct ehci_schedule, async));
	eh->cmd = EHCI_CMD_RUN | EHCI_CMD_ASYNC | EHCI_CMD_THRESHOLD;
	ehci_barrier();
	ehci_write(eh, EHCI_USBCMD, eh->cmd);
	if (deadline_wait(start_is_running, eh, HALT_MS))
		return reason_fail(ERR_TIMEOUT, "it does not run after %u ms",
				   HALT_MS);
	/* From here on the ports are not the companions'. */
	ehci_write(eh, EHCI_CONFIGFLAG, 1);
	ehci_ports_start(eh);
	ehci_write(eh, EHCI_USBSTS, EHCI_STS_ALL);
	return 0;
}

int ehci_start(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	struct ehci *eh = ehci_of(hc);
	int err;

	hc->max_bulk = EHCI_MAX_BULK;
	pci_enable(eh->fn);
	eh->enabled = true;
	err = start_read_caps(eh);
	if (err == 0)
		err = start_reset(eh);
	if (err == 0)
		err = pci_dma_init(eh->fn, &hc->dma);
	if (err == 0)
		err = ehci_schedule_alloc(eh);
	if (err == 0)
		err = start_run(eh);
	if (err == 0)
		log_debug(LOG_DRIVERS, "%s: EHCI, %u ports%s", device_path(dev),
			  hc->ports, hc->real ? ", real" : "");
	return err;
}

static void start_forget_device(struct usb_device *udev)
{
	struct usb_config *config = &udev->config;
	unsigned i, n;

	udev->hcd = udev->ep0.hcd = NULL;
	udev->address = 0;
	for (i = 0; i < ARRAY_SIZE(config->interfaces); i++) {
		for (n = 0; n < USB_ENDPOINTS_MAX; n++)
			config->interfaces[i].endpoints[n].hcd = NULL;
	}
}

/* Without bus mastering no DMA follows even if the reset fails. */
void ehci_stop(struct device *dev)
{
	struct usb_controller *hc = dev->priv;
	struct ehci *eh = ehci_of(hc);
	struct usb_device *udev;
	struct reason_kept kept;

	eh->stops++;
	if (!eh->enabled)
		return;
	reason_keep(&kept);
	if (eh->op && start_reset(eh))
		log_debug(LOG_DRIVERS, "ehci %s: %s", device_path(dev),
			  reason());
	reason_put_back(&kept);
	pci_disable(eh->fn);
	eh->enabled = false;
	eh->op = 0;
	ehci_schedule_free(eh);
	list_for_each(udev, &hc->devices, link)
		start_forget_device(udev);
}
