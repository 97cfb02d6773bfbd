//! Connected components, found by many threads at once.

use std::sync::atomic::{AtomicU32, Ordering};

/// A union-find structure without locks: a root is changed by compare-and-swap only, and always to a smaller one
/// (Anderson and Woll, *Wait-free parallel algorithms for the union-find problem*, 1991).
pub(super) struct Components(Vec<AtomicU32>);

impl Components {
    /// `count` items, each a component.
    pub(super) fn new(count: usize) -> Self {
        Self((0..count as u32).map(AtomicU32::new).collect())
    }

    /// The first item of the component of `item`, once no other thread joins any more.
    pub(super) fn first(&self, mut item: u32) -> u32 {
        loop {
            let parent = self.parent(item).load(Ordering::Relaxed);
            if parent == item {
                return item;
            }
            let above = self.parent(parent).load(Ordering::Relaxed);
            // Halves the path for those who come after. Somebody else may have shortened it more: that is as good.
            let _ = self.parent(item).compare_exchange_weak(parent, above, Ordering::Relaxed, Ordering::Relaxed);
            item = above;
        }
    }

    /// Makes one component of those of two items.
    pub(super) fn join(&self, a: u32, b: u32) {
        let (mut a, mut b) = (a, b);
        loop {
            (a, b) = (self.first(a), self.first(b));
            if a == b {
                return;
            }
            let (low, high) = (a.min(b), a.max(b));
            if self.parent(high).compare_exchange(high, low, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return;
            }
        }
    }

    fn parent(&self, item: u32) -> &AtomicU32 {
        &self.0[item as usize]
    }
}

#[cfg(test)]
mod tests {
    use rayon::prelude::*;

    use super::*;

    #[test]
    fn threads_agree_on_the_components() {
        let components = Components::new(3000);
        (0..2997u32).into_par_iter().rev().for_each(|item| components.join(item + 3, item));
        assert!((0..3000).all(|item| components.first(item) == item % 3));
    }
}
