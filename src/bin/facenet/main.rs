//! The `facenet` command line.

fn main() {}
