//! People from a file.

use std::{
    fs,
    io::{self, Read as _},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use clap::{Args, ValueEnum};

use crate::{
    cli::{
        door,
        exit::Exit,
        output::{Form, table, tame},
        place::ConfigFile,
        progress::Progress,
    },
    runtime::control::words::{Answer, ImportReport, Imported, Request, TableFormat},
};

/// Makes and changes people of the store from a table (CSV) or an htpasswd file. One line that is refused refuses all.
///
/// The first line of a table names its columns: name, email and, if wanted, display_name, phone, groups (separated by "|"),
/// second_factor and password_hash. Passwords themselves are never imported: hashes are (argon2id, bcrypt, SHA-crypt,
/// yescrypt), for who has no password yet, and an old one is replaced at the next sign-in. Whoever has none gets a link
/// by `vestibule user invite`.
#[derive(Debug, Args)]
pub(in crate::cli) struct Import {
    /// The file; "-" for standard input.
    table: PathBuf,
    /// What it is; else its name or its first line tells.
    #[arg(long, value_name = "KIND")]
    from: Option<Kind>,
    /// What comes behind the name in the mail address of new people who have none in the file: htpasswd files have no
    /// addresses.
    #[arg(long, value_name = "DOMAIN")]
    email_domain: Option<String>,
    /// Takes Apache's MD5 hashes ($apr1$), too, which who steals the store guesses fast.
    #[arg(long)]
    apr1: bool,
    /// Only says what would be done.
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Kind {
    Csv,
    Htpasswd,
}

impl Import {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let text = match self.table.as_path() {
            path if path == Path::new("-") => {
                let mut text = String::new();
                io::stdin().read_to_string(&mut text).context("standard input")?;
                text
            }
            path => fs::read_to_string(path).with_context(|| path.display().to_string())?,
        };
        let request = Request::UserImport {
            format: self.format(&text),
            csv: text,
            dry_run: self.dry_run,
            apr1: self.apr1,
            email_domain: self.email_domain,
        };
        let progress = Progress::waiting(self.form, "importing");
        let answer = door::ask(&self.file, request)?;
        drop(progress);
        match answer {
            Answer::Imported(report) => {
                self.form.say(&report, |report| said(report, self.dry_run))?;
                let is_refused = report.count(|outcome| matches!(outcome, Imported::Refused { .. })) > 0;
                Ok(if is_refused { Exit::Broken } else { Exit::Fine })
            }
            other => Err(door::strange(&other)),
        }
    }

    fn format(&self, text: &str) -> TableFormat {
        match self.from {
            Some(Kind::Csv) => return TableFormat::Csv,
            Some(Kind::Htpasswd) => return TableFormat::Htpasswd,
            None => {}
        }
        let name = self.table.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        match name {
            name if name.ends_with(".csv") || name.ends_with(".tsv") => TableFormat::Csv,
            name if name.contains("htpasswd") => TableFormat::Htpasswd,
            _ => TableFormat::guess(text),
        }
    }
}

fn said(report: &ImportReport, dry_run: bool) -> String {
    let rows: Vec<_> = report
        .lines
        .iter()
        .filter_map(|line| match &line.outcome {
            Imported::Refused { why, .. } => Some([line.line.to_string(), tame(&line.name), tame(why)]),
            _ => None,
        })
        .collect();
    let count = |is: fn(&Imported) -> bool| report.count(is);
    let counted = format!(
        "{} new, {} changed, {} as they were, {} refused",
        count(|outcome| *outcome == Imported::Added),
        count(|outcome| *outcome == Imported::Changed),
        count(|outcome| *outcome == Imported::Unchanged),
        rows.len(),
    );
    let verdict = match (report.nothing_written, dry_run) {
        (true, true) => "; nothing was written: a dry run",
        (true, false) => "; nothing was written: mend the lines above",
        (false, _) => "",
    };
    let refused = if rows.is_empty() { String::new() } else { table(["LINE", "NAME", "REFUSED"], &rows, "") };
    let mut notes = String::new();
    if report.old_hashes > 0 {
        notes += &format!(
            "old password hashes: {}, each replaced by argon2id at its owner's next sign-in\n",
            report.old_hashes
        );
    }
    if report.passwords_kept > 0 {
        notes += &format!(
            "passwords that stay: {}, of people who have another one than the file says\n",
            report.passwords_kept
        );
    }
    format!("{refused}{counted}{verdict}\n{notes}")
}
