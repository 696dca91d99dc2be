// SPDX-License-Identifier: BSD-2-Clause
// What the drivers of PCI's network cards share.
#include "drivers/net/card.h"

#include "lib/deadline.h"
#include "lib/endian.h"
#include "lib/heap.h"
#include "lib/reason.h"

#define SEND_MS 100u

uint32_t card_read(const struct card *card, unsigned reg, unsigned size)
{
	return pci_io_read(card->regs + reg, size);
}

void card_write(const struct card *card, unsigned reg, unsigned size,
		uint32_t value)
{
	pci_io_write(card->regs + reg, size, value);
}

void card_write_all(const struct card *card, const struct card_write *writes,
		    unsigned count)
{
	for (; count; count--, writes++)
		card_write(card, writes->reg, writes->size, writes->value);
}

int card_wait(struct card *card, bool (*done)(void *card))
{
	if (deadline_wait(done, card, SEND_MS) < 0)
		return reason_fail(ERR_TIMEOUT, "it sent nothing for %u ms",
				   SEND_MS);
	return 0;
}

int card_start(struct card *card)
{
	int err = pci_dma_init(card->fn, &card->dma);

	if (err < 0)
		return reason_fail(err, "no memory for DMA");
	card->shared = dma_alloc(&card->dma, card->type->shared, &card->bus);
	if (!card->shared)
		return ERR_NOMEM;
	pci_enable_decoding(card->fn);
	return 0;
}

void card_stop(struct card *card)
{
	pci_disable(card->fn);
	dma_free(&card->dma, card->shared, card->bus, card->type->shared);
	card->shared = NULL;
}

/* The card has loaded its MAC from its EEPROM; functions start disabled. */
static int card_init(struct card *card, struct device *dev,
		     const struct card_type *type)
{
	uint64_t size = 0;

	card->fn = pci_function_of(dev);
	card->type = type;
	card->regs = pci_bar_address(card->fn, type->bar, &size);
	if (!card->regs || size < type->end)
		return reason_fail(ERR_NODEV, "its registers have no address");
	pci_enable_decoding(card->fn);
	le32_store(card->net.mac, card_read(card, type->mac, 4));
	le16_store(card->net.mac + 4,
		   (uint16_t)card_read(card, type->mac + 4u, 4));
	pci_disable(card->fn);
	card->net.ops = type->ops;
	card->net.mtu = NETWORK_MTU;
	return network_add(&card->net, dev);
}

int card_attach(struct device *dev, const struct card_type *type)
{
	struct card *card = heap_zalloc(type->size);
	int err;

	if (!card)
		return reason_fail(ERR_NOMEM, "out of memory");
	dev->priv = card;
	err = card_init(card, dev, type);
	if (err < 0)
		heap_free(card);
	return err;
}

void card_detach(struct device *dev)
{
	heap_free(dev->priv);
}
