//! The C interface: the headers, the library, and what `make install` and the Debian packages lay down.

#![cfg(target_os = "linux")]

mod abi;
mod compatible;
mod compile;
mod debian;
mod declarations;
mod examples;
mod flavours;
mod header;
mod install;
mod parity;
