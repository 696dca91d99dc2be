# SPDX-License-Identifier: BSD-2-Clause
"""A case of the conformance suite and its verdict, as TAP 14."""


class Case:
    def __init__(self, number, group, run, level, source, name):
        self.number, self.group, self.run = int(number), group, run
        self.level, self.source, self.name = level, source, name
        self.verdict = None     # "ok", "not ok" or "skip"
        self.why = ""           # of a skip; in short, of a failure
        self.remark = source    # behind the "#"
        self.console = []       # what the firmware printed last

    def judge(self, verdict, why="", remark=None, console=()):
        self.verdict, self.why = verdict, why
        self.remark = self.source if remark is None else remark
        self.console = list(console)

    def tap(self):
        """The verdict as lines of TAP 14."""
        good = "not ok" if self.verdict == "not ok" else "ok"
        lines = ["%s %d - %s # %s" % (good, self.number, self.name,
                                      self.remark)]
        if self.verdict != "not ok":
            return lines
        lines += ["  ---", "  level: " + self.level,
                  "  source: " + quoted(self.source),
                  "  message: " + quoted(self.why)]
        if self.console:
            lines += ["  console:"]
            lines += ["    - " + quoted(t) for t in self.console]
        return lines + ["  ..."]


def quoted(text):
    """A text as a YAML scalar."""
    text = "".join(c if 32 <= ord(c) < 127 else "?" for c in text)
    return '"%s"' % text.replace("\\", "\\\\").replace('"', '\\"')


def sums(suite):
    def count(verdict, *levels):
        return len([c for c in suite.cases.values() if c.verdict == verdict
                    and (not levels or c.level in levels)])
    return ("%d passed, %d failed (required %d, expected %d, extension %d), "
            "%d skipped" % (count("ok"), count("not ok"),
                            count("not ok", "required"),
                            count("not ok", "expected"),
                            count("not ok", "extension"), count("skip")))
