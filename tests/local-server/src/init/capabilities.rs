//! Leaves the process that does a sandbox's file work what the sandbox's root has, and no more.

use std::io;

use super::context;
use super::mounts::{KEPT_CAPABILITIES, drop_capabilities};

/// What a program gets when it is started, this process gets now.
pub fn drop_now() -> io::Result<()> {
    drop_capabilities()?;
    let header = Header {
        version: VERSION_3,
        pid: 0,
    };
    let mut sets = [Sets::default(); 2];
    // SAFETY: the kernel reads the header and writes two structs of its version 3.
    if unsafe { libc::syscall(libc::SYS_capget, &raw const header, sets.as_mut_ptr()) } != 0 {
        return Err(context(io::Error::last_os_error(), "reading capabilities"));
    }
    let kept = KEPT_CAPABILITIES
        .iter()
        .fold(0u64, |mask, number| mask | 1 << number);
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
