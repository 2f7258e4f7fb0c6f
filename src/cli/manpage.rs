//! `vestibule manpage`: the manual, made from the same words as `--help`.

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

use super::{Arguments, MANUAL, exit::Exit, output};

/// Prints the man page.
#[derive(Debug, Args)]
pub(super) struct Manpage {}

impl Manpage {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let mut command = Arguments::command().after_long_help("").after_help("");
        command.build();
        let mut page = Vec::new();
        let man = Man::new(command.clone()).section("8").manual("Vestibule");
        man.render_title(&mut page)?;
        man.render_name_section(&mut page)?;
        man.render_synopsis_section(&mut page)?;
        man.render_description_section(&mut page)?;
        let mut roff = Roff::new();
        roff.control("SH", ["COMMANDS"]);
        for subcommand in command.get_subcommands() {
            describe(&mut roff, "", subcommand);
        }
        for block in MANUAL.split("\n\n") {
            let mut lines = block.lines();
            roff.control("SH", lines.next());
            for line in lines {
                roff.text([roman(line.trim())]).control("br", None);
            }
        }
        roff.to_writer(&mut page)?;
        output::say(&String::from_utf8(page)?);
        Ok(Exit::Fine)
    }
}

/// A command with its options, or what is below it.
fn describe(roff: &mut Roff, above: &str, command: &Command) {
    let name = format!("{above}{}", command.get_name());
    let mut below = command.get_subcommands().peekable();
    if below.peek().is_some() {
        for subcommand in below {
            describe(roff, &format!("{name} "), subcommand);
        }
        return;
    }
    roff.control("SS", [format!("vestibule {name}").as_str()]);
    if let Some(about) = command.get_about() {
        roff.text([roman(about.to_string())]);
    }
    for argument in
        command.get_arguments().filter(|argument| !matches!(argument.get_id().as_str(), "help" | "version"))
    {
        roff.control("TP", None);
        roff.text([bold(argument.to_string())]);
        roff.text([roman(argument.get_help().map(ToString::to_string).unwrap_or_default())]);
    }
}
