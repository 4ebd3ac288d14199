"""Elastic Load Balancing: idempotent creates, minutes to become active, interfaces that linger."""

import unittest

from bed import REGION, Bed


class Balancers(Bed):
    def setUp(self) -> None:
        super().setUp()
        ec2 = self.aws("ec2")
        self.elb = self.aws("elbv2")
        self.vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        subnet = lambda zone, cidr: ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=REGION + zone)
        self.subnets = [
            subnet(zone, cidr)["Subnet"]["SubnetId"] for zone, cidr in (("a", "10.7.0.0/20"), ("b", "10.7.16.0/20"))
        ]
        self.gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.group = ec2.create_security_group(GroupName="lb", Description="lb", VpcId=self.vpc)["GroupId"]
        self.settings = {"Name": "front", "Subnets": self.subnets, "SecurityGroups": [self.group]}

    def balancer(self) -> dict:
        return self.elb.create_load_balancer(**self.settings)["LoadBalancers"][0]

    def target_group(self, name: str = "web") -> str:
        made = self.elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip")
        return made["TargetGroups"][0]["TargetGroupArn"]

    def test_the_same_balancer_again_is_the_same_and_another_is_refused(self) -> None:
        first = self.balancer()
        self.assertEqual(first["State"]["Code"], "provisioning")
        self.assertEqual(self.balancer()["LoadBalancerArn"], first["LoadBalancerArn"])
        self.refused("DuplicateLoadBalancerName", self.elb.create_load_balancer, **self.settings, Scheme="internal")
        self.advance(200)
        shown = self.elb.describe_load_balancers(Names=["front"])["LoadBalancers"][0]
        self.assertEqual(shown["State"]["Code"], "active")
        self.assertEqual(len(self.elb.describe_load_balancers()["LoadBalancers"]), 1)

    def test_a_balancer_needs_two_zones_and_a_way_in(self) -> None:
        one = {"Name": "front", "Subnets": self.subnets[:1]}
        self.refused("ValidationError", self.elb.create_load_balancer, **one)
        self.aws("ec2").detach_internet_gateway(InternetGatewayId=self.gateway, VpcId=self.vpc)
        self.refused("InvalidSubnet", self.elb.create_load_balancer, **self.settings)

    def test_listeners_rules_and_groups(self) -> None:
        balancer, group = self.balancer()["LoadBalancerArn"], self.target_group()
        self.assertEqual(self.target_group(), group)
        call = self.elb.create_target_group
        self.refused(
            "DuplicateTargetGroupName", call, Name="web", Protocol="HTTP", Port=81, VpcId=self.vpc, TargetType="ip"
        )
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        settings = {"LoadBalancerArn": balancer, "Port": 80, "Protocol": "HTTP", "DefaultActions": forward}
        listener = self.elb.create_listener(**settings)["Listeners"][0]["ListenerArn"]
        self.assertEqual(self.elb.create_listener(**settings)["Listeners"][0]["ListenerArn"], listener)
        other = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
        self.refused("DuplicateListener", self.elb.create_listener, **{**settings, "DefaultActions": other})
        rule = {"ListenerArn": listener, "Priority": 1, "Actions": forward}
        rule["Conditions"] = [{"Field": "host-header", "Values": ["www.example.com"]}]
        made = self.elb.create_rule(**rule)["Rules"][0]["RuleArn"]
        self.refused("PriorityInUse", self.elb.create_rule, **rule)
        self.refused("ResourceInUse", self.elb.delete_target_group, TargetGroupArn=group)
        self.elb.delete_rule(RuleArn=made)
        self.refused("RuleNotFound", self.elb.delete_rule, RuleArn=made)
        self.elb.delete_load_balancer(LoadBalancerArn=balancer)
        self.elb.delete_load_balancer(LoadBalancerArn=balancer)
        self.elb.delete_target_group(TargetGroupArn=group)
        self.elb.delete_target_group(TargetGroupArn=group)

    def test_interfaces_linger_and_hold_their_places(self) -> None:
        ec2, balancer = self.aws("ec2"), self.balancer()["LoadBalancerArn"]
        self.refused("DependencyViolation", ec2.delete_security_group, GroupId=self.group)
        self.elb.delete_load_balancer(LoadBalancerArn=balancer)
        self.refused("DependencyViolation", ec2.delete_security_group, GroupId=self.group)
        self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=self.subnets[0])
        mapped = ec2.detach_internet_gateway
        self.refused("DependencyViolation", mapped, InternetGatewayId=self.gateway, VpcId=self.vpc)
        faces = ec2.describe_network_interfaces()["NetworkInterfaces"]
        self.assertEqual(len(faces), 2)
        self.assertTrue(all(face["RequesterManaged"] and face["Description"].startswith("ELB app/") for face in faces))
        self.advance(200)
        ec2.delete_security_group(GroupId=self.group)
        ec2.delete_subnet(SubnetId=self.subnets[0])
        mapped(InternetGatewayId=self.gateway, VpcId=self.vpc)

    def test_a_certificate_has_to_be_issued(self) -> None:
        certificate = self.aws("acm").request_certificate(DomainName="www.example.com", ValidationMethod="DNS")
        fixed = [{"Type": "fixed-response", "FixedResponseConfig": {"StatusCode": "404"}}]
        settings = {"LoadBalancerArn": self.balancer()["LoadBalancerArn"], "Port": 443, "Protocol": "HTTPS"}
        settings |= {"DefaultActions": fixed, "Certificates": [{"CertificateArn": certificate["CertificateArn"]}]}
        self.refused("UnsupportedCertificate", self.elb.create_listener, **settings)


if __name__ == "__main__":
    unittest.main()
