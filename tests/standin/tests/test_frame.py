"""The frame: requests go through, faults befall them, calls are counted, time moves."""

import time
import unittest
from concurrent.futures import ThreadPoolExecutor

from bed import Bed, Standin
from botocore.exceptions import ConnectionClosedError, EndpointConnectionError


class Frame(Bed):
    def test_it_ends_with_its_stdin(self) -> None:
        self.assertEqual(Standin().end(), 0)

    def test_every_service_answers(self) -> None:
        self.aws("ec2").describe_vpcs()
        self.aws("ecs").list_clusters()
        self.aws("elbv2").describe_load_balancers()
        self.aws("route53").list_hosted_zones()
        self.aws("iam").list_roles()
        self.aws("acm").list_certificates()
        self.aws("servicediscovery").list_namespaces()
        self.aws("secretsmanager").list_secrets()
        self.aws("ssm").describe_parameters()
        self.aws("logs").describe_log_groups()
        self.aws("ecr").describe_repositories()
        self.aws("autoscaling").describe_auto_scaling_groups()
        self.aws("service-quotas").get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")
        self.aws("resourcegroupstaggingapi").get_resources()
        self.assertEqual(self.aws("sts").get_caller_identity()["Account"], "111122223333")
        self.assertEqual(len(self.get("calls")), 15)
        self.assertEqual({call["code"] for call in self.get("calls")}, {None})
        self.assertEqual(self.get("calls?summary=1")["ec2.DescribeVpcs"], 1)
        self.post("reset-calls")
        self.assertEqual(self.get("calls"), [])

    def test_a_lost_reply_has_its_effect_and_a_timeout_before_has_none(self) -> None:
        ec2 = self.aws("ec2")
        self.post("faults", once=[{"action": "ec2.CreateVpc", "n": 1, "fault": "lost_reply"}])
        with self.assertRaises((ConnectionClosedError, EndpointConnectionError)):
            ec2.create_vpc(CidrBlock="10.7.0.0/16")
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "cidr-block", "Values": ["10.7.0.0/16"]}])["Vpcs"]
        self.assertEqual(len(vpcs), 1)
        self.post("faults", timeout_before=1.0, only=["ec2.CreateVpc"])
        with self.assertRaises((ConnectionClosedError, EndpointConnectionError)):
            ec2.create_vpc(CidrBlock="10.8.0.0/16")
        vpcs = ec2.describe_vpcs(Filters=[{"Name": "cidr-block", "Values": ["10.8.0.0/16"]}])["Vpcs"]
        self.assertEqual(vpcs, [])

    def test_each_service_throttles_refuses_and_expires_in_its_own_words(self) -> None:
        calls = {
            "ec2": (self.aws("ec2").describe_vpcs, "RequestLimitExceeded", "UnauthorizedOperation", "RequestExpired"),
            "ecs": (
                self.aws("ecs").list_clusters,
                "ThrottlingException",
                "AccessDeniedException",
                "ExpiredTokenException",
            ),
            "iam": (self.aws("iam").list_roles, "Throttling", "AccessDenied", "ExpiredToken"),
            "route53": (self.aws("route53").list_hosted_zones, "Throttling", "AccessDenied", "ExpiredToken"),
        }
        for service, (call, throttled, denied, expired) in calls.items():
            with self.subTest(service):
                self.post("faults", error_5xx=1.0)
                broken = {"ec2": "InternalError", "ecs": "ServerException"}.get(service, "ServiceUnavailable")
                self.refused(broken, call)
                self.post("faults", throttle=1.0)
                self.refused(throttled, call)
                self.post("faults", deny=[f"{service}.*"])
                self.refused(denied, call)
                self.post("faults", expire_credentials_after=1)
                call()
                self.refused(expired, call)
                self.post("faults")
                call()

    def test_route_53_says_that_it_is_busy(self) -> None:
        zone = self.aws("route53").create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]
        self.post("faults", throttle=1.0)
        record = {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        call = self.aws("route53").change_resource_record_sets
        self.refused("PriorRequestNotComplete", call, HostedZoneId=zone, ChangeBatch=batch)

    def test_dice_are_the_same_for_the_same_seed(self) -> None:
        def luck() -> list[str]:
            self.post("reset-calls")
            self.post("faults", throttle=0.5)
            for _ in range(20):
                try:
                    self.aws("iam").list_roles()
                except self.aws("iam").exceptions.ClientError:
                    pass
            return [str(call["fault"]) for call in self.get("calls")]

        first = luck()
        self.assertEqual(first, luck())
        self.assertGreater(len(set(first)), 1)

    def test_buckets_fill_again_as_time_goes_by(self) -> None:
        self.post("faults", buckets=True)
        route53 = self.aws("route53")
        for _ in range(5):
            route53.list_hosted_zones()
        self.refused("Throttling", route53.list_hosted_zones)
        self.advance(1)
        route53.list_hosted_zones()

    def test_latencies_run_side_by_side(self) -> None:
        iam = self.aws("iam")
        self.post("faults", latency={"iam.ListRoles": [500, 500], "default": [0, 0]})
        begun = time.monotonic()
        with ThreadPoolExecutor(8) as pool:
            list(pool.map(lambda _: iam.list_roles(), range(8)))
        took = time.monotonic() - begun
        self.assertGreater(took, 0.5)
        self.assertLess(took, 8 * 0.5)

    def test_side_by_side_calls_have_their_own_luck(self) -> None:
        def world(threads: int) -> set[str]:
            self.post("reset")
            self.post("faults", timeout_before=0.5, only=["iam.CreateRole"])
            with ThreadPoolExecutor(threads) as pool:
                list(pool.map(self.try_role, [f"role-{number}" for number in range(24)]))
            return {role["id"] for role in self.living("iam.role")}

        one_by_one = world(1)
        self.assertEqual(one_by_one, world(8))
        self.assertTrue(0 < len(one_by_one) < 24)

    def try_role(self, name: str) -> None:
        try:
            self.aws("iam").create_role(RoleName=name, AssumeRolePolicyDocument="{}")
        except (ConnectionClosedError, EndpointConnectionError):
            pass

    def test_somebody_else_acts_unharmed_and_uncounted(self) -> None:
        self.post("faults", throttle=1.0)
        made = self.post("act", service="ec2", method="create_vpc", params={"CidrBlock": "10.7.0.0/16"})
        self.assertEqual([one["id"] for one in self.living("ec2.vpc")], [made["Vpc"]["VpcId"]])
        self.assertEqual(self.get("calls"), [])

    def test_time_moves_when_told(self) -> None:
        before = self.get("now")["now"]
        self.advance(3600)
        self.assertGreaterEqual(self.get("now")["now"], before + 3600)


if __name__ == "__main__":
    unittest.main()
