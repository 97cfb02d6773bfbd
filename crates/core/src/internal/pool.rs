//! Buffers that are kept for the next call.

use std::sync::{Mutex, PoisonError};

/// Buffers that nobody uses at the moment. Holds as many as were ever in use at the same time.
#[derive(Debug)]
pub struct ObjectPool<T>(Mutex<Vec<T>>);

impl<T> Default for ObjectPool<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Default> ObjectPool<T> {
    /// A kept buffer, or a new one.
    pub fn take(&self) -> T {
        self.lock().pop().unwrap_or_default()
    }

    /// Keeps `buffer` for the next one who asks.
    pub fn put(&self, buffer: T) {
        self.lock().push(buffer);
    }

    /// Lends a buffer to `work`.
    pub fn lend<R>(&self, work: impl FnOnce(&mut T) -> R) -> R {
        let mut buffer = self.take();
        let result = work(&mut buffer);
        self.put(buffer);
        result
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Vec<T>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_buffer_comes_back_as_it_was_left() {
        let spare = ObjectPool::<Vec<u8>>::default();
        spare.lend(|buffer| buffer.extend([1, 2, 3]));
        assert_eq!(spare.take(), [1, 2, 3]);
        assert!(spare.take().is_empty());
    }
}
