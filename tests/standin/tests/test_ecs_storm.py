"""A storm of seeded operations on services and nodes: at every moment what belongs together is there together, in the
end all is well, and nothing is left behind."""

import random
import unittest
from collections.abc import Callable
from typing import Any

from botocore.exceptions import ClientError
from test_ecs_nodes import Nodes

IMAGES = {
    "web:1": {},
    "web:crash": {"exit": 1, "after": 5},
    "web:sick": {"unhealthy": True},
    "web:stubborn": {"ignore_sigterm": True},
    "web:none": {"missing": True},
    "web:flaky": {"exit": 1, "after": 20, "times": 5},
}
# Behind a balancer on Fargate, on a capacity provider, and on whatever nodes there are.
NAMES = ("a", "b", "c")
STEPS = 50


class Storm(Nodes):
    def setUp(self) -> None:
        super().setUp()
        self.target_group = self.balance()
        arn = self.scaling(self.template(), 0, 4, DesiredCapacity=2)["AutoScalingGroupARN"]
        self.provide(arn)
        self.post("images", rules=[{"pattern": image, "behaviour": how} for image, how in IMAGES.items()])

    def maybe(self, call: Callable[..., Any], **params: Any) -> dict[str, Any]:
        """A call that AWS may refuse, for a reason of its own."""
        try:
            return call(**params)
        except ClientError as error:
            self.assertNotEqual(error.response["Error"]["Code"], "StandinFailure", error)
            return {}

    def definition(self, name: str, image: str) -> str:
        if name == "a":
            return self.define(image)
        one = {"name": "web", "image": image, "memory": 256, "cpu": 256}
        made = self.aws("ecs").register_task_definition(
            family="small", networkMode="awsvpc", containerDefinitions=[one]
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def make(self, name: str, dice: random.Random) -> None:
        inner = {"awsvpcConfiguration": {"subnets": self.subnets, "securityGroups": [self.inner]}}
        balancer = {"targetGroupArn": self.target_group, "containerName": "web", "containerPort": 80}
        where = {
            "a": {"launchType": "FARGATE", "networkConfiguration": self.network(), "loadBalancers": [balancer]},
            "b": {"networkConfiguration": inner},
            "c": {"networkConfiguration": inner, "launchType": "EC2"},
        }
        breaker = {"enable": dice.random() < 0.7, "rollback": dice.random() < 0.7}
        self.maybe(
            self.aws("ecs").create_service,
            cluster="main",
            serviceName=name,
            taskDefinition=self.definition(name, dice.choice(list(IMAGES))),
            desiredCount=dice.randint(0, 4),
            deploymentConfiguration={
                "deploymentCircuitBreaker": breaker,
                **dice.choice([{}, {"minimumHealthyPercent": 0}]),
            },
            **where[name],
        )

    def step(self, dice: random.Random) -> None:
        ecs, name = self.aws("ecs"), dice.choice(NAMES)
        of = {"cluster": "main", "service": name}
        what = dice.choices(
            ["make", "scale", "force", "deploy", "delete", "stop", "end", "undo"], [5, 2, 2, 4, 1, 2, 1, 1]
        )[0]
        if what == "make":
            self.make(name, dice)
        elif what == "scale":
            self.maybe(ecs.update_service, desiredCount=dice.randint(0, 5), **of)
        elif what == "force":
            self.maybe(ecs.update_service, forceNewDeployment=True, **of)
        elif what == "deploy":
            self.maybe(ecs.update_service, taskDefinition=self.definition(name, dice.choice(list(IMAGES))), **of)
        elif what == "delete":
            self.maybe(ecs.delete_service, force=True, **of)
        elif what == "stop":
            for arn in dice.sample(sorted(ecs.list_tasks(cluster="main")["taskArns"]), 1) if self.tasks() else []:
                self.maybe(ecs.stop_task, cluster="main", task=arn)
        elif what == "end":
            for one in self.group_of()["Instances"][:1]:
                self.maybe(self.aws("ec2").terminate_instances, InstanceIds=[one["InstanceId"]])
        elif what == "undo":
            for one in self.maybe(ecs.list_service_deployments, **of).get("serviceDeployments", [])[:1]:
                arn, how = one["serviceDeploymentArn"], dice.choice(["ROLLBACK", "ABORT"])
                self.maybe(ecs.stop_service_deployment, serviceDeploymentArn=arn, stopType=how)
        self.advance(dice.choice([0, 1, 3, 10, 30, 120]))

    def check(self) -> None:
        """Interfaces are those of tasks, and targets that take traffic are tasks."""
        addresses = {task["address"] for task in self.living("ecs.task") if task["address"]}
        faces = self.living("ec2.network-interface")
        self.assertEqual({face["address"] for face in faces if "attachment/" in face["description"]}, addresses)
        group = self.living("elasticloadbalancing.targetgroup")[0]
        self.assertLessEqual({one["id"] for one in group["targets"] if one["state"] != "draining"}, addresses)

    def calm(self) -> None:
        """With an image that works every service gets where it should."""
        ecs = self.aws("ecs")
        for name in NAMES:
            works = self.definition(name, "web:1")
            self.maybe(ecs.update_service, cluster="main", service=name, desiredCount=1, taskDefinition=works)
        self.aws("autoscaling").set_desired_capacity(AutoScalingGroupName="nodes", DesiredCapacity=2)
        self.advance(1200)
        for service in ecs.describe_services(cluster="main", services=list(NAMES))["services"]:
            if service["status"] == "ACTIVE":
                rollouts = [one["rolloutState"] for one in service["deployments"]]
                self.assertEqual((service["runningCount"], rollouts), (1, ["COMPLETED"]), service["events"][:5])

    def leave(self) -> None:
        ecs = self.aws("ecs")
        for name in NAMES:
            self.maybe(ecs.delete_service, cluster="main", service=name, force=True)
        self.advance(300)
        ecs.put_cluster_capacity_providers(cluster="main", capacityProviders=[], defaultCapacityProviderStrategy=[])
        ecs.delete_capacity_provider(capacityProvider="grow")
        self.aws("autoscaling").delete_auto_scaling_group(AutoScalingGroupName="nodes", ForceDelete=True)
        self.advance(200)
        ecs.delete_cluster(cluster="main")
        kinds = ["ecs.service", "ecs.task", "ecs.cluster", "ecs.container-instance", "ecs.capacity-provider"]
        left = [one for kind in [*kinds, "autoscaling.group", "ec2.instance"] for one in self.living(kind)]
        self.assertEqual(left, [])
        self.check()

    def weather(self, seed: int) -> None:
        dice = random.Random(seed)
        for _ in range(STEPS):
            self.step(dice)
            self.check()
        self.calm()
        self.leave()

    def test_one_storm(self) -> None:
        self.weather(1)

    def test_another_storm(self) -> None:
        self.weather(2)


if __name__ == "__main__":
    unittest.main()
