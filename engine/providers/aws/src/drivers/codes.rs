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

/// Codes of one meaning.
pub(super) struct Row {
    pub(super) codes: &'static [&'static str],
    pub(super) means: Means,
    /// Another meaning, where the message has this in it.
    pub(super) unless: &'static [(&'static str, Means)],
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
const OPT_IN: &str = "the account isn't ready for this service or region; enable it in the account's console, then say \
    `retry`";

const fn row(means: Means, codes: &'static [&'static str]) -> Row {
    Row { codes, means, unless: &[] }
}

use Means::{Conflict, Credentials, Denied, Invalid, NotYet, Quota, Throttled, Transient};

static TABLE: &[Row] = &[
    // Throttling. EC2 API reference, "Error codes for the Amazon EC2 API"; ECS API reference, "Request throttling";
    // Elastic Load Balancing user guide, "Request throttling"; Route 53 API reference, "Common errors" and
    // `PriorRequestNotComplete` of ChangeResourceRecordSets; Secrets Manager, SSM, logs: "Common errors"; Cloud Map
    // API reference, `RequestLimitExceeded`; ECR API reference, "Common errors"; EC2's `Resource...` is its own bucket.
    row(
        Throttled,
        &[
            "RequestLimitExceeded",
            "Throttling",
            "ThrottlingException",
            "ThrottledException",
            "TooManyRequestsException",
            "RequestThrottled",
            "RequestThrottledException",
            "EC2ThrottledException",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "SlowDown",
            "BandwidthLimitExceeded",
            "RateExceeded",
            "LimitExceededException.Throttled",
            "ResourceLimitExceeded.Throttled",
        ],
    ),
    // Credentials. IAM user guide, "Common errors" of each API reference; EC2 API reference, "Client error codes".
    row(Credentials(EXPIRED), &["ExpiredToken", "ExpiredTokenException", "RequestExpired"]),
    row(
        Credentials(UNKNOWN),
        &[
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "AuthFailure",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "InvalidAccessKeyId",
        ],
    ),
    row(
        Credentials(SIGNATURE),
        &[
            "SignatureDoesNotMatch",
            "InvalidSignatureException",
            "IncompleteSignature",
            "IncompleteSignatureException",
            "RequestTimeTooSkewed",
        ],
    ),
    row(Credentials(OPT_IN), &["OptInRequired", "SubscriptionRequiredException", "PendingVerification", "Blocked"]),
    // Permissions. The same pages; EC2: `UnauthorizedOperation`; Elastic Load Balancing: `OperationNotPermitted` is
    // what deletion protection says, so it is something in the way.
    row(
        Denied,
        &[
            "UnauthorizedOperation",
            "AccessDenied",
            "AccessDeniedException",
            "NotAuthorized",
            "Unauthorized",
            "UnauthorizedException",
            "NotAuthorizedException",
        ],
    ),
    // Faults of AWS. EC2 API reference, "Server error codes"; "Common errors" of the others.
    row(
        Transient,
        &[
            "InternalError",
            "InternalFailure",
            "InternalServerError",
            "InternalServiceError",
            "InternalServerException",
            "ServerException",
            "ServiceUnavailable",
            "ServiceUnavailableException",
            "ServiceFailure",
            "ServiceException",
            "Unavailable",
            "RequestTimeout",
            "RequestTimeoutException",
            "ServiceFailureException",
            "ServerInternal",
        ],
    ),
    // What is short for a while. EC2: capacity is made and given back all the time.
    row(Transient, &["InsufficientInstanceCapacity", "InsufficientCapacity", "InsufficientAddressCapacity"]),
    // In the way. EC2 API reference, "Client error codes".
    row(
        Conflict,
        &[
            "DependencyViolation",
            "VolumeInUse",
            "InvalidIPAddress.InUse",
            "InvalidNetworkInterface.InUse",
            "InvalidGroup.InUse",
            "IncorrectState",
            "IncorrectInstanceState",
            "InvalidState",
            "InvalidVolume.ZoneMismatch",
            "IdempotentParameterMismatch",
            "InvalidSubnet.Conflict",
            "RouteAlreadyExists",
            "InvalidVpcRange.Conflict",
            "Resource.AlreadyAssociated",
            "InvalidGroup.Duplicate",
            "InvalidPermission.Duplicate",
            "IncorrectModificationState",
            "VolumeModificationRateExceeded",
            "InvalidLaunchTemplateName.AlreadyExistsException",
            "SnapshotCreationPerVolumeRateExceeded",
        ],
    ),
    // Elastic Load Balancing API reference, each action's errors.
    row(
        Conflict,
        &[
            "ResourceInUse",
            "PriorityInUse",
            "DuplicateLoadBalancerName",
            "DuplicateTargetGroupName",
            "DuplicateListener",
            "OperationNotPermitted",
        ],
    ),
    // IAM API reference: DeleteRole, CreateRole, AddRoleToInstanceProfile.
    row(Conflict, &["DeleteConflict", "EntityAlreadyExists", "ConcurrentModification", "UnmodifiableEntity"]),
    // Auto Scaling API reference: CreateAutoScalingGroup, DeleteAutoScalingGroup.
    row(Conflict, &["AlreadyExists", "ScalingActivityInProgress", "ResourceContention"]),
    // ECS API reference, "Common errors" of DeleteCluster, DeleteCapacityProvider, PutClusterCapacityProviders,
    // UpdateService, StopServiceDeployment.
    row(
        Conflict,
        &[
            "ClusterContainsServicesException",
            "ClusterContainsTasksException",
            "ClusterContainsContainerInstancesException",
            "ClusterContainsCapacityProviderException",
            "ResourceInUseException",
            "UpdateInProgressException",
            "ServiceNotActiveException",
            "ConflictException",
        ],
    ),
    // Route 53 API reference: CreateHostedZone, DeleteHostedZone, ChangeResourceRecordSets.
    row(Conflict, &["HostedZoneNotEmpty", "HostedZoneAlreadyExists", "ConflictingDomainExists"]),
    // Cloud Map API reference: CreatePrivateDnsNamespace, DeleteNamespace, DeleteService.
    row(Conflict, &["NamespaceAlreadyExists", "ServiceAlreadyExists", "ResourceInUse", "DuplicateRequest"]),
    // CloudWatch Logs API reference: CreateLogGroup, PutRetentionPolicy.
    row(Conflict, &["ResourceAlreadyExistsException", "OperationAbortedException"]),
    // ACM API reference: DeleteCertificate.
    row(Conflict, &["RequestInProgressException"]),
    // Not visible yet: EC2 API reference, "Eventual consistency": an id that was just given is not found for a while.
    // A driver that asks for its own resource looks for these before they come here.
    row(
        NotYet,
        &[
            "InvalidVpcID.NotFound",
            "InvalidSubnetID.NotFound",
            "InvalidGroup.NotFound",
            "InvalidInternetGatewayID.NotFound",
            "InvalidRouteTableID.NotFound",
            "InvalidAllocationID.NotFound",
            "InvalidLaunchTemplateId.NotFound",
            "InvalidLaunchTemplateId.NotFoundException",
            "NatGatewayNotFound",
            "InvalidNatGatewayID.NotFound",
            "InvalidVolume.NotFound",
            "InvalidSecurityGroupRuleId.NotFound",
            "InvalidGatewayID.NotFound",
            "Gateway.NotAttached",
        ],
    ),
    // Elastic Load Balancing, ECS, Cloud Map, IAM: what another call was just told is created.
    row(
        NotYet,
        &[
            "LoadBalancerNotFound",
            "TargetGroupNotFound",
            "ListenerNotFound",
            "SubnetNotFound",
            "InvalidSecurityGroup",
            "CertificateNotFound",
            "ClusterNotFoundException",
            "ServiceNotFoundException",
            "NamespaceNotFound",
            "NoSuchEntity",
            "NoSuchHostedZone",
            "ServiceNotFound",
        ],
    ),
    // Catch-alls whose message says that a role or an instance profile can't be used yet. IAM user guide,
    // "Troubleshoot IAM", "Changes that I make are not always immediately visible"; the messages are as AWS gives them.
    Row {
        codes: &[
            "InvalidParameterValue",
            "InvalidParameterException",
            "ValidationError",
            "ClientException",
            "InvalidParameter",
        ],
        means: Invalid,
        unless: &[
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
        ],
    },
    // Quotas, by the names that Service Quotas shows. EC2 API reference, "Client error codes"; Amazon VPC user guide,
    // "Quotas"; each service's "endpoints and quotas" page.
    row(Quota("VPCs per Region"), &["VpcLimitExceeded"]),
    row(Quota("Subnets per VPC"), &["SubnetLimitExceeded"]),
    row(Quota("EC2-VPC Elastic IPs"), &["AddressLimitExceeded"]),
    row(Quota("Internet gateways per Region"), &["InternetGatewayLimitExceeded"]),
    row(Quota("NAT gateways per Availability Zone"), &["NatGatewayLimitExceeded"]),
    row(Quota("Route tables per VPC"), &["RouteTableLimitExceeded"]),
    row(Quota("Routes per route table"), &["RouteLimitExceeded"]),
    row(Quota("VPC security groups per Region"), &["SecurityGroupLimitExceeded", "ResourceLimitExceeded"]),
    row(Quota("Inbound or outbound rules per security group"), &["RulesPerSecurityGroupLimitExceeded"]),
    row(Quota("Security groups per network interface"), &["SecurityGroupsPerInterfaceLimitExceeded"]),
    row(Quota("Running On-Demand Standard instances"), &["InstanceLimitExceeded", "VcpuLimitExceeded"]),
    row(
        Quota("Storage for General Purpose SSD (gp3) volumes, in TiB"),
        &["VolumeLimitExceeded", "MaxIOPSLimitExceeded"],
    ),
    row(Quota("Network interfaces per Region"), &["NetworkInterfaceLimitExceeded"]),
    row(Quota("Application Load Balancers per Region"), &["TooManyLoadBalancers"]),
    row(Quota("Target Groups per Region"), &["TooManyTargetGroups", "TooManyUniqueTargetGroupsPerLoadBalancer"]),
    row(Quota("Listeners per Application Load Balancer"), &["TooManyListeners"]),
    row(Quota("Rules per Application Load Balancer"), &["TooManyRules", "TooManyTargets", "TooManyCertificates"]),
    row(Quota("Hosted zones"), &["TooManyHostedZones"]),
    row(Quota("Auto Scaling groups per region, or roles per account"), &["LimitExceeded"]),
    row(Quota("the one that the message names"), &["LimitExceededException", "ResourceLimitExceededException"]),
    row(Quota("Namespaces per Region, or services and instances per namespace"), &["ResourceLimitExceeded.CloudMap"]),
];

/// The row of a code.
pub(super) fn find(code: &str) -> Option<&'static Row> {
    TABLE.iter().find(|row| row.codes.contains(&code))
}
