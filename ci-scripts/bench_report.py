# SPDX-License-Identifier: BSD-2-Clause
"""What ci-scripts/bench prints and writes: table, data, page."""

PAGE = """\
# Performance

How much work it is to reach the first instruction of a client, how fast the
client interface answers it, and how long a real boot takes: quoin beside QEMU's
other firmwares for `pseries`. Written by `ci-scripts/bench --write-docs`.

| | |
|---|---|
| date | {date} |
| quoin | {quoin} |
| QEMU | {qemu}, TCG |
| host | {cpu}, {cores} cores |

To repeat all of it: `make bench`; with other peers: `make bench PEERS=slof`;
one row: `ci-scripts/bench walk`. It ends with an error when a budget is
exceeded, and leaves the figures in `build/bench/bench.json`.

{table}

## What is measured

- **instructions**: guest instructions from reset to the first instruction of
  the *stamp client* (`tests/guest/stamp.c`), which prints the timebase. Under
  `-icount shift=0,sleep=off` the timebase advances by 0.512 for each
  instruction. The same client and the same machine for every firmware.
- **waiting**: what quoin polled while a device was at work, in instructions. It
  depends on the host's disk and load, not on quoin, and is *not* in quoin's
  column. SLOF and VOF do not tell; theirs is in their columns.
- **factor**: how many times better quoin is than SLOF.
- **s**, **MiB/s**: wall times, without icount, one QEMU at a time; the best of
  {runs} runs, as what other work of the host adds is not the firmware's. They
  still vary, by a quarter and more on a busy host. All disks are in memory.
- **client reads**: `tests/guest/read.c`, `read` of 64 MiB into its own memory.
- **tree walk**: `tests/guest/walk.c`, each node's path and each property's
  length and value, once, as Linux's `prom_init` does it.
- **GRUB loads**: Debian's GRUB from a PReP partition on virtio-blk, the
  installer's kernel and initrd from ext2, from the `linux` command to the end
  of `initrd`. The row with `-kernel` has the same kernel and a small initrd.
- **full machine**: {full}
- The idle prompt is not in the table. It takes 0.01 of a processor of the host
  above (`tests/system/test_idle.py` measures it), looking for a key every 10 ms;
  with a look every millisecond it took 0.04, before it slept 1.05. SLOF's takes
  1.1.
- VOF only starts a `-kernel`; it neither reads disks nor sets up PCI devices.
"""
FULL = """two CPUs, VGA, a PCI bridge with virtio-rng, virtio-blk,
  virtio-net, virtio-scsi with a disk, xHCI with keyboard and mouse, NVMe, e1000,
  spapr-vscsi with a CD drive, spapr-vlan, a second spapr-vty."""


def number(value):
    if value is None:
        return ""
    if isinstance(value, int):
        return "{:,}".format(value)
    if value >= 100:
        return "{:,}".format(round(value))
    return "%.3f" % value if value < 10 else "%.1f" % value


def budget(row):
    limits = []
    if row.most is not None:
        limits.append("<= " + number(row.most))
    if row.least_factor is not None:
        limits.append(">= %d x" % row.least_factor)
    return ", ".join(limits)


def cell(row, firmware):
    if firmware in row.failures:
        return "failed"
    return number(row.values.get(firmware))


def factor(row):
    value = row.factor()
    return "" if value is None else "{:,.1f}".format(value)


def lines(rows, firmwares):
    """The table's cells; the first line is the head."""
    out = [["what", "unit", "quoin", "waiting"] + firmwares[1:] +
           ["factor", "budget", ""]]
    for row in rows:
        waiting = row.waits.get("quoin")
        out.append([row.what, row.unit, cell(row, "quoin"),
                    number(waiting) if waiting else ""] +
                   [cell(row, f) for f in firmwares[1:]] +
                   [factor(row), budget(row), row.verdict(firmwares)])
    return out


def table(rows, firmwares):
    """A table for the terminal that is one for Markdown, too."""
    cells = lines(rows, firmwares)
    widths = [max(len(line[i]) for line in cells)
              for i in range(len(cells[0]))]
    left = {0, 1, len(widths) - 1}

    def text(line):
        return "| %s |" % " | ".join(
            c.ljust(w) if i in left else c.rjust(w)
            for i, (c, w) in enumerate(zip(line, widths)))
    rule = "|%s|" % "|".join(
        "-" * (w + 2) if i in left else "-" * (w + 1) + ":"
        for i, w in enumerate(widths))
    return "\n".join([text(cells[0]), rule] + [text(c) for c in cells[1:]])


def as_data(rows, firmwares, facts):
    """The same for build/bench/bench.json."""
    return dict(facts, rows=[{
        "name": r.name, "what": r.what, "unit": r.unit, "values": r.values,
        "waits": r.waits, "seconds": r.seconds, "factor": r.factor(),
        "most": r.most, "least factor": r.least_factor,
        "verdict": r.verdict(firmwares), "failures": r.failures,
    } for r in rows])


def document(rows, firmwares, facts):
    return PAGE.format(table=table(rows, firmwares), full=FULL, **facts)


def explain_failures(rows, firmwares):
    """Prints what went wrong; returns the exit status."""
    wrong = 0
    for row in rows:
        for firmware, text in row.failures.items():
            print("bench: %s: %s gave no figure; its console's end:\n%s" %
                  (row.what, firmware, text))
        if row.verdict(firmwares) in ("FAILED", "MISSED"):
            wrong += 1
            print("bench: %s: %s (budget %s)" %
                  (row.what, row.verdict(firmwares).lower(),
                   budget(row) or "none"))
    return 1 if wrong else 0
