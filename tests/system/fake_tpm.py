# SPDX-License-Identifier: BSD-2-Clause
"""A TPM on QEMU's control socket that answers what a test wants.
[swtpm man 3 swtpm_ioctls; QEMU backends/tpm/tpm_ioctl.h]"""
import array
import os
import socket
import struct
import threading

import swtpm

# Control commands: their size after the code, and the answer.
OK = bytes(4)
CONTROL = {0x01: (0, OK + bytes.fromhex("0000ffff")),   # GET_CAPABILITY
           0x02: (4, OK), 0x03: (0, OK),                # INIT, SHUTDOWN
           0x05: (1, OK), 0x0e: (0, OK),                # SET_LOCALITY, STOP
           0x10: (0, OK),                               # SET_DATAFD
           0x11: (4, OK + struct.pack(">III", 0x1000, 0xaf8, 0x1000))}
SET_DATAFD = 0x10


def response(rc=0, body=b"", tag=0x8001):
    return struct.pack(">HII", tag, 10 + len(body), rc) + body


def banks(*algorithms, selects=b"\xff\xff\xff", more=0, kind=5):
    """What GetCapability(PCRS) says: those are active."""
    return response(body=struct.pack(">BII", more, kind, len(algorithms)) +
                    b"".join(struct.pack(">HB", a, len(selects)) + selects
                             for a in algorithms))


DONE = response(body=bytes.fromhex("00000000 0000010000"), tag=0x8002)
ERROR = response(0x101)             # TPM_RC_FAILURE
ENDS = b""      # the TPM ends instead
GONE = bytes.fromhex("00c40000000a00000009")    # QEMU's own answer without TPM

# Of a TPM that works, with one bank.
GOOD = {"Startup": response(), "SelfTest": response(), "Shutdown": response(),
        "GetCapability": banks(0xb), "PCR_Extend": DONE,
        "HierarchyControl": DONE, "HierarchyChangeAuth": DONE,
        "GetRandom": response(body=b"\0\x20" + bytes(range(32))),
        "ReadClock": ERROR}


class FakeTpm:
    """answers: {name of a command: its response, None for none at all, or a
    list of those, the last for ever}. names, commands: what has come."""

    def __init__(self, folder, answers=()):
        self.answers = dict(GOOD, **dict(answers))
        self.names, self.commands, self.sockets = [], [], []
        path = os.path.join(folder, "control")
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(path)
        listener.listen(1)
        self.options = swtpm.options(path)
        self.threads = []
        self._begin(self._accept, listener)

    def _begin(self, function, connection):
        self.sockets.append(connection)
        thread = threading.Thread(target=self._run, daemon=True,
                                  args=(function, connection))
        self.threads.append(thread)
        thread.start()

    def _run(self, function, connection):
        """Until the other end or close() closes the connection."""
        try:
            while function(connection):
                pass
        except OSError:
            pass

    def _accept(self, listener):
        self._begin(self._control, listener.accept()[0])

    def _control(self, connection):
        head, extra, _, _ = connection.recvmsg(4, 1024)
        if len(head) == 4:
            code, = struct.unpack(">I", head)
            size, answer = CONTROL[code]
            while size:
                size -= len(connection.recv(size))
            if code == SET_DATAFD:
                self._begin(self._serve, socket.socket(
                    fileno=array.array("i", extra[0][2])[0]))
            connection.sendall(answer)
        return head

    def _serve(self, data):
        command = data.recv(4096)
        if command:
            code = int.from_bytes(command[6:10], "big")
            name = swtpm.COMMANDS.get(code, "%x" % code)
            self.names.append(name)
            self.commands.append(command)
            answer = self.answers.get(name, response(0x143))
            if isinstance(answer, list):
                answer = answer.pop(0) if len(answer) > 1 else answer[0]
            if answer == ENDS:
                data.shutdown(socket.SHUT_RDWR)
            elif answer is not None:
                data.sendall(answer)
        return command

    def close(self):
        for end in self.sockets:
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join()
        for end in self.sockets:
            end.close()
