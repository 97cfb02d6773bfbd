//! Options: each is declared once, with its name, type, default, range and sentence. Its struct, its checks, its text form,
//! the flags of the command line and Python's keywords come from that declaration; the other languages are compared with it.

mod values;

pub use values::OptionValue;

use std::collections::BTreeMap;
use std::ffi::OsStr;

use crate::error::{Error, ErrorKind, Result};

/// An option, as it is declared.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name of the struct's field, in snake case.
    pub name: &'static str,
    /// What it does.
    pub help: &'static str,
    /// The default as text; empty if there is none.
    pub default: fn() -> String,
    /// What is allowed, as it completes "it must be ...".
    pub values: fn() -> String,
    /// What stands for a value in usage lines, as `NUMBER`.
    pub kind: &'static str,
    /// The names of all values; none if there are more than can be named.
    pub choices: &'static [&'static str],
}

/// A struct of options that are declared with their names.
///
/// ```
/// use facenet::options::Options;
/// use facenet::{DetectorOptions, detect::MinFaceSize};
///
/// let mut options = DetectorOptions::default();
/// options.set("min_face_size", "10%")?;
/// assert_eq!(options.min_face_size, MinFaceSize::Relative(0.1));
/// assert_eq!(options.settings()["factor"], "0.709");
/// let error = options.set("factor", "much").unwrap_err();
/// assert_eq!(error.to_string(), "factor is much: it must be a number from 0.1 to 0.95");
/// # Ok::<(), facenet::Error>(())
/// ```
pub trait Options: Default + Send + Sync + 'static {
    /// Every option, in the order of the struct.
    const FIELDS: &'static [Field];

    /// Reads the option called `name` from its text form; that of a path is any, and of others Unicode. Ranges are left to
    /// [`check`](Self::check).
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if there is no such option or the text is no value of it.
    fn set(&mut self, name: &str, text: impl AsRef<OsStr>) -> Result<()>;

    /// The ranges.
    ///
    /// # Errors
    /// [`ErrorKind::InvalidArgument`] if an option is out of its range.
    fn check(&self) -> Result<()>;

    /// The options by name in a stable form, to be kept beside results: equal settings make equal results. Models appear
    /// by their contents, and what is not set is left out.
    fn settings(&self) -> BTreeMap<String, String>;
}

/// The error of a value that option `name` cannot have.
#[doc(hidden)]
pub fn refused(name: &str, text: &str, allowed: &str) -> Error {
    Error::new(ErrorKind::InvalidArgument, format!("{name} is {text}: it must be {allowed}"))
}

/// The error of an option that there is not.
#[doc(hidden)]
pub fn unknown(name: &str, fields: &[Field]) -> Error {
    let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
    Error::new(ErrorKind::InvalidArgument, format!("there is no option {name}: there are {}", names.join(", ")))
}

/// A struct of options: `name: Type = default, condition => "what is allowed";`, the condition where the type alone does not
/// say it. After `..` come fields that are no options, as structs of others.
#[doc(hidden)]
#[macro_export]
macro_rules! options {
    (
        $(#[$meta:meta])*
        pub struct $options:ident {
            $($(#[doc = $doc:literal])+ $name:ident: $type:ty = $default:expr $(, $check:expr => $allowed:literal)?;)*
            $(.. $($(#[$about:meta])+ $other:ident: $others:ty = $value:expr;)+)?
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, PartialEq)]
        pub struct $options {
            $($(#[doc = $doc])+ pub $name: $type,)*
            $($($(#[$about])+ pub $other: $others,)+)?
        }

        impl Default for $options {
            fn default() -> Self {
                Self { $($name: $default,)* $($($other: $value,)+)? }
            }
        }

        impl $crate::options::Options for $options {
            const FIELDS: &'static [$crate::options::Field] = &[$($crate::options::Field {
                name: stringify!($name),
                help: concat!($($doc),+).trim_ascii(),
                default: || <$type as $crate::options::OptionValue>::text(&$default),
                values: || {
                    let allowed: &[&str] = &[$($allowed)?];
                    allowed.first().map_or_else(<$type as $crate::options::OptionValue>::values, |&text| text.into())
                },
                kind: <$type as $crate::options::OptionValue>::KIND,
                choices: <$type as $crate::options::OptionValue>::CHOICES,
            },)*];

            fn set(&mut self, name: &str, text: impl AsRef<std::ffi::OsStr>) -> $crate::Result<()> {
                let text = text.as_ref();
                let allowed = || Self::FIELDS.iter().find(|field| field.name == name).map(|field| (field.values)());
                let refused = || $crate::options::refused(name, &text.to_string_lossy(), &allowed().unwrap_or_default());
                match name {
                    $(stringify!($name) => {
                        self.$name = $crate::options::OptionValue::parse_os(text).ok_or_else(refused)?;
                    })*
                    _ => return Err($crate::options::unknown(name, Self::FIELDS)),
                }
                Ok(())
            }

            fn check(&self) -> $crate::Result<()> {
                $($(
                    let allowed: fn(&$type) -> bool = $check;
                    if !allowed(&self.$name) {
                        let text = $crate::options::OptionValue::text(&self.$name);
                        return Err($crate::options::refused(stringify!($name), &text, $allowed));
                    }
                )?)*
                Ok(())
            }

            fn settings(&self) -> std::collections::BTreeMap<String, String> {
                let settings = [$((stringify!($name), $crate::options::OptionValue::identity(&self.$name)),)*];
                settings.into_iter().filter(|(_, text)| !text.is_empty()).map(|(name, text)| (name.into(), text)).collect()
            }
        }
    };
}
