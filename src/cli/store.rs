//! `vestibule store`: the file that keeps everything, and the key its secrets are sealed with.

use std::path::{Path, PathBuf};

use anyhow::bail;
use clap::{Args, Subcommand};

use super::{
    door,
    exit::Exit,
    output::Form,
    place::{self, ConfigFile},
    progress::Progress,
};
use crate::{
    config::settings::StoreSettings,
    store::sqlite::care::{self, Checkup, Copied, Migrated, Rotated},
};

/// The store: copies of it, its condition, its version, its key.
#[derive(Debug, Subcommand)]
pub(super) enum Store {
    Backup(Backup),
    Check(Check),
    Migrate(Migrate),
    RotateKey(RotateKey),
}

/// Copies the store as it is at this moment, while a server runs or not. Overwrites nothing.
///
/// Apps, PINs and codes in it are sealed: a copy opens with the key file only. Keep that one elsewhere, so that no single
/// theft has both. To restore: stop the server, put the copy in the place of the store (without its -wal and -shm files)
/// and the key file in its own, both with mode 600 and of the server's account, and start it.
#[derive(Debug, Args)]
pub(super) struct Backup {
    /// Where to.
    to: PathBuf,
    /// Copies the key file, too, to this place.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

/// Looks the store over: whether it is whole, of this version, and opens with its key. Changes nothing.
#[derive(Debug, Args)]
pub(super) struct Check {
    /// A copy to look at instead.
    copy: Option<PathBuf>,
    /// The key file that belongs to it; else the one of the store.
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

/// Brings the store of an older version up to date, and copies it before. A server does the same when it starts, without the copy.
#[derive(Debug, Args)]
pub(super) struct Migrate {
    /// Where to copy it before; else beside it, with ".version-N" behind its name.
    #[arg(long, value_name = "FILE")]
    backup: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

/// Seals everything with a new key, while no server runs. Copies that were made before open with the old key only.
#[derive(Debug, Args)]
pub(super) struct RotateKey {
    /// Keeps a copy of the old key here, for copies of the store that were made before.
    #[arg(long, value_name = "FILE")]
    old_key: Option<PathBuf>,
    #[command(flatten)]
    form: Form,
    #[command(flatten)]
    file: ConfigFile,
}

impl Store {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        match self {
            Self::Backup(Backup { to, key, form, file }) => {
                let (path, own) = at(&file)?;
                let bar = Progress::counting(form, "copying");
                let copied =
                    care::backup(&path, &own, &to, key.as_deref(), &mut |done, all| bar.tell(done, all))?;
                drop(bar);
                form.say(&copied, copied_text)?;
            }
            Self::Check(Check { copy, key, form, file }) => {
                let (path, own) = at(&file)?;
                let (path, key) = (copy.unwrap_or(path), key.unwrap_or(own));
                let bar = Progress::counting(form, "checking");
                let checkup = care::check(&path, &key, &mut |done, all| bar.tell(done, all))?;
                drop(bar);
                form.say(&checkup, |checkup| checkup_text(checkup, &path))?;
                return Ok(if checkup.sound { Exit::Fine } else { Exit::Broken });
            }
            Self::Migrate(Migrate { backup, form, file }) => {
                let (path, _) = at(&file)?;
                let bar = Progress::counting(form, "migrating");
                let migrated = care::migrate(&path, backup, &mut |done, all| bar.tell(done, all))?;
                drop(bar);
                if migrated.from != migrated.to {
                    let what =
                        format!("the store was migrated from version {} to {}", migrated.from, migrated.to);
                    door::note(&file, &what)?;
                }
                form.say(&migrated, migrated_text)?;
            }
            Self::RotateKey(RotateKey { old_key, form, file }) => {
                let (path, key) = at(&file)?;
                let bar = Progress::counting(form, "sealing");
                let rotated =
                    care::rotate_key(&path, &key, old_key.as_deref(), &mut |done, all| bar.tell(done, all))?;
                drop(bar);
                door::note(&file, "the key of the store was changed")?;
                form.say(&rotated, rotated_text)?;
            }
        }
        Ok(Exit::Fine)
    }
}

/// Where store and key file are.
fn at(file: &ConfigFile) -> anyhow::Result<(PathBuf, PathBuf)> {
    match place::settings(&file.locate()?)?.store {
        StoreSettings::Sqlite { path, key } => Ok((path, key)),
        StoreSettings::Memory => bail!("the file keeps everything in memory: there is no store to work on"),
    }
}

fn copied_text(copied: &Copied) -> String {
    let file = copied.file.display();
    let key = match &copied.key_copy {
        Some(copy) => format!("copied to {}; keep it apart from the copy of the store", copy.display()),
        None => format!("{}, which is not in it: keep a copy of that elsewhere", copied.key.display()),
    };
    format!(
        "copied   {file}, {} bytes\nsealed   {} secret(s)\nkey      {key}\n",
        copied.bytes, copied.secrets
    )
}

fn checkup_text(checkup: &Checkup, path: &Path) -> String {
    let mut out: String = checkup.problems.iter().map(|problem| format!("problem: {problem}\n")).collect();
    let verdict = match checkup.problems.len() {
        0 => "sound".to_owned(),
        1 => "1 problem".to_owned(),
        many => format!("{many} problems"),
    };
    out += &format!(
        "{}: {verdict}; tables of version {}, {} sealed secret(s) open\n",
        path.display(),
        checkup.version,
        checkup.secrets
    );
    out
}

fn migrated_text(migrated: &Migrated) -> String {
    match &migrated.backup {
        None => format!("nothing to do: the store is of version {} already\n", migrated.to),
        Some(backup) => format!(
            "migrated from version {} to {}; as it was, it is in {}\n",
            migrated.from,
            migrated.to,
            backup.display()
        ),
    }
}

fn rotated_text(rotated: &Rotated) -> String {
    let old = match &rotated.old_key {
        Some(copy) => format!("the old one is in {}", copy.display()),
        None => "the old one is gone, and copies of the store made before do not open any more".to_owned(),
    };
    format!(
        "sealed {} secret(s) with a new key in {}; {old}; now make a backup of both\n",
        rotated.secrets,
        rotated.key.display()
    )
}
