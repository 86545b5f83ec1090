//! Takes away what reaches beyond a sandbox without being a file or a process of it.

use std::fs;
use std::io;

use super::context;

/// What a container's root usually keeps; the rest reaches beyond the sandbox. Without `NET_RAW`
/// nobody listens to what others say on a network.
const KEPT_CAPABILITIES: [u64; 12] = [
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

pub fn drop_capabilities() -> io::Result<()> {
    let last: u64 = fs::read_to_string("/proc/sys/kernel/cap_last_cap")
        .ok()
        .and_then(|text| text.trim().parse().ok())
        .unwrap_or(40);
    for capability in (0..=last).filter(|number| !KEPT_CAPABILITIES.contains(number)) {
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

/// Keyrings belong to users, whatever their namespace: a sandbox's root would have the machine's.
/// Nothing from here on may use any.
pub fn close_keyrings() -> io::Result<()> {
    join_new_session_keyring();
    let filter = without_keys();
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap_or_default(),
        filter: filter.as_ptr().cast_mut(),
    };
    // SAFETY: the kernel copies the program, which outlives the call.
    let refused = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const program,
            0,
            0,
        )
    };
    match refused {
        0 => Ok(()),
        _ => Err(context(io::Error::last_os_error(), "seccomp")),
    }
}

/// The inherited one holds the keys of whoever started the server.
fn join_new_session_keyring() {
    let anonymous = std::ptr::null::<libc::c_char>();
    // SAFETY: the call takes no memory of ours. A kernel without keyrings has none to leave.
    unsafe {
        libc::syscall(
            libc::SYS_keyctl,
            libc::KEYCTL_JOIN_SESSION_KEYRING,
            anonymous,
        )
    };
}

/// Where `struct seccomp_data` has the call's number and the architecture whose table it is from.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;

/// An architecture whose programs this kernel runs, and its numbers of `add_key`, `request_key` and
/// `keyctl`.
struct Table {
    architecture: u32,
    calls: [u32; 3],
}

#[cfg(target_arch = "x86_64")]
const TABLES: [Table; 2] = [
    Table {
        architecture: 0xC000_003E,
        calls: [248, 249, 250],
    },
    // Programs of 32 bits.
    Table {
        architecture: 0x4000_0003,
        calls: [286, 287, 288],
    },
];

#[cfg(target_arch = "aarch64")]
const TABLES: [Table; 2] = [
    Table {
        architecture: 0xC000_00B7,
        calls: [217, 218, 219],
    },
    Table {
        architecture: 0x4000_0028,
        calls: [309, 310, 311],
    },
];

#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const TABLES: [Table; 0] = [];

/// A program that answers the calls of keyrings with `EPERM` and lets all others pass.
fn without_keys() -> Vec<libc::sock_filter> {
    const LOAD: u16 = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    const EQUAL: u16 = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    const AND: u16 = (libc::BPF_ALU | libc::BPF_AND | libc::BPF_K) as u16;
    const RETURN: u16 = (libc::BPF_RET | libc::BPF_K) as u16;
    /// Set in the numbers of x32, whose calls are otherwise those of x86-64.
    const X32: u32 = 0x4000_0000;
    let step = |code, k, jt, jf| libc::sock_filter { code, jt, jf, k };
    let mut program = vec![step(LOAD, ARCHITECTURE, 0, 0)];
    for Table {
        architecture,
        calls: [add, request, control],
    } in TABLES
    {
        program.extend([
            step(EQUAL, architecture, 0, 7),
            step(LOAD, NUMBER, 0, 0),
            step(AND, !X32, 0, 0),
            step(EQUAL, add, 2, 0),
            step(EQUAL, request, 1, 0),
            step(EQUAL, control, 0, 1),
            step(
                RETURN,
                libc::SECCOMP_RET_ERRNO | libc::EPERM.cast_unsigned(),
                0,
                0,
            ),
            step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0),
        ]);
    }
    program.push(step(RETURN, libc::SECCOMP_RET_ALLOW, 0, 0));
    program
}
