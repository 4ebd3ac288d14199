//! What stands in the way, and what to do about it: one sentence each, all at once.

use super::sample::{cluster, mini_soa, service};
use gantry_engine::project::{Capacity, Protocol, SecretRef, Template, TemplatePart};
use gantry_engine::value::Spec;
use jiff::SignedDuration;

#[test]
fn everything_is_told_at_once() {
    let mut sample = mini_soa()
        .cluster_set("a", Spec::new())
        .with("web", |web| {
            web.service.image = None;
            web.service.ports[0].container = None;
            web.service.stop_timeout = SignedDuration::from_secs(121);
            web.service.health = None;
        })
        .with("slackbot", |bot| {
            bot.service.host = Some("www".to_owned());
            bot.service.cluster = cluster("c");
            bot.service.secrets.insert("TOKEN".to_owned(), SecretRef("env:TOKEN".to_owned()));
        });
    sample.found.zone = None;
    sample.found.secrets.clear();
    sample.found.images.remove(&service("db"));
    insta::assert_snapshot!(sample.findings(), @r#"
    the secret `DB_PASSWORD` of service `api` wasn't found at `secretsmanager:mini-soa/db`: create it there, or say where else it is
    the image of service `db` wasn't found: check `image` and `version` of `[services.db]`, and plan again
    service `db` has a volume, which needs a machine of its own: on Fargate a disk ends with its task: put it on a cluster with `capacity = "ec2"`, as in `[clusters.a.ecs]`, or take `volume` out
    service `slackbot` wants the cluster `c`, which isn't there: add `[clusters.c]`, or name another cluster
    the secret `TOKEN` of service `slackbot` is at `env:TOKEN`, which means nothing on AWS: keep it in Secrets Manager (`secretsmanager:NAME`) or the Parameter Store (`ssm:NAME`)
    service `web` has no `image`, and this platform runs containers: add `image = ".."` to `[services.web]`
    port `http` of service `web` has no number, which a container's port needs: write it as a table with `container = 8080` in `ports` of `[services.web]`
    service `web` wants longer to end than the 120 seconds that ECS gives a task: set `stop_timeout` of `[services.web]` to `120s` or less
    service `web` is public, and AWS's load balancer asks each task by HTTP whether it's well: add `health = { path = "/health" }` to `[services.web]`
    the services `slackbot` and `web` both want the name `www.staging.example.com`: give one of them another `host`
    there is no public DNS zone `example.com` in the account 111122223333: create it in Route 53, name another `zone`, or set `create_zone = true`
    "#);
}

#[test]
fn names_need_a_zone() {
    insta::assert_snapshot!(mini_soa().unset("zone").findings(), @"public services (`api`, `slackbot`, `web`) need names for HTTPS, and there is no `zone`: name a `zone`, or set `https = false` to reach one at the load balancer's own name");
    insta::assert_snapshot!(mini_soa().unset("zone").set("https", false).findings(), @"without a `zone` there is one name, the load balancer's own, and several services are public (`api`, `slackbot`, `web`): name a `zone`, or leave `host` to one of them");
}

#[test]
fn machines_need_a_way_out_and_room() {
    insta::assert_snapshot!(mini_soa().set("nat", "none").findings(), @r#"cluster `a` runs on machines, whose tasks have private addresses only, and there is no way out for those: set `nat = "one"`, or take `capacity` out of `[clusters.a.ecs]`"#);
    insta::assert_snapshot!(mini_soa().with("web", |web| web.replicas = 7).findings(), @"the tasks of cluster `a` don't fit on 3 machines (a t3.small holds 2 tasks, each with a network interface of its own): raise `max` of `[clusters.a]`, name a larger `instance`, or run fewer tasks");
    insta::assert_snapshot!(mini_soa().with("web", |web| web.replicas = 6).findings(), @"cluster `a` has no room for a new task of `web` beside the old ones (a t3.small holds 2 tasks, each with a network interface of its own): raise `max` of `[clusters.a]`, name a larger `instance`, or run fewer tasks; or set `min_healthy_percent = 50` in `[services.web.ecs]`");
    let half = Spec::new().with("min_healthy_percent", 50_u32);
    assert!(mini_soa().with("web", |web| web.replicas = 6).service_set("web", half).try_lower().is_ok());
    let large = mini_soa().with("web", |web| web.service.size = Capacity { cpu_millis: 100, memory_mib: 2048 });
    insta::assert_snapshot!(large.findings(), @"one task of `web` takes 0.125 vCPU and 2048 MiB, and a t3.small has 2 vCPU and about 1836 MiB for tasks: make it smaller, or name a larger `instance` in `[clusters.a.ecs]`");
    let mut huge = mini_soa();
    huge.env.clusters.get_mut(&cluster("a")).unwrap().node = Capacity { cpu_millis: 128_000, memory_mib: 1024 };
    insta::assert_snapshot!(huge.findings(), @r#"no known type of machine offers what `node` of cluster `a` says: name a type in `[clusters.a.ecs]`: `instance = ".."`"#);
}

#[test]
fn a_volume_has_one_task_that_stops_first() {
    let two = mini_soa().with("db", |db| db.replicas = 2).service_set("db", Spec::new().with("max_percent", 200_u32));
    insta::assert_snapshot!(two.findings(), @r"
    service `db` has a volume, which one task at a time can use, and 2 are wanted: scale `db` to 1, or take `volume` out
    service `db` has a volume, so its old task has to stop before the new one starts: take the percentages out of `[services.db.ecs]`
    ");
}

#[test]
fn values_of_others_have_to_be_there() {
    let refers =
        |output: &str| Template(vec![TemplatePart::Output { service: service("db"), output: output.to_owned() }]);
    let sample = mini_soa()
        .with("api", |api| drop(api.service.env.insert("DB_NAME".to_owned(), refers("name"))))
        .with("web", |web| drop(web.service.env.insert("DB".to_owned(), refers("url"))))
        .with("db", |db| db.service.ports[0].protocol = Protocol::Tcp);
    insta::assert_snapshot!(sample.findings(), @r"
    `DB_NAME` of service `api` refers to `${services.db.name}`, and there is no such output: use `address`, `host`, `port` or `url`
    `DB` of service `web` refers to `${services.db.url}`, which doesn't speak HTTP: use `address`, `host` or `port`
    ");
    insta::assert_snapshot!(mini_soa().without("db").findings(), @"`DB_ADDRESS` of service `api` refers to `${services.db.address}`, and `db` doesn't run in mini-soa/staging: add `db` to `depends_on` of `[services.api]`, or deploy it first");
}

#[test]
fn a_network_that_is_there_needs_room_for_the_load_balancer() {
    let mut sample = mini_soa().in_vpc();
    sample.found.subnets.insert("subnet-2".to_owned(), "eu-central-1a".to_owned());
    insta::assert_snapshot!(sample.findings(), @"the load balancer needs public subnets in two zones at least, and one in each: name such ones in `public_subnets`");
}

#[test]
fn settings_are_read_with_care() {
    let sample = mini_soa().set("nat", "two").cluster_set("a", Spec::new().with("capacity", "ec3"));
    insta::assert_snapshot!(sample.findings(), @r"
    `[ecs]` can't be read: unknown variant `two`, expected one of `one`, `per_zone`, `none`: mend it in the project file, and `provision` the environment
    `[clusters.a.ecs]` can't be read: unknown variant `ec3`, expected `fargate` or `ec2`: mend it in the project file, and `provision` the environment
    ");
}

#[test]
fn components_have_names_of_their_own() {
    let mut sample = mini_soa();
    let web = sample.env.services.remove(&service("slackbot")).unwrap();
    sample.env.services.insert(service("edge"), web);
    let image = sample.found.images[&service("slackbot")].clone();
    sample.found.images.insert(service("edge"), image);
    insta::assert_snapshot!(sample.findings(), @"a service can't be called `edge` on this platform, which has a component of that name: rename the service");
}
