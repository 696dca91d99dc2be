#!/usr/bin/python3
# SPDX-License-Identifier: BSD-2-Clause
"""Takes QEMU's place for the tests of ci-scripts/conformance: prints what a
client prints on a firmware that fails in every way. FAKE_QEMU=mute prints
nothing at all."""
import os
import re
import sys
import time

# (group, run, level, name, what is printed): the console stays open behind
# the text unless that ends with END or GOOD_END.
END, GOOD_END, RESET = "\x04", "\x05", "\x07"
FIRMWARE = "\r\nE3406: the firmware goes on\r\n"
AGAIN = "\r\nTAP version 14\r\n1..26\r\n"
CASES = (
    ("one", "main", "required", "passes", "ok"),
    ("one", "main", "required", "hangs", "half a li"),
    ("one", "main", "expected", "crashes", "Exception 300\r\n" + END),
    ("one", "main", "required", "resets", RESET),
    ("one", "main", "extension", "is absent", "skip"),
    ("two", "main", "expected", "fails", "not ok"),
    ("two", "main", "required", "goes to the prompt", "\r\nok\r\n0 > "),
    ("two", "main", "required", "talks for ever", "for ever"),
    ("two", "main", "required", "passes after text", "text ok"),
    ("exit", "exit", "required", "leaves", "# leave 10 exit" + FIRMWARE),
    ("exit", "exit", "required", "leaves to the prompt",
     "# leave 11 exit\r\n0 > "),
    ("exit", "exit", "required", "leaves and ends the machine",
     "# leave 12 exit\r\n" + GOOD_END),
    ("exit", "exit", "expected", "leaves and hangs", "# leave 13 exit\r\n"),
    ("exit", "exit", "expected", "comes back",
     "# leave 14 exit\r\n" + "not ok"),
    ("exit", "exit", "expected", "passes afterwards", "ok"),
    ("boot", "boot", "required", "boots", "# leave 16 boot" + FIRMWARE +
     AGAIN + "ok"),
    ("boot", "boot", "required", "boots something else",
     "# leave 17 boot" + FIRMWARE + "\r\n# end\r\n"),
    ("exit", "exit", "required", "leaves into a crash",
     "# leave 18 exit\r\n( 700 ) Program Exception [ 0 ]\r\n2 > 7"),
    ("exit", "exit", "required", "powers off", "# leave 19 power-off\r\n" +
     GOOD_END),
    ("exit", "exit", "required", "does not power off",
     "# leave 20 power-off" + FIRMWARE + "0 > "),
    ("exit", "exit", "required", "does not come back",
     "# leave 21 exit" + FIRMWARE + "not ok"),
    ("exit", "exit", "required", "starts anew",
     "# leave 22 reset-all" + FIRMWARE + AGAIN),
    ("exit", "exit", "required", "does not start anew",
     "# leave 23 reset-all" + FIRMWARE),
    ("exit", "exit", "expected", "chains into nothing",
     "# leave 24 wild-chain\r\nProgram Exception\r\n0 > "),
    ("enter", "enter", "required", "enters and comes back",
     "# leave 25 enter" + FIRMWARE + "ok"),
    ("enter", "enter", "required", "comes back at once",
     "# leave 26 enter\r\nok"),
)


def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()


def verdict(number, name, text):
    """What stands for a verdict at the text's end becomes its line."""
    if text.endswith("not ok"):
        return "%snot ok %d - %s # IEEE 1275\r\n  ---\r\n  level: expected" \
            "\r\n  message: \"got 0x1, want 0x2\"\r\n  ...\r\n" \
            % (text[:-6], number, name)
    if text.endswith("skip"):
        return "ok %d - %s # SKIP there is none\r\n" % (number, name)
    if text.endswith("ok"):
        return "%sok %d - %s # IEEE 1275\r\n" % (text[:-2], number, name)
    return None


def wait():
    while True:
        time.sleep(60)


def perform(number, name, text):
    line = verdict(number, name, text)
    if line:
        say(line)
    elif text == RESET:
        os.execv(__file__, sys.argv)
    elif text == "for ever":
        while True:
            say("still here\r\n")
            time.sleep(0.1)
    elif text.endswith(END):
        say(text[:-1])
        sys.exit("qemu: fatal: the machine stopped")
    elif text.endswith(GOOD_END):
        say(text[:-1])
        sys.exit(0)
    else:
        say(text)
        wait()


def main():
    if os.environ.get("FAKE_QEMU") == "mute":
        wait()
    where = sys.argv[sys.argv.index("-kernel") + 1] \
        if "-kernel" in sys.argv else \
        re.search(r"file=([^,]+)", " ".join(sys.argv)).group(1)
    with open(where, "rb") as f:
        data = f.read(8 << 20)
    words = re.search(rb"GUEST-ARGUMENTS:([^\0]*)", data).group(1).decode()
    asked = dict(w.split("=", 1) for w in words.split())
    run = asked.get("run", "main")
    say("\r\nTAP version 14\r\n1..%d\r\n" % len(CASES))
    for number, (group, own, level, name, text) in enumerate(CASES, 1):
        if run == "list":
            say("# case %d | %s | %s | %s | IEEE 1275 | %s\r\n"
                % (number, group, own, level, name))
        elif "only" in asked and number != int(asked["only"]):
            continue
        elif run == own and number >= int(asked.get("from", 0)):
            perform(number, name, text)
        elif own != "main" and run == "main":
            say("ok %d - %s # SKIP in a run of its own, run=%s\r\n"
                % (number, name, own))
    say("# end\r\n")
    wait()


main()
