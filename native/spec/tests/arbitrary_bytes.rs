//! What comes over a socket may be anything: reading it never panics, never holds more than one frame, and what was whole comes out as it went in.

use meseta_spec::{
    CgroupSettings, ControlEvent, ControlRequest, Fault, Frames, LaunchPlan, MAX_FRAME, Message, Mount, Process, ResourceLimit,
    SeccompProfile, SupervisorRecord, frame,
};

struct Chance(u64);

impl Chance {
    fn from(seed: u64) -> Self {
        Chance(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }

    fn damaged(&mut self, bytes: &[u8]) -> Vec<u8> {
        let mut bytes = bytes.to_vec();
        for _ in 0..=self.below(6) {
            let at = self.below(bytes.len() + 1);
            match self.below(4) {
                0 => bytes.insert(at, self.below(256) as u8),
                1 if at < bytes.len() => bytes[at] = self.below(256) as u8,
                2 => bytes.extend_from_within(at..),
                _ => bytes.truncate(at),
            }
        }
        bytes
    }
}

fn plan() -> LaunchPlan {
    LaunchPlan {
        container_id: "c1".to_owned(),
        runtime_directory: "/run/meseta/boot/c1".to_owned(),
        process: Process {
            executable: "/bin/sh".to_owned(),
            arguments: vec!["sh".to_owned(), "-c".to_owned(), "true".to_owned()],
            environment: vec!["A=b".to_owned()],
            working_directory: "/".to_owned(),
            ..Default::default()
        },
        mounts: vec![Mount { source: Some("/a".to_owned()), target: "/b".to_owned(), ..Default::default() }],
        resource_limits: vec![ResourceLimit { kind: "CORE".to_owned(), soft: Some(1), hard: Some(1) }],
        faults: vec![Fault { name: "x".to_owned(), action: "kill".to_owned() }],
        ..Default::default()
    }
}

#[test]
fn damaged_messages_are_read_or_refused() {
    let bytes = plan().encode_to_vec();
    let mut refused = 0;
    for seed in 0..20_000 {
        let damaged = Chance::from(seed).damaged(&bytes);
        refused += usize::from(LaunchPlan::decode(damaged.as_slice()).is_err());
        let _ = (SupervisorRecord::decode(damaged.as_slice()), ControlEvent::decode(damaged.as_slice()));
        let _ = (CgroupSettings::decode(damaged.as_slice()), SeccompProfile::decode(damaged.as_slice()));
    }
    assert!(refused > 1000, "{refused}");
}

/// A group in a group in a group … would use up the stack of whoever reads it without counting.
#[test]
fn depth_is_bounded() {
    for tag in [0x0b, 0x1b, 0x1a] {
        let _ = LaunchPlan::decode(vec![tag; 1 << 20].as_slice());
    }
}

#[test]
fn what_was_whole_before_the_damage_comes_out_as_it_went_in() {
    for seed in 0..2000 {
        let mut chance = Chance::from(seed);
        let whole: Vec<ControlRequest> =
            (0..chance.below(5)).map(|at| ControlRequest { signal_task: Some(at as i32), ..Default::default() }).collect();
        let mut bytes: Vec<u8> = whole.iter().flat_map(frame).collect();
        let rest = chance.damaged(&frame(&plan()));
        bytes.extend_from_slice(&rest);
        let mut frames = Frames::default();
        let mut seen = Vec::new();
        let mut given_up = false;
        while !bytes.is_empty() && !given_up {
            let chunk = bytes.drain(..(1 + chance.below(40)).min(bytes.len())).collect::<Vec<u8>>();
            frames.push(&chunk);
            loop {
                match frames.take::<ControlRequest>() {
                    Ok(Some(request)) => seen.push(request),
                    Ok(None) => break,
                    Err(_) => {
                        given_up = true;
                        break;
                    }
                }
            }
        }
        assert_eq!(seen.iter().take(whole.len()).collect::<Vec<_>>(), whole.iter().collect::<Vec<_>>(), "seed {seed}");
    }
}

#[test]
fn a_length_that_nobody_may_send_ends_the_conversation_at_once() {
    for length in [MAX_FRAME as u32 + 1, u32::MAX / 2, u32::MAX] {
        let mut frames = Frames::default();
        frames.push(&length.to_le_bytes());
        assert!(frames.take::<ControlRequest>().is_err());
    }
}
