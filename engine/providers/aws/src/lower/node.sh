# shellcheck shell=bash disable=SC2154
# Runs once, when a machine of a cluster starts, before the ECS agent does (its unit waits for cloud-init to end).
# Lines before this one say:
#   ECS_CLUSTER  the cluster to join
#   REGION       the region
#   VOLUME_ID    a volume to bring along; empty if there is none
#   MOUNT        where that volume is seen
set -euo pipefail

# Tasks have roles of their own: none needs the machine's.
cat >>/etc/ecs/ecs.config <<EOF
ECS_CLUSTER=$ECS_CLUSTER
ECS_AWSVPC_BLOCK_IMDS=true
EOF

[ -n "$VOLUME_ID" ] || exit 0

# Without the volume the agent must not run: tasks would write to the machine's own disk, and lose it. Said first, so
# that it holds wherever this script ends.
mkdir -p /etc/systemd/system/ecs.service.d "$MOUNT"
cat >/etc/systemd/system/ecs.service.d/volume.conf <<EOF
[Unit]
RequiresMountsFor=$MOUNT
AssertPathIsMountPoint=$MOUNT
EOF
systemctl daemon-reload

# A machine that can't have the volume is of no use: the scaling group makes another in its place.
trap 'echo "no volume $VOLUME_ID: giving up" >&2; shutdown -h +1' ERR

command -v aws >/dev/null || dnf install -y awscli-2

token=$(curl -sSf -X PUT -H 'X-aws-ec2-metadata-token-ttl-seconds: 300' http://169.254.169.254/latest/api/token)
instance=$(curl -sSf -H "X-aws-ec2-metadata-token: $token" http://169.254.169.254/latest/meta-data/instance-id)

# The machine before this one may still hold it: ten minutes are longer than that takes to end.
attached=''
for _ in $(seq 60); do
    if aws ec2 attach-volume --region "$REGION" --volume-id "$VOLUME_ID" --instance-id "$instance" --device /dev/xvdv; then
        attached=yes
        break
    fi
    sleep 10
done
[ -n "$attached" ]

# Nitro machines name disks by the volume's id; older ones by the name that was asked for.
device=''
for _ in $(seq 60); do
    for path in "/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${VOLUME_ID/-/}" /dev/xvdv; do
        [ -b "$path" ] && device=$path && break 2
    done
    sleep 2
done
[ -n "$device" ]

# Formatted only if there is nothing on it: `blkid -p` says so with 2. Anything else that isn't success is a reason to
# stop, never to format.
status=0
blkid -p "$device" || status=$?
case $status in
0) ;;
2) mkfs.xfs "$device" ;; # which refuses too if there is something
*) false ;;
esac

# Written down for a restart of the machine, when none of this runs again.
echo "$device $MOUNT xfs noatime,nofail 0 2" >>/etc/fstab

# The volume grows while it is in use, and its file system has to follow: it is looked at now and then, which changes
# nothing where it fills the volume already.
cat >/etc/systemd/system/volume-grow.service <<EOF
[Unit]
AssertPathIsMountPoint=$MOUNT
[Service]
Type=oneshot
ExecStart=/usr/sbin/xfs_growfs $MOUNT
EOF
cat >/etc/systemd/system/volume-grow.timer <<EOF
[Timer]
OnBootSec=2min
OnUnitInactiveSec=2min
[Install]
WantedBy=timers.target
EOF
systemctl daemon-reload
mount "$MOUNT"
systemctl enable --now volume-grow.timer
systemctl start volume-grow.service
