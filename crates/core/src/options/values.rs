//! Types of options, and how each is written as text.

use std::ffi::OsStr;
use std::path::PathBuf;

use crate::model::ModelSource;

/// A type that options have: what its text form is.
pub trait OptionValue: Sized {
    /// What stands for a value in usage lines.
    const KIND: &'static str;
    /// The names of all values, if there are only some.
    const CHOICES: &'static [&'static str] = &[];

    /// The value that `text` stands for.
    fn parse(text: &str) -> Option<Self>;

    /// The same of text that need not be Unicode, as paths.
    fn parse_os(text: &OsStr) -> Option<Self> {
        text.to_str().and_then(Self::parse)
    }

    /// The value as text, which [`parse`](Self::parse) reads; empty for none.
    fn text(&self) -> String;

    /// The value as text for comparison: that of equal contents is equal.
    fn identity(&self) -> String {
        self.text()
    }

    /// What is allowed, as it completes "it must be ...".
    fn values() -> String;
}

macro_rules! numbers {
    ($($type:ty: $kind:literal, $values:literal;)*) => {$(
        impl OptionValue for $type {
            const KIND: &'static str = $kind;

            fn parse(text: &str) -> Option<Self> {
                text.trim().parse().ok()
            }

            fn text(&self) -> String {
                self.to_string()
            }

            fn values() -> String {
                $values.into()
            }
        }
    )*};
}

numbers! {
    f32: "NUMBER", "a number";
    f64: "NUMBER", "a number";
    u32: "COUNT", "a whole number";
    u64: "COUNT", "a whole number";
    usize: "COUNT", "a whole number";
}

impl OptionValue for bool {
    const KIND: &'static str = "BOOL";

    fn parse(text: &str) -> Option<Self> {
        text.trim().to_ascii_lowercase().parse().ok()
    }

    fn text(&self) -> String {
        self.to_string()
    }

    fn values() -> String {
        "true or false".into()
    }
}

impl OptionValue for ModelSource {
    const KIND: &'static str = "FILE";

    fn parse(text: &str) -> Option<Self> {
        Self::parse_os(text.as_ref())
    }

    fn parse_os(text: &OsStr) -> Option<Self> {
        (!text.is_empty()).then(|| PathBuf::from(text).into())
    }

    fn text(&self) -> String {
        self.path().map_or_else(|| self.identity(), |path| path.display().to_string())
    }

    fn identity(&self) -> String {
        // A file that cannot be read is refused where it is loaded.
        let sum = self.sha256().ok().map(|sum| format!("sha256:{sum}"));
        sum.unwrap_or_else(|| self.to_string())
    }

    fn values() -> String {
        "a model file".into()
    }
}

/// Empty text for none.
impl<T: OptionValue> OptionValue for Option<T> {
    const KIND: &'static str = T::KIND;
    const CHOICES: &'static [&'static str] = T::CHOICES;

    fn parse(text: &str) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::parse(text).map(Some) }
    }

    fn parse_os(text: &OsStr) -> Option<Self> {
        if text.is_empty() { Some(None) } else { T::parse_os(text).map(Some) }
    }

    fn text(&self) -> String {
        self.as_ref().map(T::text).unwrap_or_default()
    }

    fn identity(&self) -> String {
        self.as_ref().map(T::identity).unwrap_or_default()
    }

    fn values() -> String {
        T::values()
    }
}

/// Three of a kind, between commas: one each for P-Net, R-Net and O-Net.
impl<T: OptionValue> OptionValue for [T; 3] {
    const KIND: &'static str = "P,R,O";

    fn parse(text: &str) -> Option<Self> {
        let values: Option<Vec<T>> = text.split(',').map(|value| T::parse(value.trim())).collect();
        values?.try_into().ok()
    }

    #[cfg(unix)]
    fn parse_os(text: &OsStr) -> Option<Self> {
        use std::os::unix::ffi::OsStrExt;

        if let Some(text) = text.to_str() {
            return Self::parse(text);
        }
        let parts = text.as_bytes().split(|&byte| byte == b',');
        let values: Option<Vec<T>> = parts.map(|part| T::parse_os(OsStr::from_bytes(part))).collect();
        values?.try_into().ok()
    }

    fn text(&self) -> String {
        self.each_ref().map(T::text).join(",")
    }

    fn identity(&self) -> String {
        self.each_ref().map(T::identity).join(",")
    }

    fn values() -> String {
        format!("three, between commas, each {}", T::values())
    }
}

/// Any number of a kind, between commas; empty text for none.
impl<T: OptionValue> OptionValue for Vec<T> {
    const KIND: &'static str = "LIST";

    fn parse(text: &str) -> Option<Self> {
        if text.trim().is_empty() {
            Some(Self::new())
        } else {
            text.split(',').map(|value| T::parse(value.trim())).collect()
        }
    }

    fn text(&self) -> String {
        self.iter().map(T::text).collect::<Vec<_>>().join(",")
    }

    fn identity(&self) -> String {
        self.iter().map(T::identity).collect::<Vec<_>>().join(",")
    }

    fn values() -> String {
        format!("any number, between commas, each {}", T::values())
    }
}

impl OptionValue for String {
    const KIND: &'static str = "NAME";

    fn parse(text: &str) -> Option<Self> {
        Some(text.into())
    }

    fn text(&self) -> String {
        self.clone()
    }

    fn values() -> String {
        "a name".into()
    }
}

/// An enum whose variants have names: for serde, as options, and for whoever lists them.
#[doc(hidden)]
#[macro_export]
macro_rules! choices {
    (
        $(#[$meta:meta])*
        pub enum $choice:ident {
            $($(#[$about:meta])+ $variant:ident = $name:literal,)*
        }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $choice {
            $($(#[$about])+ #[serde(rename = $name)] $variant,)*
        }

        impl $choice {
            /// Every choice, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name of the choice in files and on command lines.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }

        impl $crate::options::OptionValue for $choice {
            const KIND: &'static str = "KIND";
            const CHOICES: &'static [&'static str] = &[$($name,)*];

            fn parse(text: &str) -> Option<Self> {
                let text = text.trim().replace('_', "-");
                Self::ALL.iter().copied().find(|choice| choice.name() == text)
            }

            fn text(&self) -> String {
                self.name().into()
            }

            fn values() -> String {
                format!("one of {}", Self::CHOICES.join(", "))
            }
        }
    };
}
