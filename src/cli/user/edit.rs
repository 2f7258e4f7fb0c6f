//! Making, changing and renaming people of the store.

use clap::{Args, ValueEnum};

use crate::{
    cli::{door, output::Form, place::ConfigFile, trust::changed},
    runtime::control::words::{NewPerson, PersonChange, Request, Word},
};

/// A word on the second factor.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub(in crate::cli) enum WordText {
    Off,
    Optional,
    Required,
    /// No word: groups and everybody's word decide.
    Unset,
}

impl WordText {
    pub(in crate::cli) const fn word(self) -> Word {
        match self {
            Self::Off => Word::Off,
            Self::Optional => Word::Optional,
            Self::Required => Word::Required,
            Self::Unset => Word::Unset,
        }
    }
}

/// Makes a person in the store. `vestibule user invite` mails the link to set a password.
#[derive(Debug, Args)]
pub(in crate::cli) struct Add {
    /// The name to sign in with.
    name: String,
    /// Mail address.
    #[arg(long)]
    email: String,
    /// What people call them. Default: the name.
    #[arg(long, default_value = "", hide_default_value = true)]
    display_name: String,
    /// Mobile number, with the country: "+31 6 12345678".
    #[arg(long, default_value = "", hide_default_value = true)]
    phone: String,
    /// A group; may be given several times.
    #[arg(long = "group", value_name = "GROUP")]
    groups: Vec<String>,
    /// The person's own word on the second factor; the strictest of all words wins.
    #[arg(long, value_name = "WORD")]
    second_factor: Option<WordText>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Add {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let person = NewPerson {
            name: self.name,
            display_name: self.display_name,
            email: self.email,
            phone: self.phone,
            groups: self.groups,
            second_factor: self.second_factor.and_then(|word| word.word().requirement()),
        };
        changed(self.form, &door::ask(&self.file, Request::UserAdd(person))?)
    }
}

/// Changes a person of the store. What is left out stays.
#[derive(Debug, Args)]
pub(in crate::cli) struct Set {
    /// Name or mail address.
    name: String,
    /// Mail address.
    #[arg(long)]
    email: Option<String>,
    /// What people call them.
    #[arg(long)]
    display_name: Option<String>,
    /// Mobile number; "" for none.
    #[arg(long)]
    phone: Option<String>,
    /// A group, in place of all those before; may be given several times.
    #[arg(long = "group", value_name = "GROUP", conflicts_with = "no_groups")]
    groups: Vec<String>,
    /// Out of every group.
    #[arg(long)]
    no_groups: bool,
    /// The person's own word on the second factor; the strictest of all words wins.
    #[arg(long, value_name = "WORD")]
    second_factor: Option<WordText>,
    /// Refuses the person everywhere, at once.
    #[arg(long, conflicts_with = "enabled")]
    disabled: bool,
    /// Lets a disabled person in again.
    #[arg(long)]
    enabled: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Set {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let change = PersonChange {
            display_name: self.display_name,
            email: self.email,
            phone: self.phone,
            groups: (self.no_groups || !self.groups.is_empty()).then_some(self.groups),
            second_factor: self.second_factor.map(WordText::word),
            disabled: (self.disabled || self.enabled).then_some(self.disabled),
        };
        changed(self.form, &door::ask(&self.file, Request::UserSet { user: self.name, change })?)
    }
}

/// Gives a person of the store another name to sign in with. Factors stay; sessions, trusts, PINs, recovery codes and open links
/// end, and the person is told by mail.
#[derive(Debug, Args)]
pub(in crate::cli) struct Rename {
    /// Name or mail address.
    name: String,
    /// The name from now on. Rules and roles that the file gives to the old name do not follow.
    new: String,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Rename {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let request = Request::UserRename { user: self.name, name: self.new };
        changed(self.form, &door::ask(&self.file, request)?)
    }
}
