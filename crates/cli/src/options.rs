//! Options of the library as options of the command line.

use clap::builder::ValueParser;
use clap::{Arg, ArgMatches, Args, FromArgMatches};
use facenet_core::detect::DetectorOptions;
use facenet_core::embed::EmbedderOptions;
use facenet_core::options::{Field, Options};

/// Options of the library, and which of them a command has.
pub(crate) trait Flags: Options {
    /// Heading above them in the help.
    const HEADING: &str;
    /// Options that most commands set themselves.
    const CHOSEN: &[&str];
}

impl Flags for DetectorOptions {
    const HEADING: &str = "Detection";
    const CHOSEN: &[&str] = &["selection", "max_faces"];
}

impl Flags for EmbedderOptions {
    const HEADING: &str = "Embedding";
    const CHOSEN: &[&str] = &[];
}

/// The options that were given; `ALL` where those that most commands set themselves can be given too.
pub(crate) struct Given<T, const ALL: bool = false> {
    options: T,
}

impl<T: Flags + Clone, const ALL: bool> Given<T, ALL> {
    pub(crate) fn options(&self) -> T {
        self.options.clone()
    }

    fn fields() -> impl Iterator<Item = &'static Field> {
        T::FIELDS.iter().filter(|field| ALL || !T::CHOSEN.contains(&field.name))
    }
}

impl<T: Flags + Clone, const ALL: bool> Args for Given<T, ALL> {
    fn augment_args(command: clap::Command) -> clap::Command {
        command.args(Self::fields().map(arg::<T>))
    }

    fn augment_args_for_update(command: clap::Command) -> clap::Command {
        Self::augment_args(command)
    }
}

impl<T: Flags + Clone, const ALL: bool> FromArgMatches for Given<T, ALL> {
    fn from_arg_matches(matches: &ArgMatches) -> Result<Self, clap::Error> {
        let mut given = Self { options: T::default() };
        given.update_from_arg_matches(matches)?;
        Ok(given)
    }

    fn update_from_arg_matches(&mut self, matches: &ArgMatches) -> Result<(), clap::Error> {
        for field in Self::fields() {
            if let Some(text) = matches.get_one::<String>(field.name) {
                let refused = |error| clap::Error::raw(clap::error::ErrorKind::ValueValidation, format!("{error}\n"));
                self.options.set(field.name, text).map_err(refused)?;
            }
        }
        Ok(())
    }
}

/// An option of the library as one of the command line.
fn arg<T: Flags>(field: &'static Field) -> Arg {
    let flag = if field.name == "selection" { "select".into() } else { field.name.replace('_', "-") };
    let notes = if field.choices.is_empty() { String::new() } else { format!(" ({})", field.choices.join(", ")) };
    let default = (field.default)();
    let default = if default.is_empty() { String::new() } else { format!(" [default: {default}]") };
    let help = format!("{}{notes}{default}", field.help.trim_end_matches('.'));
    let parse = ValueParser::new(|text: &str| T::default().set(field.name, text).map(|()| text.to_string()));
    let arg = Arg::new(field.name).long(flag).value_name(field.kind).help(help).help_heading(T::HEADING);
    arg.allow_negative_numbers(true).value_parser(parse)
}
