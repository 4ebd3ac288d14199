"""What containers do, by their image: run (the default), crash, never get healthy, ignore signals; and which images
exist.

Tests say it with `POST /_standin/images`. Images of this account's ECR exist if they are in moto's ECR; all others
exist.
"""

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from hashlib import sha256
from typing import Any

# What a behaviour may say, with its meaning in `Behaviour`.
KEYS = {"exit", "after", "reason", "log", "unhealthy", "missing", "pull", "healthy_after", "ignore_sigterm", "times"}

_ECR = re.compile(r"^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com/(.+?)(?::([^:@/]+))?(?:@(sha256:[0-9a-f]{64}))?$")


@dataclass
class Behaviour:
    """How containers of an image behave."""

    exit: int | None = None  # exits by itself with this code ..
    after: float = 3.0  # .. so many seconds after its start
    reason: str | None = None  # what the runtime says about the exit (`OutOfMemoryError: ..`)
    log: list[str] = field(default_factory=list)
    unhealthy: bool = False  # runs, but no health check of any kind succeeds
    missing: bool = False  # can't be pulled
    pull: float | None = None  # seconds that the pull takes
    healthy_after: float = 5.0  # seconds from its start until checks succeed
    ignore_sigterm: bool = False  # has to be killed after the stop timeout
    times: int | None = None  # so many starts behave like this, then it is as by default


class Images:
    """The table of behaviours, and what is in ECR."""

    def __init__(self, world: Any):
        self._world = world
        self._rules: list[tuple[str, Behaviour]] = []

    def behave(self, pattern: str, behaviour: dict[str, Any]) -> None:
        """Containers whose image matches behave so; the latest word wins. `pattern` is compared with `name:tag`, with
        the whole reference and with the digest; `*` stands for anything."""
        unknown = set(behaviour) - KEYS
        if unknown:
            raise ValueError(f"unknown behaviour: {', '.join(sorted(unknown))}; there is: {', '.join(sorted(KEYS))}")
        self._rules.insert(0, (pattern, Behaviour(**behaviour)))

    def forget(self) -> None:
        self._rules.clear()

    def behaviour(self, reference: str) -> Behaviour:
        """What a container that starts from this reference does. Counts `times` down."""
        names = self._names(reference)
        for pattern, behaviour in self._rules:
            if not any(fnmatchcase(name, pattern) for name in names):
                continue
            if behaviour.times is None:
                return behaviour
            if behaviour.times > 0:
                behaviour.times -= 1
                return behaviour
        return Behaviour()

    def missing(self, reference: str) -> str | None:
        """Why the image can't be pulled, in the container runtime's words; nothing if it can."""
        names = self._names(reference)
        told = any(b.missing and any(fnmatchcase(n, p) for n in names) for p, b in self._rules)
        if not told and (not self._is_ours(reference) or self._image(reference)):
            return None
        # https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_cannot_pull_image.html
        return (
            "CannotPullContainerError: pull image manifest has been retried 1 time(s): failed to resolve ref "
            f"{reference}: {reference}: not found"
        )

    def digest(self, reference: str) -> str:
        image = self._image(reference)
        if image:
            return image.get_image_digest()
        return reference.partition("@")[2] or "sha256:" + sha256(reference.encode()).hexdigest()

    def _is_ours(self, reference: str) -> bool:
        found = _ECR.match(reference)
        return bool(found) and found.group(1) == self._world.account

    def _image(self, reference: str) -> Any:
        found = _ECR.match(reference)
        if not found or found.group(1) != self._world.account:
            return None
        _account, region, name, tag, digest = found.groups()
        repository = self._world.backend("ecr", region).repositories.get(name)
        for image in repository.images if repository else []:
            if image.get_image_digest() == digest if digest else (tag or "latest") in image.image_tags:
                return image
        return None

    def _names(self, reference: str) -> set[str]:
        """All that an image is known by."""
        bare = reference.partition("@")[0]
        names = {reference, bare, bare.rsplit("/", 1)[-1], reference.partition("@")[2]}
        image = self._image(reference)
        if image:
            repository = _ECR.match(reference).group(3)
            for tag in image.image_tags:
                names |= {f"{repository}:{tag}", f"{repository.rsplit('/', 1)[-1]}:{tag}"}
            names.add(image.get_image_digest())
        else:
            name, _, tag = bare.rsplit("/", 1)[-1].partition(":")
            names.add(f"{name}:{tag or 'latest'}")
        return names - {""}
