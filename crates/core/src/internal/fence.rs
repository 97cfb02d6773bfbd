//! Code that may panic: what decoders of others do with a damaged file that they did not expect.

use std::any::Any;
use std::cell::Cell;
use std::panic::{self, AssertUnwindSafe, PanicHookInfo, catch_unwind};
use std::sync::Once;

/// What the process calls at each panic.
type Hook = Box<dyn Fn(&PanicHookInfo<'_>) + Send + Sync>;

thread_local! {
    /// How many calls of [`fenced`] this thread is in.
    static FENCES: Cell<usize> = const { Cell::new(0) };
}

/// Runs `work` and gives what a panic in it says as an error. The text reaches neither the standard error nor a log: what
/// went wrong is an error of the input, which the caller names.
///
/// Nothing that `work` was changing when it panicked may be used afterwards. The first call puts a panic hook before the one
/// that the process has; it passes on whatever does not happen in here.
///
/// ```
/// use facenet_core::internal::fence::fenced;
///
/// let numbers: Vec<u8> = Vec::new();
/// assert_eq!(fenced(|| 2 + 2), Ok(4));
/// assert!(fenced(|| numbers[0]).unwrap_err().contains("index"));
/// ```
pub fn fenced<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    /// Ends the fence however `work` ends.
    struct Fence;
    impl Drop for Fence {
        fn drop(&mut self) {
            FENCES.with(|fences| fences.set(fences.get() - 1));
        }
    }
    install(panic::take_hook);
    FENCES.with(|fences| fences.set(fences.get() + 1));
    let _fence = Fence;
    caught(work)
}

/// Runs `work` and gives what a panic in it says as an error; the panic hook is told of it.
pub fn caught<T>(work: impl FnOnce() -> T) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|panic| {
        let text = text_of(&*panic).unwrap_or("no message").to_string();
        // The payload of a panic may panic when it is dropped, and so may the payload of that panic.
        std::mem::forget(catch_unwind(AssertUnwindSafe(|| drop(panic))));
        text
    })
}

/// Tells `report` of each panic that is not [`fenced`], in place of the hook of the process. Only the first call has an
/// effect, and none if something was fenced before.
pub fn report_panics(report: impl Fn(&PanicHookInfo<'_>) + Send + Sync + 'static) {
    install(|| Box::new(report));
}

fn install(hook: impl FnOnce() -> Hook) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let hook = hook();
        panic::set_hook(Box::new(move |info| {
            // While a thread ends, there is no number of its fences any more.
            if FENCES.try_with(Cell::get).unwrap_or_default() == 0 {
                hook(info);
            }
        }));
    });
}

fn text_of(panic: &(dyn Any + Send)) -> Option<&str> {
    panic.downcast_ref::<&str>().copied().or(panic.downcast_ref::<String>().map(String::as_str))
}
