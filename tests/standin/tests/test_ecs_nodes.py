"""Auto Scaling groups whose instances join ECS clusters, capacity providers that grow and shrink them."""

import base64
import unittest

from test_ecs_services import Network

CLUSTER = "#!/bin/bash\necho ECS_CLUSTER=main >> /etc/ecs/ecs.config\n"


class Nodes(Network):
    """The network, and a profile that lets instances join."""

    def setUp(self) -> None:
        super().setUp()
        iam = self.aws("iam")
        trust = (
            '{"Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}'
        )
        iam.create_role(RoleName="node", AssumeRolePolicyDocument=trust)
        statement = '{"Effect":"Allow","Action":["ecs:*","ec2:AttachVolume"],"Resource":"*"}'
        allow = f'{{"Version":"2012-10-17","Statement":[{statement}]}}'
        iam.put_role_policy(RoleName="node", PolicyName="join", PolicyDocument=allow)
        iam.create_instance_profile(InstanceProfileName="node")
        iam.add_role_to_instance_profile(InstanceProfileName="node", RoleName="node")
        self.advance(30)

    def template(self, script: str = CLUSTER, name: str = "node", kind: str = "t3.medium") -> str:
        data = {
            "ImageId": "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
            "InstanceType": kind,
            "UserData": base64.b64encode(script.encode()).decode(),
            "IamInstanceProfile": {"Name": "node"},
            "NetworkInterfaces": [{"DeviceIndex": 0, "AssociatePublicIpAddress": True, "Groups": [self.inner]}],
            "BlockDeviceMappings": [
                {"DeviceName": "/dev/xvda", "Ebs": {"VolumeSize": 30, "DeleteOnTermination": True}}
            ],
            "TagSpecifications": [{"ResourceType": "volume", "Tags": [{"Key": "of", "Value": "node"}]}],
        }
        made = self.aws("ec2").create_launch_template(LaunchTemplateName=name, LaunchTemplateData=data)
        return made["LaunchTemplate"]["LaunchTemplateId"]

    def scaling(self, template: str, least: int, most: int, name: str = "nodes", **more: object) -> dict:
        self.aws("autoscaling").create_auto_scaling_group(
            AutoScalingGroupName=name,
            MinSize=least,
            MaxSize=most,
            LaunchTemplate={"LaunchTemplateId": template},
            VPCZoneIdentifier=",".join(self.subnets),
            Tags=[{"Key": "of", "Value": "test", "PropagateAtLaunch": True}],
            **more,
        )
        return self.group_of(name)

    def group_of(self, name: str = "nodes") -> dict:
        groups = self.aws("autoscaling").describe_auto_scaling_groups(AutoScalingGroupNames=[name])["AutoScalingGroups"]
        return groups[0] if groups else {}

    def instances(self) -> list[dict]:
        arns = self.aws("ecs").list_container_instances(cluster="main")["containerInstanceArns"]
        found = self.aws("ecs").describe_container_instances(cluster="main", containerInstances=arns) if arns else {}
        return found.get("containerInstances", [])

    def provide(self, arn: str, **scaling: object) -> None:
        group = {"autoScalingGroupArn": arn, "managedScaling": {"status": "ENABLED", **scaling}}
        self.aws("ecs").create_capacity_provider(name="grow", autoScalingGroupProvider=group)
        self.advance(10)
        strategy = [{"capacityProvider": "grow", "weight": 1}]
        self.aws("ecs").put_cluster_capacity_providers(
            cluster="main", capacityProviders=["grow"], defaultCapacityProviderStrategy=strategy
        )
        self.advance(20)

    def define_small(self, **more: object) -> str:
        made = self.aws("ecs").register_task_definition(
            family="small",
            networkMode="awsvpc",
            containerDefinitions=[{"name": "web", "image": "web:1", "memory": 256, "cpu": 256}],
            **more,
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def serve(self, count: int, definition: str | None = None, **more: object) -> None:
        inner = {"awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.inner]}}
        settings = {"desiredCount": count, "networkConfiguration": inner, **more}
        definition = definition or self.define_small()
        self.aws("ecs").create_service(cluster="main", serviceName="web", taskDefinition=definition, **settings)


class Joining(Nodes):
    def test_a_variable_of_the_script_may_name_the_cluster(self) -> None:
        script = "#!/bin/bash\nECS_CLUSTER=main\ncat >>/etc/ecs/ecs.config <<EOF\nECS_CLUSTER=$ECS_CLUSTER\nEOF\n"
        self.scaling(self.template(script), 1, 1)
        self.advance(120)
        self.assertEqual(len(self.instances()), 1)

    def test_instances_are_spread_and_join_the_cluster(self) -> None:
        group = self.scaling(self.template(), 2, 4)
        self.assertEqual(group["Instances"], [])
        self.advance(10)
        self.assertEqual({one["LifecycleState"] for one in self.group_of()["Instances"]}, {"Pending"})
        self.advance(25)
        group = self.group_of()
        self.assertEqual({one["LifecycleState"] for one in group["Instances"]}, {"InService"})
        self.assertEqual({one["AvailabilityZone"] for one in group["Instances"]}, {"eu-central-1a", "eu-central-1b"})
        self.assertEqual(self.instances(), [])
        self.advance(30)
        joined = self.instances()
        self.assertEqual(len(joined), 2)
        registered = {one["name"]: one["integerValue"] for one in joined[0]["registeredResources"]}
        self.assertEqual(registered["CPU"], 2048)
        machine = self.aws("ec2").describe_instances(InstanceIds=[joined[0]["ec2InstanceId"]])["Reservations"][0][
            "Instances"
        ][0]
        tags = {tag["Key"]: tag["Value"] for tag in machine["Tags"]}
        self.assertEqual((tags["of"], tags["aws:autoscaling:groupName"]), ("test", "nodes"))
        self.assertTrue(machine["IamInstanceProfile"]["Arn"].endswith("instance-profile/node"))
        self.assertEqual(len(machine["BlockDeviceMappings"]), 1)
        self.assertTrue(machine["ImageId"].startswith("ami-"))

    def test_what_has_instances_is_only_deleted_by_force(self) -> None:
        self.scaling(self.template(), 1, 1)
        self.advance(60)
        scaling = self.aws("autoscaling")
        self.refused("ResourceInUse", scaling.delete_auto_scaling_group, AutoScalingGroupName="nodes")
        scaling.delete_auto_scaling_group(AutoScalingGroupName="nodes", ForceDelete=True)
        self.assertEqual(self.group_of()["Status"], "Delete in progress")
        self.advance(90)
        self.assertEqual(self.group_of(), {})
        self.assertEqual(self.living("ec2.instance"), [])
        self.assertEqual(self.instances(), [])

    def test_a_terminated_instance_and_its_tasks_are_replaced(self) -> None:
        self.scaling(self.template(), 2, 4)
        self.advance(90)
        self.serve(2)
        self.advance(60)
        lost = self.instances()[0]["ec2InstanceId"]
        self.aws("ec2").terminate_instances(InstanceIds=[lost])
        self.advance(45)
        stopped = self.tasks(desiredStatus="STOPPED")
        self.assertEqual([task["stoppedReason"] for task in stopped], [f"Host EC2 (instance {lost}) terminated."])
        self.advance(150)
        self.assertEqual(len(self.instances()), 2)
        self.assertEqual(self.service()["runningCount"], 2)

    def test_a_machine_that_was_stopped_first_is_signed_off_by_nobody(self) -> None:
        self.scaling(self.template(), 1, 1)
        self.advance(90)
        lost, ec2 = self.instances()[0]["ec2InstanceId"], self.aws("ec2")
        ec2.stop_instances(InstanceIds=[lost])
        self.advance(60)
        ec2.terminate_instances(InstanceIds=[lost])
        self.advance(60)
        there = {one["ec2InstanceId"]: one for one in self.instances()}
        self.assertFalse(there[lost]["agentConnected"])
        gone = {"cluster": "main", "containerInstance": there[lost]["containerInstanceArn"]}
        self.aws("ecs").deregister_container_instance(**gone, force=True)
        self.assertNotIn(lost, [one["ec2InstanceId"] for one in self.instances()])

    def test_a_role_that_may_not_register_keeps_a_node_out(self) -> None:
        self.aws("iam").delete_role_policy(RoleName="node", PolicyName="join")
        self.scaling(self.template(), 1, 1)
        self.advance(120)
        self.assertEqual(len(self.group_of()["Instances"]), 1)
        self.assertEqual(self.instances(), [])
        trouble = [one for one in self.get("state?builtin=1") if one["type"] == "boot-trouble"]
        self.assertIn("ecs:RegisterContainerInstance", trouble[0]["state"])

    def test_a_volume_is_attached_at_boot_in_its_own_zone_only(self) -> None:
        ec2 = self.aws("ec2")
        volume = ec2.create_volume(AvailabilityZone="eu-central-1a", Size=10)["VolumeId"]
        self.advance(10)
        script = f"aws ec2 attach-volume --volume-id {volume} --device /dev/sdf\n" + CLUSTER
        template = self.template(script)
        both = self.subnets
        self.subnets = both[1:]
        self.scaling(template, 1, 1, name="far")
        self.advance(120)
        self.assertEqual(self.instances(), [])
        self.assertEqual(ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"], "available")
        self.subnets = both[:1]
        self.scaling(template, 1, 1, name="near")
        self.advance(120)
        self.assertEqual(len(self.instances()), 1)
        self.assertEqual(ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["State"], "in-use")


class Providers(Nodes):
    def test_a_provider_grows_its_group_for_waiting_tasks_and_shrinks_it_later(self) -> None:
        arn = self.scaling(self.template(), 0, 3)["AutoScalingGroupARN"]
        self.provide(arn)
        # A t3.medium has three interfaces, so two tasks of their own interface fit.
        self.serve(4)
        self.advance(10)
        self.assertEqual({task["lastStatus"] for task in self.tasks()}, {"PROVISIONING"})
        self.advance(180)
        self.assertEqual(self.group_of()["DesiredCapacity"], 2)
        self.assertEqual(self.service()["runningCount"], 4)
        self.assertEqual({one["capacityProviderName"] for one in self.instances()}, {"grow"})
        self.assertEqual({task["capacityProviderName"] for task in self.tasks()}, {"grow"})
        self.aws("ecs").update_service(cluster="main", service="web", desiredCount=0)
        self.advance(1200)
        self.assertEqual(self.group_of()["DesiredCapacity"], 0)
        self.assertEqual(self.living("ec2.instance"), [])

    def test_a_provider_in_use_stays(self) -> None:
        ecs = self.aws("ecs")
        arn = self.scaling(self.template(), 1, 3)["AutoScalingGroupARN"]
        group = {"autoScalingGroupArn": arn, "managedScaling": {"status": "ENABLED"}}
        made = ecs.create_capacity_provider(name="grow", autoScalingGroupProvider=group)["capacityProvider"]
        self.assertEqual(made["updateStatus"], "CREATE_IN_PROGRESS")
        self.refused("ClientException", ecs.create_capacity_provider, name="grow", autoScalingGroupProvider=group)
        self.advance(10)
        put = {"cluster": "main", "defaultCapacityProviderStrategy": []}
        ecs.put_cluster_capacity_providers(capacityProviders=["grow"], **put)
        self.refused("UpdateInProgressException", ecs.put_cluster_capacity_providers, capacityProviders=[], **put)
        self.advance(60)
        self.serve(1, capacityProviderStrategy=[{"capacityProvider": "grow", "weight": 1}])
        self.refused("ResourceInUseException", ecs.put_cluster_capacity_providers, capacityProviders=[], **put)
        failed = ecs.delete_capacity_provider(capacityProvider="grow")["capacityProvider"]
        self.assertEqual((failed["status"], failed["updateStatus"]), ("ACTIVE", "DELETE_FAILED"))
        ecs.delete_service(cluster="main", service="web", force=True)
        self.advance(60)
        ecs.put_cluster_capacity_providers(capacityProviders=[], **put)
        gone = ecs.delete_capacity_provider(capacityProvider="grow")["capacityProvider"]
        self.assertEqual(gone["updateStatus"], "DELETE_IN_PROGRESS")
        self.advance(20)
        self.assertEqual(self.living("ecs.capacity-provider"), [])

    def test_no_room_is_told_in_events(self) -> None:
        self.scaling(self.template(), 1, 1)
        self.advance(90)
        self.serve(3, launchType="EC2")
        self.advance(60)
        self.assertEqual(self.service()["runningCount"], 2)
        said = " ".join(self.messages())
        self.assertIn('encountered error "RESOURCE:ENI"', said)

    def test_a_draining_instance_hands_its_tasks_over(self) -> None:
        self.scaling(self.template(), 2, 2)
        self.advance(90)
        self.serve(2, launchType="EC2")
        self.advance(60)
        drained = self.instances()[0]
        self.aws("ecs").update_container_instances_state(
            cluster="main", containerInstances=[drained["containerInstanceArn"]], status="DRAINING"
        )
        self.advance(60)
        left = {task["containerInstanceArn"] for task in self.tasks()}
        self.assertNotIn(drained["containerInstanceArn"], left)
        self.assertEqual(self.service()["runningCount"], 2)


if __name__ == "__main__":
    unittest.main()
