//! Leaves a sandbox's root fewer rights than the machine's.

use std::fs;
use std::io;

use super::context;

/// What a container's root usually keeps; the rest reaches beyond the sandbox. Without `NET_RAW`
/// nobody listens to what others say on a network.
const KEPT: [u64; 12] = [
    0,  // CHOWN
    1,  // DAC_OVERRIDE
    3,  // FOWNER
    4,  // FSETID
    5,  // KILL
    6,  // SETGID
    7,  // SETUID
    8,  // SETPCAP
    10, // NET_BIND_SERVICE
    18, // SYS_CHROOT
    29, // AUDIT_WRITE
    31, // SETFCAP
];

/// Bounds what programs can have that this process starts.
pub fn bound() -> io::Result<()> {
    let last: u64 = fs::read_to_string("/proc/sys/kernel/cap_last_cap")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(40);
    for capability in (0..=last).filter(|number| !KEPT.contains(number)) {
        // SAFETY: plain integers, no memory involved.
        if unsafe { libc::prctl(libc::PR_CAPBSET_DROP, capability, 0, 0, 0) } != 0 {
            let error = io::Error::last_os_error();
            // A capability that the kernel does not know cannot be had either.
            if error.raw_os_error() != Some(libc::EINVAL) {
                return Err(context(error, "dropping capabilities"));
            }
        }
    }
    Ok(())
}

/// What a program gets when it is started, this process gets now: the one that does file work.
pub fn drop_now() -> io::Result<()> {
    bound()?;
    let header = Header {
        version: VERSION_3,
        pid: 0,
    };
    let mut sets = [Sets::default(); 2];
    // SAFETY: the kernel reads the header and writes two structs of its version 3.
    if unsafe { libc::syscall(libc::SYS_capget, &raw const header, sets.as_mut_ptr()) } != 0 {
        return Err(context(io::Error::last_os_error(), "reading capabilities"));
    }
    let kept = KEPT.iter().fold(0u64, |mask, number| mask | 1 << number);
    for (set, shift) in sets.iter_mut().zip([0, 32]) {
        let mask = u32::try_from(kept >> shift & u64::from(u32::MAX)).unwrap_or(0);
        set.effective &= mask;
        set.permitted &= mask;
        set.inheritable &= mask;
    }
    // SAFETY: the kernel reads the header and two structs of its version 3.
    if unsafe { libc::syscall(libc::SYS_capset, &raw const header, sets.as_ptr()) } != 0 {
        return Err(context(io::Error::last_os_error(), "dropping capabilities"));
    }
    Ok(())
}

/// `_LINUX_CAPABILITY_VERSION_3`: two structs of 32 bits each.
const VERSION_3: u32 = 0x2008_0522;

#[repr(C)]
struct Header {
    version: u32,
    pid: i32,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
struct Sets {
    effective: u32,
    permitted: u32,
    inheritable: u32,
}
