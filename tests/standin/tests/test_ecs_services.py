"""ECS services roll out, serve, fail, roll back and go."""

import unittest

from bed import Bed


class Network(Bed):
    """A VPC with two public subnets, a load balancer with a target group, a cluster, roles and a log group."""

    def setUp(self) -> None:
        super().setUp()
        ec2, iam = self.aws("ec2"), self.aws("iam")
        self.vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
        ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=self.vpc)
        table = ec2.create_route_table(VpcId=self.vpc)["RouteTable"]["RouteTableId"]
        ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
        self.subnets = []
        for number, zone in enumerate("ab"):
            subnet = ec2.create_subnet(
                VpcId=self.vpc, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"eu-central-1{zone}"
            )
            self.subnets.append(subnet["Subnet"]["SubnetId"])
            ec2.associate_route_table(RouteTableId=table, SubnetId=self.subnets[-1])
        self.outer = self.group("balancer")
        self.inner = self.group("tasks")
        self.admit(self.inner, 80, self.outer)
        who = '{"Service":"ecs-tasks.amazonaws.com"}'
        trust = f'{{"Statement":[{{"Effect":"Allow","Principal":{who},"Action":"sts:AssumeRole"}}]}}'
        self.role = iam.create_role(RoleName="execution", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
        self.aws("logs").create_log_group(logGroupName="/app")
        self.aws("ecs").create_cluster(clusterName="main")
        self.advance(60)

    def group(self, name: str) -> str:
        made = self.aws("ec2").create_security_group(GroupName=name, Description=name, VpcId=self.vpc)
        return made["GroupId"]

    def admit(self, group: str, port: int, source: str) -> None:
        rule = {"IpProtocol": "tcp", "FromPort": port, "ToPort": port, "UserIdGroupPairs": [{"GroupId": source}]}
        self.aws("ec2").authorize_security_group_ingress(GroupId=group, IpPermissions=[rule])

    def balance(self, name: str = "web", **settings: object) -> str:
        """A load balancer whose listener forwards to a new target group; gives the group's ARN."""
        elb = self.aws("elbv2")
        fast = {
            "TargetType": "ip",
            "HealthCheckIntervalSeconds": 10,
            "HealthyThresholdCount": 2,
            "UnhealthyThresholdCount": 2,
        }
        balancer = elb.create_load_balancer(Name=name, Subnets=self.subnets, SecurityGroups=[self.outer])[
            "LoadBalancers"
        ][0]
        group = elb.create_target_group(Name=name, Protocol="HTTP", Port=80, VpcId=self.vpc, **{**fast, **settings})[
            "TargetGroups"
        ][0]["TargetGroupArn"]
        forward = [{"Type": "forward", "TargetGroupArn": group}]
        elb.create_listener(
            LoadBalancerArn=balancer["LoadBalancerArn"], Protocol="HTTP", Port=80, DefaultActions=forward
        )
        elb.modify_target_group_attributes(
            TargetGroupArn=group, Attributes=[{"Key": "deregistration_delay.timeout_seconds", "Value": "20"}]
        )
        self.advance(200)
        return group

    def define(self, image: str = "web:1", **container: object) -> str:
        logs = {"awslogs-group": "/app", "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "web"}
        one = {
            "name": "web",
            "image": image,
            "portMappings": [{"containerPort": 80}],
            "logConfiguration": {"logDriver": "awslogs", "options": logs},
            **container,
        }
        made = self.aws("ecs").register_task_definition(
            family="web",
            networkMode="awsvpc",
            requiresCompatibilities=["FARGATE"],
            cpu="256",
            memory="512",
            executionRoleArn=self.role,
            containerDefinitions=[one],
        )
        return made["taskDefinition"]["taskDefinitionArn"]

    def network(self) -> dict:
        return {
            "awsvpcConfiguration": {
                "subnets": self.subnets,
                "securityGroups": [self.inner],
                "assignPublicIp": "ENABLED",
            }
        }

    def create(self, definition: str, group: str | None = None, **more: object) -> dict:
        balancers = [{"targetGroupArn": group, "containerName": "web", "containerPort": 80}] if group else []
        settings = {"desiredCount": 2, "launchType": "FARGATE", "networkConfiguration": self.network(), **more}
        made = self.aws("ecs").create_service(
            cluster="main", serviceName="web", taskDefinition=definition, loadBalancers=balancers, **settings
        )
        return made["service"]

    def service(self, name: str = "web") -> dict:
        return self.aws("ecs").describe_services(cluster="main", services=[name])["services"][0]

    def messages(self) -> list[str]:
        return [event["message"] for event in reversed(self.service()["events"])]

    def tasks(self, **filters: object) -> list[dict]:
        arns = self.aws("ecs").list_tasks(cluster="main", **filters)["taskArns"]
        return self.aws("ecs").describe_tasks(cluster="main", tasks=arns)["tasks"] if arns else []

    def health(self, group: str) -> list[str]:
        found = self.aws("elbv2").describe_target_health(TargetGroupArn=group)["TargetHealthDescriptions"]
        return sorted(one["TargetHealth"]["State"] for one in found)


BREAKER = {"deploymentCircuitBreaker": {"enable": True, "rollback": True}}


class Rollout(Network):
    def test_a_service_rolls_out_and_its_targets_become_healthy(self) -> None:
        group = self.balance()
        first = self.create(self.define(), group)
        self.assertEqual(first["deployments"][0]["rolloutState"], "IN_PROGRESS")
        self.advance(5)
        self.assertEqual({task["lastStatus"] for task in self.tasks()}, {"PROVISIONING"})
        self.advance(10)
        self.assertEqual({task["lastStatus"] for task in self.tasks()}, {"PENDING"})
        self.assertEqual(self.service()["pendingCount"], 2)
        self.advance(15)
        self.assertEqual(self.service()["runningCount"], 2)
        self.assertEqual(self.health(group), ["initial", "initial"])
        self.assertEqual(self.service()["deployments"][0]["rolloutState"], "IN_PROGRESS")
        self.advance(60)
        self.assertEqual(self.health(group), ["healthy", "healthy"])
        deployment = self.service()["deployments"][0]
        self.assertEqual((deployment["status"], deployment["rolloutState"]), ("PRIMARY", "COMPLETED"))
        said = self.messages()
        self.assertTrue(said[0].startswith("(service web) has started 2 tasks: (task "), said)
        self.assertEqual(said[-1], "(service web) has reached a steady state.")
        zones = {task["availabilityZone"] for task in self.tasks()}
        self.assertEqual(zones, {"eu-central-1a", "eu-central-1b"})

    def test_an_update_runs_old_and_new_side_by_side(self) -> None:
        group = self.balance()
        self.create(self.define(), group)
        self.advance(120)
        second = self.define("web:2")
        self.aws("ecs").update_service(cluster="main", service="web", taskDefinition=second)
        self.advance(30)
        states = [(one["status"], one["runningCount"]) for one in self.service()["deployments"]]
        self.assertEqual(states, [("PRIMARY", 2), ("ACTIVE", 2)])
        self.advance(150)
        deployments = self.service()["deployments"]
        self.assertEqual([one["rolloutState"] for one in deployments], ["COMPLETED"])
        self.assertEqual({task["taskDefinitionArn"] for task in self.tasks()}, {second})
        self.assertEqual(self.health(group), ["healthy", "healthy"])
        stopped = self.tasks(desiredStatus="STOPPED")
        self.assertEqual({task["stopCode"] for task in stopped}, {"ServiceSchedulerInitiated"})
        self.assertTrue(stopped[0]["stoppedReason"].startswith("Scaling activity initiated by (deployment ecs-svc/"))

    def test_a_broken_version_trips_the_breaker_and_is_rolled_back(self) -> None:
        first = self.define()
        self.create(first, deploymentConfiguration=BREAKER)
        self.advance(90)
        self.post("images", pattern="web:2", behaviour={"exit": 1, "after": 3, "log": ["no database"]})
        ecs = self.aws("ecs")
        ecs.update_service(cluster="main", service="web", taskDefinition=self.define("web:2"))
        new = self.service()["currentServiceDeployment"]
        self.advance(300)
        primary = self.service()["deployments"][0]
        self.assertEqual((primary["taskDefinition"], primary["rolloutState"]), (first, "COMPLETED"))
        record = ecs.describe_service_deployments(serviceDeploymentArns=[new])["serviceDeployments"][0]
        self.assertEqual(record["status"], "ROLLBACK_SUCCESSFUL")
        self.assertEqual(record["deploymentCircuitBreaker"], {"status": "TRIGGERED", "failureCount": 3, "threshold": 3})
        failed = self.tasks(desiredStatus="STOPPED")[0]
        self.assertEqual(
            (failed["stopCode"], failed["stoppedReason"]),
            ("EssentialContainerExited", "Essential container in task exited"),
        )
        self.assertEqual(failed["containers"][0]["exitCode"], 1)
        self.assertIn("deployment failed: tasks failed to start.", " ".join(self.messages()))
        stream = f"web/web/{failed['taskArn'].rsplit('/', 1)[-1]}"
        events = self.aws("logs").get_log_events(logGroupName="/app", logStreamName=stream)["events"]
        self.assertEqual([event["message"] for event in events], ["no database"])
        self.assertEqual(self.service()["runningCount"], 2)


if __name__ == "__main__":
    unittest.main()
