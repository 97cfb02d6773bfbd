//! A program that is run for the user, who should meet it as if it were this one.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};

/// The process that signals are passed on to; 0 if there is none.
static CHILD: AtomicI32 = AtomicI32::new(0);
static ASKED: AtomicBool = AtomicBool::new(false);

/// What asks a process to end.
const REQUESTS: [libc::c_int; 3] = [libc::SIGINT, libc::SIGTERM, libc::SIGHUP];

/// How a program ended.
pub(crate) struct Ended {
    pub(crate) status: ExitStatus,
    /// Whether this process was asked to end meanwhile.
    pub(crate) was_asked: bool,
}

/// Runs a program to its end, which alone decides when to end: every request to this process is passed on, and waited for. If this
/// process is killed, the program gets a termination signal.
pub(crate) fn run(command: &mut Command) -> io::Result<Ended> {
    let before = listen()?;
    let started = outlived_by_none(command).spawn();
    let ended = started.and_then(|mut child| {
        CHILD.store(i32::try_from(child.id()).unwrap_or(0), Ordering::SeqCst);
        // One that came before there was a child.
        if ASKED.load(Ordering::SeqCst) {
            pass_on(libc::SIGTERM);
        }
        let status = child.wait();
        CHILD.store(0, Ordering::SeqCst);
        status
    });
    restore(&before);
    Ok(Ended { status: ended?, was_asked: ASKED.swap(false, Ordering::SeqCst) })
}

/// What was done with each of [`REQUESTS`] before.
type Dispositions = [(libc::c_int, libc::sigaction); REQUESTS.len()];

#[allow(unsafe_code, reason = "the standard library listens for no signals")]
fn listen() -> io::Result<Dispositions> {
    // SAFETY: all zeros is a valid `sigaction`: no handler, no flags, an empty mask.
    let empty: libc::sigaction = unsafe { std::mem::zeroed() };
    let mut before = REQUESTS.map(|signal| (signal, empty));
    for (signal, before) in &mut before {
        // SAFETY: without a new action, the old one is written to `before`, which is valid for that.
        if unsafe { libc::sigaction(*signal, std::ptr::null(), before) } != 0 {
            return Err(io::Error::last_os_error());
        }
        // What `nohup` has set to be ignored stays so, here and in the child.
        if *signal == libc::SIGHUP && before.sa_sigaction == libc::SIG_IGN {
            continue;
        }
        let mut action = empty;
        action.sa_sigaction = on_request as *const () as libc::sighandler_t;
        action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
        // SAFETY: the handler has the signature that SA_SIGINFO asks for, and calls only what may be called in a handler.
        if unsafe { libc::sigaction(*signal, &raw const action, std::ptr::null_mut()) } != 0 {
            return Err(io::Error::last_os_error());
        }
    }
    Ok(before)
}

#[allow(unsafe_code, reason = "the standard library listens for no signals")]
fn restore(before: &Dispositions) {
    for (signal, action) in before {
        // SAFETY: `action` is what the system said was set for this signal.
        unsafe { libc::sigaction(*signal, action, std::ptr::null_mut()) };
    }
}

/// The handler of [`REQUESTS`]. What the terminal sends reaches the whole process group, the child too; what another process sends
/// reaches this one alone, as a rule. A program that is run must bear to be asked twice.
#[allow(unsafe_code, reason = "a handler gets what happened by pointer")]
extern "C" fn on_request(signal: libc::c_int, info: *mut libc::siginfo_t, _context: *mut libc::c_void) {
    ASKED.store(true, Ordering::SeqCst);
    // SAFETY: with SA_SIGINFO, the system gives a valid pointer for as long as the handler runs.
    let by_a_process = unsafe { (*info).si_code } <= 0;
    if by_a_process {
        pass_on(signal);
    }
}

#[allow(unsafe_code, reason = "the standard library sends no signals but the one that kills")]
fn pass_on(signal: libc::c_int) {
    let child = CHILD.load(Ordering::SeqCst);
    if child > 0 {
        // SAFETY: `kill` may be called in a handler and takes numbers only; it fails where the child has ended.
        unsafe { libc::kill(child, signal) };
    }
}

/// A command whose process is asked to end when this one dies.
#[allow(unsafe_code, reason = "only the child itself can ask for the signal")]
fn outlived_by_none(command: &mut Command) -> &mut Command {
    let parent = std::process::id();
    let ask = move || {
        // SAFETY: the call may be made between fork and exec, and takes numbers only.
        let set = unsafe { libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGTERM) };
        // SAFETY: the same; it has no preconditions.
        let now = unsafe { libc::getppid() };
        match set == 0 && u32::try_from(now) == Ok(parent) {
            true => Ok(()),
            // The parent has died already.
            false => Err(io::Error::from_raw_os_error(libc::ESRCH)),
        }
    };
    // SAFETY: the closure allocates nothing and takes no lock, so that it can run between fork and exec.
    unsafe { command.pre_exec(ask) }
}
