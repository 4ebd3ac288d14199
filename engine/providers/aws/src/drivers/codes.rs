//! The table of AWS's error codes: what each means for the caller, and where AWS says so.
//!
//! One table for all services, since a code means the same in each that has it; where a code is a catch-all, parts of
//! its message tell the cases apart. Codes that drivers look for by name (`...NotFound` in most places) needn't be here.
//! What isn't here is wrong for good (`Invalid`), except with a status of 5xx.

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Means {
    /// Too many calls.
    Throttled,
    /// Something that it needs isn't visible or usable yet.
    NotYet,
    /// Something is in the way, and may go.
    Conflict,
    /// We may not.
    Denied,
    /// AWS doesn't take the credentials; what to do about it.
    Credentials(&'static str),
    /// There is no more to be had; the quota's name.
    Quota(&'static str),
    /// It may work the next time; the effect may have happened.
    Transient,
    /// Wrong for good.
    Invalid,
}

/// Codes after which other credentials are looked for.
pub(in crate::drivers) static STALE: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "InvalidClientTokenId",
    "UnrecognizedClientException",
    "AuthFailure",
];

pub(super) const NO_CREDENTIALS: &str = "Gantry found no AWS credentials; give it some where it runs, by AWS_PROFILE \
    (`aws configure sso` makes a profile), by the variables AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or by the role \
    of the machine";
pub(super) const NO_LOGIN: &str = "Gantry's AWS profile gave no credentials; sign in again where Gantry runs \
    (`aws sso login`) or look at its profile with `aws sts get-caller-identity`, then say `retry`";
const EXPIRED: &str = "the AWS credentials have expired; sign in again where Gantry runs (`aws sso login`, or new keys \
    in its profile), then say `retry`. Credentials in environment variables need a restart of Gantry";
const UNKNOWN: &str = "AWS doesn't know these credentials (any more); look where Gantry runs with `aws sts \
    get-caller-identity`, mend its profile, then say `retry`";
const SIGNATURE: &str = "AWS doesn't take the signature; either the secret key is another one's, or the clock of the \
    machine where Gantry runs is wrong by more than five minutes";
const NAMED: &str = "the one that the message names";
const OPT_IN: &str = "the account isn't ready for this service or region; enable it in the account's console, then say \
    `retry`";

/// Codes of one meaning.
pub(super) struct Row {
    /// With spaces between them.
    codes: &'static str,
    means: Means,
}

const fn row(means: Means, codes: &'static str) -> Row {
    Row { codes, means }
}

use Means::{Conflict, Credentials, Denied, Invalid, NotYet, Quota, Throttled, Transient};

static TABLE: &[Row] = &[
    // The SDK's own list (aws-runtime, `THROTTLING_ERRORS`), without `LimitExceededException`, which is a quota in the
    // services here.
    row(
        Throttled,
        "Throttling ThrottlingException ThrottledException RequestThrottledException RequestThrottled \
         TooManyRequestsException RequestLimitExceeded BandwidthLimitExceeded ProvisionedThroughputExceededException \
         SlowDown PriorRequestNotComplete EC2ThrottledException",
    ),
    // EBS: so many changes and snapshots of one volume at a time (EC2 API reference, "Client error codes").
    row(Throttled, "VolumeModificationRateExceeded SnapshotCreationPerVolumeRateExceeded"),
    // Each API reference's "Common errors"; EC2 API reference, "Client error codes".
    row(Credentials(EXPIRED), "ExpiredToken ExpiredTokenException RequestExpired"),
    row(
        Credentials(UNKNOWN),
        "InvalidClientTokenId UnrecognizedClientException AuthFailure MissingAuthenticationToken \
         MissingAuthenticationTokenException InvalidAccessKeyId",
    ),
    row(
        Credentials(SIGNATURE),
        "SignatureDoesNotMatch InvalidSignatureException IncompleteSignature IncompleteSignatureException \
         RequestTimeTooSkewed",
    ),
    row(Credentials(OPT_IN), "OptInRequired SubscriptionRequiredException PendingVerification Blocked"),
    row(Denied, "UnauthorizedOperation AccessDenied AccessDeniedException NotAuthorized NotAuthorizedException"),
    // EC2 API reference, "Server error codes"; "Common errors" of the others; the errors of their actions.
    row(
        Transient,
        "InternalError InternalFailure InternalServerError InternalServiceError InternalServerException \
         ServerException ServiceUnavailable ServiceUnavailableException ServiceFailure ServiceException Unavailable \
         RequestTimeout RequestTimeoutException",
    ),
    // Machines and addresses that AWS is out of for the moment (EC2 API reference, "Server error codes").
    row(Transient, "InsufficientInstanceCapacity InsufficientAddressCapacity InsufficientCapacity"),
    // EC2 API reference, "Client error codes".
    row(
        Conflict,
        "DependencyViolation VolumeInUse InvalidIPAddress.InUse InvalidNetworkInterface.InUse InvalidGroup.InUse \
         IncorrectState IncorrectInstanceState IncorrectModificationState InvalidState InvalidVolume.ZoneMismatch \
         IdempotentParameterMismatch InvalidSubnet.Conflict RouteAlreadyExists Resource.AlreadyAssociated \
         InvalidGroup.Duplicate InvalidPermission.Duplicate InvalidLaunchTemplateName.AlreadyExistsException",
    ),
    // Elastic Load Balancing API reference, each action's errors; the last is what deletion protection says.
    row(
        Conflict,
        "ResourceInUse PriorityInUse DuplicateLoadBalancerName DuplicateTargetGroupName DuplicateListener \
         OperationNotPermitted",
    ),
    // IAM API reference: DeleteRole, CreateRole, AddRoleToInstanceProfile.
    row(Conflict, "DeleteConflict EntityAlreadyExists ConcurrentModification UnmodifiableEntity"),
    // Auto Scaling API reference: CreateAutoScalingGroup, DeleteAutoScalingGroup.
    row(Conflict, "AlreadyExists ScalingActivityInProgress ResourceContention"),
    // ECS API reference: DeleteCluster, DeleteCapacityProvider, PutClusterCapacityProviders, UpdateService,
    // StopServiceDeployment.
    row(
        Conflict,
        "ClusterContainsServicesException ClusterContainsTasksException ClusterContainsContainerInstancesException \
         ClusterContainsCapacityProviderException ResourceInUseException UpdateInProgressException \
         ServiceNotActiveException ConflictException",
    ),
    // Route 53 API reference: CreateHostedZone, DeleteHostedZone.
    row(Conflict, "HostedZoneNotEmpty HostedZoneAlreadyExists ConflictingDomainExists"),
    // Cloud Map API reference: CreatePrivateDnsNamespace, CreateService, DeleteNamespace.
    row(Conflict, "NamespaceAlreadyExists ServiceAlreadyExists DuplicateRequest"),
    // CloudWatch Logs API reference: CreateLogGroup, PutRetentionPolicy. ACM API reference: UpdateCertificateOptions.
    row(Conflict, "ResourceAlreadyExistsException OperationAbortedException RequestInProgressException"),
    // EC2 developer guide, "Eventual consistency": an id that was just given isn't known everywhere for a while. A driver
    // that asks for its own resource looks for these before they come here.
    row(
        NotYet,
        "InvalidVpcID.NotFound InvalidSubnetID.NotFound InvalidGroup.NotFound InvalidInternetGatewayID.NotFound \
         InvalidRouteTableID.NotFound InvalidAllocationID.NotFound InvalidLaunchTemplateId.NotFound \
         InvalidLaunchTemplateId.NotFoundException NatGatewayNotFound InvalidNatGatewayID.NotFound \
         InvalidVolume.NotFound InvalidSecurityGroupRuleId.NotFound InvalidGatewayID.NotFound Gateway.NotAttached",
    ),
    // The same in Elastic Load Balancing, ECS, Cloud Map, Route 53 and IAM (each action's errors).
    row(
        NotYet,
        "LoadBalancerNotFound TargetGroupNotFound ListenerNotFound SubnetNotFound InvalidSecurityGroup \
         CertificateNotFound ClusterNotFoundException ServiceNotFoundException NamespaceNotFound ServiceNotFound \
         NoSuchEntity NoSuchHostedZone",
    ),
    // AWS makes the roles that its services work with on their first use, if the caller may let it (policy.json: ECS
    // developer guide, "Using service-linked roles for Amazon ECS"; the like in Elastic Load Balancing's and Auto
    // Scaling's guides), and they can't be used for seconds. ECS says so by `PHRASES`, Auto Scaling by this code (API
    // reference, CreateAutoScalingGroup: "The service-linked role is not yet ready for use").
    row(NotYet, "ServiceLinkedRoleFailure"),
    // Quotas, by the names that Service Quotas shows. EC2 API reference, "Client error codes"; Amazon VPC user guide,
    // "Quotas"; "Endpoints and quotas" of the other services.
    row(Quota("VPCs per Region"), "VpcLimitExceeded"),
    row(Quota("Subnets per VPC"), "SubnetLimitExceeded"),
    row(Quota("EC2-VPC Elastic IPs"), "AddressLimitExceeded"),
    row(Quota("Internet gateways per Region"), "InternetGatewayLimitExceeded"),
    row(Quota("NAT gateways per Availability Zone"), "NatGatewayLimitExceeded"),
    row(Quota("Route tables per VPC"), "RouteTableLimitExceeded"),
    row(Quota("Routes per route table"), "RouteLimitExceeded"),
    row(Quota("VPC security groups per Region"), "SecurityGroupLimitExceeded"),
    row(Quota("Inbound or outbound rules per security group"), "RulesPerSecurityGroupLimitExceeded"),
    row(Quota("Security groups per network interface"), "SecurityGroupsPerInterfaceLimitExceeded"),
    row(Quota("Running On-Demand Standard instances"), "InstanceLimitExceeded VcpuLimitExceeded"),
    row(Quota("Storage for General Purpose SSD (gp3) volumes, in TiB"), "VolumeLimitExceeded MaxIOPSLimitExceeded"),
    row(Quota("Application Load Balancers per Region"), "TooManyLoadBalancers"),
    row(Quota("Target Groups per Region"), "TooManyTargetGroups TooManyUniqueTargetGroupsPerLoadBalancer"),
    row(Quota("Listeners per Application Load Balancer"), "TooManyListeners"),
    row(Quota("Rules per Application Load Balancer"), "TooManyRules"),
    row(Quota("Certificates per Application Load Balancer"), "TooManyCertificates"),
    row(Quota("Targets per Target Group per Region"), "TooManyTargets"),
    row(Quota("Hosted zones"), "TooManyHostedZones"),
    row(Quota("Namespaces per Region, or services per namespace"), "ResourceLimitExceeded"),
    // One code for all quotas of IAM and Auto Scaling; of ACM, ECR, ECS, CloudWatch Logs and Secrets Manager; of SSM.
    row(Quota(NAMED), "LimitExceeded LimitExceededException ResourceLimitExceededException"),
];

/// What a code means; none where it isn't in the table.
pub(super) fn means(code: &str, message: &str) -> Option<Means> {
    if CATCH_ALLS.contains(&code) {
        let told = PHRASES.iter().find(|(phrase, _)| message.contains(phrase));
        return Some(told.map_or(Invalid, |(_, means)| *means));
    }
    TABLE.iter().find(|row| row.codes.split(' ').any(|one| one == code)).map(|row| row.means)
}

/// Codes that stand for anything: EC2 and Elastic Load Balancing, ECS, IAM and Auto Scaling (their references' "Common
/// errors"), and Route 53's for all that can be wrong with a batch (API reference, ChangeResourceRecordSets).
static CATCH_ALLS: &[&str] = &[
    "InvalidParameterValue",
    "InvalidParameterException",
    "InvalidParameter",
    "ValidationError",
    "ClientException",
    "InvalidChangeBatch",
];

/// What tells the cases of a catch-all apart: parts of its messages, as AWS gives them. Most say that something which was
/// just made can't be used yet (IAM user guide, "Troubleshoot IAM": "Changes that I make are not always immediately
/// visible").
static PHRASES: &[(&str, Means)] = &[
    ("nvalid IamInstanceProfile", NotYet),
    ("nvalid IAM Instance Profile", NotYet),
    ("nable to assume", NotYet),
    ("cannot be assumed", NotYet),
    ("verify that the ECS service role being passed has the proper permissions", NotYet),
    ("does not have an associated load balancer", NotYet),
    ("Role is not valid", NotYet),
    ("service linked role", NotYet),
    ("TaskDefinition not found", NotYet),
    ("capacity provider was not found", NotYet),
    ("is not associated with the cluster", NotYet),
    ("not in an ACTIVE state", NotYet),
    ("ID.NotFound)", NotYet),
    ("InvalidGroup.NotFound)", NotYet),
    ("as not able to validate the provided", NotYet),
    ("launch template", NotYet),
    ("is in the process of being deleted", Conflict),
    ("Unable to Start a service that is still Draining", Conflict),
    ("not idempotent", Conflict),
    ("UPDATE_IN_PROGRESS", Conflict),
    // Somebody else changed the name since it was looked at.
    ("but it already exists", Conflict),
    ("but it was not found", Conflict),
    ("do not match the current values", Conflict),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn a_code_has_one_meaning() {
        let all: Vec<&str> =
            TABLE.iter().flat_map(|row| row.codes.split(' ')).chain(CATCH_ALLS.iter().copied()).collect();
        let mut seen = BTreeSet::new();
        let twice: Vec<&&str> = all.iter().filter(|code| !seen.insert(**code)).collect();
        assert_eq!(twice, Vec::<&&str>::new());
        assert!(all.iter().all(|code| !code.is_empty()), "two spaces where one belongs");
        for code in STALE {
            assert!(matches!(means(code, ""), Some(Credentials(_))), "{code}");
        }
    }

    #[test]
    fn a_catch_all_means_what_its_message_says() {
        let code = "InvalidParameterException";
        assert_eq!(means(code, "ECS was unable to assume the role 'arn:..'"), Some(NotYet));
        assert_eq!(means(code, "Creation of service was not idempotent."), Some(Conflict));
        assert_eq!(means(code, "cpu is wrong"), Some(Invalid));
        let first_use =
            "Unable to assume the service linked role. Please verify that the ECS service linked role exists.";
        assert_eq!(means(code, first_use), Some(NotYet));
        let batch = |message| means("InvalidChangeBatch", message);
        let taken = "[Tried to create resource record set [name='www.example.com.', type='A'] but it already exists]";
        assert_eq!(batch(taken), Some(Conflict));
        assert_eq!(batch("[RRSet with DNS name a. is not permitted in zone b.]"), Some(Invalid));
        assert_eq!(means("NeverHeardOf", ""), None);
    }
}
