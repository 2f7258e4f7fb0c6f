//! `vestibule hash`: the hash of a password, for `users.toml`.

use std::{
    io::{self, BufRead, IsTerminal as _, Stdin, Write as _},
    os::fd::AsFd as _,
};

use anyhow::bail;
use clap::Args;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};
use zeroize::Zeroizing;

use super::{exit::Exit, output};
use crate::{factor::password, runtime::OsEntropy};

/// Longest password the sign-in page takes.
const LONGEST: usize = 1024;

/// Reads a password from the terminal, unseen, or from standard input, and prints its argon2id hash for users.toml.
#[derive(Debug, Args)]
pub(super) struct Hash {}

impl Hash {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let password = if io::stdin().is_terminal() { ask_twice()? } else { read_line(io::stdin().lock())? };
        if password.is_empty() {
            bail!("the password is empty");
        }
        output::say(&format!("{}\n", password::hash(&password, &OsEntropy).as_str()));
        Ok(Exit::Fine)
    }
}

fn ask_twice() -> anyhow::Result<Zeroizing<String>> {
    let first = ask("Password: ")?;
    if *first != *ask("Once more: ")? {
        bail!("the two differ");
    }
    Ok(first)
}

fn ask(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut shown = io::stderr();
    write!(shown, "{prompt}")?;
    shown.flush()?;
    let typed = {
        let _unseen = Unseen::start()?;
        read_line(io::stdin().lock())
    };
    writeln!(shown)?;
    typed
}

fn read_line(input: impl BufRead) -> anyhow::Result<Zeroizing<String>> {
    // One more than allowed, and the line's end, to tell a long one from a cut one.
    let room = u64::try_from(LONGEST + 3)?;
    let mut line = Zeroizing::new(String::with_capacity(LONGEST + 3));
    input.take(room).read_line(&mut line)?;
    let length = line.trim_end_matches(['\r', '\n']).len();
    line.truncate(length);
    if line.len() > LONGEST {
        bail!("the password is longer than {LONGEST} bytes");
    }
    Ok(line)
}

/// The terminal shows nothing of what is typed for as long as this lives.
struct Unseen {
    terminal: Stdin,
    before: Termios,
}

impl Unseen {
    fn start() -> anyhow::Result<Self> {
        let terminal = io::stdin();
        let before = tcgetattr(terminal.as_fd())?;
        let mut silent = before.clone();
        silent.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal.as_fd(), OptionalActions::Flush, &silent)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Unseen {
    fn drop(&mut self) {
        // A terminal that went away needs no restoring.
        let _ = tcsetattr(self.terminal.as_fd(), OptionalActions::Now, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_end_of_the_line_is_left_off() {
        assert_eq!(*read_line(&b" s p \r\nnext"[..]).unwrap(), " s p ");
        assert_eq!(*read_line(&b"no end"[..]).unwrap(), "no end");
    }

    #[test]
    fn a_password_of_1024_bytes_is_read_and_one_more_is_refused() {
        assert_eq!(read_line(format!("{}\n", "x".repeat(1024)).as_bytes()).unwrap().len(), 1024);
        assert!(read_line(format!("{}\n", "x".repeat(1025)).as_bytes()).is_err());
    }
}
