//! How the shared library is linked.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|system| system == "linux") {
        println!("cargo:rustc-cdylib-link-arg=-Wl,-soname,libfacenet.so.0");
        // Worker threads end a little after the runtime that they belong to was freed, and after dlclose too.
        println!("cargo:rustc-cdylib-link-arg=-Wl,-z,nodelete");
    }
}
