"""Names and certificates: Route 53, Certificate Manager, Cloud Map."""

import unittest

from bed import REGION, Bed


class Names(Bed):
    def setUp(self) -> None:
        super().setUp()
        self.route53 = self.aws("route53")
        made = self.route53.create_hosted_zone(Name="example.com", CallerReference="one")
        self.zone, self.made = made["HostedZone"]["Id"], made

    def change(self, *changes: tuple[str, str, str, str]) -> dict:
        records = [
            {
                "Action": action,
                "ResourceRecordSet": {"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]},
            }
            for action, name, kind, value in changes
        ]
        return {"HostedZoneId": self.zone, "ChangeBatch": {"Changes": records}}

    def records(self) -> list[tuple[str, str]]:
        shown = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        return [(one["Name"], one["Type"]) for one in shown if one["Type"] not in ("NS", "SOA")]

    def test_a_change_is_pending_for_a_minute(self) -> None:
        self.assertEqual(self.made["ChangeInfo"]["Status"], "PENDING")
        change = self.route53.change_resource_record_sets(
            **self.change(("CREATE", "www.example.com", "A", "192.0.2.1"))
        )
        self.assertEqual(change["ChangeInfo"]["Status"], "PENDING")
        self.advance(61)
        self.assertEqual(self.route53.get_change(Id=change["ChangeInfo"]["Id"])["ChangeInfo"]["Status"], "INSYNC")
        self.refused("NoSuchChange", self.route53.get_change, Id="/change/C0")

    def test_a_caller_reference_works_once(self) -> None:
        create = self.route53.create_hosted_zone
        self.refused("HostedZoneAlreadyExists", create, Name="example.com", CallerReference="one")
        create(Name="example.com", CallerReference="two")

    def test_a_batch_is_all_or_nothing(self) -> None:
        batch, apply = self.change, self.route53.change_resource_record_sets
        apply(**batch(("CREATE", "www.example.com", "A", "192.0.2.1")))
        mixed = batch(("CREATE", "api.example.com", "A", "192.0.2.2"), ("CREATE", "www.example.com", "A", "192.0.2.3"))
        self.assertIn("already exists", self.refused("InvalidChangeBatch", apply, **mixed))
        self.assertEqual(self.records(), [("www.example.com.", "A")])
        wrong = batch(("DELETE", "www.example.com", "A", "192.0.2.9"))
        self.assertIn("do not match", self.refused("InvalidChangeBatch", apply, **wrong))
        absent = batch(("DELETE", "no.example.com", "A", "192.0.2.9"))
        self.assertIn("not found", self.refused("InvalidChangeBatch", apply, **absent))
        outside = batch(("CREATE", "www.example.org", "A", "192.0.2.9"))
        self.assertIn("not permitted", self.refused("InvalidChangeBatch", apply, **outside))
        self.refused("InvalidChangeBatch", apply, **batch(("CREATE", "www.example.com", "CNAME", "example.org")))
        self.refused("HostedZoneNotEmpty", self.route53.delete_hosted_zone, Id=self.zone)
        apply(**batch(("DELETE", "www.example.com", "A", "192.0.2.1"), ("UPSERT", "b.example.com", "TXT", '"mark"')))
        apply(**batch(("UPSERT", "b.example.com", "TXT", '"other"')))
        self.assertEqual(self.records(), [("b.example.com.", "TXT")])
        apply(**batch(("DELETE", "b.example.com", "TXT", '"other"')))
        self.route53.delete_hosted_zone(Id=self.zone)

    def test_an_alias_names_a_balancer_that_is_there(self) -> None:
        alias = {
            "HostedZoneId": "Z215JYRZR1TBD5",
            "DNSName": "no-1.eu-central-1.elb.amazonaws.com",
            "EvaluateTargetHealth": True,
        }
        record = {"Name": "www.example.com", "Type": "A", "AliasTarget": alias}
        batch = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
        apply = self.route53.change_resource_record_sets
        self.assertIn("alias", self.refused("InvalidChangeBatch", apply, HostedZoneId=self.zone, ChangeBatch=batch))
        ec2 = self.aws("ec2")
        vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
        places = (("a", "10.7.0.0/20"), ("b", "10.7.16.0/20"))
        made = [ec2.create_subnet(VpcId=vpc, CidrBlock=cidr, AvailabilityZone=REGION + zone) for zone, cidr in places]
        subnets = [one["Subnet"]["SubnetId"] for one in made]
        balancer = self.aws("elbv2").create_load_balancer(Name="in", Scheme="internal", Subnets=subnets)[
            "LoadBalancers"
        ][0]
        alias |= {"HostedZoneId": balancer["CanonicalHostedZoneId"], "DNSName": "dualstack." + balancer["DNSName"]}
        apply(HostedZoneId=self.zone, ChangeBatch=batch)
        shown = self.route53.list_resource_record_sets(HostedZoneId=self.zone)["ResourceRecordSets"]
        self.assertIn(alias["DNSName"], [one.get("AliasTarget", {}).get("DNSName", "").rstrip(".") for one in shown])
        batch["Changes"][0]["Action"] = "DELETE"
        apply(HostedZoneId=self.zone, ChangeBatch=batch)
        self.assertEqual(self.records(), [])

    def test_a_certificate_is_issued_once_its_record_is_there(self) -> None:
        acm, wanted = (
            self.aws("acm"),
            {"DomainName": "www.example.com", "ValidationMethod": "DNS", "IdempotencyToken": "one"},
        )
        arn = acm.request_certificate(**wanted)["CertificateArn"]
        self.assertEqual(acm.request_certificate(**wanted)["CertificateArn"], arn)
        show = lambda: acm.describe_certificate(CertificateArn=arn)["Certificate"]
        self.assertNotIn("ResourceRecord", show()["DomainValidationOptions"][0])
        self.advance(10)
        record = show()["DomainValidationOptions"][0]["ResourceRecord"]
        self.advance(3600)
        self.assertEqual(show()["Status"], "PENDING_VALIDATION")
        change = self.change(("CREATE", record["Name"], record["Type"], record["Value"]))
        self.route53.change_resource_record_sets(**change)
        self.assertEqual(show()["Status"], "PENDING_VALIDATION")
        self.advance(120)
        self.assertEqual(show()["Status"], "ISSUED")
        acm.delete_certificate(CertificateArn=arn)


class Discovery(Bed):
    def setUp(self) -> None:
        super().setUp()
        self.cloudmap = self.aws("servicediscovery")
        self.vpc = self.aws("ec2").create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]

    def test_a_namespace_comes_by_an_operation_and_goes_when_empty(self) -> None:
        cloudmap, wanted = self.cloudmap, {"Name": "dev.internal", "Vpc": self.vpc, "CreatorRequestId": "one"}
        operation = cloudmap.create_private_dns_namespace(**wanted)["OperationId"]
        self.assertEqual(cloudmap.create_private_dns_namespace(**wanted)["OperationId"], operation)
        other = {**wanted, "CreatorRequestId": "two"}
        self.refused("NamespaceAlreadyExists", cloudmap.create_private_dns_namespace, **other)
        shown = cloudmap.get_operation(OperationId=operation)["Operation"]
        self.assertEqual(shown["Status"], "PENDING")
        space = shown["Targets"]["NAMESPACE"]
        self.refused("NamespaceNotFound", cloudmap.create_service, Name="api", NamespaceId=space)
        self.advance(60)
        self.assertEqual(cloudmap.get_operation(OperationId=operation)["Operation"]["Status"], "SUCCESS")
        zones = self.aws("route53").list_hosted_zones()["HostedZones"]
        self.assertEqual([zone["Name"] for zone in zones], ["dev.internal."])
        self.refused("AccessDenied", self.aws("route53").delete_hosted_zone, Id=zones[0]["Id"])

        records = {"DnsRecords": [{"Type": "A", "TTL": 10}], "RoutingPolicy": "MULTIVALUE"}
        service = cloudmap.create_service(Name="api", NamespaceId=space, DnsConfig=records)["Service"]["Id"]
        self.refused("ServiceAlreadyExists", cloudmap.create_service, Name="api", NamespaceId=space)
        self.refused("ResourceInUse", cloudmap.delete_namespace, Id=space)
        cloudmap.register_instance(ServiceId=service, InstanceId="one", Attributes={"AWS_INSTANCE_IPV4": "10.7.0.9"})
        self.refused("ResourceInUse", cloudmap.delete_service, Id=service)
        cloudmap.deregister_instance(ServiceId=service, InstanceId="one")
        only = [{"Name": "NAMESPACE_ID", "Values": [space]}]
        self.assertEqual(len(cloudmap.list_services(Filters=only)["Services"]), 1)
        cloudmap.delete_service(Id=service)
        cloudmap.delete_namespace(Id=space)
        self.assertEqual(self.aws("route53").list_hosted_zones()["HostedZones"], [])
        self.assertEqual(cloudmap.list_namespaces()["Namespaces"], [])

    def test_an_operation_tells_that_the_network_has_a_zone_of_that_name(self) -> None:
        cloudmap, route53 = self.cloudmap, self.aws("route53")
        private = {"HostedZoneConfig": {"PrivateZone": True}, "VPC": {"VPCRegion": REGION, "VPCId": self.vpc}}
        zone = route53.create_hosted_zone(Name="dev.internal", CallerReference="theirs", **private)["HostedZone"]["Id"]
        wanted = {"Name": "dev.internal", "Vpc": self.vpc}
        begun = cloudmap.create_private_dns_namespace(**wanted, CreatorRequestId="one")["OperationId"]
        self.advance(60)
        failed = cloudmap.get_operation(OperationId=begun)["Operation"]
        self.assertEqual((failed["Status"], failed["ErrorCode"]), ("FAIL", "CANNOT_CREATE_HOSTED_ZONE"))
        self.assertEqual(cloudmap.list_namespaces()["Namespaces"], [])
        route53.delete_hosted_zone(Id=zone)
        begun = cloudmap.create_private_dns_namespace(**wanted, CreatorRequestId="two")["OperationId"]
        self.advance(60)
        self.assertEqual(cloudmap.get_operation(OperationId=begun)["Operation"]["Status"], "SUCCESS")


class Identity(Bed):
    TRUST = '{"Version":"2012-10-17","Statement":[]}'
    POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"logs:PutLogEvents","Resource":"*"}]}'

    def test_a_role_goes_last(self) -> None:
        iam = self.aws("iam")
        iam.create_role(RoleName="web", AssumeRolePolicyDocument=self.TRUST)
        self.refused("EntityAlreadyExists", iam.create_role, RoleName="web", AssumeRolePolicyDocument=self.TRUST)
        iam.put_role_policy(RoleName="web", PolicyName="logs", PolicyDocument=self.POLICY)
        policy = iam.create_policy(PolicyName="logs", PolicyDocument=self.POLICY)["Policy"]["Arn"]
        iam.attach_role_policy(RoleName="web", PolicyArn=policy)
        iam.create_instance_profile(InstanceProfileName="node")
        iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="web")
        self.refused("DeleteConflict", iam.delete_role, RoleName="web")
        self.refused("DeleteConflict", iam.delete_instance_profile, InstanceProfileName="node")
        iam.remove_role_from_instance_profile(InstanceProfileName="node", RoleName="web")
        iam.delete_instance_profile(InstanceProfileName="node")
        self.refused("DeleteConflict", iam.delete_role, RoleName="web")
        self.refused("DeleteConflict", iam.delete_policy, PolicyArn=policy)
        iam.detach_role_policy(RoleName="web", PolicyArn=policy)
        iam.delete_policy(PolicyArn=policy)
        self.refused("DeleteConflict", iam.delete_role, RoleName="web")
        iam.delete_role_policy(RoleName="web", PolicyName="logs")
        iam.delete_role(RoleName="web")
        self.refused("NoSuchEntity", iam.delete_role, RoleName="web")

    def test_a_new_profile_is_unknown_to_ec2_for_seconds(self) -> None:
        iam, ec2 = self.aws("iam"), self.aws("ec2")
        iam.create_role(RoleName="node", AssumeRolePolicyDocument=self.TRUST)
        iam.create_instance_profile(InstanceProfileName="node")
        iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="node")
        run = {"ImageId": "ami-12345678", "MinCount": 1, "MaxCount": 1, "IamInstanceProfile": {"Name": "node"}}
        self.assertIn("Invalid IAM Instance Profile", self.refused("InvalidParameterValue", ec2.run_instances, **run))
        self.advance(10)
        ec2.run_instances(**run)


class Stores(Bed):
    def test_a_deleted_secret_keeps_its_name(self) -> None:
        secrets = self.aws("secretsmanager")
        secrets.create_secret(Name="db", SecretString="x")
        self.refused("ResourceExistsException", secrets.create_secret, Name="db", SecretString="y")
        secrets.delete_secret(SecretId="db", RecoveryWindowInDays=7)
        self.refused("InvalidRequestException", secrets.create_secret, Name="db", SecretString="x")
        self.assertEqual(self.living("secretsmanager.secret"), [])

    def test_logs_are_kept_for_days_that_there_are(self) -> None:
        logs = self.aws("logs")
        logs.create_log_group(logGroupName="/web")
        self.refused("ResourceAlreadyExistsException", logs.create_log_group, logGroupName="/web")
        self.refused("InvalidParameterException", logs.put_retention_policy, logGroupName="/web", retentionInDays=8)
        logs.put_retention_policy(logGroupName="/web", retentionInDays=7)
        self.assertEqual(self.living("logs.log-group")[0]["retention"], 7)

    def test_the_ami_of_ecs_is_a_parameter_that_launch_templates_resolve(self) -> None:
        name = "/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id"
        image = self.aws("ssm").get_parameter(Name=name)["Parameter"]["Value"]
        ec2 = self.aws("ec2")
        data = {"ImageId": f"resolve:ssm:{name}", "InstanceType": "t3.small"}
        ec2.create_launch_template(LaunchTemplateName="node", LaunchTemplateData=data)
        made = ec2.run_instances(LaunchTemplate={"LaunchTemplateName": "node"}, MinCount=1, MaxCount=1)
        self.assertEqual(made["Instances"][0]["ImageId"], image)
        call = ec2.describe_launch_templates
        self.refused("InvalidLaunchTemplateName.NotFoundException", call, LaunchTemplateNames=["none"])
        self.refused("InvalidLaunchTemplateId.NotFound", call, LaunchTemplateIds=["lt-0123456789abcdef0"])


if __name__ == "__main__":
    unittest.main()
