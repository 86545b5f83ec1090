//! Kernel keyrings belong to users, not to namespaces: the keys of this machine's root would be
//! those of every sandbox's. No program in a sandbox gets to them.

use std::io;

use super::context;

/// Constants of `<linux/audit.h>`, and the numbers of `add_key`, `request_key` and `keyctl`; the
/// other entries are the ways into the same kernel for 32-bit programs.
#[cfg(target_arch = "x86_64")]
const CALLS: [(u32, [u32; 3]); 3] = [
    (0xc000_003e, [248, 249, 250]),
    (0xc000_003e, [0x4000_00f8, 0x4000_00f9, 0x4000_00fa]),
    (0x4000_0003, [286, 287, 288]),
];
#[cfg(target_arch = "aarch64")]
const CALLS: [(u32, [u32; 3]); 2] = [
    (0xc000_00b7, [217, 218, 219]),
    (0x4000_0028, [309, 310, 311]),
];
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
const CALLS: [(u32, [u32; 3]); 0] = [];

/// Where `struct seccomp_data` has them.
const NUMBER: u32 = 0;
const ARCHITECTURE: u32 = 4;

/// For this process and all that it starts: as if the kernel had no keyrings.
pub fn hide() -> io::Result<()> {
    join_new_session();
    let mut filter = Vec::new();
    for (architecture, numbers) in CALLS {
        for number in numbers {
            filter.extend([
                load(ARCHITECTURE),
                skip_unless(architecture, 3),
                load(NUMBER),
                skip_unless(number, 1),
                answer(libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned()),
            ]);
        }
    }
    filter.push(answer(libc::SECCOMP_RET_ALLOW));
    let program = libc::sock_fprog {
        len: u16::try_from(filter.len()).unwrap_or(0),
        filter: filter.as_mut_ptr(),
    };
    // SAFETY: the kernel copies the program, which is alive here.
    let outcome = unsafe {
        libc::prctl(
            libc::PR_SET_SECCOMP,
            libc::SECCOMP_MODE_FILTER,
            &raw const program,
        )
    };
    if outcome == 0 {
        return Ok(());
    }
    Err(context(io::Error::last_os_error(), "hiding the keyrings"))
}

/// The inherited keyring holds the keys of whoever started the server.
fn join_new_session() {
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

fn load(offset: u32) -> libc::sock_filter {
    instruction(libc::BPF_LD | libc::BPF_W | libc::BPF_ABS, offset, 0)
}

fn skip_unless(value: u32, count: u8) -> libc::sock_filter {
    instruction(libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K, value, count)
}

fn answer(value: u32) -> libc::sock_filter {
    instruction(libc::BPF_RET | libc::BPF_K, value, 0)
}

fn instruction(code: u32, k: u32, jf: u8) -> libc::sock_filter {
    libc::sock_filter {
        code: u16::try_from(code).unwrap_or(0),
        jt: 0,
        jf,
        k,
    }
}
