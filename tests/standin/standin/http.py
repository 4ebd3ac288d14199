"""HTTP/1.1 over kept-alive connections, as much of it as SDKs speak. It knows nothing of AWS.

The standard library's handler reads headers as if they were an e-mail's, which takes longer than most calls do here.
"""

import socket
import socketserver
import struct
import sys
import traceback
from collections.abc import Callable
from http import HTTPStatus

from .wire import Reply

# `f(method, target, headers, body)`; headers by their names in small letters. No reply means: cut the connection.
Answer = Callable[[str, str, dict[str, str], bytes], Reply | None]

# What is said about the connection is said here, and once.
_OURS = ("content-length", "connection", "date", "server")


def handler(answer: Answer) -> type[socketserver.StreamRequestHandler]:
    """What serves one connection."""

    class Handler(socketserver.StreamRequestHandler):
        # Without this an answer in pieces waits for an acknowledgement.
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while self._next():
                pass

        def _next(self) -> bool:
            """Answers the next request; whether another may follow."""
            first = self.rfile.readline().decode("latin-1").split()
            if len(first) != 3:
                return False
            method, target, version = first
            headers = self._headers()
            if headers.get("expect", "").lower() == "100-continue":
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            reply = answer(method, target, headers, self._body(headers))
            if reply is None:
                # No goodbye: with this option closing sends a reset.
                self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                return False
            self.wfile.write(_bytes(reply, with_body=method != "HEAD"))
            return version == "HTTP/1.1" and headers.get("connection", "").lower() != "close"

        def _headers(self) -> dict[str, str]:
            headers: dict[str, str] = {}
            while line := self.rfile.readline().strip():
                name, _, value = line.decode("latin-1").partition(":")
                name, value = name.lower(), value.strip()
                headers[name] = f"{headers[name]},{value}" if name in headers else value
            return headers

        def _body(self, headers: dict[str, str]) -> bytes:
            if "chunked" not in headers.get("transfer-encoding", ""):
                return self.rfile.read(int(headers.get("content-length", 0)))
            chunks = []
            while size := int(self.rfile.readline().split(b";")[0], 16):
                chunks.append(self.rfile.read(size))
                self.rfile.readline()
            self.rfile.readline()
            return b"".join(chunks)

    return Handler


def _bytes(reply: Reply, with_body: bool) -> bytes:
    own = [f"{name}: {value}\r\n" for name, value in reply.headers.items() if name.lower() not in _OURS]
    first = f"HTTP/1.1 {reply.status} {HTTPStatus(reply.status).phrase}\r\n"
    head = f"{first}{''.join(own)}Content-Length: {len(reply.body)}\r\n\r\n".encode("latin-1")
    return head + reply.body if with_body else head


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 1024

    def shutdown_request(self, request: socket.socket) -> None:
        # The base class says goodbye before closing, which would hide a cut connection.
        linger = request.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8)
        if struct.unpack("ii", linger)[0]:
            self.close_request(request)
        else:
            super().shutdown_request(request)

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is none of our business; all else is."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            traceback.print_exc()
