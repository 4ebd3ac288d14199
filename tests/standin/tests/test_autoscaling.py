"""Auto Scaling groups by themselves: what they refuse, whom they end, what they tell."""

import unittest

from test_ecs_nodes import Nodes


class Groups(Nodes):
    def setUp(self) -> None:
        super().setUp()
        self.scaling_api = self.aws("autoscaling")

    def states(self) -> dict[str, str]:
        return {one["InstanceId"]: one["LifecycleState"] for one in self.group_of()["Instances"]}

    def test_bounds_hold(self) -> None:
        api = self.scaling_api
        self.scaling(self.template(), 1, 3)
        again = {"AutoScalingGroupName": "nodes", "MinSize": 0, "MaxSize": 0}
        self.refused("AlreadyExists", api.create_auto_scaling_group, **again)
        self.refused("ValidationError", api.set_desired_capacity, AutoScalingGroupName="nodes", DesiredCapacity=4)
        self.refused("ValidationError", api.set_desired_capacity, AutoScalingGroupName="nodes", DesiredCapacity=0)
        self.refused("ValidationError", api.update_auto_scaling_group, AutoScalingGroupName="nodes", MinSize=5)
        self.refused("ValidationError", api.delete_auto_scaling_group, AutoScalingGroupName="none")
        api.update_auto_scaling_group(AutoScalingGroupName="nodes", MinSize=2)
        self.assertEqual(self.group_of()["DesiredCapacity"], 2, "a new bound moves what is beyond it")
        api.update_auto_scaling_group(AutoScalingGroupName="nodes", MinSize=0, MaxSize=1)
        self.assertEqual(self.group_of()["DesiredCapacity"], 1)

    def test_a_group_needs_what_its_template_names(self) -> None:
        create = self.scaling_api.create_auto_scaling_group
        zone = {"AutoScalingGroupName": "nodes", "MinSize": 0, "MaxSize": 1, "VPCZoneIdentifier": self.subnets[0]}
        missing = {"LaunchTemplateId": "lt-00000000000000000"}
        self.assertIn("does not exist", self.refused("ValidationError", create, LaunchTemplate=missing, **zone))
        template = {"LaunchTemplateId": self.template()}
        self.refused("ValidationError", create, LaunchTemplate=template, **{**zone, "VPCZoneIdentifier": "subnet-0"})
        iam = self.aws("iam")
        iam.remove_role_from_instance_profile(InstanceProfileName="node", RoleName="node")
        iam.delete_instance_profile(InstanceProfileName="node")
        message = self.refused("ValidationError", create, LaunchTemplate=template, **zone)
        self.assertIn("Invalid IAM Instance Profile name", message)

    def test_scaling_in_spares_the_protected(self) -> None:
        self.scaling(self.template(), 0, 3, DesiredCapacity=3)
        self.advance(60)
        kept = sorted(self.states())[0]
        protect = {"AutoScalingGroupName": "nodes", "ProtectedFromScaleIn": True}
        self.scaling_api.set_instance_protection(InstanceIds=[kept], **protect)
        self.scaling_api.set_desired_capacity(AutoScalingGroupName="nodes", DesiredCapacity=0)
        self.advance(90)
        self.assertEqual(self.states(), {kept: "InService"})

    def test_an_instance_is_ended_with_and_without_a_replacement(self) -> None:
        self.scaling(self.template(), 1, 3, DesiredCapacity=2)
        self.advance(60)
        first, second = sorted(self.states())
        end = self.scaling_api.terminate_instance_in_auto_scaling_group
        end(InstanceId=first, ShouldDecrementDesiredCapacity=True)
        self.advance(90)
        self.assertEqual(set(self.states()), {second})
        self.refused("ValidationError", end, InstanceId=second, ShouldDecrementDesiredCapacity=True)
        end(InstanceId=second, ShouldDecrementDesiredCapacity=False)
        self.advance(90)
        self.assertEqual(len(self.states()), 1)
        self.assertNotIn(second, self.states())

    def test_activities_tell_what_was_done_and_what_failed(self) -> None:
        template = self.template()
        self.scaling(template, 0, 1)
        self.aws("ec2").delete_launch_template(LaunchTemplateId=template)
        self.scaling_api.set_desired_capacity(AutoScalingGroupName="nodes", DesiredCapacity=1)
        self.advance(10)
        told = self.scaling_api.describe_scaling_activities(AutoScalingGroupName="nodes")["Activities"]
        self.assertEqual([one["StatusCode"] for one in told], ["Failed"])
        self.assertIn("does not exist", told[0]["StatusMessage"])
        self.assertEqual(self.group_of()["Instances"], [])

    def test_activities_of_launches_succeed_once_the_instance_runs(self) -> None:
        self.scaling(self.template(), 1, 1)
        self.advance(10)
        told = self.scaling_api.describe_scaling_activities(AutoScalingGroupName="nodes")["Activities"]
        self.assertEqual([one["StatusCode"] for one in told], ["InProgress"])
        self.advance(30)
        told = self.scaling_api.describe_scaling_activities()["Activities"]
        self.assertEqual([one["StatusCode"] for one in told], ["Successful"])

    def test_tags_and_filters(self) -> None:
        api = self.scaling_api
        self.scaling(self.template(), 0, 1)
        one = {"ResourceId": "nodes", "ResourceType": "auto-scaling-group", "Key": "team", "Value": "a"}
        api.create_or_update_tags(Tags=[{**one, "PropagateAtLaunch": True}])
        by_tag = api.describe_auto_scaling_groups(Filters=[{"Name": "tag:team", "Values": ["a"]}])["AutoScalingGroups"]
        self.assertEqual([group["AutoScalingGroupName"] for group in by_tag], ["nodes"])
        none = api.describe_auto_scaling_groups(Filters=[{"Name": "tag:team", "Values": ["b"]}])["AutoScalingGroups"]
        self.assertEqual(none, [])
        tags = api.describe_tags(Filters=[{"Name": "auto-scaling-group", "Values": ["nodes"]}])["Tags"]
        self.assertEqual(sorted(tag["Key"] for tag in tags), ["of", "team"])
        api.delete_tags(Tags=[one])
        self.assertEqual([tag["Key"] for tag in self.group_of()["Tags"]], ["of"])

    def test_groups_come_in_pages(self) -> None:
        template = self.template()
        for name in "abc":
            self.scaling(template, 0, 0, name=name)
        page = self.scaling_api.describe_auto_scaling_groups(MaxRecords=2)
        self.assertEqual([group["AutoScalingGroupName"] for group in page["AutoScalingGroups"]], ["a", "b"])
        page = self.scaling_api.describe_auto_scaling_groups(MaxRecords=2, NextToken=page["NextToken"])
        self.assertEqual([group["AutoScalingGroupName"] for group in page["AutoScalingGroups"]], ["c"])

    def test_suspended_processes_do_nothing(self) -> None:
        api = self.scaling_api
        self.scaling(self.template(), 0, 2)
        api.suspend_processes(AutoScalingGroupName="nodes", ScalingProcesses=["Launch"])
        api.set_desired_capacity(AutoScalingGroupName="nodes", DesiredCapacity=1)
        self.advance(60)
        self.assertEqual(self.states(), {})
        api.resume_processes(AutoScalingGroupName="nodes", ScalingProcesses=["Launch"])
        self.advance(60)
        self.assertEqual(list(self.states().values()), ["InService"])
        shown = api.describe_auto_scaling_instances()["AutoScalingInstances"]
        self.assertEqual([one["HealthStatus"] for one in shown], ["HEALTHY"])
        api.set_instance_health(InstanceId=shown[0]["InstanceId"], HealthStatus="Unhealthy")
        self.advance(120)
        self.assertNotIn(shown[0]["InstanceId"], self.states())
        self.assertEqual(len(self.states()), 1)

    def test_what_is_not_played_says_so(self) -> None:
        start = self.scaling_api.start_instance_refresh
        self.assertIn("StartInstanceRefresh", self.refused("UnsupportedOperation", start, AutoScalingGroupName="nodes"))

    def test_scaling_in_drains_the_tasks_first(self) -> None:
        arn = self.scaling(self.template(), 0, 2, DesiredCapacity=2)["AutoScalingGroupARN"]
        self.provide(arn)
        self.advance(60)
        self.serve(2)
        self.advance(60)
        self.scaling_api.update_auto_scaling_group(AutoScalingGroupName="nodes", MaxSize=1)
        self.advance(10)
        self.assertIn("Terminating:Wait", self.states().values())
        self.assertIn("DRAINING", {one["status"] for one in self.instances()})
        self.advance(150)
        self.assertEqual(list(self.states().values()), ["InService"])
        self.assertEqual(self.service()["runningCount"], 2)


if __name__ == "__main__":
    unittest.main()
