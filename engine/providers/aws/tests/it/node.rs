//! What a machine runs at its start, with programs in the place of AWS, disks and systemd that write down what they were
//! asked for: a volume is formatted only where nothing is on it, and whatever else is wrong stops the machine.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

const START: &str = include_str!("../../src/lower/node.sh");

/// The script with all that is outside of it in a directory.
fn script(root: &Path) -> String {
    let (etc, dev) = (format!("{}/etc/", root.display()), format!("{}/dev/", root.display()));
    // A test has no block devices.
    let moved = START.replace("/etc/", &etc).replace("/dev/", &dev).replace("[ -b ", "[ -e ");
    assert_ne!(moved, START, "what it touches is elsewhere");
    moved
}

/// What the programs were asked for, where `blkid` ends with a status.
fn asked(volume: &str, blkid: i32) -> Vec<String> {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path();
    for made in ["bin", "etc/ecs", "dev/disk/by-id", "data"] {
        fs::create_dir_all(root.join(made)).unwrap();
    }
    fs::write(root.join("dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_vol0a1b"), "").unwrap();
    for (program, status) in [
        ("aws", 0),
        ("curl", 0),
        ("blkid", blkid),
        ("mkfs.xfs", 0),
        ("mount", 0),
        ("systemctl", 0),
        ("shutdown", 0),
        ("sleep", 0),
    ] {
        let path = root.join("bin").join(program);
        fs::write(&path, format!("#!/bin/sh\necho {program} \"$@\" >>{}/asked\nexit {status}\n", root.display()))
            .unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let path = format!("{}/bin:/usr/bin:/bin", root.display());
    let variables = [("ECS_CLUSTER", "a"), ("REGION", "eu-central-1"), ("VOLUME_ID", volume), ("PATH", &path)];
    let mount = root.join("data");
    let mut bash = Command::new("bash");
    bash.arg("-c").arg(script(root)).env_clear().envs(variables).env("MOUNT", &mount);
    let ended = bash.output().unwrap();
    let asked = fs::read_to_string(root.join("asked")).unwrap_or_default();
    let stopped = asked.contains("shutdown -h");
    assert_eq!(ended.status.success(), !stopped, "{asked}\n{}", String::from_utf8_lossy(&ended.stderr));
    let config = fs::read_to_string(root.join("etc/ecs/ecs.config")).unwrap();
    assert!(config.contains("ECS_CLUSTER=a\nECS_AWSVPC_BLOCK_IMDS=true\n"), "{config}");
    if !volume.is_empty() {
        let guard = fs::read_to_string(root.join("etc/systemd/system/ecs.service.d/volume.conf")).unwrap();
        assert!(guard.contains(&format!("AssertPathIsMountPoint={}", mount.display())), "no tasks without it: {guard}");
    }
    let programs = asked.lines().filter_map(|line| line.split(' ').next()).map(str::to_owned);
    programs.filter(|program| ["mkfs.xfs", "mount", "shutdown"].contains(&program.as_str())).collect()
}

#[test]
fn a_volume_is_formatted_only_if_nothing_is_on_it() {
    assert_eq!(asked("vol-0a1b", 2), ["mkfs.xfs", "mount"], "`blkid -p` found nothing");
    assert_eq!(asked("vol-0a1b", 0), ["mount"], "there is something");
    // 4: usage or other errors; 8: what it found contradicts itself (blkid(8), "EXIT STATUS").
    for strange in [1, 4, 8] {
        assert_eq!(asked("vol-0a1b", strange), ["shutdown"], "blkid ends with {strange}");
    }
    assert_eq!(asked("", 2), [""; 0], "a machine without a volume");
}
