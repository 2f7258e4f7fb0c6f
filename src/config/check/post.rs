//! `[mail]` and `[sms]`: who carries messages, and that nothing on the way there can be read by others.

mod sms;

pub(super) use self::sms::sms;

use std::{ops::Range, path::PathBuf, time::Duration};

use lettre::{Address, message::Mailbox};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use secrecy::SecretString;

use super::{
    Check,
    portal::is_near,
    value::{Allowed, is_plain},
};
use crate::config::{
    Files,
    file::{At, MailTable, Secret, SecurityWord, SmtpTable},
    secret,
    settings::{Letters, MailCarrier, MailSettings, SmtpSecurity, SmtpSettings},
};

pub(super) fn mail(check: &mut Check<'_, '_>, table: Option<&At<MailTable>>) -> Option<MailSettings> {
    let written = table?;
    let owner = written.span();
    let table = written.value();
    let hint = "write who mail is from, as in from = \"Planning <no-reply@example.com>\"";
    let from = check.need(&owner, "from", table.from.as_ref(), hint).map(|from| {
        if from.value().parse::<Mailbox>().is_err() || !is_plain(from.value()) {
            check.desk.error(from.span(), format!("\"{}\" is no sender of mail", from.value())).hint(hint);
        }
        from.value().clone()
    });
    let timeout = check.span(table.timeout.as_ref(), Duration::from_secs(10), Allowed::MESSAGE);
    let carrier = match (&table.smtp, &table.sendmail) {
        (Some(smtp), None) => MailCarrier::Smtp(server(check, smtp)?),
        (None, Some(program)) => MailCarrier::Sendmail(sendmail(check, program)),
        (Some(_), Some(program)) => {
            check
                .desk
                .error(program.span(), "mail has two ways: \"smtp\" and \"sendmail\"")
                .hint("keep one of the two");
            return None;
        }
        (None, None) => {
            if !check.taken.had(&owner, "smtp") && !check.taken.had(&owner, "sendmail") {
                check.desk.error(owner, "mail has no way: \"smtp\" is missing").hint(
                    "write smtp = { host = \"mail.example.com\" }, or sendmail = \"/usr/sbin/sendmail\"",
                );
            }
            return None;
        }
    };
    let notices = table.notices.as_ref().is_none_or(|word| *word.value());
    Some(MailSettings { from: from?, carrier, timeout, notices, letters: Letters::default() })
}

fn server(check: &mut Check<'_, '_>, written: &At<SmtpTable>) -> Option<SmtpSettings> {
    let owner = written.span();
    let table = written.value();
    let hint = "write the mail server's name, as in host = \"mail.example.com\"";
    let host = check.need(&owner, "host", table.host.as_ref(), hint)?;
    let name = host.value().as_str();
    if Address::new("somebody", name).is_err() && name.parse::<std::net::IpAddr>().is_err() {
        check.desk.error(host.span(), format!("\"{name}\" is no name of a server")).hint(hint);
    }
    let security = match table.security.as_ref().map(At::value) {
        None | Some(SecurityWord::Starttls) => SmtpSecurity::StartTls,
        Some(SecurityWord::Tls) => SmtpSecurity::Tls,
        Some(SecurityWord::None) => SmtpSecurity::None,
    };
    let login = login(check, &owner, table);
    if let Some(word) = table.security.as_ref().filter(|_| security == SmtpSecurity::None) {
        open_line(check, word.span(), name, login.is_some());
    }
    let usual = match security {
        SmtpSecurity::StartTls => 587,
        SmtpSecurity::Tls => 465,
        SmtpSecurity::None => 25,
    };
    let port = table.port.as_ref().map_or(usual, |port| {
        if *port.value() == 0 {
            check.desk.error(port.span(), "0 is no port").hint(format!("the usual one is {usual}"));
        } else if *port.value() == 465 && security == SmtpSecurity::StartTls {
            check
                .desk
                .warn(port.span(), "port 465 is usually encrypted from the first byte")
                .hint("write security = \"tls\", or port = 587");
        }
        *port.value()
    });
    let ca = bundle(check, table.ca.as_ref());
    Some(SmtpSettings { host: name.to_owned(), port, security, ca, login })
}

/// Codes and passwords that cross a network as they are.
fn open_line(check: &mut Check<'_, '_>, at: Range<usize>, host: &str, has_login: bool) {
    let is_own = host == "localhost"
        || host.parse::<std::net::IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    let hint = "write security = \"starttls\", or name a server on this machine";
    if is_own {
        return;
    }
    if has_login || !is_near(host) {
        check.desk.error(at, "codes and passwords would cross the network unencrypted").hint(hint);
    } else {
        check.desk.warn(at, "codes cross your network unencrypted").hint(hint);
    }
}

fn login(
    check: &mut Check<'_, '_>,
    owner: &Range<usize>,
    table: &SmtpTable,
) -> Option<(String, SecretString)> {
    match (&table.username, &table.password) {
        (None, None) => None,
        (Some(name), Some(password)) => {
            let name = check.words(name);
            let password = hidden(check, password, "the password of the mail server");
            Some((name, password.unwrap_or_default()))
        }
        (Some(name), None) => {
            if !check.taken.had(owner, "password") {
                check
                    .desk
                    .error(name.span(), "\"username\" has no \"password\"")
                    .hint("write password = { file = \"smtp.password\" }");
            }
            None
        }
        (None, Some(password)) => {
            if !check.taken.had(owner, "username") {
                check
                    .desk
                    .error(password.span(), "\"password\" has no \"username\"")
                    .hint("write username = \"…\"");
            }
            None
        }
    }
}

fn sendmail(check: &mut Check<'_, '_>, written: &At<String>) -> PathBuf {
    use std::os::unix::fs::PermissionsExt;
    let path = check.path(written.value());
    let runs =
        || std::fs::metadata(&path).is_ok_and(|it| it.is_file() && it.permissions().mode() & 0o111 != 0);
    if check.files == Files::Checked && !runs() {
        check
            .desk
            .error(written.span(), format!("{} is no program", path.display()))
            .hint("write the whole path, as in sendmail = \"/usr/sbin/sendmail\", or use smtp = { … }");
    }
    path
}

/// A bundle of authorities to trust.
fn bundle(check: &mut Check<'_, '_>, written: Option<&At<String>>) -> Option<PathBuf> {
    let written = written?;
    let path = check.path(written.value());
    if check.files == Files::Checked {
        let found =
            CertificateDer::pem_file_iter(&path).and_then(|found| found.collect::<Result<Vec<_>, _>>());
        let fault = match found {
            Ok(found) if found.is_empty() => Some("there is no certificate in it".to_owned()),
            Ok(_) => None,
            Err(fault) => Some(fault.to_string()),
        };
        if let Some(fault) = fault {
            check
                .desk
                .error(written.span(), format!("{} cannot be used: {fault}", path.display()))
                .hint("name a PEM file with certificates");
        }
    }
    Some(path)
}

/// A secret, which never stands in the file itself. `whose` begins the sentence that says what is wrong with it.
fn hidden(check: &mut Check<'_, '_>, written: &At<Secret>, whose: &str) -> Option<SecretString> {
    match written.value() {
        Secret::Here(_) => {
            check
                .desk
                .error(written.span(), format!("{whose} stands in the file for everybody to read"))
                .hint(secret::PLACES);
            None
        }
        Secret::Elsewhere(place) => match secret::fetch(place, check.desk.file()) {
            Ok(text) if text.trim().is_empty() => {
                check.desk.error(written.span(), format!("{whose} is empty")).hint(secret::PLACES);
                None
            }
            Ok(text) => Some(SecretString::from(text.trim().to_owned())),
            // Away from its machine a file's secrets are elsewhere.
            Err(_) if check.files == Files::Assumed => None,
            Err(fault) => {
                check.desk.error(written.span(), format!("{whose} {fault}")).hint(secret::PLACES);
                None
            }
        },
    }
}
