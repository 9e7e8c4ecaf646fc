//! How the outside reaches in by HTTP: what pages look like ([`views`]) and the files they load ([`assets`]).

pub mod assets;
pub mod views;
