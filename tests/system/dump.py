# SPDX-License-Identifier: BSD-2-Clause
"""What tests/guest/init prints: Linux's device tree and memory map."""
import re


def device_tree(output):
    """{path of a property: bytes, path of a node with /: None}."""
    tree = {}
    for line in section(output, "devtree"):
        if line.endswith("/"):
            tree[line] = None
            continue
        path, _, value = line.partition(" ")
        tree[path] = bytes.fromhex(value)
    return tree


def memory_map(output):
    """[(first, last, name)] of /proc/iomem."""
    found = []
    for line in section(output, "iomem"):
        m = re.match(r"\s*([0-9a-f]+)-([0-9a-f]+) : (.*)", line)
        found.append((int(m.group(1), 16), int(m.group(2), 16), m.group(3)))
    return found


def section(output, name):
    text = output.split("QUOIN-TEST: begin %s\n" % name, 1)[1]
    text = text.split("QUOIN-TEST: end %s\n" % name, 1)[0]
    return [line for line in text.split("\n") if line]


def nodes_with(tree, prop):
    """Paths of the nodes that have a property, with its value."""
    end = "/" + prop
    return {path[:-len(end)]: value for path, value in tree.items()
            if value is not None and path.endswith(end)}
