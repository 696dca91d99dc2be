/* SPDX-License-Identifier: BSD-2-Clause */
/* Intrusive, circular, doubly linked lists. */
#ifndef LIB_LIST_H
#define LIB_LIST_H

#include "lib/types.h"

struct list {
	struct list *next, *prev;
};

#define LIST_INIT(name)                                                        \
	{                                                                      \
		&(name), &(name)                                               \
	}

static inline void list_init(struct list *head)
{
	head->next = head->prev = head;
}

static inline bool list_empty(const struct list *head)
{
	return head->next == head;
}

static inline void list_insert_before(struct list *pos, struct list *item)
{
	item->next = pos;
	item->prev = pos->prev;
	pos->prev->next = item;
	pos->prev = item;
}

/* list_add_tail - append `item`, which is on no list, to the list `head`. */
static inline void list_add_tail(struct list *head, struct list *item)
{
	list_insert_before(head, item);
}

/* list_del - remove `item` from its list; a second removal is harmless. */
static inline void list_del(struct list *item)
{
	item->prev->next = item->next;
	item->next->prev = item->prev;
	list_init(item);
}

/* Walk a list; the current item must not be removed. */
#define list_for_each(pos, head, member)                                       \
	for (pos = container_of((head)->next, __typeof__(*pos), member);       \
	     &pos->member != (head);                                           \
	     pos = container_of(pos->member.next, __typeof__(*pos), member))

/* The same from the last item to the first. */
#define list_for_each_reverse(pos, head, member)                               \
	for (pos = container_of((head)->prev, __typeof__(*pos), member);       \
	     &pos->member != (head);                                           \
	     pos = container_of(pos->member.prev, __typeof__(*pos), member))

/* Walk a list; the current item may be removed. `tmp` has the type of `pos`. */
#define list_for_each_safe(pos, tmp, head, member)                             \
	for (pos = container_of((head)->next, __typeof__(*pos), member),       \
	    tmp = container_of(pos->member.next, __typeof__(*pos), member);    \
	     &pos->member != (head); pos = tmp,                                \
	    tmp = container_of(pos->member.next, __typeof__(*pos), member))

#endif
