"""What ECS refuses, why tasks stop, and what they are plugged into."""

import unittest

from test_ecs_services import BREAKER, Network


class Refusals(Network):
    def test_a_token_makes_a_service_once_and_its_name_is_taken(self) -> None:
        ecs, definition = self.aws("ecs"), self.define()
        first = self.create(definition, clientToken="a")
        self.assertEqual(self.create(definition, clientToken="a")["serviceArn"], first["serviceArn"])
        again = {"cluster": "main", "serviceName": "web", "taskDefinition": definition, "desiredCount": 1}
        message = self.refused(
            "InvalidParameterException", ecs.create_service, networkConfiguration=self.network(), **again
        )
        self.assertEqual(message, "Creation of service was not idempotent.")

    def test_a_target_group_needs_a_load_balancer(self) -> None:
        elb = self.aws("elbv2")
        group = elb.create_target_group(Name="lone", Protocol="HTTP", Port=80, VpcId=self.vpc, TargetType="ip")
        arn = group["TargetGroups"][0]["TargetGroupArn"]
        self.define()
        message = self.refused(
            "InvalidParameterException",
            self.aws("ecs").create_service,
            cluster="main",
            serviceName="web",
            taskDefinition="web",
            desiredCount=1,
            launchType="FARGATE",
            networkConfiguration=self.network(),
            loadBalancers=[{"targetGroupArn": arn, "containerName": "web", "containerPort": 80}],
        )
        self.assertEqual(
            message, f"The target group with targetGroupArn {arn} does not have an associated load balancer."
        )

    def test_deletes_keep_their_order(self) -> None:
        ecs = self.aws("ecs")
        self.create(self.define())
        self.advance(60)
        self.refused("ClusterContainsServicesException", ecs.delete_cluster, cluster="main")
        self.refused("InvalidParameterException", ecs.delete_service, cluster="main", service="web")
        ecs.update_service(cluster="main", service="web", desiredCount=0)
        self.assertEqual(ecs.delete_service(cluster="main", service="web")["service"]["status"], "DRAINING")
        self.assertEqual(ecs.list_services(cluster="main")["serviceArns"], [])
        message = self.refused(
            "InvalidParameterException", ecs.create_service, cluster="main", serviceName="web", taskDefinition="web"
        )
        self.assertEqual(message, "Unable to Start a service that is still Draining.")
        self.advance(3)
        self.refused("DependencyViolation", self.aws("ec2").delete_subnet, SubnetId=self.subnets[0])
        self.advance(20)
        self.assertEqual(self.service()["status"], "INACTIVE")
        self.assertEqual(ecs.delete_cluster(cluster="main")["cluster"]["status"], "INACTIVE")
        self.refused("ClusterNotFoundException", ecs.list_tasks, cluster="main")
        self.aws("ec2").delete_subnet(SubnetId=self.subnets[0])

    def test_run_task_honours_its_token(self) -> None:
        ecs, definition = self.aws("ecs"), self.define()
        ask = {"cluster": "main", "taskDefinition": definition, "launchType": "FARGATE", "clientToken": "one"}
        first = ecs.run_task(networkConfiguration=self.network(), **ask)["tasks"][0]
        second = ecs.run_task(networkConfiguration=self.network(), **ask)["tasks"][0]
        self.assertEqual(first["taskArn"], second["taskArn"])
        self.refused("ConflictException", ecs.run_task, networkConfiguration=self.network(), count=2, **ask)
        self.assertEqual(len(self.living("ecs.task")), 1)

    def test_a_definition_that_cannot_run_is_not_registered(self) -> None:
        register = self.aws("ecs").register_task_definition
        one = {"family": "x", "containerDefinitions": [{"name": "a", "image": "a", "essential": True}]}
        self.refused("ClientException", register, **one)
        fargate = {**one, "requiresCompatibilities": ["FARGATE"], "networkMode": "awsvpc"}
        message = self.refused("ClientException", register, cpu="256", memory="4096", **fargate)
        self.assertEqual(message, "No Fargate configuration exists for given values.")

    def test_definitions_are_deregistered_then_deleted_and_their_numbers_never_come_again(self) -> None:
        ecs, first = self.aws("ecs"), self.define()
        failed = ecs.delete_task_definitions(taskDefinitions=[first])["failures"]
        self.assertIn("ACTIVE", failed[0]["reason"])
        ecs.deregister_task_definition(taskDefinition=first)
        message = self.refused("ClientException", ecs.run_task, cluster="main", taskDefinition=first)
        self.assertEqual(message, "TaskDefinition is inactive")
        deleted = ecs.delete_task_definitions(taskDefinitions=[first])["taskDefinitions"]
        self.assertEqual(deleted[0]["status"], "DELETE_IN_PROGRESS")
        self.advance(400)
        self.refused("ClientException", ecs.describe_task_definition, taskDefinition=first)
        self.assertTrue(self.define().endswith("web:2"))


class Failures(Network):
    def why(self, **settings: object) -> dict:
        """Runs the service with one task until it has failed; gives the stopped task."""
        self.create(self.define(**settings), desiredCount=1)
        self.advance(45)
        return self.tasks(desiredStatus="STOPPED")[-1]

    def test_a_missing_image(self) -> None:
        image = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/none:1"
        task = self.why(image=image)
        self.assertEqual(task["stopCode"], "TaskFailedToStart")
        self.assertTrue(task["stoppedReason"].startswith("CannotPullContainerError"), task["stoppedReason"])

    def test_a_missing_log_group(self) -> None:
        self.aws("logs").delete_log_group(logGroupName="/app")
        self.assertIn("The specified log group does not exist.", self.why()["stoppedReason"])

    def test_a_missing_secret(self) -> None:
        secret = "arn:aws:secretsmanager:eu-central-1:111122223333:secret:none-AbCdEf"
        task = self.why(secrets=[{"name": "PASSWORD", "valueFrom": secret}])
        self.assertIn("Secrets Manager can't find the specified secret.", task["stoppedReason"])

    def test_a_secret_that_is_there(self) -> None:
        secret = self.aws("secretsmanager").create_secret(Name="there", SecretString="x")["ARN"]
        self.create(self.define(secrets=[{"name": "PASSWORD", "valueFrom": secret}]), desiredCount=1)
        self.advance(60)
        self.assertEqual(self.service()["runningCount"], 1)

    def test_a_role_that_is_gone(self) -> None:
        definition = self.define()
        self.aws("iam").delete_role(RoleName="execution")
        self.create(definition, desiredCount=1)
        self.advance(45)
        self.assertIn("ECS was unable to assume the role", self.tasks(desiredStatus="STOPPED")[-1]["stoppedReason"])

    def test_no_way_to_the_registry(self) -> None:
        network = self.network()
        network["awsvpcConfiguration"]["assignPublicIp"] = "DISABLED"
        self.create(self.define(), desiredCount=1, networkConfiguration=network)
        self.advance(45)
        self.assertIn(
            "unable to pull secrets or registry auth", self.tasks(desiredStatus="STOPPED")[-1]["stoppedReason"]
        )

    def test_an_unhealthy_container_is_replaced(self) -> None:
        self.post("images", pattern="web:1", behaviour={"unhealthy": True})
        check = {"command": ["CMD", "true"], "interval": 5, "retries": 2}
        self.create(self.define(healthCheck=check), desiredCount=1)
        self.advance(45)
        self.assertEqual(
            self.tasks(desiredStatus="STOPPED")[-1]["stoppedReason"], "Task failed container health checks"
        )

    def test_unhealthy_targets_are_replaced_and_a_first_deployment_fails(self) -> None:
        group = self.balance()
        self.post("images", pattern="web:*", behaviour={"unhealthy": True})
        self.create(self.define(), group, deploymentConfiguration=BREAKER)
        self.advance(400)
        deployment = self.service()["deployments"][0]
        self.assertEqual(deployment["rolloutState"], "FAILED")
        self.assertEqual(deployment["rolloutStateReason"], "ECS deployment circuit breaker: tasks failed to start.")
        said = " ".join(self.messages())
        self.assertIn(
            f"(service web) (port 80) is unhealthy in (target-group {group}) due to (reason Health checks failed)", said
        )
        stopped = self.tasks(desiredStatus="STOPPED")
        self.assertIn(
            f"Task failed ELB health checks in (target-group {group})", {task["stoppedReason"] for task in stopped}
        )
        self.assertEqual(self.tasks(), [])

    def test_targets_behind_a_closed_door_never_become_healthy(self) -> None:
        rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": self.outer}]}
        self.aws("ec2").revoke_security_group_ingress(GroupId=self.inner, IpPermissions=[rule])
        group = self.balance()
        self.create(self.define(), group, healthCheckGracePeriodSeconds=3600)
        self.advance(120)
        self.assertEqual(self.health(group), ["unhealthy", "unhealthy"])
        self.assertEqual(self.service()["deployments"][0]["rolloutState"], "IN_PROGRESS")

    def test_a_flaky_start_is_got_over(self) -> None:
        self.post("images", pattern="web:1", behaviour={"exit": 3, "after": 2, "times": 1})
        self.create(self.define(), deploymentConfiguration=BREAKER)
        self.advance(120)
        deployment = self.service()["deployments"][0]
        self.assertEqual((deployment["rolloutState"], deployment["failedTasks"]), ("COMPLETED", 0))

    def test_a_full_subnet_is_told(self) -> None:
        tiny = self.aws("ec2").create_subnet(VpcId=self.vpc, CidrBlock="10.0.9.0/28")["Subnet"]["SubnetId"]
        self.advance(20)
        network = {
            "awsvpcConfiguration": {"subnets": [tiny], "securityGroups": [self.inner], "assignPublicIp": "ENABLED"}
        }
        self.create(self.define(), desiredCount=12, networkConfiguration=network)
        self.advance(20)
        self.assertEqual(len(self.tasks()), 11)
        self.assertIn(
            "failed to launch a task with (error There are not enough free addresses", " ".join(self.messages())
        )

    def test_commands_run_only_where_that_is_on(self) -> None:
        ecs = self.aws("ecs")
        self.create(self.define(), desiredCount=1)
        self.advance(60)
        ask = {"cluster": "main", "command": "sh", "interactive": True}
        self.refused("InvalidParameterException", ecs.execute_command, task=self.tasks()[0]["taskArn"], **ask)
        ecs.update_service(cluster="main", service="web", enableExecuteCommand=True, forceNewDeployment=True)
        self.advance(90)
        session = ecs.execute_command(task=self.tasks()[0]["taskArn"], **ask)["session"]
        self.assertTrue(session["streamUrl"].startswith("wss://"))

    def test_sigterm_that_is_ignored_ends_in_sigkill(self) -> None:
        self.post("images", pattern="web:1", behaviour={"ignore_sigterm": True})
        self.create(self.define(stopTimeout=60), desiredCount=1)
        self.advance(60)
        task = self.tasks()[0]
        self.aws("ecs").stop_task(cluster="main", task=task["taskArn"], reason="a person asked")
        self.advance(45)
        found = self.aws("ecs").describe_tasks(cluster="main", tasks=[task["taskArn"]])["tasks"][0]
        self.assertEqual(found["lastStatus"], "STOPPING")
        self.advance(30)
        found = self.aws("ecs").describe_tasks(cluster="main", tasks=[task["taskArn"]])["tasks"][0]
        self.assertEqual((found["stopCode"], found["stoppedReason"]), ("UserInitiated", "a person asked"))
        self.assertEqual(found["containers"][0]["exitCode"], 137)
        self.assertEqual(len(self.tasks()), 1)


class Deployments(Network):
    def test_one_at_a_time_when_the_maximum_says_so(self) -> None:
        stop_first = {"maximumPercent": 100, "minimumHealthyPercent": 0}
        self.create(self.define(), desiredCount=1, deploymentConfiguration=stop_first)
        self.advance(60)
        self.aws("ecs").update_service(cluster="main", service="web", forceNewDeployment=True)
        seen = set()
        for _ in range(30):
            self.advance(2)
            tasks = [
                one for one in self.tasks() + self.tasks(desiredStatus="STOPPED") if one["lastStatus"] == "RUNNING"
            ]
            seen.add(len(tasks))
        self.assertEqual(seen, {0, 1})
        self.assertEqual(self.service()["deployments"][0]["rolloutState"], "COMPLETED")

    def test_percentages_that_leave_no_move_are_told(self) -> None:
        stuck = {"maximumPercent": 150, "minimumHealthyPercent": 50}
        self.create(self.define(), desiredCount=1, deploymentConfiguration=stuck)
        self.advance(60)
        self.aws("ecs").update_service(cluster="main", service="web", forceNewDeployment=True)
        self.advance(60)
        self.assertIn("was unable to stop or start tasks during a deployment", self.messages()[-1])
        self.aws("ecs").update_service(cluster="main", service="web", deploymentConfiguration={"maximumPercent": 200})
        self.advance(60)
        self.assertEqual(self.service()["deployments"][0]["rolloutState"], "COMPLETED")

    def test_without_rollback_what_failed_takes_nothing_from_what_serves(self) -> None:
        alone = {"deploymentCircuitBreaker": {"enable": True, "rollback": False}, "minimumHealthyPercent": 50}
        first = self.define()
        self.create(first, desiredCount=2, deploymentConfiguration=alone)
        self.advance(60)
        self.post("images", pattern="web:2", behaviour={"exit": 1})
        self.aws("ecs").update_service(cluster="main", service="web", taskDefinition=self.define("web:2"))
        self.advance(600)
        self.assertEqual(self.service()["deployments"][0]["rolloutState"], "FAILED")
        self.assertEqual({task["taskDefinitionArn"] for task in self.tasks()}, {first})

    def test_a_deployment_that_is_stopped_is_rolled_back(self) -> None:
        ecs, first = self.aws("ecs"), self.define()
        self.create(first)
        self.advance(60)
        self.post("images", pattern="web:2", behaviour={"pull": 600})
        ecs.update_service(cluster="main", service="web", taskDefinition=self.define("web:2"))
        self.advance(20)
        arn = ecs.list_service_deployments(cluster="main", service="web", status=["IN_PROGRESS"])["serviceDeployments"][
            0
        ]
        ecs.stop_service_deployment(serviceDeploymentArn=arn["serviceDeploymentArn"], stopType="ROLLBACK")
        self.advance(60)
        found = ecs.describe_service_deployments(serviceDeploymentArns=[arn["serviceDeploymentArn"]])[
            "serviceDeployments"
        ]
        self.assertEqual(found[0]["status"], "ROLLBACK_SUCCESSFUL")
        self.assertEqual(self.service()["taskDefinition"], first)
        revision = self.service()["currentServiceRevisions"][0]["arn"]
        revisions = ecs.describe_service_revisions(serviceRevisionArns=[revision])["serviceRevisions"]
        self.assertEqual(revisions[0]["taskDefinition"], first)

    def test_what_changes_nothing_in_the_tasks_begins_no_deployment(self) -> None:
        ecs = self.aws("ecs")
        self.create(self.define())
        self.advance(60)
        before = self.service()["deployments"][0]["id"]
        ecs.update_service(cluster="main", service="web", desiredCount=3, deploymentConfiguration=BREAKER)
        self.advance(60)
        deployment = self.service()["deployments"][0]
        self.assertEqual(
            (deployment["id"], deployment["rolloutState"], deployment["runningCount"]), (before, "COMPLETED", 3)
        )

    def test_names_in_cloud_map_follow_the_tasks(self) -> None:
        names = self.aws("servicediscovery")
        names.create_private_dns_namespace(Name="app.internal", Vpc=self.vpc)
        self.advance(90)
        space = names.list_namespaces()["Namespaces"][0]["Id"]
        registry = names.create_service(
            Name="web", NamespaceId=space, DnsConfig={"DnsRecords": [{"Type": "A", "TTL": 10}]}
        )["Service"]
        self.create(self.define(), serviceRegistries=[{"registryArn": registry["Arn"]}])
        self.advance(60)
        instances = names.list_instances(ServiceId=registry["Id"])["Instances"]
        addresses = {one["Attributes"]["AWS_INSTANCE_IPV4"] for one in instances}
        of_tasks = {task["containers"][0]["networkInterfaces"][0]["privateIpv4Address"] for task in self.tasks()}
        self.assertEqual(addresses, of_tasks)
        zone = names.get_namespace(Id=space)["Namespace"]["Properties"]["DnsProperties"]["HostedZoneId"]
        records = self.aws("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        found = {one["ResourceRecords"][0]["Value"] for one in records if one["Name"] == "web.app.internal."}
        self.assertEqual(found, of_tasks)
        self.refused("ResourceInUse", names.delete_service, Id=registry["Id"])
        self.aws("ecs").delete_service(cluster="main", service="web", force=True)
        self.advance(60)
        self.assertEqual(names.list_instances(ServiceId=registry["Id"])["Instances"], [])

    def test_tags_travel_and_the_tagging_api_sees_them(self) -> None:
        mark = [{"key": "gantry:project", "value": "shop"}]
        self.create(self.define(), tags=mark, propagateTags="SERVICE", enableECSManagedTags=True)
        self.advance(30)
        task = self.aws("ecs").describe_tasks(cluster="main", tasks=[self.tasks()[0]["taskArn"]], include=["TAGS"])[
            "tasks"
        ][0]
        tags = {tag["key"]: tag["value"] for tag in task["tags"]}
        self.assertEqual(tags, {"gantry:project": "shop", "aws:ecs:clusterName": "main", "aws:ecs:serviceName": "web"})
        found = self.aws("resourcegroupstaggingapi").get_resources(
            TagFilters=[{"Key": "gantry:project", "Values": ["shop"]}]
        )
        kinds = sorted(one["ResourceARN"].split(":")[5].split("/")[0] for one in found["ResourceTagMappingList"])
        self.assertEqual(kinds, ["service", "task", "task"])

    def test_images_are_known_by_digest(self) -> None:
        ecr = self.aws("ecr")
        ecr.create_repository(repositoryName="shop/web")
        manifest = '{"schemaVersion":2,"mediaType":"application/vnd.docker.distribution.manifest.v2+json","layers":[]}'
        image = ecr.put_image(repositoryName="shop/web", imageManifest=manifest, imageTag="7-broken")["image"]
        self.post("images", pattern="*web:*-broken", behaviour={"exit": 9})
        reference = f"111122223333.dkr.ecr.eu-central-1.amazonaws.com/shop/web@{image['imageId']['imageDigest']}"
        self.create(self.define(reference), desiredCount=1)
        self.advance(45)
        stopped = self.tasks(desiredStatus="STOPPED")[0]["containers"][0]
        self.assertEqual((stopped["exitCode"], stopped["imageDigest"]), (9, image["imageId"]["imageDigest"]))


if __name__ == "__main__":
    unittest.main()
