//! The authenticator page. Its script reveals one part after another; the browser tests look at each.

use super::{Authenticator, Studio};

impl Studio<'_> {
    pub(super) fn authenticator(&mut self) {
        self.keep("authenticator", Authenticator { frame: self.frame() }.render());
        self.keep("authenticator-unsupported", Authenticator { frame: self.unsupported() }.render());
    }
}
