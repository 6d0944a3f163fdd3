//! What several topics share.

pub mod forge;
