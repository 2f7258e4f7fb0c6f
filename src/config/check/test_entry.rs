//! `[[test]]`: questions that can be asked.

use http::Method;

use super::{Check, rule};
use crate::{
    config::{
        file::{At, File},
        people::Folk,
        problem::did_you_mean,
        settings::PolicyTest,
        visitor::read_url,
    },
    domain::{
        facts::Host,
        path::NormalPath,
        policy::{Level, Policy},
    },
};

pub(super) fn tests(check: &mut Check<'_, '_>, file: &File, folk: &Folk, policy: &Policy) -> Vec<PolicyTest> {
    let mut tests = Vec::new();
    for written in &file.test {
        let owner = written.span();
        let table = written.value();
        let hint = "write the page in full, as in url = \"https://planning.example.com/reports\"";
        let url =
            check.need(&owner, "url", table.url.as_ref(), hint).and_then(|text| url(check, text, policy));
        if table.expect.is_none() && !check.taken.had(&owner, "expect") {
            check
                .desk
                .error(owner.clone(), "\"expect\" is missing")
                .hint("write what must come out, as in expect = \"two_factor\"");
        }
        if let Some(user) = table.user.as_ref().filter(|_| table.groups.is_none())
            && folk.is_complete
            && folk.find(user.value()).is_none()
        {
            let hint = folk.similar(user.value()).map_or_else(
                || "give groups = [\"…\"] as well to test with somebody made up".to_owned(),
                |near| format!("did you mean \"{near}\"?"),
            );
            check.desk.error(user.span(), format!("nobody is called \"{}\"", user.value())).hint(hint);
        }
        let ip = table.ip.as_ref().and_then(|text| {
            let parsed = text.value().parse();
            if parsed.is_err() {
                check
                    .desk
                    .error(text.span(), format!("\"{}\" is no address", text.value()))
                    .hint("write one address, as in \"10.1.2.3\"");
            }
            parsed.ok()
        });
        let method = match &table.method {
            Some(text) => rule::method(check, text),
            None => Some(Method::GET),
        };
        let expect = table.expect.as_ref().map(|level| *level.value());
        if let (Some(url), Some(method)) = (url, method) {
            tests.push(PolicyTest {
                line: line_of(check.desk.text(), owner.start),
                url,
                user: table.user.as_ref().map(|user| user.value().clone()),
                groups: table.groups.clone(),
                ip,
                method,
                expect: expect.unwrap_or(Level::Deny),
            });
        }
    }
    tests
}

fn url(check: &mut Check<'_, '_>, text: &At<String>, policy: &Policy) -> Option<http::Uri> {
    let url = match read_url(text.value()) {
        Ok(url) => url,
        Err(fault) => {
            let host = policy.portals().iter().find_map(|portal| portal.hosts.first());
            let meant = host.filter(|_| text.value().starts_with('/'));
            check
                .desk
                .error(text.span(), fault.to_string())
                .hint_if(meant.map(|host| format!("did you mean \"https://{host}{}\"?", text.value())));
            return None;
        }
    };
    if let Some(fault) = url.path_and_query().and_then(|target| NormalPath::read(target).err()) {
        check
            .desk
            .error(text.span(), format!("the gateway answers this with 400: {fault}"))
            .hint("test an address that reaches the rules");
        return None;
    }
    let host = url.host().and_then(Host::read)?;
    if policy.place(&host).is_none() {
        let hosts: Vec<&str> =
            policy.portals().iter().flat_map(|portal| &portal.hosts).map(Host::as_str).collect();
        check
            .desk
            .warn(
                text.span(),
                format!("no portal answers to \"{host}\": this test can only come out as \"deny\""),
            )
            .hint_if(did_you_mean(host.as_str(), hosts));
    }
    Some(url)
}

fn line_of(text: &str, at: usize) -> usize {
    text.bytes().take(at).filter(|b| *b == b'\n').count() + 1
}
