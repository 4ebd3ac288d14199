"""Where tasks go: zones, attributes, ports, memory; and volumes that pin a node."""

import unittest

from test_ecs_nodes import CLUSTER, Nodes


class Placement(Nodes):
    def bridge(self, port: int = 0, memory: int = 256, **more: object) -> str:
        mapping = {"containerPort": 80, **({"hostPort": port} if port else {})}
        made = self.aws("ecs").register_task_definition(
            family="bridge",
            containerDefinitions=[{"name": "web", "image": "web:1", "memory": memory, "portMappings": [mapping]}],
            **more,
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def run_bridge(self, definition: str, count: int = 1, name: str = "web", **more: object) -> None:
        settings = {"desiredCount": count, "launchType": "EC2", **more}
        self.aws("ecs").create_service(cluster="main", serviceName=name, taskDefinition=definition, **settings)

    def said(self) -> str:
        return " ".join(self.messages())

    def test_a_fixed_port_is_there_once_on_a_node(self) -> None:
        self.scaling(self.template(), 1, 1)
        self.advance(90)
        self.run_bridge(self.bridge(8080), 2)
        self.advance(60)
        self.assertEqual(self.service()["runningCount"], 1)
        self.assertIn("is already using a port required by your task.", self.said())

    def test_dynamic_ports_differ_and_are_what_targets_have(self) -> None:
        self.scaling(self.template(), 1, 1)
        group = self.balance(TargetType="instance")
        rule = {"IpProtocol": "tcp", "FromPort": 32768, "ToPort": 65535, "UserIdGroupPairs": [{"GroupId": self.outer}]}
        self.aws("ec2").authorize_security_group_ingress(GroupId=self.inner, IpPermissions=[rule])
        balancers = [{"targetGroupArn": group, "containerName": "web", "containerPort": 80}]
        self.run_bridge(self.bridge(), 2, loadBalancers=balancers)
        self.advance(120)
        ports = {task["containers"][0]["networkBindings"][0]["hostPort"] for task in self.tasks()}
        self.assertEqual(len(ports), 2)
        found = self.aws("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        self.assertEqual({one["Target"]["Port"] for one in found}, ports)
        self.assertEqual({one["TargetHealth"]["State"] for one in found}, {"healthy"})

    def test_memory_runs_out(self) -> None:
        self.scaling(self.template(), 1, 1)
        self.advance(90)
        self.run_bridge(self.bridge(memory=3000), 2)
        self.advance(60)
        self.assertEqual(self.service()["runningCount"], 1)
        self.assertIn("has insufficient memory available.", self.said())

    def test_a_constraint_pins_to_a_zone_or_an_attribute(self) -> None:
        script = CLUSTER + """echo 'ECS_INSTANCE_ATTRIBUTES={"disk": "yes"}' >> /etc/ecs/ecs.config\n"""
        self.scaling(self.template(), 1, 1, name="plain")
        self.scaling(self.template(script, name="disk"), 1, 1, name="disk")
        self.advance(90)
        by_machine = {one["containerInstanceArn"]: one["attributes"] for one in self.instances()}
        disks = {arn for arn, found in by_machine.items() if {"name": "disk", "value": "yes"} in found}
        self.assertEqual(len(disks), 1)
        for number, expression in enumerate(
            ["attribute:disk == yes", "attribute:disk in [yes, no]", "attribute:disk exists"]
        ):
            constraint = [{"type": "memberOf", "expression": expression}]
            self.run_bridge(self.bridge(), name=f"on-{number}", placementConstraints=constraint)
        self.run_bridge(
            self.bridge(), placementConstraints=[{"type": "memberOf", "expression": "attribute:disk != yes"}]
        )
        self.advance(60)
        on = {task["group"]: task["containerInstanceArn"] for task in self.tasks()}
        self.assertEqual({on[f"service:on-{number}"] for number in range(3)}, disks)
        self.assertNotIn(on["service:web"], disks)

    def test_a_constraint_that_nothing_meets_is_told(self) -> None:
        self.scaling(self.template(), 1, 1)
        self.advance(90)
        wanted = [{"type": "memberOf", "expression": "attribute:ecs.availability-zone == eu-central-1z"}]
        self.run_bridge(self.bridge(), placementConstraints=wanted)
        self.advance(60)
        self.assertIn("is missing an attribute required by your task.", self.said())

    def test_distinct_instances(self) -> None:
        self.scaling(self.template(), 2, 2)
        self.advance(90)
        self.run_bridge(self.bridge(), 3, placementConstraints=[{"type": "distinctInstance"}])
        self.advance(60)
        self.assertEqual(len({task["containerInstanceArn"] for task in self.tasks()}), 2)
        self.assertEqual(self.service()["runningCount"], 2)

    def test_tasks_run_where_there_is_room_or_say_why_not(self) -> None:
        ecs = self.aws("ecs")
        ask = {"cluster": "main", "taskDefinition": self.bridge(memory=3000)}
        message = self.refused("InvalidParameterException", ecs.run_task, **ask)
        self.assertEqual(message, "No Container Instances were found in your cluster.")
        self.scaling(self.template(), 1, 1)
        self.advance(90)
        answer = ecs.run_task(count=2, **ask)
        self.assertEqual(len(answer["tasks"]), 1)
        self.assertEqual([one["reason"] for one in answer["failures"]], ["RESOURCE:MEMORY"])

    def test_a_script_that_loops_gets_the_volume_when_it_is_free(self) -> None:
        ec2 = self.aws("ec2")
        volume = ec2.create_volume(AvailabilityZone="eu-central-1a", Size=10)["VolumeId"]
        self.advance(10)
        script = f"VOLUME_ID={volume}\nuntil aws ec2 attach-volume --volume-id $VOLUME_ID; do sleep 5; done\n" + CLUSTER
        self.subnets = self.subnets[:1]
        self.scaling(self.template(script), 1, 1)
        self.advance(60)
        old = self.instances()[0]["ec2InstanceId"]
        ec2.terminate_instances(InstanceIds=[old])
        self.advance(200)
        attached = ec2.describe_volumes(VolumeIds=[volume])["Volumes"][0]["Attachments"][0]["InstanceId"]
        self.assertNotEqual(attached, old)
        self.assertEqual([one["ec2InstanceId"] for one in self.instances()], [attached])

    def test_container_instances_are_taken_out_by_hand(self) -> None:
        ecs = self.aws("ecs")
        self.scaling(self.template(), 1, 1)
        self.advance(90)
        self.run_bridge(self.bridge())
        self.advance(60)
        arn = self.instances()[0]["containerInstanceArn"]
        self.refused(
            "InvalidParameterException", ecs.deregister_container_instance, cluster="main", containerInstance=arn
        )
        self.refused("InvalidParameterException", ecs.delete_service, cluster="main", service="web")
        ecs.delete_service(cluster="main", service="web", force=True)
        self.advance(30)
        self.refused("ClusterContainsContainerInstancesException", ecs.delete_cluster, cluster="main")
        ecs.deregister_container_instance(cluster="main", containerInstance=arn)
        ecs.delete_cluster(cluster="main")


if __name__ == "__main__":
    unittest.main()
