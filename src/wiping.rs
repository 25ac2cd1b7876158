//! Memory that is given back is wiped first, whoever held it: the library that spoke TLS, the one
//! that parsed a photo, a vector that grew. What is wiped by its own type is wiped twice.

// An allocator's contract is unsafe by its nature; nothing is decided here.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};

/// Sizes of pieces that a thread keeps at hand, and how many of each: those of the GNU C library.
const CLASSES: usize = 64;
const KEPT_OF_A_CLASS: usize = 7;

/// What C libraries give back is wiped, too, from here on: the system's allocator overwrites each
/// piece that is larger than those that a thread keeps at hand for itself (1 kB).
pub(crate) fn in_libraries_too() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    // Safety: it sets one number; a value that the system does not know changes nothing.
    ONCE.call_once(|| unsafe {
        nix::libc::mallopt(nix::libc::M_PERTURB, 0xFF);
    });
}

/// Overwrites the small pieces that this thread keeps at hand for itself, where a C library may have
/// left something: they are taken once, and given back wiped.
pub(crate) fn sweep() {
    let sizes = (0..CLASSES).map(|class| class * 16 + 24);
    let taken: Vec<Vec<u8>> = sizes
        .flat_map(|size| (0..KEPT_OF_A_CLASS).map(move |_| Vec::with_capacity(size)))
        .collect();
    std::hint::black_box(&taken);
}

/// The system's allocator, which gives nothing back unwiped.
pub(crate) struct Wiping;

// Safety: every call goes to the system's allocator as it came; `realloc` is left to its default,
// which takes new memory, copies, and gives the old back through `dealloc`.
unsafe impl GlobalAlloc for Wiping {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // Safety: the caller's promise is the system's demand.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // Safety: as above.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // Safety: the caller gives up `layout.size()` bytes that it owned until now. The empty
        // assembly may read them, so that no compiler leaves the writes out as seen by nobody.
        unsafe {
            std::ptr::write_bytes(memory, 0, layout.size());
            std::arch::asm!("/* {0} */", in(reg) memory, options(nostack, preserves_flags));
            System.dealloc(memory, layout);
        }
    }
}
