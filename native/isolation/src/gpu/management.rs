//! NVIDIA's management library (NVML): only what is asked of it once, when an agent starts. How the GPUs are set (MIG, power, clocks) is left alone.

use std::ffi::{CStr, c_char, c_uint, c_void};

use meseta_spec::{Gpu, Gpus};

use super::library::Library;
use crate::failure::{Failure, Result};

type Return = c_uint;
type Device = *mut c_void;

/// Longer than any text of the library.
const TEXT: usize = 96;

/// `nvmlPciInfo_t`, third version.
#[repr(C)]
struct PciInfo {
    legacy_bus_id: [u8; 16],
    domain: c_uint,
    bus: c_uint,
    device: c_uint,
    device_id: c_uint,
    subsystem_id: c_uint,
    bus_id: [u8; 32],
}

struct Functions<'a> {
    library: &'a Library,
    shutdown: extern "C" fn() -> Return,
    error: extern "C" fn(Return) -> *const c_char,
    count: extern "C" fn(*mut c_uint) -> Return,
    handle: extern "C" fn(c_uint, *mut Device) -> Return,
    uuid: extern "C" fn(Device, *mut u8, c_uint) -> Return,
    name: extern "C" fn(Device, *mut u8, c_uint) -> Return,
    minor: extern "C" fn(Device, *mut c_uint) -> Return,
    pci: extern "C" fn(Device, *mut PciInfo) -> Return,
    driver: extern "C" fn(*mut u8, c_uint) -> Return,
}

pub fn list(library: &Library) -> Result<Gpus> {
    let functions = Functions::begin(library)?;
    let mut count = 0;
    functions.check("count the GPUs", (functions.count)(&raw mut count))?;
    let gpus = (0..count).map(|index| functions.gpu(index)).collect::<Result<_>>()?;
    let driver_version = functions.text("ask for the driver's version", |text, size| (functions.driver)(text, size)).ok();
    Ok(Gpus { gpus, driver_version })
}

impl<'a> Functions<'a> {
    /// The library is ready for use until this is dropped.
    fn begin(library: &'a Library) -> Result<Self> {
        // SAFETY: the signatures are those of the library's header; `library` outlives what borrows it.
        let (init, functions) = unsafe {
            let init: extern "C" fn() -> Return = library.function(c"nvmlInit_v2")?;
            let functions = Functions {
                library,
                shutdown: library.function(c"nvmlShutdown")?,
                error: library.function(c"nvmlErrorString")?,
                count: library.function(c"nvmlDeviceGetCount_v2")?,
                handle: library.function(c"nvmlDeviceGetHandleByIndex_v2")?,
                uuid: library.function(c"nvmlDeviceGetUUID")?,
                name: library.function(c"nvmlDeviceGetName")?,
                minor: library.function(c"nvmlDeviceGetMinorNumber")?,
                pci: library.function(c"nvmlDeviceGetPciInfo_v3")?,
                driver: library.function(c"nvmlSystemGetDriverVersion")?,
            };
            (init, functions)
        };
        functions.check("begin to use", init())?;
        Ok(functions)
    }

    fn gpu(&self, index: c_uint) -> Result<Gpu> {
        let mut device: Device = std::ptr::null_mut();
        self.check("find a GPU", (self.handle)(index, &raw mut device))?;
        let mut minor = 0;
        self.check("ask for a GPU's minor number", (self.minor)(device, &raw mut minor))?;
        // SAFETY: numbers and bytes, of which all zero are valid.
        let mut pci: PciInfo = unsafe { std::mem::zeroed() };
        self.check("ask for a GPU's place", (self.pci)(device, &raw mut pci))?;
        Ok(Gpu {
            index,
            uuid: self.text("ask for a GPU's id", |text, size| (self.uuid)(device, text, size))?,
            minor,
            pci_bus_id: until_nul(&pci.bus_id),
            name: self.text("ask for a GPU's name", |text, size| (self.name)(device, text, size)).ok(),
        })
    }

    fn text(&self, step: &'static str, ask: impl FnOnce(*mut u8, c_uint) -> Return) -> Result<String> {
        let mut text = [0u8; TEXT];
        self.check(step, ask(text.as_mut_ptr(), TEXT as c_uint))?;
        Ok(until_nul(&text))
    }

    fn check(&self, step: &'static str, code: Return) -> Result<()> {
        if code == 0 {
            return Ok(());
        }
        let text = (self.error)(code);
        // SAFETY: the library answers a constant text, or nothing.
        let said = unsafe { (!text.is_null()).then(|| CStr::from_ptr(text).to_string_lossy().into_owned()) };
        Err(Failure::because(step, said.unwrap_or_else(|| format!("error {code}"))).at(self.library.name()))
    }
}

impl Drop for Functions<'_> {
    fn drop(&mut self) {
        (self.shutdown)();
    }
}

fn until_nul(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}
