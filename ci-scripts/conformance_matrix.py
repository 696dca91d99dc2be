# SPDX-License-Identifier: BSD-2-Clause
"""Runs the conformance suite on several firmwares; writes the tables in
docs/conformance.md, and all of docs/conformance-rows.md."""
import concurrent.futures
import os
import re
import subprocess

from conformance_machine import PSERIES
from conformance_media import ROOT, Unusable

DEVIATIONS = os.path.join(ROOT, "tests/guest/conformance/deviations.tsv")
# A page of prose with tables, and a page of tables only.
PAGE = os.path.join(ROOT, "docs/conformance.md")
ROWS = os.path.join(ROOT, "docs/conformance-rows.md")
BEGIN, END = "<!-- %s: made by make conformance-matrix -->", "<!-- end -->"
LEVELS = ("required", "expected", "extension")


class Firmware:
    """A column. version: what to find in the firmware's first lines; its
    groups are the version. Without one it is QEMU's own firmware."""

    def __init__(self, name, bios, flavour, version=None, **setup):
        self.name, self.bios, self.flavour = name, bios, flavour
        self.version, self.setup = version, setup
        self.suite = None

    def cell(self, cases):
        """Passed, failed and skipped of these cases."""
        mine = [self.suite.cases[c.number] for c in cases
                if c.number in self.suite.cases]
        counts = [len([c for c in mine if c.verdict == v])
                  for v in ("ok", "not ok", "skip")]
        if not any(counts):
            return "–"
        return "%d / %s / %d" % (
            counts[0], "**%d**" % counts[1] if counts[1] else "0", counts[2])

    def failed(self):
        return self.suite.failures(LEVELS)

    def named_version(self, qemu):
        if not self.version:
            return "that of " + qemu
        for line in self.suite.banner:
            m = re.search(self.version, line)
            if m:
                return ", ".join(m.groups())
        return "unknown"


def share(name):
    """A firmware that comes with QEMU."""
    for folder in ("/usr/share/qemu", "/usr/local/share/qemu"):
        if os.path.exists(os.path.join(folder, name)):
            return os.path.join(folder, name)
    raise Unusable("%s, which is part of QEMU, is not in /usr/share/qemu" % name)


def firmwares():
    # SLOF starts slowly; VOF does not answer 64-bit code and has no banner.
    # SLOF's version is "release 20220719", "user@host release
    # 20220719" or "git-" and a commit; OpenBIOS's number never changes.
    return [
        Firmware("quoin", os.path.join(ROOT, "build/quoin.bin"), "be64",
                 r"QUOIN ([0-9][^:]*):", machine=PSERIES),
        Firmware("SLOF", share("slof.bin"), "be64",
                 r"FW Version = (?:.*\brelease )?(.*\S)", machine=PSERIES,
                 patience=120, restarts=200),
        Firmware("VOF", share("vof.bin"), "be32",
                 machine=PSERIES + ",x-vof=on", watchdog=10, patience=20,
                 restarts=200),
        Firmware("OpenBIOS", share("openbios-ppc"), "be32",
                 r"OpenBIOS (\S+) \[(\w+ +\d+ \d+)",
                 machine="mac99,graphics=off", watchdog=10, patience=30,
                 restarts=200),
    ]


class Deviations:
    """Why cases fail: a table of case name (a pattern), firmware, why."""

    def __init__(self, path):
        self.rows, self.used = [], set()
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                fields = line.rstrip("\n").split("\t")
                if line.startswith("#") or not line.strip():
                    continue
                if len(fields) != 3:
                    raise Unusable("%s:%d: not three fields" % (path, number))
                self.rows.append(fields)

    def why(self, name, firmware):
        """None if there is no explanation."""
        for row in self.rows:
            pattern = re.escape(row[0]).replace("\\*", ".*")
            if row[1] == firmware and re.fullmatch(pattern, name):
                self.used.add(tuple(row))
                return row[2]
        return None

    def unused(self):
        return [r for r in self.rows if tuple(r) not in self.used]


def table(rows):
    """Rows of texts, the first of which is the head, as Markdown."""
    lines = ["| " + " | ".join(r) + " |" for r in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    return lines


def escaped(text):
    return re.sub(r"([|<>*_`\\])", r"\\\1", text)


def all_cases(columns):
    """Of all firmwares, in the suite's order."""
    cases = {}
    for f in columns:
        for number, case in f.suite.cases.items():
            cases.setdefault(number, case)
    return [c for _, c in sorted(cases.items())]


def counts_table(head, columns, parts):
    """parts: pairs of a name and cases."""
    rows = [[head] + [f.name for f in columns]]
    for name, cases in parts:
        rows.append([name] + [f.cell(cases) for f in columns])
    return table(rows)


def levels_table(columns):
    cases = all_cases(columns)
    parts = [(level, [c for c in cases if c.level == level])
             for level in LEVELS]
    return counts_table("level", columns,
                        parts + [("**all %d**" % len(cases), cases)])


def groups_table(columns):
    cases = all_cases(columns)
    return counts_table("group", columns, [
        (group, [c for c in cases if c.group == group])
        for group in dict.fromkeys(c.group for c in cases)])


def firmwares_table(columns, qemu):
    return table([["firmware", "version", "machine", "client's build"]] + [
        [f.name, f.named_version(qemu.split(" (")[0]),
         f.setup["machine"].split(",")[0] +
         (", x-vof=on" if "x-vof" in f.setup["machine"] else ""), f.flavour]
        for f in columns])


def failures_of(firmware, deviations):
    """Its section, or no lines."""
    if not firmware.failed() and not firmware.suite.given_up:
        return []
    lines = ["", "## " + firmware.name, ""]
    if firmware.suite.given_up:
        lines += ["Given up: %s." % escaped(firmware.suite.given_up), ""]
    rows = [["case", "level", "source", "why"]]
    for case in firmware.failed():
        why = deviations.why(case.name, firmware.name)
        if why is None:
            why = "(unexplained) " + case.why
        rows.append([escaped(case.name), case.level, escaped(case.source),
                     escaped(why)])
    return lines + (table(rows) if len(rows) > 1 else [])


def rows_page(columns, deviations, qemu):
    """The text of ROWS."""
    lines = ["# Conformance: every failing case", "",
             "Generated by `make conformance-matrix` under %s;" % qemu,
             "[conformance.md](conformance.md) has the summary."]
    sections = [failures_of(f, deviations) for f in columns]
    clean = [f.name for f, s in zip(columns, sections) if not s]
    if clean:
        lines += ["", "No case fails: %s." % ", ".join(clean)]
    for section in sections:
        lines += section
    return "\n".join(lines) + "\n"


def filled(text, name, lines):
    """A page with these lines in its part of that name."""
    begin = BEGIN % name
    if text.count(begin) != 1 or END not in text.split(begin)[1]:
        raise Unusable("no part %r in the page: %r, %r" % (name, begin, END))
    before, rest = text.split(begin)
    return "%s%s\n\n%s\n\n%s%s" % (before, begin, "\n".join(lines), END,
                                  rest.split(END, 1)[1])


def filled_page(text, columns, qemu):
    """The text of PAGE with new tables; without columns, with empty ones."""
    for name, make in (
            ("firmwares", lambda: ["Under %s:" % qemu, ""] +
             firmwares_table(columns, qemu)),
            ("levels", lambda: levels_table(columns)),
            ("groups", lambda: groups_table(columns))):
        text = filled(text, name, make() if columns else [])
    return text


def version_of(qemu):
    done = subprocess.run([qemu, "--version"], text=True, check=True,
                          stdout=subprocess.PIPE)
    return "QEMU " + re.search(r"version (.*)",
                               done.stdout.split("\n")[0]).group(1)


def main(setup, run):
    """setup() and run() are ci-scripts/conformance's. Returns whether quoin
    failed a case that is required or expected."""
    deviations = Deviations(DEVIATIONS)
    with open(PAGE, encoding="utf-8") as f:
        page = f.read()
    filled_page(page, (), "")       # fails now, not after the last run
    columns = firmwares()
    todo = [(f, setup(f.bios, f.flavour, "kernel", **f.setup))
            for f in columns]

    def one(pair):
        firmware, made = pair
        firmware.suite = run(made, "%s-%s-kernel" % (
            firmware.name.lower(), firmware.flavour))
        print("%s: %s" % (firmware.name, firmware.suite.given_up or
                          "%d failed" % len(firmware.failed())), flush=True)

    # Start the slowest first.
    todo.sort(key=lambda pair: -pair[1].patience)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(one, todo))
    qemu = version_of(todo[0][1].qemu)
    for path, text in ((PAGE, filled_page(page, columns, qemu)),
                       (ROWS, rows_page(columns, deviations, qemu))):
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
    for row in deviations.unused():
        print("%s: no longer fails: %s: %s"
              % (os.path.relpath(DEVIATIONS, ROOT), row[1], row[0]))
    return columns[0].suite.failed()
