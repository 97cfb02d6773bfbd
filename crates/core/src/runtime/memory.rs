//! Memory that loading leaves behind.

/// A model larger than this in bytes leaves enough behind to look for it.
const LARGE: u64 = 8 << 20;

/// Gives free memory back to the system after a model of `size` bytes was loaded.
///
/// Reading and optimising a model takes more memory than running it (for the 47 MB of FaceNet, 240 MiB while loading and
/// 100 MiB after that), and the C library would keep it for as long as the process lives. The host's free memory is given
/// back with ours, which costs it a few milliseconds once a model and changes nothing that it can observe otherwise.
pub(super) fn after_loading(size: u64) {
    if size > LARGE {
        give_back();
    }
}

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[allow(unsafe_code, reason = "the allocator of the C library is asked through a C function")]
fn give_back() {
    // SAFETY: the function takes the allocator's own locks and may be called at any time.
    unsafe { libc::malloc_trim(0) };
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn give_back() {}
