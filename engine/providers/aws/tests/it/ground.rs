//! What a service stands on, and wishes for one: enough of a network for tasks that have public addresses.

use crate::bed::{Bed, own_id};
use gantry_engine::provider::{Observed, Progress, Put};
use serde_json::{Value as Json, json};

/// A bed with a cluster in a network.
pub(crate) struct Ground {
    pub(crate) bed: Bed,
    pub(crate) cluster: String,
    vpc: String,
    subnets: Vec<String>,
    group: String,
    role: String,
    pub(crate) logs: String,
    /// A target group behind a load balancer, if there is one.
    target: Option<String>,
}

impl Ground {
    pub(crate) async fn new() -> Self {
        let bed = Bed::new();
        let vpc = own_id(&bed.put("aws.vpc", "vpc", json!({ "cidr": "10.20.0.0/16" })).await);
        let gateway = own_id(&bed.put("aws.internet-gateway", "gateway", json!({ "vpc": vpc })).await);
        let table = own_id(&bed.put("aws.route-table", "table", json!({ "vpc": vpc })).await);
        let route = json!({ "table": table, "destination": "0.0.0.0/0", "gateway": gateway });
        bed.put("aws.route", "route", route).await;
        let mut subnets = Vec::new();
        for (n, zone) in ["a", "b"].into_iter().enumerate() {
            let cidr = format!("10.20.{n}.0/24");
            let spec = json!({ "vpc": vpc, "cidr": cidr, "zone": format!("eu-central-1{zone}"), "public": true });
            let subnet = own_id(&bed.put("aws.subnet", &format!("subnet-{zone}"), spec).await);
            let spec = json!({ "table": table, "subnet": subnet });
            bed.put("aws.route-association", &format!("association-{zone}"), spec).await;
            subnets.push(subnet);
        }
        let group = own_id(&bed.put("aws.security-group", "group", json!({ "vpc": vpc, "description": "web" })).await);
        let role = bed.put("aws.role", "role", json!({ "service": "ecs-tasks.amazonaws.com" })).await;
        let role = arn(&role);
        let logs = own_id(&bed.put("aws.log-group", "logs", json!({ "retention_days": 14 })).await);
        let cluster = own_id(&bed.put("aws.cluster", "cluster", json!({ "insights": false })).await);
        Self { bed, cluster, vpc, subnets, group, role, logs, target: None }
    }

    /// The same, with a load balancer in front.
    pub(crate) async fn with_balancer() -> Self {
        let mut ground = Self::new().await;
        let Self { bed, vpc, subnets, group, .. } = &ground;
        let open = json!({
            "group": group, "protocol": "tcp", "from_port": 8080, "to_port": 8080, "cidr": "0.0.0.0/0",
            "description": "load balancer",
        });
        bed.put("aws.security-rule", "rule", open).await;
        let spec = json!({ "subnets": subnets, "groups": [group], "idle_timeout": 60 });
        let balancer = own_id(&bed.put("aws.load-balancer", "balancer", spec).await);
        let spec = json!({ "balancer": balancer, "port": 80, "default": "not_found" });
        let listener = own_id(&bed.put("aws.listener", "listener", spec).await);
        let target = own_id(
            &bed.put(
                "aws.target-group",
                "target",
                json!({
                    "vpc": vpc, "port": 8080, "health_path": "/", "interval": 10, "timeout": 5, "healthy": 2,
                    "unhealthy": 2, "deregistration_delay": 30,
                }),
            )
            .await,
        );
        let spec = json!({ "listener": listener, "priority": 10, "hosts": ["web.example"], "target": target });
        bed.put("aws.listener-rule", "rule-of-web", spec).await;
        ground.target = Some(target);
        ground
    }

    /// A machine in the cluster, of a scaling group of one; the name of the capacity provider over it.
    pub(crate) async fn machine(&self) -> String {
        let Self { bed, cluster, subnets, group, .. } = self;
        let managed = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
        let role = bed.put("aws.role", "nodes", json!({ "service": "ec2.amazonaws.com", "managed": [managed] })).await;
        let profile = bed.put("aws.instance-profile", "profile", json!({ "role": own_id(&role) })).await;
        let template = json!({
            "image": "resolve:ssm:/aws/service/ecs/optimized-ami/amazon-linux-2023/recommended/image_id",
            "instance_type": "t3.small", "profile": arn(&profile), "groups": [group], "disk_gib": 30,
            "user_data": format!("#!/bin/bash\necho ECS_CLUSTER={cluster} >> /etc/ecs/ecs.config\n"),
        });
        let template = own_id(&bed.put("aws.launch-template", "template", template).await);
        let nodes = json!({ "template": template, "subnets": subnets, "min": 1, "max": 2, "protected": true });
        let nodes = bed.put("aws.scaling-group", "nodes", nodes).await;
        let provider =
            bed.put("aws.capacity-provider", "provider", json!({ "group": arn(&nodes), "target": 100 })).await;
        let provider = own_id(&provider);
        let capacity = json!({ "cluster": cluster, "providers": [provider, "FARGATE"] });
        bed.put("aws.cluster-capacity", "capacity", capacity).await;
        provider
    }

    pub(crate) fn definition(&self, version: &str) -> Json {
        json!({
            "container": "web", "image": format!("registry.example/web:{version}"), "cpu": 256, "memory": 512,
            "fargate": true, "ports": [{ "name": "http", "port": 8080 }], "env": { "MODE": "test" },
            "execution_role": self.role, "task_role": self.role, "log_group": self.logs,
            "log_region": "eu-central-1", "stop_timeout": 30, "version": version,
        })
    }

    /// Makes the task definition of a release; its ARN.
    pub(crate) async fn release(&self, number: u32, version: &str) -> String {
        let part = format!("task-{number}");
        own_id(&self.bed.put("aws.task-definition", &part, self.definition(version)).await)
    }

    pub(crate) fn service(&self, task: &str, desired: u32) -> Json {
        let target = |group: &String| json!({ "group": group, "container": "web", "port": 8080 });
        json!({
            "cluster": self.cluster, "task": task, "desired": desired, "launch": "fargate",
            "subnets": self.subnets, "groups": [self.group], "public_ip": true, "min_percent": 100,
            "max_percent": 200, "grace": 30, "deadline": 900, "release": 1, "version": "1",
            "targets": self.target.iter().map(target).collect::<Vec<_>>(),
        })
    }

    /// Puts the service as one operation does; each has tokens of its own.
    pub(crate) async fn roll(&self, spec: Json, operation: u64) -> Progress {
        self.bed.end_of(self.wish(spec, operation)).await
    }

    pub(crate) fn wish(&self, spec: Json, operation: u64) -> Put {
        self.bed.wish_of(operation, "aws.service", "service", spec)
    }

    /// The service by the stand-in's own account.
    pub(crate) fn there(&self) -> gantry_standin::Thing {
        let is = |thing: &gantry_standin::Thing| thing.service == "ecs" && thing.sort == "service";
        self.bed.standin.state().into_iter().find(is).expect("a service")
    }

    pub(crate) fn group(&self) -> &str {
        &self.group
    }

    pub(crate) fn subnets(&self) -> &[String] {
        &self.subnets
    }

    /// What other tools call the service.
    pub(crate) fn name(&self) -> Name {
        let name = self.there().more["name"].as_str().expect("a name").to_owned();
        Name { cluster: self.cluster.clone(), service: name }
    }

    pub(crate) fn rollouts(&self) -> u64 {
        self.there().more["rollouts"].as_u64().expect("a number")
    }

    /// Whether something comes to be within ten minutes by the stand-in's clock.
    pub(crate) async fn until(&self, is: impl AsyncFn() -> bool) -> bool {
        for _ in 0..300 {
            if is().await {
                return true;
            }
            self.bed.sleep(std::time::Duration::from_secs(2)).await;
        }
        false
    }

    #[expect(clippy::needless_pass_by_value, reason = "callers write `json!` in place")]
    pub(crate) fn behave(&self, pattern: &str, behaviour: Json) {
        self.bed.standin.post("images", &json!({ "pattern": pattern, "behaviour": behaviour }));
    }
}

/// The output `arn`.
fn arn(seen: &Observed) -> String {
    seen.outputs.iter().find(|(output, _)| output.as_str() == "arn").expect("an ARN").1.clone()
}

/// A service's cluster and name.
pub(crate) struct Name {
    cluster: String,
    service: String,
}

impl Name {
    pub(crate) fn pair(&self) -> (&str, &str) {
        (&self.cluster, &self.service)
    }
}

/// A put that came to its end.
pub(crate) fn done(progress: Progress) -> Observed {
    match progress {
        Progress::Done(seen) => seen,
        other => panic!("not done: {other:?}"),
    }
}
