"""The bed that these tests run on: one stand-in per test class, spoken to with boto3 as anybody would."""

import json
import subprocess
import sys
import unittest
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ROOT = Path(__file__).resolve().parent.parent
REGION = "eu-central-1"


class Bed(unittest.TestCase):
    """One stand-in for a class of tests, emptied before each; `self.aws("ec2")` is a client of it. Time stands still
    unless a test advances it."""

    ARGUMENTS: list[str] = ["--scale", "0"]

    @classmethod
    def setUpClass(cls) -> None:
        command = [sys.executable, "-m", "standin", *cls.ARGUMENTS]
        cls.process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        cls.url = cls.process.stdout.readline().removeprefix("listening on ").strip()
        cls._clients: dict[str, Any] = {}

    @classmethod
    def tearDownClass(cls) -> None:
        for client in cls._clients.values():
            client.close()
        cls.process.stdin.close()
        if cls.process.wait(10) != 0:
            raise AssertionError("the stand-in ends with its stdin")
        cls.process.stdout.close()

    def setUp(self) -> None:
        self.post("reset")

    def aws(self, service: str) -> Any:
        if service not in self._clients:
            self._clients[service] = boto3.client(
                service,
                endpoint_url=self.url,
                region_name=REGION,
                aws_access_key_id="testing",
                aws_secret_access_key="testing",
                config=Config(retries={"max_attempts": 0}, read_timeout=30),
            )
        return self._clients[service]

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
