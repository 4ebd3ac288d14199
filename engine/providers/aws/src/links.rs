//! Where AWS's console shows what an ARN names.

/// A link into the console; none for what isn't an ARN, or has no page of its own there.
pub(crate) fn link(arn: &str) -> Option<String> {
    // IAM user guide, "ARNs": arn:partition:service:region:account:resource.
    let mut fields = arn.strip_prefix("arn:")?.splitn(5, ':');
    let (partition, service, region) = (fields.next()?, fields.next()?, fields.next()?);
    let resource = fields.nth(1)?;
    let domain = match partition {
        "aws" => "console.aws.amazon.com",
        "aws-cn" => "console.amazonaws.cn",
        "aws-us-gov" => "console.amazonaws-us-gov.com",
        _ => return None,
    };
    let (kind, name) = resource.split_once(['/', ':']).unwrap_or((resource, ""));
    let page = match (service, kind) {
        ("ecs", "cluster") => format!("ecs/v2/clusters/{name}/services?region={region}"),
        ("ecs", "service") => {
            let (cluster, service) = name.split_once('/')?;
            format!("ecs/v2/clusters/{cluster}/services/{service}/health?region={region}")
        }
        ("ecs", "task-definition") => {
            format!("ecs/v2/task-definitions/{}?region={region}", name.replace(':', "/"))
        }
        ("elasticloadbalancing", "loadbalancer") => {
            format!("ec2/home?region={region}#LoadBalancer:loadBalancerArn={arn}")
        }
        ("elasticloadbalancing", "targetgroup") => format!("ec2/home?region={region}#TargetGroup:targetGroupArn={arn}"),
        ("acm", "certificate") => format!("acm/home?region={region}#/certificates/{name}"),
        ("logs", "log-group") => {
            // The console wants slashes of a name escaped twice, with a dollar sign for the percent sign.
            let name = name.trim_end_matches(":*").replace('/', "$252F");
            format!("cloudwatch/home?region={region}#logsV2:log-groups/log-group/{name}")
        }
        ("iam", "role") => format!("iam/home#/roles/details/{}", name.rsplit('/').next().unwrap_or(name)),
        _ => return None,
    };
    let host = if region.is_empty() { domain.to_owned() } else { format!("{region}.{domain}") };
    Some(format!("https://{host}/{page}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_are_shown_has_a_page() {
        let own = "arn:aws:ecs:eu-central-1:111122223333";
        let page = |arn: String| link(&arn).unwrap_or_else(|| panic!("no link for {arn}"));
        assert_eq!(
            page(format!("{own}:service/a-1/web-2")),
            "https://eu-central-1.console.aws.amazon.com/ecs/v2/clusters/a-1/services/web-2/health?region=eu-central-1"
        );
        assert!(page(format!("{own}:task-definition/web:3")).contains("task-definitions/web/3?"));
        assert!(page(format!("{own}:cluster/a-1")).ends_with("/ecs/v2/clusters/a-1/services?region=eu-central-1"));
        let balancer = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:loadbalancer/app/edge/0a1b";
        assert!(page(balancer.to_owned()).ends_with(&format!("#LoadBalancer:loadBalancerArn={balancer}")));
        assert!(
            page("arn:aws:logs:eu-central-1:111122223333:log-group:/gantry/web:*".to_owned())
                .ends_with("$252Fgantry$252Fweb")
        );
        let role = "arn:aws-cn:iam::111122223333:role/gantry/web-task".to_owned();
        assert_eq!(page(role), "https://console.amazonaws.cn/iam/home#/roles/details/web-task");
        for none in ["www.staging.example.com", "arn:aws:s3:::bucket", "arn:aws:ecs"] {
            assert_eq!(link(none), None, "{none}");
        }
    }
}
