//! Server-sent events as bytes (HTML Living Standard, section 9.2).

use bytes::{BufMut, Bytes, BytesMut};
use serde::Serialize;

use crate::http::problem::ApiError;

/// A comment: whoever sits in between sees that the stream is alive, and so does the server that the client is.
pub(super) const HEARTBEAT: Bytes = Bytes::from_static(b":\n\n");

/// Milliseconds after which clients come again at the earliest, and at the latest: not all at once.
const COME_AGAIN: std::ops::Range<u32> = 1_000..5_000;

/// The first line of a stream.
pub(super) fn greeting() -> Bytes {
    Bytes::from(format!("retry: {}\n\n", fastrand::u32(COME_AGAIN)))
}

/// An event that a stream may be resumed after.
pub(super) fn resumable(name: &str, id: &str, data: &[u8]) -> Bytes {
    let mut frame = BytesMut::with_capacity(data.len() + name.len() + id.len() + 24);
    frame.put_slice(b"id: ");
    frame.put_slice(id.as_bytes());
    frame.put_u8(b'\n');
    put(&mut frame, name, data);
    frame.freeze()
}

/// One of several events that only the last of them makes complete.
pub(super) fn put_part(frames: &mut BytesMut, name: &str, data: &impl Serialize) -> Result<(), ApiError> {
    put(frames, name, &serde_json::to_vec(data).map_err(ApiError::internal)?);
    Ok(())
}

/// `data` is JSON as it is written here: on one line.
fn put(frame: &mut BytesMut, name: &str, data: &[u8]) {
    frame.put_slice(b"event: ");
    frame.put_slice(name.as_bytes());
    frame.put_slice(b"\ndata: ");
    frame.put_slice(data);
    frame.put_slice(b"\n\n");
}
