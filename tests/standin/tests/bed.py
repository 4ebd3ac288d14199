"""The bed that these tests run on: a stand-in, spoken to with boto3 as anybody would."""

import atexit
import json
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parent.parent
REGION = "eu-central-1"


class Standin:
    """The process: started when the first test wants it, ended with its stdin."""

    def __init__(self) -> None:
        # Its time stands still unless a test advances it.
        command = [sys.executable, "-m", "standin", "--scale", "0"]
        self.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().removeprefix("listening on ").strip()

    def end(self) -> int:
        """Hangs up, and gives the exit code."""
        self.process.stdin.close()
        code = self.process.wait(30)
        self.process.stdout.close()
        return code


@cache
def shared() -> Standin:
    """One for all tests: starting it takes longer than most of them."""
    standin = Standin()
    atexit.register(standin.end)
    return standin


@cache
def client(url: str, service: str) -> Any:
    return boto3.client(
        service,
        endpoint_url=url,
        region_name=REGION,
        aws_access_key_id="testing",
        aws_secret_access_key="testing",
        config=Config(retries={"max_attempts": 0}, read_timeout=30),
    )


class Bed(unittest.TestCase):
    """Tests on a world that is new for each; `self.aws("ec2")` is a client of it."""

    def setUp(self) -> None:
        self.url = shared().url
        self.post("reset")

    def aws(self, service: str) -> Any:
        return client(self.url, service)

    def get(self, path: str) -> Any:
        return self._control(urllib.request.Request(f"{self.url}/_standin/{path}"))

    def post(self, path: str, **body: Any) -> Any:
        body = json.dumps(body).encode()
        return self._control(urllib.request.Request(f"{self.url}/_standin/{path}", body, method="POST"))

    def _control(self, request: urllib.request.Request) -> Any:
        try:
            with urllib.request.urlopen(request) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            self.fail(error.read().decode())

    def advance(self, seconds: float) -> None:
        self.post("advance", seconds=seconds)

    def refused(self, code: str, call: Callable[..., Any], **params: Any) -> str:
        """The call fails with a code; gives the message."""
        with self.assertRaises(ClientError) as caught:
            call(**params)
        error = caught.exception.response["Error"]
        self.assertEqual(error["Code"], code, error["Message"])
        return error["Message"]

    def living(self, kind: str) -> list[dict[str, Any]]:
        """What lives of a kind (`ec2.vpc`) by the stand-in's own account."""
        service, _, type_ = kind.partition(".")
        state = self.get("state")
        return [one for one in state if (one["service"], one["type"]) == (service, type_) and not one.get("gone")]
