//! NVIDIA's driver: whether it works and which GPUs there are, asked without ONNX Runtime.

#![allow(unsafe_code, reason = "the driver's library is a C interface")]

use std::ffi::{CStr, c_char, c_int};
use std::path::Path;
use std::ptr;

use libloading::os::unix::Library;
use serde::Serialize;

use super::dylib::reason;

/// A GPU.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Gpu {
    /// The maker's name of the product.
    pub name: String,
    /// Major and minor number of the CUDA compute capability.
    pub compute_capability: (i32, i32),
    /// Bytes of memory.
    pub memory: u64,
}

/// A working driver.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Driver {
    /// Newest CUDA version the driver runs, major and minor.
    pub(super) cuda: (i32, i32),
    /// The GPUs, by device number; at least one.
    pub(super) gpus: Vec<Gpu>,
}

/// Initialises the driver and lists its GPUs, or says what is missing.
pub(super) fn driver() -> Result<Driver, String> {
    // SAFETY: the driver's own library, loaded as any CUDA program does.
    let library = unsafe { Library::new("libcuda.so.1") };
    let library =
        library.map_err(|error| format!("no NVIDIA driver was found ({}); {}", reason(&error), hardware()))?;
    let api = Api::of(&library)?;
    let driver = api.list();
    // The driver keeps threads and thread-local state, so its library is never unloaded.
    std::mem::forget(library);
    driver
}

/// What the bus says, for those whose driver says nothing.
fn hardware() -> &'static str {
    let read = |device: &Path, file| std::fs::read_to_string(device.join(file)).unwrap_or_default();
    let devices = std::fs::read_dir("/sys/bus/pci/devices").into_iter().flatten().flatten().map(|entry| entry.path());
    // Class 03 is display controllers, which GPUs for computing are too.
    let is_gpu = |device: &Path| read(device, "vendor").trim() == "0x10de" && read(device, "class").starts_with("0x03");
    if devices.into_iter().any(|device| is_gpu(&device)) {
        "an NVIDIA GPU is in this machine: install its driver, or give the container access to it (`--gpus all`)"
    } else {
        "this machine has no NVIDIA GPU"
    }
}

macro_rules! api {
    ($($field:ident = $symbol:literal: fn($($argument:ty),*);)*) => {
        /// The functions of the driver, which return 0 on success.
        struct Api {
            $($field: unsafe extern "C" fn($($argument),*) -> c_int,)*
        }

        impl Api {
            /// The functions in `library`, which must stay loaded while they are called.
            fn of(library: &Library) -> Result<Self, String> {
                $(
                    // SAFETY: this is the type that the driver's header declares for the symbol.
                    let $field = unsafe { library.get(concat!($symbol, "\0").as_bytes()) };
                    let $field = *$field.map_err(|_| concat!("the NVIDIA driver is too old: it lacks ", $symbol))?;
                )*
                Ok(Self { $($field,)* })
            }
        }
    };
}

api! {
    init = "cuInit": fn(u32);
    version = "cuDriverGetVersion": fn(*mut c_int);
    count = "cuDeviceGetCount": fn(*mut c_int);
    device = "cuDeviceGet": fn(*mut c_int, c_int);
    name = "cuDeviceGetName": fn(*mut c_char, c_int, c_int);
    memory = "cuDeviceTotalMem_v2": fn(*mut usize, c_int);
    attribute = "cuDeviceGetAttribute": fn(*mut c_int, c_int, c_int);
    error = "cuGetErrorString": fn(c_int, *mut *const c_char);
}

impl Api {
    fn list(&self) -> Result<Driver, String> {
        // SAFETY: 0 is the only flag defined; may be called any number of times.
        self.check(unsafe { (self.init)(0) })?;
        let (mut version, mut count) = (0, 0);
        // SAFETY: the pointer is to a variable of the right type.
        self.check(unsafe { (self.version)(&mut version) })?;
        // SAFETY: as above, and the driver is initialised.
        self.check(unsafe { (self.count)(&mut count) })?;
        let gpus = (0..count).map(|number| self.gpu(number)).collect::<Result<Vec<_>, _>>()?;
        if gpus.is_empty() {
            return Err(format!("the NVIDIA driver shows no GPU; {}", hardware()));
        }
        Ok(Driver { cuda: (version / 1000, version % 1000 / 10), gpus })
    }

    fn gpu(&self, number: c_int) -> Result<Gpu, String> {
        const COMPUTE_CAPABILITY: [c_int; 2] = [75, 76];
        let mut device = 0;
        // SAFETY: the pointer is to a variable of the right type; a wrong number is an error, not a fault.
        self.check(unsafe { (self.device)(&mut device, number) })?;
        let mut name: [c_char; 256] = [0; 256];
        // SAFETY: the length given is one less than the array's, so the text ends in NUL whatever the driver does.
        self.check(unsafe { (self.name)(name.as_mut_ptr(), 255, device) })?;
        let mut memory = 0;
        // SAFETY: the pointer is to a variable of the right type, and the device was given by the driver.
        self.check(unsafe { (self.memory)(&mut memory, device) })?;
        let mut capability = [0; 2];
        for (value, attribute) in capability.iter_mut().zip(COMPUTE_CAPABILITY) {
            // SAFETY: as for the memory.
            self.check(unsafe { (self.attribute)(value, attribute, device) })?;
        }
        // SAFETY: the array ends in NUL, as said above.
        let name = unsafe { CStr::from_ptr(name.as_ptr()) }.to_string_lossy().into_owned();
        Ok(Gpu { name, compute_capability: capability.into(), memory: memory as u64 })
    }

    fn check(&self, code: c_int) -> Result<(), String> {
        if code == 0 {
            return Ok(());
        }
        let mut text = ptr::null();
        // SAFETY: the pointer is to a variable of the right type; an unknown code leaves it null.
        let known = unsafe { (self.error)(code, &mut text) };
        let text = if known == 0 && !text.is_null() {
            // SAFETY: the driver gave a static string that ends in NUL.
            unsafe { CStr::from_ptr(text) }.to_string_lossy()
        } else {
            "unknown error".into()
        };
        Err(format!("the NVIDIA driver does not work ({text}, code {code}); {}", hardware()))
    }
}
