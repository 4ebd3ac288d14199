"""Token buckets per API, on this world's clock, as AWS documents them. Off unless a test turns them on."""

from .clock import Clock
from .wire import Call

# (burst, refill per second) by kind of EC2 action.
# https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-throttling.html, "Request token bucket sizes and refill rates"
EC2_UNPAGED_READ = (50.0, 10.0)
EC2_READ = (100.0, 20.0)
EC2_WRITE = (50.0, 5.0)
EC2_UNCATEGORISED = {
    "RunInstances": (5.0, 2.0),
    "TerminateInstances": (1000.0, 20.0),
    "CreateLaunchTemplateVersion": (100.0, 5.0),
    "CreateVolume": (100.0, 5.0),
    "CreateNetworkInterface": (100.0, 5.0),
    "DeleteNetworkInterface": (100.0, 5.0),
    "DescribeInstances": (100.0, 20.0),
    "AttachVolume": (100.0, 5.0),
}
# https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/DNSLimitations.html: five requests per second per account.
ROUTE53 = (5.0, 5.0)
# https://docs.aws.amazon.com/AmazonECS/latest/APIReference/request-throttling.html: burst and sustained rate per group.
ECS = {
    "cluster write": (20.0, 1.0),
    "cluster read": (50.0, 20.0),
    "service write": (50.0, 5.0),
    "service read": (100.0, 20.0),
    "cluster resource write": (100.0, 20.0),
    "cluster resource read": (100.0, 20.0),
    "task definition write": (20.0, 1.0),
    "task definition read": (50.0, 20.0),
}
# Elastic Load Balancing: https://docs.aws.amazon.com/elasticloadbalancing/latest/userguide/load-balancer-throttling.html
ELB_READ = (40.0, 10.0)
ELB_WRITE = (40.0, 3.0)
# Services that don't publish theirs.
OTHER = (50.0, 10.0)


class Buckets:
    def __init__(self, clock: Clock):
        self._clock = clock
        self._left: dict[str, tuple[float, float]] = {}

    def take(self, call: Call) -> bool:
        """Takes a token for a call; false if its bucket is empty."""
        key, (burst, rate) = _bucket(call)
        now = self._clock.now()
        left, since = self._left.get(key, (burst, now))
        left = min(burst, left + (now - since) * rate)
        self._left[key] = (left - 1 if left >= 1 else left, now)
        return left >= 1


def _bucket(call: Call) -> tuple[str, tuple[float, float]]:
    if call.service == "route53":
        return "route53", ROUTE53
    if call.service == "ec2":
        return _ec2(call)
    if call.service == "ecs":
        group = _ecs_group(call.action) + (" write" if call.mutating else " read")
        return f"ecs {group}", ECS[group]
    if call.service == "elasticloadbalancing":
        return f"elb {call.mutating}", ELB_WRITE if call.mutating else ELB_READ
    return f"{call.service} {call.mutating}", OTHER


def _ec2(call: Call) -> tuple[str, tuple[float, float]]:
    if call.action in EC2_UNCATEGORISED:
        return f"ec2.{call.action}", EC2_UNCATEGORISED[call.action]
    if call.mutating:
        return "ec2 write", EC2_WRITE
    paged = call.params.get("MaxResults") or call.params.get("Filters")
    ids = any(isinstance(value, list) for name, value in call.params.items() if name != "Filters")
    return ("ec2 read", EC2_READ) if paged or ids else ("ec2 unpaged read", EC2_UNPAGED_READ)


def _ecs_group(action: str) -> str:
    if "TaskDefinition" in action:
        return "task definition"
    if "Service" in action:
        return "service"
    if action in ("RunTask", "StopTask", "StartTask", "DescribeTasks", "ListTasks") or "ContainerInstance" in action:
        return "cluster resource"
    return "cluster"
