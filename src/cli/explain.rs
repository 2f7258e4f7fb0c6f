//! `vestibule explain`: which rule decides, what is asked, what the portal is told.

use std::{net::IpAddr, time::Duration};

use clap::{Args, ValueEnum};
use http::{Method, Uri};

use super::{
    exit::Exit,
    output::{self, Form},
    place::{self, ConfigFile},
};
use crate::{
    config::{self, Asked, Device, Explanation},
    domain::factor,
};

/// Explains what happens to a visitor at a page: every rule with hit or miss and why. Asks the server's own
/// engine about the file: give the groups of people who live in the store; what administrators switched is not looked at.
#[derive(Debug, Args)]
pub(super) struct Explain {
    /// The page, as in "https://portal.example.com/reports".
    #[arg(long, value_parser = config::read_url)]
    url: Uri,
    /// Who asks, by name or mail address; nobody signed in if left out.
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Groups to assume instead of the person's own.
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    groups: Option<Vec<String>>,
    /// From which address; somewhere on the internet if left out.
    #[arg(long, value_name = "ADDR")]
    ip: Option<IpAddr>,
    /// With which HTTP method.
    #[arg(long, default_value = "GET")]
    method: Method,
    /// Whether the visitor's browser is trusted.
    #[arg(long, value_enum, default_value_t = DeviceWord::Unknown)]
    device: DeviceWord,
    /// Which second factor the visitor has shown; none if left out.
    #[arg(long, value_name = "FACTOR", value_parser = read_factor)]
    factor: Option<factor::Method>,
    /// How long ago password and second factor were given, as in "20m".
    #[arg(long, value_name = "SPAN", default_value = "0s", value_parser = config::read_age)]
    age: Duration,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum DeviceWord {
    Trusted,
    Unknown,
}

fn read_factor(text: &str) -> Result<factor::Method, String> {
    factor::Method::from_name(text)
        .ok_or_else(|| "write the name of a second factor, as in \"totp\"".to_owned())
}

impl Explain {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let settings = place::settings(&self.file.locate()?)?;
        let asked = Asked {
            url: self.url,
            user: self.user,
            groups: self.groups,
            ip: self.ip,
            method: self.method,
            device: match self.device {
                DeviceWord::Trusted => Device::Trusted,
                DeviceWord::Unknown => Device::Unknown,
            },
            factor: self.factor,
            age: self.age,
        };
        match config::explain(&settings, &asked) {
            Ok(answer) => {
                self.form.say(&answer, Explanation::to_string)?;
                Ok(Exit::Fine)
            }
            Err(no_answer) => {
                output::complain(&no_answer.to_string());
                Ok(Exit::Usage)
            }
        }
    }
}
