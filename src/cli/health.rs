//! `vestibule health`: whether the server is ready, for containers and monitors.

use std::{net::SocketAddr, time::Duration};

use anyhow::{Context as _, bail};
use clap::Args;
use http::{Request, StatusCode, header};
use http_body_util::{BodyExt as _, Empty, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::{net::TcpStream, time::timeout};

use super::{
    exit::{Exit, Unreachable},
    output,
    place::{ConfigFile, Meeting},
};

/// Longest wait for the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Longest answer.
const MOST: usize = 64 * 1024;

/// Asks the running server whether it is ready: 0 if so, 1 if not, 4 if nobody answers.
#[derive(Debug, Args)]
pub(super) struct Health {
    #[command(flatten)]
    file: ConfigFile,
}

impl Health {
    pub(super) fn run(self) -> anyhow::Result<Exit> {
        let file = self.file.locate()?;
        let Some(internal) = Meeting::of(&file)?.internal else {
            bail!("{}: [server] internal is off, so there is nobody to ask", file.display());
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (status, text) = runtime.block_on(async {
            match timeout(PATIENCE, ask(internal)).await {
                Ok(Ok(answer)) => Ok(answer),
                Ok(Err(fault)) => Err(Unreachable(format!("{internal}: {fault:#}"))),
                Err(_) => Err(Unreachable(format!("{internal}: no answer within {} s", PATIENCE.as_secs()))),
            }
        })?;
        output::say(&format!("{}\n", text.trim_end()));
        Ok(if status.is_success() { Exit::Fine } else { Exit::Broken })
    }
}

async fn ask(internal: SocketAddr) -> anyhow::Result<(StatusCode, String)> {
    let stream = TcpStream::connect(internal).await?;
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
    let driver = tokio::spawn(connection);
    let request = Request::get("/readyz")
        .header(header::HOST, internal.to_string())
        .header(header::CONNECTION, "close")
        .body(Empty::<bytes::Bytes>::new())?;
    let response = sender.send_request(request).await?;
    let status = response.status();
    let body = Limited::new(response.into_body(), MOST).collect().await;
    let body = body.map_err(|fault| anyhow::anyhow!(fault)).context("the answer broke off")?;
    driver.abort();
    Ok((status, String::from_utf8_lossy(&body.to_bytes()).into_owned()))
}
