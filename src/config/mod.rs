//! The one file: from TOML as written (`file`), through every problem at once (`check`), to [`settings::Settings`],
//! the only form the rest of the house sees.

pub mod settings;
