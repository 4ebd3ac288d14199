"""Targets of target groups: registered, checked for health at the group's own interval, drained.

Whose a target is doesn't matter here: who answers at an address says so in `RESPONDERS` (`ecs/wiring.py` does for
tasks); an instance answers while it runs. A check succeeds only if a load balancer uses the group, is active, and the
security groups let it through.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, str, int]  # target group's ARN, id (address or instance), port

# A finder of who answers: f(world, region, id) -> f(port) -> bool, or nothing if it knows none there.
RESPONDERS: list[Callable[[Any, str, str], Callable[[int], bool] | None]] = []


@dataclass
class Target:
    """One registration. State names and reasons: elasticloadbalancing `TargetHealth`,
    https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetHealth.html"""

    key: Key
    region: str
    state: str = "initial"
    reason: str | None = "Elb.RegistrationInProgress"
    text: str | None = "Target registration is in progress"
    passed: int = 0
    failed: int = 0
    gone: bool = False
    # Who wants to know when the state changes.
    watchers: list[Callable[["Target"], None]] = field(default_factory=list)

    def become(self, state: str, reason: str | None = None, text: str | None = None) -> None:
        changed = state != self.state
        self.state, self.reason, self.text = state, reason, text
        if changed:
            for watcher in list(self.watchers):
                watcher(self)


def table(world: Any) -> dict[Key, Target]:
    return world.facts("targets")


def group(world: Any, region: str, arn: str) -> Any:
    """moto's target group, or nothing."""
    return world.backend("elbv2", region).target_groups.get(arn)


def register(world: Any, region: str, key: Key) -> Target:
    """Registers a target; again means: the same, or back from draining."""
    old = table(world).get(key)
    if old and old.state != "draining":
        return old
    if old:
        old.gone = True
    target = table(world)[key] = Target(key, region)
    _arm(world, target)
    return target


def deregister(world: Any, key: Key) -> float:
    """Begins to drain a target. Gives the seconds that it takes."""
    target = table(world).get(key)
    if not target or target.state == "draining":
        return 0.0
    owner = group(world, target.region, key[0])
    if not owner:
        _forget(world, target)
        return 0.0
    # A target that never took traffic has nothing to drain.
    used = target.state in ("healthy", "unhealthy")
    delay = float(owner.attributes.get("deregistration_delay.timeout_seconds", 300)) if used else 0.0
    target.become("draining", "Target.DeregistrationInProgress", "Target deregistration is in progress")
    world.after(delay, lambda: _forget(world, target))
    return delay


def _forget(world: Any, target: Target) -> None:
    target.gone = True
    if table(world).get(target.key) is target:
        del table(world)[target.key]


def _arm(world: Any, target: Target) -> None:
    owner = group(world, target.region, target.key[0])
    if owner:
        world.after(float(owner.health_check_interval_seconds), lambda: _check(world, target))


def _check(world: Any, target: Target) -> None:
    """One health check.
    https://docs.aws.amazon.com/elasticloadbalancing/latest/application/target-group-health-checks.html"""
    owner = group(world, target.region, target.key[0])
    if target.gone or target.state == "draining" or not owner:
        return
    balancers = users(world, target.region, target.key[0])
    if not balancers:
        target.passed = target.failed = 0
        target.become(
            "unused", "Target.NotInUse", "Target group is not configured to receive traffic from the load balancer"
        )
    elif all(balancer.state == "provisioning" for balancer in balancers):
        target.become("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")
    else:
        _judge(world, target, owner, balancers)
    _arm(world, target)


def _judge(world: Any, target: Target, owner: Any, balancers: list[Any]) -> None:
    through = any(reachable(world, target, balancer) for balancer in balancers)
    if through and answers(world, target):
        target.passed, target.failed = target.passed + 1, 0
        if target.passed >= int(owner.healthy_threshold_count):
            target.become("healthy")
            return
    else:
        target.passed, target.failed = 0, target.failed + 1
        if target.failed >= int(owner.unhealthy_threshold_count):
            reason = (
                ("Target.FailedHealthChecks", "Health checks failed")
                if through
                else ("Target.Timeout", "Request timed out")
            )
            target.become("unhealthy", *reason)
            return
    if target.state in ("initial", "unused"):
        target.become("initial", "Elb.InitialHealthChecking", "Initial health checks in progress")


def users(world: Any, region: str, arn: str) -> list[Any]:
    """The load balancers (moto's) that have a listener or a rule which forwards to the group."""
    backend = world.backend("elbv2", region)
    found = []
    for listener in [one for balancer in backend.load_balancers.values() for one in balancer.listeners.values()]:
        actions = list(listener.default_actions or [])
        for rule in listener.rules.values():
            actions += rule.actions
        if any(arn in str(getattr(action, "data", action)) for action in actions):
            found.append(backend.load_balancers[listener.load_balancer_arn])
    return found


def answers(world: Any, target: Target) -> bool:
    """Whether somebody is there and says that all is well."""
    _, place, port = target.key
    for responder in RESPONDERS:
        found = responder(world, target.region, place)
        if found is not None:
            return found(port)
    machine = world.backend("ec2", target.region).get_instance_by_id(place)
    return bool(machine) and machine.state == "running"


def reachable(world: Any, target: Target, balancer: Any) -> bool:
    """Whether the security groups of the target let the load balancer's packets in."""
    ec2 = world.backend("ec2", target.region)
    _, place, port = target.key
    for interface in ec2.enis.values():
        if place not in (interface.private_ip_address, interface.instance and interface.instance.id):
            continue
        return any(_admits(rule, port, balancer) for one in interface.group_set for rule in one.ingress_rules)
    return False


def _admits(rule: Any, port: int, balancer: Any) -> bool:
    if rule.ip_protocol not in ("-1", "tcp"):
        return False
    if rule.ip_protocol == "tcp" and not rule.from_port <= port <= rule.to_port:
        return False
    if rule.source_group:
        return rule.source_group.get("GroupId") in balancer.security_groups
    if not rule.cidr_ipv4:
        return False
    allowed = ipaddress.ip_network(rule.cidr_ipv4, strict=False)
    return any(ipaddress.ip_network(subnet.cidr_block).subnet_of(allowed) for subnet in balancer.subnets)
