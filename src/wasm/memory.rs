//! The module's memory.

use core::alloc::{GlobalAlloc, Layout};

/// Smaller than the standard library's allocator by 5 KB.
///
/// Text that is freed is overwritten: keys and tokens pass through here with every call, and a module's memory is open to
/// all that runs in the program.
struct Wiping(rlsf::SmallGlobalTlsf);

/// Text is in blocks of this alignment or a smaller one, as bytes or in UTF-16; of all else only what refers to it is in others.
const TEXT_ALIGN: usize = align_of::<u16>();

#[global_allocator]
static ALLOCATOR: Wiping = Wiping(rlsf::SmallGlobalTlsf::new());

// SAFETY: the inner allocator's own. A block is its caller's until it is given back, and so may be written until then.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let block = unsafe { self.0.alloc(layout) };
        if block.is_null() {
            // The library would put a message together, for which there is no place, with 2 KB of code.
            core::arch::wasm32::unreachable()
        }
        block
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        unsafe {
            if layout.align() <= TEXT_ALIGN {
                block.write_bytes(0, layout.size());
            }
            self.0.dealloc(block, layout);
        }
    }
}
