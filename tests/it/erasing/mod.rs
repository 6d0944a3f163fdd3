//! Erasing people: every trace of who they were goes, and no total, rank or statement moves.

mod acts;
mod promise;
mod scan;
mod town;
