//! Things that take turns.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A fixed set of items, each used by one caller at a time.
#[derive(Debug)]
pub(super) struct Pool<T> {
    idle: Mutex<Vec<T>>,
    returned: Condvar,
}

impl<T> Pool<T> {
    /// A pool of `items`, of which there must be one at least.
    pub(super) fn new(items: Vec<T>) -> Self {
        Self { idle: Mutex::new(items), returned: Condvar::new() }
    }

    /// Waits for an item and works with it. The item returns to the pool even if `work` panics.
    pub(super) fn with<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut item = self.wait();
        let result = catch_unwind(AssertUnwindSafe(|| work(&mut item)));
        self.lock().push(item);
        self.returned.notify_one();
        result.unwrap_or_else(|panic| resume_unwind(panic))
    }

    /// Forgets the idle items instead of dropping them.
    pub(super) fn leak(&mut self) {
        std::mem::forget(std::mem::take(self.idle.get_mut().unwrap_or_else(PoisonError::into_inner)));
    }

    fn wait(&self) -> T {
        let mut idle = self.lock();
        loop {
            match idle.pop() {
                Some(item) => return item,
                None => idle = self.returned.wait(idle).unwrap_or_else(PoisonError::into_inner),
            }
        }
    }

    // A panic while the lock is held leaves the list whole: nothing but push and pop happens under it.
    fn lock(&self) -> MutexGuard<'_, Vec<T>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    #[test]
    fn no_more_callers_work_at_once_than_there_are_items() {
        let pool = Pool::new(vec![0u32; 3]);
        let (working, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    for _ in 0..100 {
                        pool.with(|uses| {
                            most.fetch_max(working.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                            *uses += 1;
                            std::thread::yield_now();
                            working.fetch_sub(1, Ordering::SeqCst);
                        });
                    }
                });
            }
        });
        assert!(most.into_inner() <= 3);
        assert_eq!(pool.lock().iter().sum::<u32>(), 1600);
    }

    #[test]
    fn an_item_survives_the_panic_of_its_user() {
        let pool = Pool::new(vec![7]);
        for _ in 0..3 {
            let panic = catch_unwind(AssertUnwindSafe(|| pool.with(|_| panic!("of the user"))));
            assert_eq!(panic.expect_err("it goes on").downcast_ref::<&str>(), Some(&"of the user"));
        }
        assert_eq!(pool.with(|item| *item), 7);
    }

    #[test]
    fn leaked_items_are_not_dropped() {
        struct Bomb;
        impl Drop for Bomb {
            fn drop(&mut self) {
                panic!("dropped");
            }
        }
        let mut pool = Pool::new(vec![Bomb, Bomb]);
        pool.leak();
        drop(pool);
    }
}
