//! An archive that a task brought along becomes files of its sandbox. It is unpacked beside what is there, by the task's user, and moved into its place
//! when all of it is good: what fails or is abandoned leaves nothing behind.

mod budget;
mod from_start;
mod merge;
mod name;
mod staging;
mod tar;
mod zip;

use std::{fs::File, os::fd::AsFd, path::Path};

use meseta_isolation::failure::{Failure, Result};
use meseta_spec::{ArchiveFormat, Compression, ExtractRequest, Extracted};

use crate::decompress::Decoder;
use crate::user_files::{Place, Stop, directory_below, open_sandbox};
use budget::Budget;
use from_start::FromStart;
use staging::Staging;

pub const STEP: &str = "extract the archive";
const BUFFER: usize = 256 << 10;

pub fn extract(request: &ExtractRequest, archive: File, stop: &Stop) -> Result<Extracted> {
    let budget = Budget::new(request.most_bytes, request.most_entries, stop.clone());
    match request.format() {
        ArchiveFormat::CompressedFile => decompress_file(request, archive, budget),
        format => unpack(request, &archive, format, budget),
    }
}

fn unpack(request: &ExtractRequest, archive: &File, format: ArchiveFormat, budget: Budget) -> Result<Extracted> {
    let sandbox = open_sandbox(&request.place)?;
    let directory = directory_below(&sandbox, Path::new(&request.place.path), STEP)?;
    let mut staging = Staging::make(directory, budget)?;
    let unpacked = match format {
        ArchiveFormat::Zip => zip::unpack(archive, &mut staging),
        _ => tar::unpack(FromStart::of(archive)?, &mut staging),
    };
    unpacked.and_then(|()| staging.publish(&request.reserved))?;
    Ok(staging.told())
}

fn decompress_file(request: &ExtractRequest, archive: File, budget: Budget) -> Result<Extracted> {
    let place = Place::find(&request.place)?;
    let decoder = Decoder::new(FromStart::of(&archive)?)?;
    if decoder.compression() == Compression::None {
        return Err(damaged("it is not compressed in a way that is known here"));
    }
    let mut bytes = budget.count(decoder, 0);
    let (file, temporary) = place.create()?;
    let file = File::from(file);
    let written = bytes.copy_to(&file).and_then(|size| place.finish(&temporary, file.as_fd(), false).map(|()| size));
    if written.is_err() {
        // The error that counts is the first.
        let _ = place.remove(&temporary);
    }
    Ok(Extracted { bytes: written?, entries: 1, left_out: Vec::new() })
}

fn damaged(why: impl Into<String>) -> Failure {
    Failure::because(STEP, why)
}
