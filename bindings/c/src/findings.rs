//! Findings: the state of this machine, for programs.

use std::ffi::{CString, c_char};
use std::path::Path;
use std::ptr;

use facenet_core::runtime::doctor::{self, Finding, Report};

use crate::arguments::Arguments;
use crate::runtime::{facenet_runtime_options, read};
use crate::status::facenet_status;

/// Whether a provider runs on this machine.
///
/// @since 0.1
#[repr(C)]
pub struct facenet_provider_finding {
    /// "cpu", "cuda:0", "tensorrt:0".
    pub name: *const c_char,
    /// Why it does not run; NULL if it does.
    pub problem: *const c_char,
}

/// A GPU.
///
/// @since 0.1
#[repr(C)]
pub struct facenet_gpu_finding {
    /// Product name.
    pub name: *const c_char,
    /// Bytes of memory.
    pub memory: u64,
    /// Number before the point of the CUDA compute capability.
    pub capability_major: u32,
    /// Number after it.
    pub capability_minor: u32,
}

/// A model file that ships with the library.
///
/// @since 0.1
#[repr(C)]
pub struct facenet_model_finding {
    /// Name of the file.
    pub file: *const c_char,
    /// What is wrong with it; NULL if every byte is right.
    pub problem: *const c_char,
    /// Bytes of the file; 0 if it is not there.
    pub size: u64,
}

/// What facenet_findings_new found on this machine. Texts and lists live until facenet_findings_free; a list has NULL where
/// its count is 0.
///
/// The library makes it, with its own size in `struct_size`: members beyond that are of a later version. Lists are of pointers,
/// for what they point to may get more members too.
///
/// @since 0.1
#[repr(C)]
pub struct facenet_findings {
    /// Bytes of this struct in the library that made it.
    pub struct_size: usize,
    /// 1 if a runtime can be made on the CPU and the models are whole, else 0.
    pub works: u32,
    /// 1 if ONNX Runtime sends usage data. Always 0: it is switched off before the library is loaded.
    pub telemetry: u32,
    /// Version of this library.
    pub version: *const c_char,
    /// Operating system and processor that this library was built for, as "linux x86_64".
    pub platform: *const c_char,
    /// Why no runtime can be made with the options, whatever the machine; NULL if one can.
    pub options_problem: *const c_char,
    /// Product name of the processor.
    pub processor: *const c_char,
    /// Those of its extensions that make networks fast, with spaces between, as "avx2 fma".
    pub processor_features: *const c_char,
    /// Cores of the machine.
    pub cores: u32,
    /// Cores that this process may use.
    pub usable_cores: u32,
    /// File of the ONNX Runtime library; NULL if there is none.
    pub library: *const c_char,
    /// Its version; NULL if there is none.
    pub library_version: *const c_char,
    /// How it was found, in words; NULL if there is none.
    pub library_source: *const c_char,
    /// Why there is none, or NULL.
    pub library_problem: *const c_char,
    /// The providers; none without the library.
    pub providers: *const *const facenet_provider_finding,
    /// Number of them.
    pub provider_count: usize,
    /// The GPUs.
    pub gpus: *const *const facenet_gpu_finding,
    /// Number of them.
    pub gpu_count: usize,
    /// Why there are none; NULL if there are.
    pub gpus_problem: *const c_char,
    /// Folder with the models that ship; NULL if there is none.
    pub models_folder: *const c_char,
    /// Why there is none, or NULL.
    pub models_problem: *const c_char,
    /// The models that ship; none without the folder.
    pub models: *const *const facenet_model_finding,
    /// Number of them.
    pub model_count: usize,
    /// What to do to make more of this machine, most urgent first.
    pub advice: *const *const c_char,
    /// Number of pieces of advice.
    pub advice_count: usize,
}

/// Examines this machine as facenet_doctor does, for programs that act on the findings. They are no failure of the call.
///
/// @param options   settings of the runtime that is wanted, or NULL
/// @param findings  gets what was found; free it with facenet_findings_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_findings_new(
    options: *const facenet_runtime_options,
    findings: *mut *mut facenet_findings,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_writing(findings, "findings", |args| {
        let report = doctor::examine(&read(args, options)?);
        // The findings are the first field, and a pointer to the whole is one to them.
        Ok(Box::into_raw(Box::new(Owned::new(&report))).cast())
    })
}

/// Frees findings. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_findings_free(findings: *mut facenet_findings) {
    // SAFETY: the header tells callers what each pointer must be; this one is to the beginning of an `Owned`.
    unsafe { Arguments::promised() }.free(findings.cast::<Owned>())
}

/// Findings with what they point to.
#[repr(C)]
struct Owned {
    findings: facenet_findings,
    texts: Texts,
    providers: List<facenet_provider_finding>,
    gpus: List<facenet_gpu_finding>,
    models: List<facenet_model_finding>,
    advice: Vec<*const c_char>,
}

impl Owned {
    fn new(report: &Report) -> Self {
        let mut texts = Texts::default();
        let providers: List<_> = report
            .providers
            .iter()
            .map(|found| facenet_provider_finding {
                name: texts.keep(&found.provider.to_string()),
                problem: texts.keep_some(found.problem.as_deref()),
            })
            .collect();
        let (gpus, gpus_problem) = split(&report.gpus);
        let gpus: List<_> = gpus
            .into_iter()
            .flatten()
            .map(|gpu| facenet_gpu_finding {
                name: texts.keep(&gpu.name),
                memory: gpu.memory,
                capability_major: gpu.compute_capability.0.unsigned_abs(),
                capability_minor: gpu.compute_capability.1.unsigned_abs(),
            })
            .collect();
        let (folder, models_problem) = split(&report.models);
        let models: List<_> = folder
            .into_iter()
            .flat_map(|folder| &folder.files)
            .map(|model| facenet_model_finding {
                file: texts.keep(&model.file),
                problem: texts.keep_some(model.problem.as_deref()),
                size: model.size,
            })
            .collect();
        let advice: Vec<_> = report.advice.iter().map(|advice| texts.keep(advice)).collect();
        let (library, library_problem) = split(&report.library);
        let count = |cores: usize| u32::try_from(cores).unwrap_or(u32::MAX);
        let findings = facenet_findings {
            struct_size: size_of::<facenet_findings>(),
            works: report.works().into(),
            telemetry: report.telemetry.into(),
            version: texts.keep(report.version),
            platform: texts.keep(&report.platform),
            options_problem: texts.keep_some(report.options_problem.as_deref()),
            processor: texts.keep(&report.cpu.name),
            processor_features: texts.keep(&report.cpu.features.join(" ")),
            cores: count(report.cpu.cores),
            usable_cores: count(report.cpu.usable_cores),
            library: texts.keep_path(library.map(|library| &*library.path)),
            library_version: texts.keep_some(library.map(|library| &*library.version)),
            library_source: texts.keep_some(library.map(|library| library.source.to_string()).as_deref()),
            library_problem: texts.keep_some(library_problem),
            providers: pointer(&providers.pointers),
            provider_count: providers.pointers.len(),
            gpus: pointer(&gpus.pointers),
            gpu_count: gpus.pointers.len(),
            gpus_problem: texts.keep_some(gpus_problem),
            models_folder: texts.keep_path(folder.map(|folder| &*folder.path)),
            models_problem: texts.keep_some(models_problem),
            models: pointer(&models.pointers),
            model_count: models.pointers.len(),
            advice: pointer(&advice),
            advice_count: advice.len(),
        };
        Self { findings, texts, providers, gpus, models, advice }
    }
}

fn split<T>(finding: &Finding<T>) -> (Option<&T>, Option<&str>) {
    match finding {
        Finding::Found(found) => (Some(found), None),
        Finding::Missing(reason) => (None, Some(reason)),
    }
}

fn pointer<T>(list: &[T]) -> *const T {
    if list.is_empty() { ptr::null() } else { list.as_ptr() }
}

/// Structs with a list of pointers to them. A `Vec` may be moved while pointers into it live, a `Box` may not: moving a box
/// asserts that it is the only way to its contents.
struct List<T> {
    pointers: Vec<*const T>,
    _structs: Vec<T>,
}

impl<T> FromIterator<T> for List<T> {
    fn from_iter<I: IntoIterator<Item = T>>(structs: I) -> Self {
        let structs: Vec<T> = structs.into_iter().collect();
        Self { pointers: structs.iter().map(ptr::from_ref).collect(), _structs: structs }
    }
}

/// Texts that pointers are given to.
#[derive(Default)]
struct Texts(Vec<CString>);

impl Texts {
    fn keep(&mut self, text: &str) -> *const c_char {
        self.keep_bytes(text.as_bytes())
    }

    fn keep_some(&mut self, text: Option<&str>) -> *const c_char {
        text.map_or(ptr::null(), |text| self.keep(text))
    }

    fn keep_path(&mut self, path: Option<&Path>) -> *const c_char {
        path.map_or(ptr::null(), |path| self.keep_bytes(path.as_os_str().as_encoded_bytes()))
    }

    fn keep_bytes(&mut self, bytes: &[u8]) -> *const c_char {
        // C takes a text to end at its first zero.
        let end = bytes.iter().position(|&byte| byte == 0).unwrap_or(bytes.len());
        self.0.push(CString::new(&bytes[..end]).unwrap_or_default());
        self.0.last().map_or(ptr::null(), |text| text.as_ptr())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_stay_valid_when_the_findings_are_moved() {
        let mut texts = Texts::default();
        let first = texts.keep("first\0and more");
        let structs: List<(u32, u32)> = (0..3).map(|number| (number, 2 * number)).collect();
        for number in 0..100 {
            texts.keep(&number.to_string());
        }
        let moved = Box::new((texts, structs));
        // SAFETY: the text is one of those that `moved` owns.
        let text = unsafe { std::ffi::CStr::from_ptr(first) };
        // SAFETY: the struct is one of those that `moved` owns.
        let last = unsafe { *moved.1.pointers[2] };
        assert_eq!((text, last), (c"first", (2, 4)));
    }
}
