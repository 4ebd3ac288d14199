"""`GET /_standin/state` tells what lives, with its tags, and an empty account is empty."""

import unittest

from bed import REGION, Bed

MARK = [{"Key": "mark", "Value": "ours"}]


def spec(kind: str) -> list:
    return [{"ResourceType": kind, "Tags": MARK}]


class State(Bed):
    def test_an_empty_account_is_empty(self) -> None:
        self.aws("ec2").describe_vpcs()
        self.assertEqual(self.get("state"), [])
        self.assertIn("vpc", {one["type"] for one in self.get("state?builtin=1")})

    def test_everything_is_told_with_its_tags(self) -> None:
        made = {("ec2", kind) for kind in self.make_network()}
        made |= {("elasticloadbalancing", kind) for kind in ("loadbalancer", "targetgroup", "listener")}
        made |= set(self.make_rest())
        state = self.get("state")
        tagged = {(one["service"], one["type"]) for one in state if one["tags"].get("mark") == "ours"}
        self.assertEqual(made - tagged, set())
        listed = self.tagged()
        unlisted = {(one["service"], one["type"]) for one in state if one["tags"] and one["id"] not in listed}
        # The tagging API doesn't know roles, and tells what is global elsewhere.
        self.assertEqual({kind for kind in unlisted if kind[0] not in ("iam", "route53")}, set())
        others = {(one["service"], one["type"]) for one in state} - tagged
        self.assertEqual(others, {("ec2", "network-interface"), ("route53", "record")})

    def tagged(self) -> str:
        """Every ARN that the tagging API tells for the mark, in pages."""
        pages = self.aws("resourcegroupstaggingapi").get_paginator("get_resources")
        pages = pages.paginate(TagFilters=[{"Key": "mark", "Values": ["ours"]}], PaginationConfig={"PageSize": 5})
        found = [one["ResourceARN"] for page in pages for one in page["ResourceTagMappingList"]]
        self.assertEqual(len(found), len(set(found)))
        return " ".join(found)

    def make_network(self) -> list[str]:
        ec2, elb = self.aws("ec2"), self.aws("elbv2")
        vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=spec("vpc"))["Vpc"]["VpcId"]
        subnets = []
        for zone, cidr in (("a", "10.7.0.0/20"), ("b", "10.7.16.0/20")):
            wanted = {"VpcId": vpc, "CidrBlock": cidr, "AvailabilityZone": REGION + zone}
            made = ec2.create_subnet(**wanted, TagSpecifications=spec("subnet"))
            subnets.append(made["Subnet"]["SubnetId"])
        gateway = ec2.create_internet_gateway(TagSpecifications=spec("internet-gateway"))
        gateway = gateway["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
        address = ec2.allocate_address(Domain="vpc", TagSpecifications=spec("elastic-ip"))["AllocationId"]
        ec2.create_nat_gateway(SubnetId=subnets[0], AllocationId=address, TagSpecifications=spec("natgateway"))
        ec2.create_route_table(VpcId=vpc, TagSpecifications=spec("route-table"))
        wanted = {"GroupName": "web", "Description": "web", "VpcId": vpc}
        group = ec2.create_security_group(**wanted, TagSpecifications=spec("security-group"))["GroupId"]
        ec2.create_volume(AvailabilityZone=REGION + "a", Size=8, TagSpecifications=spec("volume"))
        ec2.create_launch_template(
            LaunchTemplateName="node",
            LaunchTemplateData={
                "ImageId": "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
            },
            TagSpecifications=spec("launch-template"),
        )
        balancer = elb.create_load_balancer(Name="front", Subnets=subnets, SecurityGroups=[group], Tags=MARK)
        balancer = balancer["LoadBalancers"][0]["LoadBalancerArn"]
        target = elb.create_target_group(Name="web", Protocol="HTTP", Port=80, VpcId=vpc, TargetType="ip", Tags=MARK)
        forward = [{"Type": "forward", "TargetGroupArn": target["TargetGroups"][0]["TargetGroupArn"]}]
        elb.create_listener(LoadBalancerArn=balancer, Port=80, Protocol="HTTP", DefaultActions=forward, Tags=MARK)
        kinds = ["vpc", "subnet", "internet-gateway", "address", "nat-gateway", "route-table", "security-group"]
        return [*kinds, "volume", "launch-template"]

    def make_rest(self) -> list[tuple[str, str]]:
        zone = self.aws("route53").create_hosted_zone(Name="example.com", CallerReference="one")["HostedZone"]["Id"]
        zone = zone.removeprefix("/hostedzone/")
        self.aws("route53").change_tags_for_resource(ResourceType="hostedzone", ResourceId=zone, AddTags=MARK)
        record = {"Name": "www.example.com", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "192.0.2.1"}]}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        self.aws("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
        cloudmap = self.aws("servicediscovery")
        cloudmap.create_http_namespace(Name="dev.internal", Tags=MARK)
        self.advance(90)
        space = cloudmap.list_namespaces()["Namespaces"][0]["Id"]
        cloudmap.create_service(Name="api", NamespaceId=space, Tags=MARK)
        self.aws("acm").request_certificate(DomainName="www.example.com", ValidationMethod="DNS", Tags=MARK)
        iam = self.aws("iam")
        iam.create_role(RoleName="web", AssumeRolePolicyDocument="{}", Tags=MARK)
        iam.create_instance_profile(InstanceProfileName="node", Tags=MARK)
        iam.create_policy(PolicyName="read", PolicyDocument=POLICY, Tags=MARK)
        self.aws("logs").create_log_group(logGroupName="/web", tags={"mark": "ours"})
        self.aws("secretsmanager").create_secret(Name="db", SecretString="x", Tags=MARK)
        self.aws("ssm").put_parameter(Name="/db", Value="x", Type="SecureString", Tags=MARK)
        self.aws("ecr").create_repository(repositoryName="web", tags=MARK)
        return [
            ("route53", "hostedzone"),
            ("servicediscovery", "namespace"),
            ("servicediscovery", "service"),
            ("acm", "certificate"),
            ("iam", "role"),
            ("iam", "instance-profile"),
            ("iam", "policy"),
            ("logs", "log-group"),
            ("secretsmanager", "secret"),
            ("ssm", "parameter"),
            ("ecr", "repository"),
        ]

    def test_quotas_are_told_and_kept(self) -> None:
        ec2 = self.aws("ec2")
        self.post("faults", quota={"vpcs": 2})
        told = self.aws("service-quotas").get_service_quota(ServiceCode="vpc", QuotaCode="L-F678F1CE")
        self.assertEqual(told["Quota"]["Value"], 2.0)
        ec2.create_vpc(CidrBlock="10.7.0.0/16")
        self.refused("VpcLimitExceeded", ec2.create_vpc, CidrBlock="10.8.0.0/16")


POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}'

if __name__ == "__main__":
    unittest.main()
