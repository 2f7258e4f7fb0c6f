//! Commands: one file each. What a command says goes to standard output, what went wrong to standard error.
//!
//! [`run`] is the whole program. A command that looks at or changes state goes through `door`, which asks the running
//! server or, where none runs, opens the store itself. `serve` and `demo` share one way to a running gateway: `gatehouse`.

mod check;
mod completion;
mod config;
mod demo;
mod door;
mod exit;
mod explain;
mod gatehouse;
mod hash;
mod health;
mod manpage;
mod office;
mod output;
mod place;
mod progress;
mod reload;
mod serve;
mod session;
mod status;
mod store;
mod trust;
mod user;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use rustix::fs::Mode;

use self::exit::Exit;

/// What man page and `--help` say below the commands.
const MANUAL: &str = "\
FILES
  FILE is --config, else $VESTIBULE_CONFIG, else ./vestibule.toml, else /etc/vestibule/vestibule.toml.

EXIT STATUS
   0  fine
   1  cannot start, bad configuration, or the command could not be carried out
   2  wrong usage
   3  a test of the configuration failed
   4  the server cannot be reached
  70  the server ran and then failed; another start may help, and the systemd unit makes one

SIGNALS
  HUP        reads configuration, people and certificates again and reopens the audit log; a broken file changes nothing
  TERM, INT  finishes open requests and stops; a second one stops at once";

/// A reverse-proxy authentication gateway: sign-in, second factor and trust in front of portals that cannot be changed.
#[derive(Debug, Parser)]
#[command(name = "vestibule", version, after_long_help = MANUAL, arg_required_else_help = true)]
#[command(disable_help_subcommand = true, max_term_width = 110)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Serve(serve::Serve),
    Demo(demo::Demo),
    Check(check::Check),
    Explain(explain::Explain),
    #[command(subcommand)]
    User(user::User),
    #[command(subcommand)]
    Group(office::Group),
    #[command(subcommand)]
    Portal(office::Portal),
    #[command(subcommand, name = "request")]
    Help(office::Help),
    #[command(subcommand)]
    Audit(office::Audit),
    #[command(subcommand)]
    Trust(trust::Trust),
    #[command(subcommand)]
    Session(session::Session),
    #[command(subcommand)]
    Store(store::Store),
    Status(status::Status),
    Reload(reload::Reload),
    Health(health::Health),
    Hash(hash::Hash),
    #[command(subcommand)]
    Config(config::Config),
    Completion(completion::Completion),
    Manpage(manpage::Manpage),
}

/// Runs the command the program was called with.
pub fn run() -> ExitCode {
    // Whatever a command writes is for its owner alone.
    rustix::process::umask(Mode::RWXG | Mode::RWXO);
    let done = match Arguments::parse().command {
        Command::Serve(command) => command.run(),
        Command::Demo(command) => command.run(),
        Command::Check(command) => command.run(),
        Command::Explain(command) => command.run(),
        Command::User(command) => command.run(),
        Command::Group(command) => command.run(),
        Command::Portal(command) => command.run(),
        Command::Help(command) => command.run(),
        Command::Audit(command) => command.run(),
        Command::Trust(command) => command.run(),
        Command::Session(command) => command.run(),
        Command::Store(command) => command.run(),
        Command::Status(command) => command.run(),
        Command::Reload(command) => command.run(),
        Command::Health(command) => command.run(),
        Command::Hash(command) => command.run(),
        Command::Config(command) => command.run(),
        Command::Completion(command) => command.run(),
        Command::Manpage(command) => command.run(),
    };
    let exit = done.unwrap_or_else(|fault| {
        output::complain(&format!("{fault:#}"));
        Exit::of(&fault)
    });
    exit.into()
}
