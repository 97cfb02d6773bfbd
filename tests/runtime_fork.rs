//! A child made by `fork` has none of its parent's threads: what uses them must say so, and must not wait for ever.

#![allow(unsafe_code, reason = "fork and its relatives are C functions")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::time::{Duration, Instant};

use facenet::runtime::{Network, NetworkOptions};

use facenet::{ErrorKind, RuntimeOptions};
use testkit::runtime::{relu, runtime};

/// Runs `work` in a forked child, and gives the child's exit code: 0 if it ended well, 101 if it panicked, none if it was
/// not done after half a minute.
fn in_child(work: impl FnOnce()) -> Option<i32> {
    // SAFETY: the child uses nothing of other threads: that is what is tested. It leaves by `_exit`, past destructors.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork failed");
    if child == 0 {
        let code = if catch_unwind(AssertUnwindSafe(work)).is_ok() { 0 } else { 101 };
        // SAFETY: ends this process.
        unsafe { libc::_exit(code) };
    }
    let deadline = Instant::now() + Duration::from_secs(30);
    loop {
        let mut status = 0;
        // SAFETY: the pointer is to a variable of the right type.
        if unsafe { libc::waitpid(child, &mut status, libc::WNOHANG) } == child {
            assert!(libc::WIFEXITED(status), "the child ended by a signal, status {status}");
            return Some(libc::WEXITSTATUS(status));
        }
        if Instant::now() > deadline {
            // SAFETY: the child is ours and has not been waited for.
            unsafe { libc::kill(child, libc::SIGKILL) };
            return None;
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_child_is_told_to_make_its_own_and_can() {
    let options = RuntimeOptions { threads: Some(2), ..RuntimeOptions::default() };
    let Some(runtime) = runtime(options.clone()) else { return };
    // Two threads within a session: without care, dropping such a session in a child waits for ever.
    let network_options = NetworkOptions { sessions: 2, intra_threads: 2, ..NetworkOptions::default() };
    let network = Network::from_bytes(&runtime, "relu", &relu(), network_options).expect("it loads");
    let run = |network: &Network| network.run([1, 3, 1, 1], &[1.0, -1.0, 2.0], |_, y| y.to_vec());
    assert_eq!(run(&network).expect("it runs"), [1.0, 0.0, 2.0]);
    assert_eq!(runtime.pool().install(rayon::current_num_threads), 2);

    let (inherited_runtime, inherited_network) = (runtime.clone(), network);
    let code = in_child(|| {
        let error = run(&inherited_network).expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        assert!(error.to_string().contains("before fork"), "{error}");
        let error = inherited_runtime.pool().install(|| run(&inherited_network)).expect_err("a refusal");
        assert_eq!(error.kind(), ErrorKind::Unsupported);
        let loaded = Network::from_bytes(&inherited_runtime, "relu", &relu(), network_options);
        assert_eq!(loaded.expect_err("a refusal").kind(), ErrorKind::Unsupported);
        drop((inherited_network, inherited_runtime, runtime));

        let own_runtime = facenet::Runtime::new(options).expect("a runtime of its own");
        let own_network = Network::from_bytes(&own_runtime, "relu", &relu(), network_options).expect("it loads");
        let result = own_runtime.pool().install(|| run(&own_network));
        assert_eq!(result.expect("it runs"), [1.0, 0.0, 2.0]);
        drop((own_network, own_runtime));
    });
    assert_eq!(code, Some(0));
}
