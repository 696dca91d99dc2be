# SPDX-License-Identifier: BSD-2-Clause
"""An HTTP server on the host's loopback, in threads of the test, which does
what its pages say: chunks, redirects, cut connections, ranges, errors."""
import re
import socket
import socketserver
import threading

REASONS = {200: "OK", 206: "Partial Content", 301: "Moved Permanently",
           302: "Found", 307: "Temporary Redirect", 403: "Forbidden",
           404: "Not Found", 500: "Internal Server Error"}


class Page:
    """body: bytes or the path of a file.
    chunk: sizes of chunks; None: with Content-Length
    cut: close the connection after so many bytes, the first `cuts` times
    ranges: understand Range
    status, location, fields: of the response
    raw: sent instead of all of it"""

    def __init__(self, body=b"", chunk=None, cut=None, cuts=1, ranges=True,
                 status=200, location=None, fields=(), raw=None):
        if isinstance(body, str):
            with open(body, "rb") as f:
                body = f.read()
        self.body, self.chunk, self.cut, self.cuts = body, chunk, cut, cuts
        self.ranges, self.status, self.location = ranges, status, location
        self.fields, self.raw = fields, raw

    def head(self, start):
        status = 206 if start and self.status == 200 else self.status
        lines = ["HTTP/1.1 %d %s" % (status, REASONS.get(status, "Odd"))]
        if self.location:
            lines.append("Location: " + self.location)
        if self.chunk:
            lines.append("Transfer-Encoding: chunked")
        else:
            lines.append("Content-Length: %d" % (len(self.body) - start))
        if self.ranges:
            lines += ["Accept-Ranges: bytes", 'ETag: "%d"' % len(self.body)]
        if status == 206:
            lines.append("Content-Range: bytes %d-%d/%d" % (
                start, len(self.body) - 1, len(self.body)))
        lines += self.fields
        return ("\r\n".join(lines) + "\r\n\r\n").encode()

    def pieces(self, start):
        """The bytes after the head."""
        if not self.chunk:
            for at in range(start, len(self.body), 65536):
                yield self.body[at:at + 65536]
            return
        at = start
        while at < len(self.body):
            part = self.body[at:at + self.chunk]
            yield b"%x;name=value\r\n%s\r\n" % (len(part), part)
            at += len(part)
        yield b"0\r\nTrailer: x\r\n\r\n"


class Handler(socketserver.StreamRequestHandler):
    disable_nagle_algorithm = True

    def handle(self):
        try:
            while self.request_once():
                pass
        except OSError:
            pass        # the guest went away

    def read_head(self):
        head = b""
        while b"\r\n\r\n" not in head:
            data = self.connection.recv(4096)
            if not data:
                return None
            head += data
        return head.decode("latin-1")

    def request_once(self):
        """Returns whether the connection goes on."""
        head = self.read_head()
        if head is None:
            return False
        line, _, fields = head.partition("\r\n")
        method, target, _ = line.split(" ", 2)
        server = self.server.web
        with server.lock:
            server.requests.append((method, target, fields))
            server.asked(target)
        page = server.pages.get(target, Page(b"no such page\n", status=404))
        if page.raw is not None:
            self.connection.sendall(page.raw)
            return False
        return self.answer(page, fields)

    def answer(self, page, fields):
        asked = re.search(r"^Range: bytes=(\d+)-\r?$", fields, re.M | re.I)
        start = int(asked.group(1)) if asked and page.ranges else 0
        left = None
        if page.cut is not None and page.cuts > 0:
            page.cuts -= 1
            left = page.cut
        self.connection.sendall(page.head(start))
        for piece in page.pieces(start):
            if left is not None:
                piece = piece[:left]
                left -= len(piece)
            self.connection.sendall(piece)
            if left == 0:
                return False
        return "connection: close" not in fields.lower()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 32


class _Server6(_Server):
    address_family = socket.AF_INET6


class WebServer:
    """pages: {path: Page}. requests: (method, path, fields) so far."""

    def __init__(self, pages, address="127.0.0.1", port=0):
        self.pages, self.requests, self.lock = pages, [], threading.Lock()
        kind = _Server6 if ":" in address else _Server
        self.server = kind((address, port), Handler)
        self.server.web = self
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, args=(0.05,),
                         daemon=True).start()

    def asked(self, path):
        """Called at each request; for subclasses."""

    def url(self, path, host="10.0.2.2"):
        return "http://%s:%d%s" % (host, self.port, path)

    def close(self):
        self.server.shutdown()
        self.server.server_close()

