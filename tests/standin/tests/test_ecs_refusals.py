"""Requests that ECS doesn't take, each with its own words; tags, lists and settings."""

import unittest

from test_ecs_services import Network


class Refused(Network):
    def setUp(self) -> None:
        super().setUp()
        self.ecs = self.aws("ecs")

    def no_service(self, part: str, **params: object) -> None:
        base = {"cluster": "main", "serviceName": "web", "taskDefinition": "web", "desiredCount": 1}
        message = self.refused("InvalidParameterException", self.ecs.create_service, **{**base, **params})
        self.assertIn(part, message)

    def test_services(self) -> None:
        self.define()
        fargate = {"launchType": "FARGATE", "networkConfiguration": self.network()}
        self.no_service("Network Configuration must be provided", launchType="FARGATE")
        self.no_service("Assign public IP is not supported", launchType="EC2", networkConfiguration=self.network())
        self.no_service("Invalid service name", **fargate, serviceName="a b")
        both = [{"capacityProvider": "FARGATE"}]
        self.no_service("both a launch type and capacity provider strategy", **fargate, capacityProviderStrategy=both)
        strange = {"networkConfiguration": self.network(), "capacityProviderStrategy": [{"capacityProvider": "none"}]}
        self.no_service("capacity provider was not found", **strange)
        foreign = {"networkConfiguration": self.network(), "capacityProviderStrategy": both}
        self.no_service("not associated with the cluster", **foreign)
        self.no_service("cannot be 100", **fargate, deploymentConfiguration={"maximumPercent": 100})
        group = self.balance()
        wrong = {"targetGroupArn": group, "containerName": "db", "containerPort": 80}
        self.no_service("The container db does not exist in the task definition.", **fargate, loadBalancers=[wrong])
        wrong |= {"containerName": "web", "containerPort": 81}
        self.no_service("did not have a container port 81 defined", **fargate, loadBalancers=[wrong])
        by_instance = self.balance("by-instance", TargetType="instance")
        wrong |= {"targetGroupArn": by_instance, "containerPort": 80}
        self.no_service("incompatible with the awsvpc network mode", **fargate, loadBalancers=[wrong])
        registry = [{"registryArn": "arn:aws:servicediscovery:eu-central-1:111122223333:service/srv-none"}]
        self.no_service("does not exist", **fargate, serviceRegistries=registry)
        self.no_service(
            "only valid for services configured to use load balancers", **fargate, healthCheckGracePeriodSeconds=9
        )
        away = self.network()
        away["awsvpcConfiguration"]["subnets"] = ["subnet-00000000000000000"]
        self.no_service(
            "The subnet ID 'subnet-00000000000000000' does not exist", launchType="FARGATE", networkConfiguration=away
        )
        away = self.network()
        away["awsvpcConfiguration"]["securityGroups"] = ["sg-00000000000000000"]
        self.no_service("'sg-00000000000000000' does not exist", launchType="FARGATE", networkConfiguration=away)
        missing = {"cluster": "main", "serviceName": "web", "taskDefinition": "none", "desiredCount": 1}
        self.assertEqual(
            self.refused("ClientException", self.ecs.create_service, **missing), "TaskDefinition not found."
        )
        self.refused("ServiceNotFoundException", self.ecs.update_service, cluster="main", service="none")
        self.refused(
            "UnsupportedFeatureException", self.ecs.create_task_set, service="a", cluster="main", taskDefinition="web"
        )

    def test_definitions(self) -> None:
        def refuse(part: str, **params: object) -> None:
            one = {"name": "a", "image": "a", "memory": 64, **params.pop("one", {})}
            whole = {"family": "x", "containerDefinitions": [one], **params}
            self.assertIn(part, self.refused("ClientException", self.ecs.register_task_definition, **whole))

        fargate = {"requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc", "cpu": "256", "memory": "512"}
        refuse("Family contains invalid characters", family="a b")
        refuse(
            "host ports and container ports",
            networkMode="awsvpc",
            one={"portMappings": [{"containerPort": 1, "hostPort": 2}]},
        )
        refuse("Unknown volume 'data'", one={"mountPoints": [{"sourceVolume": "data", "containerPath": "/d"}]})
        refuse("at least one essential", one={"essential": False})
        refuse("awslogs-region", one={"logConfiguration": {"logDriver": "awslogs", "options": {"awslogs-group": "/a"}}})
        refuse("network mode 'awsvpc'", requiresCompatibilities=["FARGATE"])
        refuse("be defined at the task level", requiresCompatibilities=["FARGATE"], networkMode="awsvpc")
        refuse("execution role ARN to support ECR", **fargate, one={"image": "1.dkr.ecr.eu-central-1.amazonaws.com/a"})
        refuse("'sourcePath'", **fargate, volumes=[{"name": "d", "host": {"sourcePath": "/d"}}])
        self.assertEqual(
            self.refused("ClientException", self.ecs.deregister_task_definition, taskDefinition="x"),
            "Revision is missing.",
        )
        self.refused("ClientException", self.ecs.describe_task_definition, taskDefinition="x:1")

    def test_providers(self) -> None:
        create = self.ecs.create_capacity_provider
        arn = "arn:aws:autoscaling:eu-central-1:111122223333:autoScalingGroup:0:autoScalingGroupName/no"
        away = {"autoScalingGroupArn": arn}
        self.refused("ClientException", create, name="ecs-nodes", autoScalingGroupProvider=away)
        self.assertIn(
            "does not exist", self.refused("ClientException", create, name="nodes", autoScalingGroupProvider=away)
        )
        self.refused("ClientException", self.ecs.delete_capacity_provider, capacityProvider="nodes")
        found = self.ecs.describe_capacity_providers(capacityProviders=["FARGATE", "nodes"])
        self.assertEqual([one["name"] for one in found["capacityProviders"]], ["FARGATE"])
        self.assertEqual([one["reason"] for one in found["failures"]], ["MISSING"])

    def test_only_ten_services_are_described_at_once(self) -> None:
        names = [f"s{number}" for number in range(11)]
        self.refused("InvalidParameterException", self.ecs.describe_services, cluster="main", services=names)
        failures = self.ecs.describe_services(cluster="main", services=names[:10])["failures"]
        self.assertEqual({one["reason"] for one in failures}, {"MISSING"})

    def test_tags(self) -> None:
        arn = self.define()
        self.ecs.tag_resource(resourceArn=arn, tags=[{"key": "a", "value": "1"}, {"key": "b", "value": "2"}])
        self.ecs.untag_resource(resourceArn=arn, tagKeys=["a"])
        self.assertEqual(self.ecs.list_tags_for_resource(resourceArn=arn)["tags"], [{"key": "b", "value": "2"}])
        shown = self.ecs.describe_task_definition(taskDefinition=arn, include=["TAGS"])["tags"]
        self.assertEqual(shown, [{"key": "b", "value": "2"}])
        self.refused("InvalidParameterException", self.ecs.tag_resource, resourceArn=arn + "9", tags=[])
        cluster = self.ecs.describe_clusters(clusters=["main"])["clusters"][0]["clusterArn"]
        self.aws("resourcegroupstaggingapi").tag_resources(ResourceARNList=[cluster], Tags={"c": "3"})
        shown = self.ecs.describe_clusters(clusters=["main"], include=["TAGS"])["clusters"][0]["tags"]
        self.assertEqual(shown, [{"key": "c", "value": "3"}])

    def test_lists_come_in_pages(self) -> None:
        for _ in range(3):
            self.define()
        page = self.ecs.list_task_definitions(familyPrefix="web", maxResults=2, sort="DESC")
        self.assertEqual([arn.rsplit(":", 1)[-1] for arn in page["taskDefinitionArns"]], ["3", "2"])
        page = self.ecs.list_task_definitions(
            familyPrefix="web", maxResults=2, sort="DESC", nextToken=page["nextToken"]
        )
        self.assertEqual([arn.rsplit(":", 1)[-1] for arn in page["taskDefinitionArns"]], ["1"])
        self.assertEqual(self.ecs.list_task_definition_families(status="ACTIVE")["families"], ["web"])
        self.assertEqual(len(self.ecs.list_clusters()["clusterArns"]), 1)

    def test_settings(self) -> None:
        self.ecs.put_account_setting(name="containerInsights", value="enabled")
        shown = self.ecs.list_account_settings(name="containerInsights")["settings"]
        self.assertEqual([one["value"] for one in shown], ["enabled"])
        self.refused("InvalidParameterException", self.ecs.put_account_setting, name="awsvpcTrunkin", value="on")
        insights = [{"name": "containerInsights", "value": "enabled"}]
        changed = self.ecs.update_cluster_settings(cluster="main", settings=insights)["cluster"]["settings"]
        self.assertEqual(changed, insights)
        again = self.ecs.create_cluster(clusterName="main")["cluster"]
        self.assertEqual((again["status"], again["settings"]), ("ACTIVE", insights))

    def test_a_deployment_is_aborted(self) -> None:
        first = self.define()
        self.create(first)
        self.advance(60)
        self.post("images", pattern="web:2", behaviour={"pull": 600})
        self.ecs.update_service(cluster="main", service="web", taskDefinition=self.define("web:2"))
        self.advance(20)
        arn = self.service()["currentServiceDeployment"]
        self.ecs.stop_service_deployment(serviceDeploymentArn=arn, stopType="ABORT")
        self.refused("ConflictException", self.ecs.stop_service_deployment, serviceDeploymentArn=arn)
        missing = arn[:-3] + "000"
        self.refused(
            "ServiceDeploymentNotFoundException", self.ecs.stop_service_deployment, serviceDeploymentArn=missing
        )
        shown = self.ecs.list_service_deployments(cluster="main", service="web")["serviceDeployments"]
        self.assertEqual([one["status"] for one in shown], ["STOPPED", "SUCCESSFUL"])

    def test_targets_by_hand(self) -> None:
        elb, group = self.aws("elbv2"), self.balance()
        one = [{"Id": "10.0.0.200", "Port": 80}]
        elb.register_targets(TargetGroupArn=group, Targets=one)
        self.assertEqual(self.health(group), ["initial"])
        self.advance(60)
        self.assertEqual(self.health(group), ["unhealthy"])
        elb.deregister_targets(TargetGroupArn=group, Targets=[{"Id": "10.0.0.200"}])
        self.assertEqual(self.health(group), ["draining"])
        self.advance(30)
        self.assertEqual(self.health(group), [])
        asked = elb.describe_target_health(TargetGroupArn=group, Targets=one)["TargetHealthDescriptions"]
        self.assertEqual(asked[0]["TargetHealth"]["Reason"], "Target.NotRegistered")
        self.refused("TargetGroupNotFound", elb.describe_target_health, TargetGroupArn=group + "0")


if __name__ == "__main__":
    unittest.main()
