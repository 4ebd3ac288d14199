"""The server: puts each request through faults, rules and moto, and answers.

It knows no service. Replies that get lost are lost for real: the connection is cut (`http.py`).
"""

import io
import json
import logging
import sys
import threading
import time
import traceback
from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes, urlsplit

import boto3
from moto.core.exceptions import ServiceException
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.exceptions import HTTPException

from . import control, faults, haste, rules
from .http import Server, handler
from .lag import Lag
from .wire import (
    AwsError,
    Call,
    Reply,
    Request,
    Unreadable,
    error_code,
    error_reply,
    inner_call,
    parse_call,
    parse_result,
    serialize,
)
from .world import World

CONTROL = "/_standin/"
# Whose calls come from outside of what is tested: no fault meets them, and the log doesn't count them.
OUTSIDE = "outside"
# How often what is due is done when nobody asks anything, in real seconds.
BEAT = 0.05


class Front:
    """All of AWS behind one door."""

    def __init__(self, world: World):
        self.world = world
        self.url = ""
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._handlers: dict[tuple[str, str], Callable] = {}
        self._lag = Lag(world, self._read)
        rules.load()

    def handle(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply | None:
        """Answers a request. Nothing means: cut the connection."""
        url = urlsplit(target)
        if url.path == CONTROL + "act":
            return self._act(json.loads(body))
        if url.path.startswith(CONTROL):
            return self._control(method, url.path.removeprefix(CONTROL), body, dict(parse_qsl(url.query)))
        environ = _environ(method, target, headers, body)
        try:
            call = parse_call(Request(environ.copy()))
        except Unreadable as error:
            return Reply(400, {"Content-Type": "text/plain"}, f"the stand-in can't read this: {error}\n".encode())
        if call.access_key == OUTSIDE:
            with self.world.lock:
                self.world.regions.add(call.region)
                self.world.tick()
                return self._effect(call, environ)
        if latency := self.world.faults.latency(call):
            time.sleep(latency)
        with self.world.lock:
            return self._aws(call, environ)

    def _control(self, method: str, path: str, body: bytes, query: dict[str, str]) -> Reply:
        with self.world.lock:
            self.world.tick()
            status, value = control.answer(self.world, method, path, body, query)
        return Reply(status, {"Content-Type": "application/json"}, json.dumps(value, default=str).encode())

    def _act(self, wish: dict) -> Reply:
        """Somebody else's call, as boto3 spells it: `{service, method, params}`. All rules hold for it."""
        service, method, params = wish["service"], wish["method"], wish.get("params", {})
        region = wish.get("region", "eu-central-1")
        try:
            status, value = 200, getattr(_outside(self.url, service, region), method)(**params)
        except Exception as error:
            status, value = 400, {"error": str(error)}
        return Reply(status, {"Content-Type": "application/json"}, json.dumps(value, default=str).encode())

    def _aws(self, call: Call, environ: dict) -> Reply | None:
        self.world.regions.add(call.region)
        self.world.tick()
        fault = self.world.faults.draw(call)
        if fault == "timeout_before":
            self.world.log.add(call, "", fault)
            return None
        if fault and fault != "lost_reply":
            reply = error_reply(call, faults.as_error(fault, call, self.world.account))
        else:
            reply = self._effect(call, environ)
        self.world.log.add(call, error_code(reply), fault)
        return None if fault == "lost_reply" else reply

    def _effect(self, call: Call, environ: dict) -> Reply:
        try:
            reply = self.world.tokens.answer(call) or self._through_rules(call, environ)
            self.world.tokens.keep(call, reply)
            return reply
        except AwsError as error:
            return error_reply(call, error)
        except ServiceException as error:  # What moto's models say no with, when a rule asks them.
            return error_reply(call, AwsError(error.code, error.message))
        except HTTPException as error:  # The same, in moto's older form.
            code, message = getattr(error, "error_type", "InternalFailure"), getattr(error, "message", str(error))
            return error_reply(call, AwsError(code, message, error.code or 400))
        except Exception:  # A fault of the stand-in itself has to be seen, and not to look like AWS.
            traceback.print_exc()
            return error_reply(call, AwsError("StandinFailure", traceback.format_exc(limit=-3), 500))

    def _through_rules(self, call: Call, environ: dict) -> Reply:
        lagging, lag = self._lag, 0 if call.access_key == OUTSIDE else self.world.faults.lag(call)
        if lag:
            lagging.unseen(call)
            if still := lagging.ghosts(call):
                return serialize(call, still)
            lagging.before(call, lag)
        result = self._before(call)
        reply = self._ask_moto(call, environ) if result is None else serialize(call, result)
        after = rules.rules_after(call)
        if lag and lagging.concerns(call):
            after = [*after, lambda call, result, _world: lagging.edit(call, result)]
        if reply.status < 300 and after:
            result = parse_result(call, reply)
            for rule in after:
                result = rule(call, result, self.world) or result
            reply = serialize(call, result)
        if lag:
            lagging.after(call, reply.status < 300, result or {}, lag)
        return reply

    def _read(self, call: Call, action: str, params: dict) -> dict | None:
        """What another read of the same service says now; nothing if it fails."""
        inner, environ = inner_call(call, action, params)
        reply = self._ask_moto(inner, environ)
        return parse_result(inner, reply) if reply.status < 300 else None

    def _before(self, call: Call) -> dict | None:
        for rule in rules.rules_before(call.name):
            result = rule(call, self.world)
            if result is not None:
                return result
        return None

    def _ask_moto(self, call: Call, environ: dict) -> Reply:
        request = call.request
        if call.body is not None:
            request = Request({**environ, "wsgi.input": io.BytesIO(call.body), "CONTENT_LENGTH": str(len(call.body))})
        try:
            answer = self._handler(call, environ)(request, request.raw_url, dict(request.headers))
        except HTTPException as error:
            answer = error.code, dict(error.get_headers()), error.get_body()
        status, headers, body = answer if len(answer) == 3 else (200, {}, answer)
        body = body.encode() if isinstance(body, str) else body
        return Reply(int(status), {name: str(value) for name, value in headers.items()}, body)

    def _handler(self, call: Call, environ: dict) -> Callable:
        """moto's function for such calls. It is asked without the web framework that moto puts around it, which would
        read the request once more."""
        key = (call.service, call.action)
        if key not in self._handlers:
            app = self._moto.get_application(environ)
            endpoint, _ = app.url_map.bind_to_environ(environ).match()
            self._handlers[key] = app.view_functions[endpoint].callback
        return self._handlers[key]

    def beat(self) -> None:
        """Does what is due, for ever."""
        while True:
            time.sleep(BEAT)
            with self.world.lock:
                try:
                    self.world.tick()
                except Exception:  # As above; the next beat tries again.
                    traceback.print_exc()


@cache
def _outside(url: str, service: str, region: str) -> Any:
    """Somebody else's client."""
    keys = {"aws_access_key_id": OUTSIDE, "aws_secret_access_key": OUTSIDE}
    return boto3.client(service, region_name=region, endpoint_url=url, **keys)


def _environ(method: str, target: str, headers: dict[str, str], body: bytes) -> dict:
    """The request as WSGI has it."""
    path, _, query = target.partition("?")
    environ = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
        "QUERY_STRING": query,
        "RAW_URI": target,
        "REQUEST_URI": target,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in headers.items():
        environ["HTTP_" + name.upper().replace("-", "_")] = value
    environ["CONTENT_TYPE"] = environ.pop("HTTP_CONTENT_TYPE", "")
    environ["CONTENT_LENGTH"] = str(len(body))
    return environ


def serve(world: World, port: int) -> Server:
    """Begins to serve at a port of the loopback address (0: a free one)."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    haste.install()
    front = Front(world)
    server = Server(("127.0.0.1", port), handler(front.handle))
    front.url = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    threading.Thread(target=front.beat, daemon=True).start()
    return server
