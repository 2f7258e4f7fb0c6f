//! The body of a page that a piece is laid into.

use std::{
    fmt,
    task::{Context, Poll},
};

use bytes::Bytes;
use http_body::Frame;

use super::{
    super::body::{BodyFault, Download},
    Splice,
};

/// A download with a piece for it. How long it becomes nobody knows beforehand.
pub struct Inlaid {
    download: Download,
    splice: Splice,
}

impl Inlaid {
    pub(super) fn new(download: Download, splice: Splice) -> Self {
        Self { download, splice }
    }

    pub(in crate::proxy) fn poll_frame(
        &mut self,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyFault>>> {
        let splice = &mut self.splice;
        self.download.poll_frame(cx).map(|frame| match frame? {
            // They tell of the page as it was.
            Ok(frame) if frame.is_trailers() => None,
            Ok(frame) => Some(Ok(frame.map_data(|part| splice.pass(part)))),
            Err(fault) => Some(Err(fault)),
        })
    }

    pub(in crate::proxy) fn is_over(&self) -> bool {
        self.download.is_over()
    }
}

impl fmt::Debug for Inlaid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Inlaid").field("download", &self.download).finish_non_exhaustive()
    }
}
