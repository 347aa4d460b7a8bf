//! Rust types of proto/native, and the framing of the control protocol. `generated.rs` is committed, so that a build needs no protoc;
//! `tests/generated_is_current.rs` holds it equal to the proto file and rewrites it on request.

#[allow(clippy::all, missing_docs)]
mod generated;

pub use generated::*;
pub use prost::Message;

/// Version of the control protocol and of what stands in a runtime directory. Raised when an older agent could not understand any more.
pub const PROTOCOL_VERSION: u32 = 1;

/// Names in a container's runtime directory.
pub const RECORD_FILE: &str = "record";
pub const STATUS_FILE: &str = "status";
pub const CONTROL_SOCKET: &str = "control.sock";

/// Descriptors under which a supervisor holds the kernel's counters of light, medium and critical memory pressure, for agents to look into.
pub const PRESSURE_COUNTERS: [i32; 3] = [100, 101, 102];

/// No message of the control protocol is longer, the plan included; a longer one ends the connection.
pub const MAX_FRAME: usize = 16 << 20;

/// One message with its length in front: four bytes, little endian.
pub fn frame(message: &impl Message) -> Vec<u8> {
    let length = message.encoded_len();
    let mut bytes = Vec::with_capacity(4 + length);
    bytes.extend_from_slice(&(length as u32).to_le_bytes());
    message.encode(&mut bytes).expect("a Vec grows as needed");
    bytes
}

/// Why a stream of frames cannot be read on.
#[derive(Debug)]
pub enum FrameError {
    TooLong,
    Malformed(prost::DecodeError),
}

/// Takes frames out of a stream of bytes.
#[derive(Default)]
pub struct Frames {
    pending: Vec<u8>,
}

impl Frames {
    pub fn push(&mut self, bytes: &[u8]) {
        self.pending.extend_from_slice(bytes);
    }

    /// The next whole frame, if there is one. An error means that the peer does not speak this protocol.
    pub fn take<M: Message + Default>(&mut self) -> Result<Option<M>, FrameError> {
        let Some(head) = self.pending.first_chunk::<4>() else {
            return Ok(None);
        };
        let length = u32::from_le_bytes(*head) as usize;
        if length > MAX_FRAME {
            return Err(FrameError::TooLong);
        }
        if self.pending.len() < 4 + length {
            return Ok(None);
        }
        let message = M::decode(&self.pending[4..4 + length]).map_err(FrameError::Malformed)?;
        self.pending.drain(..4 + length);
        Ok(Some(message))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_out_whole_however_they_arrive() {
        let bytes = [
            frame(&ControlRequest { signal_task: Some(15), ..Default::default() }),
            frame(&ControlRequest { go: Some(true), ..Default::default() }),
        ]
        .concat();
        let mut frames = Frames::default();
        let mut seen = Vec::new();
        for byte in bytes {
            frames.push(&[byte]);
            while let Some(request) = frames.take::<ControlRequest>().expect("well formed") {
                seen.push(request);
            }
        }
        assert_eq!(seen.len(), 2);
        assert_eq!(seen[0].signal_task, Some(15));
        assert_eq!(seen[1].go, Some(true));
    }

    #[test]
    fn a_frame_beyond_the_limit_is_refused() {
        let mut frames = Frames::default();
        frames.push(&u32::MAX.to_le_bytes());
        assert!(frames.take::<ControlRequest>().is_err());
    }
}
