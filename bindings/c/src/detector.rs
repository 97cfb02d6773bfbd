//! Detector.

use std::mem::offset_of;

use facenet_core::detect::{MinFaceSize, Rotations, Selection};
use facenet_core::model::ModelSource;
use facenet_core::{Detector, DetectorOptions, Error, ErrorKind, Result};

use crate::arguments::Arguments;
use crate::bytes::facenet_bytes;
use crate::faces::{facenet_faces, facenet_rect};
use crate::frame::{self, facenet_frame};
use crate::growing::{self, Growing};
use crate::runtime::facenet_runtime;
use crate::status::facenet_status;

/// Which of the faces of a picture to return: FACENET_SELECTION_...
///
/// @since 0.1
pub type facenet_selection = u32;
/// Every face, the most probable first.
pub const FACENET_SELECTION_ALL: facenet_selection = 0;
/// The face with the largest box.
pub const FACENET_SELECTION_LARGEST: facenet_selection = 1;
/// The face with the best of area minus twice the squared distance to the centre.
pub const FACENET_SELECTION_CENTRAL: facenet_selection = 2;
/// The face with the highest score.
pub const FACENET_SELECTION_MOST_PROBABLE: facenet_selection = 3;

/// Pictures are searched as they are given.
pub const FACENET_ROTATIONS_NONE: u32 = 0;
/// Also turned by 90, 180 and 270 degrees, of which the one counts whose faces have the highest sum of scores. Takes four times
/// the time.
pub const FACENET_ROTATIONS_QUARTER_TURNS: u32 = 1;

/// Finds faces and their landmarks with MTCNN.
///
/// Many threads may use one at once.
///
/// @since 0.1
pub struct facenet_detector(pub(crate) Detector);

/// Settings of a detector: fill them with facenet_detector_options_init. The defaults are those of the facenet toolkit.
///
/// @since 0.1
#[repr(C)]
#[derive(Clone, Copy)]
pub struct facenet_detector_options {
    /// Bytes of this struct.
    pub struct_size: usize,
    /// Smallest face that is looked for, in pixels, 4 to 65536; 20 by default. Time grows with the inverse square.
    pub min_face_size: f32,
    /// The same as a share of the shorter side of the picture, above 0 up to 1; 0, the default, to use pixels.
    pub min_face_share: f32,
    /// Probabilities that a face must reach in each of the three networks, each between 0 and 1; 0.6, 0.7, 0.7.
    pub thresholds: [f32; 3],
    /// FACENET_SELECTION_...
    pub selection: facenet_selection,
    /// Ratio of neighbouring sizes in the image pyramid, 0.1 to 0.95; 0.709.
    pub factor: f64,
    /// Most faces to give back; 0, the default, for all.
    pub max_faces: u32,
    /// Zero.
    pub reserved: u32,
    /// The model files of P-Net, R-Net and O-Net in memory; none, the default, for those that ship with the library.
    /// They are copied.
    pub networks: [facenet_bytes; 3],
    /// FACENET_ROTATIONS_...
    pub rotations: u32,
    /// Zero.
    pub reserved2: u32,
}

// SAFETY: numbers and pointers, the size first.
unsafe impl Growing for facenet_detector_options {
    const FIRST_SIZE: usize = offset_of!(Self, networks);

    fn defaults() -> Self {
        let DetectorOptions { thresholds, factor, .. } = DetectorOptions::default();
        Self {
            struct_size: size_of::<Self>(),
            min_face_size: 20.0,
            min_face_share: 0.0,
            thresholds,
            selection: FACENET_SELECTION_ALL,
            factor,
            max_faces: 0,
            reserved: 0,
            networks: [facenet_bytes::NONE; 3],
            rotations: FACENET_ROTATIONS_NONE,
            reserved2: 0,
        }
    }
}

/// Fills options with the defaults.
///
/// @param options  the options
/// @param size     sizeof(facenet_detector_options) where the caller was compiled
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_detector_options_init(
    options: *mut facenet_detector_options,
    size: usize,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call(|args| growing::init(args, options, size))
}

/// Makes a detector.
///
/// @param runtime   the runtime
/// @param options   settings, or NULL
/// @param detector  gets the detector; free it with facenet_detector_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_detector_new(
    runtime: *const facenet_runtime,
    options: *const facenet_detector_options,
    detector: *mut *mut facenet_detector,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(detector, "detector", |args| {
        let (runtime, options) = (args.get(runtime, "runtime")?, read(args, options)?);
        Ok(facenet_detector(Detector::new(&runtime.0, options)?))
    })
}

/// Finds the faces of a frame.
///
/// @param detector  the detector
/// @param frame     the frame
/// @param faces     gets the faces, which may be none; free them with facenet_faces_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_detector_detect(
    detector: *const facenet_detector,
    frame: *const facenet_frame,
    faces: *mut *mut facenet_faces,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(faces, "faces", |args| {
        let (detector, frame) = (args.get(detector, "detector")?, frame::read(args, frame)?);
        let found = detector.0.detect(&frame)?;
        Ok(facenet_faces(found.into_iter().map(Into::into).collect()))
    })
}

/// Finds the faces in a part of a frame, in the coordinates of the whole frame. Only this part is converted.
///
/// @param detector  the detector
/// @param frame     the frame
/// @param region    the part, in pixels of the stored picture
/// @param faces     gets the faces; free them with facenet_faces_free
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_detector_detect_in(
    detector: *const facenet_detector,
    frame: *const facenet_frame,
    region: *const facenet_rect,
    faces: *mut *mut facenet_faces,
) -> facenet_status {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.call_giving(faces, "faces", |args| {
        let (detector, frame) = (args.get(detector, "detector")?, frame::read(args, frame)?);
        let region = *args.get(region, "region")?;
        let found = detector.0.detect_in(&frame, region.into())?;
        Ok(facenet_faces(found.into_iter().map(Into::into).collect()))
    })
}

/// Frees a detector. NULL is fine.
///
/// @since 0.1
#[unsafe(no_mangle)]
pub unsafe extern "C" fn facenet_detector_free(detector: *mut facenet_detector) {
    // SAFETY: the header tells callers what each pointer must be.
    unsafe { Arguments::promised() }.free(detector)
}

/// The options of the caller.
pub(crate) fn read(args: Arguments<'_>, options: *const facenet_detector_options) -> Result<DetectorOptions> {
    let options = growing::read(args, options)?;
    let selection = match options.selection {
        FACENET_SELECTION_ALL => Selection::All,
        FACENET_SELECTION_LARGEST => Selection::Largest,
        FACENET_SELECTION_CENTRAL => Selection::Central,
        FACENET_SELECTION_MOST_PROBABLE => Selection::MostProbable,
        other => return Err(unknown("selection", other)),
    };
    let min_face_size = match options.min_face_share {
        0.0 => MinFaceSize::Pixels(options.min_face_size),
        share => MinFaceSize::Relative(share),
    };
    Ok(DetectorOptions {
        min_face_size,
        thresholds: options.thresholds,
        factor: options.factor,
        selection,
        max_faces: (options.max_faces > 0).then_some(options.max_faces as usize),
        networks: networks(args, &options.networks)?,
        rotations: match options.rotations {
            FACENET_ROTATIONS_NONE => Rotations::None,
            FACENET_ROTATIONS_QUARTER_TURNS => Rotations::QuarterTurns,
            other => return Err(unknown("rotations", other)),
        },
    })
}

fn unknown(field: &str, value: u32) -> Error {
    let message = format!("options.{field} is {value}, which this version of the library does not know");
    Error::new(ErrorKind::InvalidArgument, message)
}

/// The networks of the caller, all of them or none.
fn networks(args: Arguments<'_>, given: &[facenet_bytes; 3]) -> Result<Option<[ModelSource; 3]>> {
    let read = |index: usize| given[index].read(args, &format!("options.networks[{index}]"));
    match [read(0)?, read(1)?, read(2)?] {
        [None, None, None] => Ok(None),
        [Some(proposal), Some(refine), Some(output)] => Ok(Some([proposal, refine, output])),
        _ => {
            let message = "options.networks has some of P-Net, R-Net and O-Net: give all three or none";
            Err(Error::new(ErrorKind::InvalidArgument, message))
        }
    }
}
