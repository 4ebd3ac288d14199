"""EC2: deletes out of order are refused, things take their time, one volume is at one place."""

import unittest

from bed import REGION, Bed


class Place(Bed):
    """A network to try things in."""

    def setUp(self) -> None:
        super().setUp()
        self.ec2 = self.aws("ec2")
        self.vpc = self.ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        self.subnet = self.make_subnet("10.7.0.0/20", "a")

    def make_subnet(self, cidr: str, zone: str) -> str:
        made = self.ec2.create_subnet(VpcId=self.vpc, CidrBlock=cidr, AvailabilityZone=REGION + zone)
        return made["Subnet"]["SubnetId"]

    def gateway(self) -> str:
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        return gateway

    def nat_state(self, nat: str) -> str:
        return self.ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]["State"]


class Network(Place):
    def test_a_network_goes_from_the_inside_out(self) -> None:
        ec2, gateway = self.ec2, self.gateway()
        table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        ec2.associate_route_table(RouteTableId=table, SubnetId=self.subnet)
        group = ec2.create_security_group(GroupName="web", Description="web", VpcId=self.vpc)["GroupId"]
        other = ec2.create_security_group(GroupName="api", Description="api", VpcId=self.vpc)["GroupId"]
        pair = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}
        ec2.authorize_security_group_ingress(GroupId=other, IpPermissions=[pair])
        self.refused(
            "InvalidPermission.Duplicate", ec2.authorize_security_group_ingress, GroupId=other, IpPermissions=[pair]
        )
        face = ec2.create_network_interface(SubnetId=self.subnet, Groups=[other])["NetworkInterface"][
            "NetworkInterfaceId"
        ]

        self.refused("DependencyViolation", ec2.delete_vpc, VpcId=self.vpc)
        self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=self.subnet)
        self.refused("DependencyViolation", ec2.delete_internet_gateway, InternetGatewayId=gateway)
        self.refused("DependencyViolation", ec2.delete_route_table, RouteTableId=table)
        self.refused("DependencyViolation", ec2.delete_security_group, GroupId=group)
        self.refused("DependencyViolation", ec2.delete_security_group, GroupId=other)

        ec2.delete_network_interface(NetworkInterfaceId=face)
        ec2.delete_security_group(GroupId=other)
        ec2.delete_security_group(GroupId=group)
        ec2.delete_subnet(SubnetId=self.subnet)
        ec2.delete_route_table(RouteTableId=table)
        self.refused("DependencyViolation", ec2.delete_vpc, VpcId=self.vpc)
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        ec2.delete_internet_gateway(InternetGatewayId=gateway)
        ec2.delete_vpc(VpcId=self.vpc)
        self.refused("InvalidVpcID.NotFound", ec2.describe_vpcs, VpcIds=[self.vpc])

    def test_a_nat_gateway_comes_and_goes_in_its_time_and_holds_what_it_uses(self) -> None:
        ec2, gateway = self.ec2, self.gateway()
        address = ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=address)["NatGateway"]
        self.assertEqual(nat["State"], "pending")
        self.advance(120)
        self.assertEqual(self.nat_state(nat["NatGatewayId"]), "available")
        self.refused("InvalidIPAddress.InUse", ec2.release_address, AllocationId=address)
        self.refused("DependencyViolation", ec2.detach_internet_gateway, InternetGatewayId=gateway, VpcId=self.vpc)
        self.refused("DependencyViolation", ec2.delete_subnet, SubnetId=self.subnet)
        ec2.delete_nat_gateway(NatGatewayId=nat["NatGatewayId"])
        self.assertEqual(self.nat_state(nat["NatGatewayId"]), "deleting")
        self.refused("InvalidIPAddress.InUse", ec2.release_address, AllocationId=address)
        self.advance(90)
        self.assertEqual(self.nat_state(nat["NatGatewayId"]), "deleted")
        ec2.release_address(AllocationId=address)
        ec2.delete_subnet(SubnetId=self.subnet)
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.advance(3700)
        self.refused("NatGatewayNotFound", ec2.describe_nat_gateways, NatGatewayIds=[nat["NatGatewayId"]])

    def test_a_nat_gateway_without_a_way_out_fails(self) -> None:
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        nat = self.ec2.create_nat_gateway(SubnetId=self.subnet, AllocationId=address)["NatGateway"]["NatGatewayId"]
        self.advance(120)
        shown = self.ec2.describe_nat_gateways(NatGatewayIds=[nat])["NatGateways"][0]
        self.assertEqual((shown["State"], shown["FailureCode"]), ("failed", "Gateway.NotAttached"))
        self.ec2.release_address(AllocationId=address)

    def test_a_route_needs_its_gateway_attached(self) -> None:
        gateway = self.ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        table = self.ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        route = {"RouteTableId": table, "DestinationCidrBlock": "0.0.0.0/0", "GatewayId": gateway}
        self.refused("InvalidParameterValue", self.ec2.create_route, **route)
        self.ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.ec2.create_route(**route)
        self.refused("RouteAlreadyExists", self.ec2.create_route, **route)

    def test_a_route_to_what_is_gone_is_a_black_hole(self) -> None:
        gateway, ec2 = self.gateway(), self.ec2
        table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)

        def states() -> list[str]:
            routes = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"][0]["Routes"]
            return [route["State"] for route in routes]

        self.assertEqual(states(), ["active", "active"])
        ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        self.assertEqual(states(), ["active", "blackhole"])

    def test_ranges_overlap(self) -> None:
        call = self.ec2.create_subnet
        self.refused("InvalidSubnet.Conflict", call, VpcId=self.vpc, CidrBlock="10.7.8.0/24")
        self.refused("InvalidSubnet.Range", call, VpcId=self.vpc, CidrBlock="10.8.0.0/24")


class Calls(Place):
    def test_tokens(self) -> None:
        address = self.ec2.allocate_address(Domain="vpc")["AllocationId"]
        wanted = {"SubnetId": self.subnet, "AllocationId": address, "ClientToken": "one"}
        first, again = (self.ec2.create_nat_gateway(**wanted)["NatGateway"]["NatGatewayId"] for _ in range(2))
        self.assertEqual(first, again)
        self.refused(
            "IdempotentParameterMismatch", self.ec2.create_nat_gateway, SubnetId=self.subnet, ClientToken="one"
        )
        volume = {"AvailabilityZone": REGION + "a", "Size": 8, "ClientToken": "two"}
        self.assertEqual(*(self.ec2.create_volume(**volume)["VolumeId"] for _ in range(2)))
        run = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1, "SubnetId": self.subnet, "ClientToken": "three"}
        self.assertEqual(*(self.ec2.run_instances(**run)["Instances"][0]["InstanceId"] for _ in range(2)))
        self.refused("IdempotentParameterMismatch", self.ec2.run_instances, **{**run, "MaxCount": 2})

    def test_pages(self) -> None:
        for number in range(7):
            self.ec2.create_security_group(GroupName=f"g{number}", Description="one of many", VpcId=self.vpc)
        only = [{"Name": "vpc-id", "Values": [self.vpc]}]
        first = self.ec2.describe_security_groups(Filters=only, MaxResults=5)
        self.assertEqual(len(first["SecurityGroups"]), 5)
        rest = self.ec2.describe_security_groups(Filters=only, MaxResults=5, NextToken=first["NextToken"])
        self.assertEqual(len(rest["SecurityGroups"]), 3)
        self.assertNotIn("NextToken", rest)
        pages = self.ec2.get_paginator("describe_security_groups").paginate(
            Filters=only, PaginationConfig={"PageSize": 5}
        )
        names = [group["GroupName"] for page in pages for group in page["SecurityGroups"]]
        self.assertEqual(sorted(names), ["default", *(f"g{number}" for number in range(7))])

    def test_dry_runs_do_nothing(self) -> None:
        self.refused("DryRunOperation", self.ec2.delete_subnet, SubnetId=self.subnet, DryRun=True)
        self.refused("DryRunOperation", self.ec2.create_vpc, CidrBlock="10.9.0.0/16", DryRun=True)
        self.assertEqual(len(self.ec2.describe_subnets(SubnetIds=[self.subnet])["Subnets"]), 1)


class Compute(Place):
    def start(self, **more) -> str:
        made = self.ec2.run_instances(ImageId="ami-12345678", MinCount=1, MaxCount=1, SubnetId=self.subnet, **more)
        return made["Instances"][0]["InstanceId"]

    def state(self, instance: str) -> str:
        found = self.ec2.describe_instances(InstanceIds=[instance])["Reservations"]
        return found[0]["Instances"][0]["State"]["Name"]

    def test_an_instance_lives_in_its_states(self) -> None:
        instance = self.start()
        self.assertEqual(self.state(instance), "pending")
        self.advance(30)
        self.assertEqual(self.state(instance), "running")
        self.ec2.terminate_instances(InstanceIds=[instance])
        self.assertEqual(self.state(instance), "shutting-down")
        self.refused("DependencyViolation", self.ec2.delete_subnet, SubnetId=self.subnet)
        self.advance(60)
        self.assertEqual(self.state(instance), "terminated")
        self.ec2.delete_subnet(SubnetId=self.subnet)
        self.advance(3700)
        self.refused("InvalidInstanceID.NotFound", self.ec2.describe_instances, InstanceIds=[instance])

    def test_a_volume_is_at_one_place_and_in_its_zone(self) -> None:
        ec2, zone = self.ec2, REGION + "a"
        here, there = self.start(), self.start()
        volume = ec2.create_volume(AvailabilityZone=zone, Size=8)
        self.assertEqual(volume["State"], "creating")
        volume, attach = volume["VolumeId"], {"Device": "/dev/sdf", "VolumeId": volume["VolumeId"]}
        self.refused("IncorrectState", ec2.attach_volume, InstanceId=here, **attach)
        self.advance(30)
        ec2.attach_volume(InstanceId=here, **attach)
        self.refused("VolumeInUse", ec2.attach_volume, InstanceId=there, **attach)
        self.refused("VolumeInUse", ec2.delete_volume, VolumeId=volume)
        elsewhere = ec2.create_volume(AvailabilityZone=REGION + "b", Size=8)["VolumeId"]
        self.advance(10)
        attach = {"Device": "/dev/sdg", "VolumeId": elsewhere}
        self.refused("InvalidVolume.ZoneMismatch", ec2.attach_volume, InstanceId=here, **attach)
        ec2.terminate_instances(InstanceIds=[here])
        self.refused("VolumeInUse", ec2.delete_volume, VolumeId=volume)
        self.advance(60)
        ec2.delete_volume(VolumeId=volume)

    def test_an_unknown_profile_is_refused(self) -> None:
        with self.assertRaises(self.ec2.exceptions.ClientError):
            self.start(IamInstanceProfile={"Name": "nobody"})


if __name__ == "__main__":
    unittest.main()
