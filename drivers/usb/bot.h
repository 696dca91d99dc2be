/* SPDX-License-Identifier: BSD-2-Clause */
/* SCSI commands over USB Mass Storage Bulk-Only Transport 1.0 ("BOT"). */
#ifndef DRIVERS_USB_BOT_H
#define DRIVERS_USB_BOT_H

#include "drivers/scsi/scsi.h"
#include "drivers/usb/usb.h"

struct bot_wire;

/* The transport of an interface; zero it, then bot_init(). One command at a
 * time. */
struct bot {
	struct usb_interface *intf;
	struct usb_endpoint *in, *out;
	struct bot_wire *wire; /* DMA memory, from the first start on */
	uint64_t wire_bus;
	unsigned luns;	    /* number of LUNs; 0: not asked yet */
	bool false_residue; /* its residues are worthless */
	unsigned guesses;   /* at sense data, since a command has passed */
	/* The command, or NULL, and its mapped data. */
	struct scsi_command *cmd;
	uint64_t data_bus;
	uint32_t data_len;
	/* What is sent, the command or its REQUEST SENSE. */
	bool sensing;
	uint32_t tag, len, moved;
	struct usb_endpoint *data; /* endpoint of its data */
	bool status_again;	   /* the status is read a second time */
	unsigned step;		   /* enum bot_step */
	uint8_t max_lun;
	struct usb_transfer transfer;
};

/*
 * bot_init - set up the transport of an interface.
 * Returns 0; ERR_NOTSUP, with reason(): it lacks endpoints.
 */
must_check int bot_init(struct bot *bot, struct usb_interface *intf);

/*
 * bot_start - prepare for commands; the device is up.
 * Returns 0; ERR_NOMEM, with reason().
 */
must_check int bot_start(struct bot *bot);

/* bot_forget - drop the command, whose memory may be in use again. */
void bot_forget(struct bot *bot);

/* bot_release - free what the transport holds; no command is in progress. */
void bot_release(struct bot *bot);

/*
 * bot_submit - start a command; bits 32..35 of cmd->lun address the LUN. Ends by
 * request_done(), with what a SCSI host sets in `cmd`; 0; ERR_NODEV: unplugged
 * or ignored; ERR_TIMEOUT; ERR_IO; ERR_NOMEM. Before the first command, asks for
 * the number of LUNs.
 * Returns 0, or ERR_* of dma_map(), or the device is not up.
 */
must_check int bot_submit(struct bot *bot, struct scsi_command *cmd);

#endif
