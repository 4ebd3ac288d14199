"""Reads that lag behind writes, if asked for."""

import unittest

from bed import REGION, Bed

MARK = [{"Key": "mark", "Value": "ours"}]


class Lag(Bed):
    def setUp(self) -> None:
        super().setUp()
        self.post("faults", read_lag=[50, 60])
        self.ec2 = self.aws("ec2")

    def vpcs(self) -> list[str]:
        found = self.ec2.describe_vpcs(Filters=[{"Name": "tag:mark", "Values": ["ours"]}])["Vpcs"]
        return [vpc["VpcId"] for vpc in found]

    def test_what_is_new_is_not_seen_and_what_is_gone_still_is(self) -> None:
        spec = [{"ResourceType": "vpc", "Tags": MARK}]
        vpc = self.ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=spec)["Vpc"]["VpcId"]
        self.assertEqual(self.vpcs(), [])
        self.refused("InvalidVpcID.NotFound", self.ec2.describe_vpcs, VpcIds=[vpc])
        # Writes see it.
        subnet = self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.0.0/20", AvailabilityZone=REGION + "a")["Subnet"]
        self.assertEqual([one["id"] for one in self.living("ec2.vpc")], [vpc])
        self.advance(61)
        self.assertEqual(self.vpcs(), [vpc])
        self.ec2.delete_subnet(SubnetId=subnet["SubnetId"])
        self.ec2.delete_vpc(VpcId=vpc)
        self.assertEqual(self.vpcs(), [vpc])
        self.ec2.describe_vpcs(VpcIds=[vpc])
        self.refused("InvalidVpcID.NotFound", self.ec2.delete_vpc, VpcId=vpc)
        self.advance(61)
        self.assertEqual(self.vpcs(), [])
        self.refused("InvalidVpcID.NotFound", self.ec2.describe_vpcs, VpcIds=[vpc])

    def test_a_refused_delete_leaves_no_trace(self) -> None:
        vpc = self.ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": MARK}])[
            "Vpc"
        ]["VpcId"]
        self.ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.0.0/20", AvailabilityZone=REGION + "a")
        self.advance(61)
        self.refused("DependencyViolation", self.ec2.delete_vpc, VpcId=vpc)
        self.assertEqual(self.vpcs(), [vpc])

    def test_other_services_lag_too(self) -> None:
        iam, logs = self.aws("iam"), self.aws("logs")
        iam.create_role(RoleName="web", AssumeRolePolicyDocument="{}")
        self.refused("NoSuchEntity", iam.get_role, RoleName="web")
        self.refused("EntityAlreadyExists", iam.create_role, RoleName="web", AssumeRolePolicyDocument="{}")
        logs.create_log_group(logGroupName="/web", tags={"mark": "ours"})
        self.assertEqual(logs.describe_log_groups()["logGroups"], [])
        balancers = self.aws("elbv2")
        vpc = self.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        balancers.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", Tags=MARK)
        self.refused("TargetGroupNotFound", balancers.describe_target_groups, Names=["web"])
        mine = {"TagFilters": [{"Key": "mark", "Values": ["ours"]}]}
        tagged = self.aws("resourcegroupstaggingapi").get_resources(**mine)["ResourceTagMappingList"]
        self.assertEqual(tagged, [])
        self.advance(61)
        self.assertEqual(iam.get_role(RoleName="web")["Role"]["RoleName"], "web")
        self.assertEqual(len(logs.describe_log_groups()["logGroups"]), 1)
        self.assertEqual(len(balancers.describe_target_groups(Names=["web"])["TargetGroups"]), 1)
        tagged = self.aws("resourcegroupstaggingapi").get_resources(**mine)["ResourceTagMappingList"]
        self.assertEqual(len(tagged), 2)

    def test_ecs_says_missing(self) -> None:
        ecs = self.aws("ecs")
        ecs.create_cluster(clusterName="a")
        ecs.register_task_definition(family="web", containerDefinitions=[{"name": "web", "image": "web", "memory": 64}])
        ecs.create_service(cluster="a", serviceName="web", taskDefinition="web", desiredCount=0)
        shown = ecs.describe_services(cluster="a", services=["web"])
        self.assertEqual((shown["services"], [one["reason"] for one in shown["failures"]]), ([], ["MISSING"]))
        self.advance(61)
        shown = ecs.describe_services(cluster="a", services=["web"])
        self.assertEqual((len(shown["services"]), shown["failures"]), (1, []))


if __name__ == "__main__":
    unittest.main()
