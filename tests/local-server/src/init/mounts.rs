//! Mounts a sandbox's root and moves into it.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use nix::mount::{MntFlags, MsFlags, mount, umount2};
use nix::sys::stat::{Mode, umask};
use nix::unistd::{chdir, pivot_root};

use super::context;
use crate::sandbox::root::{Isolation, OverlayMount, RootPlan};

/// Device nodes taken from the host: the ones every program may expect.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Parts of `/proc` through which root could change the host.
const READ_ONLY_PROC: [&str; 5] = ["sys", "sysrq-trigger", "irq", "bus", "fs"];

/// Parts of `/proc` that list the keys of this machine's users.
const HIDDEN_PROC: [&str; 2] = ["keys", "key-users"];

/// Mounts the plan and makes it the root of this process.
pub fn enter(plan: &RootPlan, isolation: Isolation) -> io::Result<()> {
    umask(Mode::from_bits_truncate(0o022));
    attach(
        None,
        Path::new("/"),
        None,
        MsFlags::MS_REC | MsFlags::MS_PRIVATE,
        None,
    )?;
    for (index, overlay) in plan.overlays.iter().enumerate() {
        let target = inside(&plan.mountpoint, &overlay.target);
        match mount_overlay(overlay, &target, plan.user_xattr) {
            Ok(()) => {}
            Err(error) if index == 0 => return Err(error),
            // A file system that cannot be a lower layer is shown as it is, read-only.
            Err(error) => bind_read_only(&overlay.target, &target)
                .unwrap_or_else(|_| eprintln!("sandbox init: {error}; left out")),
        }
    }
    let root = &plan.mountpoint;
    mount_proc(&root.join("proc"), isolation)?;
    mount_dev(&root.join("dev"), isolation)?;
    mount_sys(&root.join("sys"))?;
    chdir(root)?;
    pivot_root(".", ".").map_err(|error| context(error.into(), "pivot_root"))?;
    umount2(".", MntFlags::MNT_DETACH)?;
    Ok(chdir("/")?)
}

fn mount_overlay(overlay: &OverlayMount, target: &Path, user_xattr: bool) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let lowers: Vec<_> = overlay.lowers.iter().map(|path| escape(path)).collect();
    let options = format!(
        "lowerdir={},upperdir={},workdir={}{}",
        lowers.join(":"),
        escape(&overlay.upper),
        escape(&overlay.work),
        if user_xattr { ",userxattr" } else { "" },
    );
    attach(
        Some("overlay"),
        target,
        Some("overlay"),
        // Device nodes of the host lie outside /dev, too: in a chroot, in a container's files.
        MsFlags::MS_NODEV,
        Some(&options),
    )
    .map_err(|error| context(error, &format!("overlay at {}", overlay.target.display())))
}

/// Overlay options separate paths by colons and options by commas.
fn escape(path: &Path) -> String {
    let mut escaped = String::new();
    for character in path.to_string_lossy().chars() {
        if matches!(character, ':' | ',' | '\\') {
            escaped.push('\\');
        }
        escaped.push(character);
    }
    escaped
}

fn mount_proc(target: &Path, isolation: Isolation) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // Containers with a masked /proc let nobody mount another: theirs has to do.
    if attach(Some("proc"), target, Some("proc"), flags, None).is_err() {
        bind(Path::new("/proc"), target, MsFlags::MS_REC)?;
    }
    for path in HIDDEN_PROC.map(|name| target.join(name)) {
        if path.exists() {
            bind(Path::new("/dev/null"), &path, MsFlags::empty())?;
        }
    }
    if isolation == Isolation::Privileged {
        for name in READ_ONLY_PROC {
            let path = target.join(name);
            if path.exists() {
                bind_read_only(&path, &path)?;
            }
        }
    }
    Ok(())
}

fn mount_dev(target: &Path, isolation: Isolation) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let flags = MsFlags::MS_NOSUID | MsFlags::MS_NOEXEC;
    attach(
        Some("tmpfs"),
        target,
        Some("tmpfs"),
        flags | MsFlags::MS_NODEV,
        Some("mode=755,size=1m"),
    )?;
    for name in DEVICES {
        let node = target.join(name);
        fs::write(&node, "")?;
        bind(&Path::new("/dev").join(name), &node, MsFlags::empty())?;
    }
    for (name, points_to) in [
        ("fd", "/proc/self/fd"),
        ("stdin", "/proc/self/fd/0"),
        ("stdout", "/proc/self/fd/1"),
        ("stderr", "/proc/self/fd/2"),
        ("ptmx", "pts/ptmx"),
    ] {
        symlink(points_to, target.join(name))?;
    }
    let pts = target.join("pts");
    fs::create_dir(&pts)?;
    // Group 5 is `tty`; a user namespace of one user has no such group.
    let group = if isolation == Isolation::Privileged {
        ",gid=5"
    } else {
        ""
    };
    let options = format!("newinstance,ptmxmode=0666,mode=620{group}");
    attach(Some("devpts"), &pts, Some("devpts"), flags, Some(&options))?;
    let shm = target.join("shm");
    fs::create_dir(&shm)?;
    attach(
        Some("tmpfs"),
        &shm,
        Some("tmpfs"),
        MsFlags::MS_NOSUID | MsFlags::MS_NODEV,
        Some("mode=1777"),
    )
}

fn mount_sys(target: &Path) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let flags = MsFlags::MS_RDONLY | MsFlags::MS_NOSUID | MsFlags::MS_NODEV | MsFlags::MS_NOEXEC;
    // Only the owner of the network namespace may mount sysfs; the host's is as good to others.
    attach(Some("sysfs"), target, Some("sysfs"), flags, None)
        .or_else(|_| bind(Path::new("/sys"), target, MsFlags::MS_REC))
}

fn bind(source: &Path, target: &Path, extra: MsFlags) -> io::Result<()> {
    mount(
        Some(source),
        target,
        None::<&str>,
        MsFlags::MS_BIND | extra,
        None::<&str>,
    )
    .map_err(|error| context(error.into(), &format!("bind {}", source.display())))
}

/// With all that is mounted below, and without devices.
fn bind_read_only(source: &Path, target: &Path) -> io::Result<()> {
    bind(source, target, MsFlags::MS_REC)?;
    let name = CString::new(target.as_os_str().as_bytes())?;
    // Adds to the flags that are there; a remount would clear those that a user namespace may not.
    let attributes = libc::mount_attr {
        attr_set: libc::MOUNT_ATTR_RDONLY | libc::MOUNT_ATTR_NODEV,
        attr_clr: 0,
        propagation: 0,
        userns_fd: 0,
    };
    // SAFETY: the kernel reads a path and one struct.
    let outcome = unsafe {
        libc::syscall(
            libc::SYS_mount_setattr,
            libc::AT_FDCWD,
            name.as_ptr(),
            libc::AT_RECURSIVE,
            &raw const attributes,
            size_of::<libc::mount_attr>(),
        )
    };
    if outcome == 0 {
        return Ok(());
    }
    let error = io::Error::last_os_error();
    // What cannot be made harmless is not shown.
    umount2(target, MntFlags::MNT_DETACH).ok();
    Err(context(error, &format!("protect {}", target.display())))
}

fn attach(
    source: Option<&str>,
    target: &Path,
    kind: Option<&str>,
    flags: MsFlags,
    options: Option<&str>,
) -> io::Result<()> {
    mount(source, target, kind, flags, options).map_err(|error| {
        context(
            error.into(),
            &format!("mount {} at {}", kind.unwrap_or("-"), target.display()),
        )
    })
}

fn inside(root: &Path, absolute: &Path) -> PathBuf {
    root.join(absolute.strip_prefix("/").unwrap_or(absolute))
}
