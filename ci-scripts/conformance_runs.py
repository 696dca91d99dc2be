# SPDX-License-Identifier: BSD-2-Clause
"""Runs the conformance client to its end on a firmware that may hang, crash
or restart, and collects a verdict on every case."""
import re
import time

from conformance_machine import Console
from conformance_media import Media
from conformance_tap import Case

LINE = re.compile(r"(not )?ok (\d+) - (.+?) # (.*)")
LEAVE = re.compile(r"# leave (\d+) (.*)")
LISTED = re.compile(r"# case (\d+) \| (.+?) \| (.+?) \| (.+?) \| (.+?) \| (.+)")
MESSAGE = re.compile(r'  message: "(.*)"')
PROMPT = re.compile(r"^(\d+ >( .{0,4})?|ok)$")
CRASH = re.compile(r"(\( \w+ \) )?[A-Z][\w ()-]* [Ee]xception\b.*")

SETTLED = 3             # seconds of silence that end what the firmware says
AT_PROMPT = 0.5         # the same when a case left and the prompt came
PATIENCE_OF_CASE = 10   # times the watchdog: for a case whose firmware talks

# The output expected after a case left the client; by default any output except
# a crash report, or the machine's end. A verdict of the client always counts.
AFTER = {
    "boot": "verdict",          # it comes from the program that was started
    "chain": "verdict",
    "reset-all": "start",       # of the client
    "power-off": "end",         # of the machine
    "wild-chain": "anything",   # also a crash
}


class GivenUp(Exception):
    """The suite cannot go on; the text says why."""


class Boot:
    """One start of the client, from a case on; ends with `end` set: None
    after "# end" or an expected leave, else why."""

    def __init__(self, cases, setup, console):
        self.cases, self.setup, self.console = cases, setup, console
        self.first = min(cases) if cases else 1
        self.starts = 0
        # The case that called cases_leave(), how, the console's line count.
        self.left = None
        self.last = None        # the last one with a verdict in this boot
        self.settled = False    # it was judged
        self.done, self.end = False, None
        self.progress = time.monotonic()
        self.seen = 0           # lines of the console up to that verdict

    def finish(self, end=None):
        self.done, self.end = True, end

    def leaves(self, *kinds):
        """Whether a case left the client in one of these ways."""
        return self.left and AFTER.get(self.left[1], "output") in kinds

    def left_well(self):
        self.cases[self.left[0]].judge("ok")
        self.settled = True
        self.finish()

    def wait(self):
        since = time.monotonic()
        while not self.done:
            size = self.console.size
            lines = self.console.read(since + self.silence())
            if lines is None:
                self.ended()
            elif self.console.size > size:
                first = len(self.console.lines) - len(lines) + 1
                for number, line in enumerate(lines, first):
                    if not self.done:
                        self.take(line, number)
                since = time.monotonic()
                self.check_progress()
            elif time.monotonic() >= since + self.silence():
                self.silent()

    def silence(self):
        """Seconds of it that end the boot."""
        waits = not self.starts or self.leaves("verdict", "start")
        limit = self.setup.patience if waits else self.setup.watchdog
        prompt = PROMPT.match(self.console.partial.strip())
        if prompt and self.spoke():
            return AT_PROMPT
        return min(limit, SETTLED) if prompt or self.spoke() else limit

    def spoke(self):
        """Whether the firmware showed that it still runs."""
        if not self.leaves("output", "anything"):
            return False
        lines = self.console.lines[self.left[2]:] + [self.console.partial]
        return any(t.strip() for t in lines)

    def check_progress(self):
        limit = PATIENCE_OF_CASE * self.setup.watchdog
        if not self.done and time.monotonic() > self.progress + limit and \
                self.starts:
            self.finish("hang: no verdict within %d s" % limit)

    def ended(self):
        complaint = self.console.complaint()
        if self.leaves("anything") or \
                self.leaves("output", "start", "end") and not complaint:
            self.left_well()
        else:
            self.finish("the machine ended" + complaint)

    def silent(self):
        if self.leaves("anything") and self.spoke():
            self.left_well()
        elif self.crash():
            self.finish("the firmware stopped: " + self.crash())
        elif self.spoke():
            self.left_well()
        elif PROMPT.match(self.console.partial.strip()):
            self.finish("the firmware went to its prompt")
        elif self.starts:
            self.finish("hang: no answer within %d s" % self.silence())
        else:
            self.finish("the client did not start within %d s"
                        % self.silence())

    def crash(self):
        """The firmware's report of an exception."""
        found = [CRASH.search(t) for t in self.console.lines[self.seen:]]
        found = [m.group(0).strip() for m in found if m]
        return found[0] if found else None

    def take(self, line, number):
        """A line of the console; number: of it and those before."""
        if "TAP version 14" in line:
            self.started()
        elif LEAVE.search(line):
            left, how = LEAVE.search(line).groups()
            self.left = (int(left), how.split()[0], number)
        elif self.verdict(line, number) or self.diagnosis(line):
            self.seen = number
        elif line.startswith("# end"):
            self.finish()

    def diagnosis(self, line):
        """Whether the line belongs to a verdict."""
        m = MESSAGE.match(line)
        if m and self.last and self.last.verdict == "not ok":
            self.last.why = m.group(1)
        return m or line in ("  ---", "  ...") or \
            line.startswith("  level: ")

    def started(self):
        self.starts += 1
        self.progress = time.monotonic()
        if self.leaves("output", "anything", "start"):
            self.left_well()
        elif self.starts > (2 if self.leaves("verdict") else 1):
            self.finish("the firmware restarted")

    def came_back_at_once(self, number):
        """Whether `enter` ended before the user interface said anything."""
        said = self.console.lines[self.left[2]:number - 1]
        return self.left[1] == "enter" and not any(t.strip() for t in said)

    def verdict(self, line, number):
        """Whether the line is one on a case of this boot."""
        m = LINE.search(line)
        case = self.cases.get(int(m.group(2))) if m else None
        if not case or case.name != m.group(3):
            return m is not None
        skipped = m.group(4).startswith("SKIP ")
        if m.group(1):
            case.judge("not ok", remark=m.group(4))
        elif skipped:
            case.judge("skip", m.group(4)[len("SKIP "):], m.group(4))
        elif self.left and self.came_back_at_once(number):
            case.judge("not ok", "enter came back without a user interface",
                       m.group(4))
        else:
            case.judge("ok", remark=m.group(4))
        # A case that continued in another start of the client ends here.
        self.settled = bool(self.left)
        self.last, self.left = case, None
        self.progress = time.monotonic()
        return True


class Suite:
    """The cases of a client on a firmware. said() is called with each of
    them, in order, when its verdict is there."""

    def __init__(self, setup, folder, said=None):
        self.setup, self.media = setup, Media(setup, folder)
        self.said = said
        self.cases = {}
        self.banner = []        # the console of the first start
        self.restarts = 0
        self.given_up = None

    def boot(self, cases, words, from_disk=False):
        files = self.media.prepare(words, from_disk)
        with Console(self.setup.command(*files)) as console:
            boot = Boot(cases, self.setup, console)
            boot.wait()
        return boot

    def list(self):
        boot = self.boot({}, "run=list")
        self.banner = boot.console.lines
        for line in boot.console.lines:
            m = LISTED.match(line)
            if m and self.setup.only in (None, int(m.group(1))):
                self.cases[int(m.group(1))] = Case(*m.groups())
        if boot.end or not self.cases:
            raise GivenUp("%s; end of the console: %s" % (
                boot.end or "the client lists no cases",
                " / ".join(boot.console.tail(count=4)) or "(nothing)"))

    def run(self):
        """Runs everything. Raises GivenUp when the client does not even
        start; later, given_up says why cases have no verdict."""
        self.list()
        runs = list(dict.fromkeys(c.run for c in self.cases.values()))
        if self.said:
            self.said(None)
        try:
            for run in sorted(runs, key=lambda r: r != "main"):
                self.run_one(run)
                self.report()
        except GivenUp as why:
            self.given_up = str(why)
            self.report()

    def run_one(self, run):
        from_disk = run == "boot"
        while True:
            todo = {n: c for n, c in self.cases.items()
                    if c.run == run and not c.verdict}
            if not todo:
                return
            words = "%s=%d" % ("only" if self.setup.only else "from",
                               min(todo))
            if run != "main":
                words = "run=%s %s" % (run, words)
            boot = self.boot(todo, words, from_disk)
            if not boot.starts and from_disk and \
                    self.setup.medium == "kernel":
                from_disk = False
            else:
                self.judge(todo, boot)
            self.report()

    def judge(self, todo, boot):
        """Judges the current case by the end of a boot."""
        after = boot.last.number if boot.last else 0
        rest = [c for n, c in sorted(todo.items())
                if n > after and not c.verdict]
        if not rest or boot.settled:
            return
        end = boot.end or "the client ended without a verdict"
        rest[0].judge("not ok", end, end, boot.console.tail(boot.seen))
        self.restarts += 1
        if self.restarts >= self.setup.restarts:
            raise GivenUp("the firmware was started %d times after hangs "
                          "and crashes" % self.restarts)

    def report(self):
        """Reports the verdicts that are next in order."""
        if not self.said:
            return
        for _, case in sorted(self.cases.items()):
            if not case.verdict and not self.given_up:
                return
            if case.verdict and not getattr(case, "told", False):
                case.told = True
                self.said(case)

    def failures(self, levels=("required", "expected")):
        return [c for _, c in sorted(self.cases.items())
                if c.verdict == "not ok" and c.level in levels]

    def failed(self):
        return bool(self.given_up or self.failures() or
                    [c for c in self.cases.values() if not c.verdict])
