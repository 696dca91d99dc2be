# SPDX-License-Identifier: BSD-2-Clause
"""Ways to break the firmware's source, one at a time, for ci-scripts/mutants."""
import collections
import glob
import re

# Where services and the functions they call are searched.
SOURCES = ("ci/*.c", "drivers/instance.c", "tree/path.c", "tree/alias.c",
           "tree/prop.c")
# Functions that every call passes through.
DISPATCH = ("ci/call.c", "ci/mem.c")
# A function with more callers than this belongs to no service.
CALLERS = 4
ENTRY = "entry/client.S"

# Functions that only print, for debugging.
SILENT = re.compile(r"trace|print|refuse|watch|log")

# Code that runs only if the heap is full: excluded, because which allocation
# fails first is chance. The suite's run no-memory has cases for some of it.
NO_MEMORY = re.compile(r"!copy|!buf\b|!blob|heap|NOMEM|!slots|!table|"
                       r"!inst(->args)?$")

Mutation = collections.namedtuple(
    "Mutation", "path line kind function old new start end code")

Function = collections.namedtuple("Function", "name path start end")

FUNCTION = re.compile(r"^(?:[a-z][\w \t*]*?[ *])(\w+)\(([^;{}]*)\)\n\{\n(.*?)^\}",
                      re.M | re.S)

RETURN, ERROR, BOUND, REGISTER = KINDS = (
    "return value", "error path", "bound", "register")
EFFECT = "missing effect"

# kind, pattern, replacement of group 1.
RULES = (
    (RETURN, r"a->out\[\d\] = ((?!CELL_FAIL|0;)[^;]+);", r"(\1) ^ 1"),
    (EFFECT, r"\n\t+((?!heap_free|log_|print|watch|reason|assert)\w+"
             r"\([^;{}]*\));", "(void)0"),
    (ERROR, r"a->out\[\d\] = (CELL_FAIL);", "0"),
    (ERROR, r"return (ERR_\w+|-1);", "0"),
    (ERROR, r"return (CELL_FAIL);", "0"),
    (ERROR, r"return (fail\((?:[^;])*?\));", "0"),
    (ERROR, r"return (false);", "true"),
    (ERROR, r"\bif \(((?:[^()]|\((?:[^()]|\([^()]*\))*\))+)\)\n\t+"
                   r"(?:return|goto|continue|break)\b", r"0 && (\1)"),
    # Not comparisons with 0: errors are negative, and 0 is no error.
    (BOUND, r"[\w\])] (<) (?!0\b)[\w(]", "<="),
    (BOUND, r"[\w\])] (<=) (?!0\b)[\w(]", "<"),
    (BOUND, r"[\w\])] (>) (?!0\b)[\w(]", ">="),
    (BOUND, r"[\w\])] (>=) (?!0\b)[\w(]", ">"),
    (BOUND, r"[\w\])]( \+ 1)[;,)\]]", ""),
    (BOUND, r"[\w\])]( - 1)[;,)\]]", ""),
    (BOUND, r"\b(MIN)\(", "MAX"),
    (BOUND, r"\b(MAX)\(", "MIN"),
)


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def functions(path):
    text = read(path)
    return [Function(m.group(1), path, m.start(3), m.end(3))
            for m in FUNCTION.finditer(text)
            if not SILENT.search(m.group(1))]


def in_comment_or_text(text, at):
    """Whether a place is inside a comment or a string literal."""
    line = text[text.rfind("\n", 0, at) + 1:at]
    before = text[:at]
    return (line.count('"') % 2 == 1 or "//" in line or
            before.rfind("/*") > before.rfind("*/"))


def code_at(text, at):
    """The line of source at a place."""
    end = text.find("\n", at)
    return " ".join(text[text.rfind("\n", 0, at) + 1:end].split())


def in_function(function):
    """Every mutation of one function."""
    text, found = read(function.path), []
    body = text[function.start:function.end]
    for kind, pattern, new in RULES:
        for m in re.finditer(pattern, body):
            start = function.start + m.start(1)
            if in_comment_or_text(text, start) or \
                    NO_MEMORY.search(m.group(1)) or \
                    code_at(text, start).startswith("assert("):
                continue
            found.append(Mutation(
                function.path, text.count("\n", 0, start) + 1, kind,
                function.name, m.group(1), new.replace(r"\1", m.group(1)),
                start, function.start + m.end(1), code_at(text, start)))
    return found


def services():
    """(name, handler) of every service, in the table's order."""
    return re.findall(r'^\t\{ "([\w-]+)",\s+\d+, \d+, (\w+),',
                      read("ci/services.c"), re.M)


def not_called(service):
    """For a service whose handler has nothing to break: it is refused."""
    text = read("ci/services.c")
    m = re.search(r'"%s",\s+(\d+), ' % re.escape(service), text)
    return Mutation("ci/services.c", text.count("\n", 0, m.start()) + 1,
                    BOUND, "ci_services", m.group(1),
                    str(int(m.group(1)) + 1), m.start(1), m.end(1), service)


def reached(handler, known, bodies, callers):
    """The handler, and the functions that it and few others call."""
    called = re.findall(r"\b(\w+)\(", bodies.get(handler, ""))
    near = [c for c in called if c in known and callers[c] <= CALLERS]
    return [known[f] for f in dict.fromkeys([handler] + near) if f in known]


def of_services():
    """Service or "dispatch" -> its mutations. What a service without results
    does stands for its return value."""
    known, callers = {}, collections.Counter()
    for pattern in SOURCES:
        for path in sorted(glob.glob(pattern)):
            known.update((f.name, f) for f in functions(path))
    bodies = {name: read(f.path)[f.start:f.end] for name, f in known.items()}
    for body in bodies.values():
        callers.update(set(re.findall(r"\b(\w+)\(", body)) & set(known))
    result = {}
    for name, handler in services():
        found = [m for f in reached(handler, known, bodies, callers)
                 for m in in_function(f)]
        if any(m.kind == RETURN and m.function == handler for m in found):
            found = [m for m in found if m.kind != EFFECT]
        found = [m._replace(kind=RETURN) if m.kind == EFFECT else m
                 for m in found]
        result[name] = found or [not_called(name)]
    result["dispatch"] = [m for path in DISPATCH for f in functions(path)
                          for m in in_function(f) if m.kind != EFFECT]
    return result


def of_registers():
    """Each register that a call must preserve, changed before the return."""
    text = read(ENTRY)
    m = re.search(r"^client_interface:.*?^\t(blr)\b", text, re.M | re.S)
    at = m.start(1)
    spoilers = [("r%d" % n, "li %%r%d, 0x5a" % n) for n in
                [2] + list(range(13, 32))]
    spoilers += [("cr%d" % n, "crnot %d, %d" % (4 * n, 4 * n))
                 for n in range(8)]
    spoilers += [("r1", "addi %r1, %r1, 16"),
                 ("MSR", "mfmsr %r0; xori %r0, %r0, 0x2000; mtmsrd %r0")]
    return [Mutation(ENTRY, text.count("\n", 0, at) + 1, REGISTER,
                     "client_interface", "blr", "%s; blr" % code, at, at + 3,
                     "blr")
            for _, code in spoilers]


def applied(mutation):
    """The file's text with the mutation."""
    text = read(mutation.path)
    assert text[mutation.start:mutation.end] == mutation.old
    return text[:mutation.start] + mutation.new + text[mutation.end:]
