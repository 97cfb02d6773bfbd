// The functions and structs of facenet.h.
import koffi from 'koffi';

/** FACENET_ABI_VERSION of the header that these declarations were made from. */
export const ABI_VERSION = 0;

/** The structs, with the names of facenet.h. */
export const structs = {
  facenet_plane: { data: 'const void *', size: 'size_t', stride: 'intptr_t' },
  facenet_frame: {
    struct_size: 'size_t',
    format: 'uint32_t',
    width: 'uint32_t',
    height: 'uint32_t',
    range: 'uint32_t',
    matrix: 'uint32_t',
    rotation: 'uint32_t',
    mirror: 'uint32_t',
    memory_type: 'uint32_t',
    planes: 'facenet_plane[4]',
  },
  facenet_rect: { x1: 'float', y1: 'float', x2: 'float', y2: 'float' },
  facenet_point: { x: 'float', y: 'float' },
  facenet_face: { rect: 'facenet_rect', score: 'float', landmarks: 'facenet_point[5]' },
  facenet_threshold: {
    struct_size: 'size_t',
    distance: 'float',
    reserved: 'uint32_t',
    false_match_rate: 'double',
    false_non_match_rate: 'double',
  },
  facenet_runtime_options: {
    struct_size: 'size_t',
    provider: 'const char *',
    library: 'const char *',
    models: 'const char *',
    engine_cache: 'const char *',
    threads: 'uint32_t',
    reserved: 'uint32_t',
  },
  facenet_bytes: { data: 'const void *', size: 'size_t' },
  facenet_detector_options: {
    struct_size: 'size_t',
    min_face_size: 'float',
    min_face_share: 'float',
    thresholds: 'float[3]',
    selection: 'uint32_t',
    factor: 'double',
    max_faces: 'uint32_t',
    reserved: 'uint32_t',
    networks: 'facenet_bytes[3]',
    rotations: 'uint32_t',
    reserved2: 'uint32_t',
  },
  facenet_embedder_options: {
    struct_size: 'size_t',
    model: 'const char *',
    standardization: 'uint32_t',
    mirror: 'uint32_t',
    batch_size: 'uint32_t',
    reserved: 'uint32_t',
    model_bytes: 'facenet_bytes',
    alignment: 'uint32_t',
    margin: 'uint32_t',
  },
};
for (const [name, fields] of Object.entries(structs)) koffi.struct(name, fields);

/** The functions by their names without facenet_: result, then parameters. */
export const functions = {
  version: ['const char *'],
  abi_version: ['uint32_t'],
  status_name: ['const char *', 'int32_t'],
  last_error: ['size_t', 'char *', 'size_t'],
  runtime_options_init: ['int32_t', '_Out_ facenet_runtime_options *', 'size_t'],
  detector_options_init: ['int32_t', '_Out_ facenet_detector_options *', 'size_t'],
  embedder_options_init: ['int32_t', '_Out_ facenet_embedder_options *', 'size_t'],
  frame_init: ['int32_t', '_Out_ facenet_frame *', 'size_t'],
  runtime_new: ['int32_t', 'const facenet_runtime_options *', '_Out_ void **'],
  runtime_info: ['int32_t', 'const void *', 'char *', 'size_t', '_Out_ size_t *'],
  runtime_free: ['void', 'void *'],
  image_open: ['int32_t', 'const char *', '_Out_ void **'],
  image_decode: ['int32_t', 'const uint8_t *', 'size_t', '_Out_ void **'],
  image_from_frame: ['int32_t', 'const facenet_frame *', '_Out_ void **'],
  image_frame: ['int32_t', 'const void *', '_Inout_ facenet_frame *'],
  image_width: ['uint32_t', 'const void *'],
  image_height: ['uint32_t', 'const void *'],
  image_data: ['const void *', 'const void *'],
  image_free: ['void', 'void *'],
  detector_new: ['int32_t', 'const void *', 'const facenet_detector_options *', '_Out_ void **'],
  detector_detect: ['int32_t', 'const void *', 'const facenet_frame *', '_Out_ void **'],
  detector_detect_in: ['int32_t', 'const void *', 'const facenet_frame *', 'const facenet_rect *', '_Out_ void **'],
  detector_free: ['void', 'void *'],
  faces_count: ['size_t', 'const void *'],
  faces_get: ['const void *', 'const void *', 'size_t'],
  faces_free: ['void', 'void *'],
  pipeline_new: [
    'int32_t',
    'const void *',
    'const facenet_detector_options *',
    'const facenet_embedder_options *',
    '_Out_ void **',
  ],
  pipeline_embedder: ['int32_t', 'const void *', '_Out_ void **'],
  pipeline_process: ['int32_t', 'const void *', 'const facenet_frame *', '_Out_ void **'],
  pipeline_process_in: ['int32_t', 'const void *', 'const facenet_frame *', 'const facenet_rect *', '_Out_ void **'],
  pipeline_free: ['void', 'void *'],
  embedded_faces_count: ['size_t', 'const void *'],
  embedded_faces_face: ['const void *', 'const void *', 'size_t'],
  embedded_faces_crop: ['const void *', 'const void *', 'size_t'],
  embedded_faces_embedding: ['const void *', 'const void *', 'size_t'],
  embedded_faces_free: ['void', 'void *'],
  embedder_dimension: ['size_t', 'const void *'],
  embedder_metric: ['uint32_t', 'const void *'],
  embedder_threshold: ['int32_t', 'const void *', 'size_t', '_Inout_ facenet_threshold *'],
  embedder_fingerprint: ['int32_t', 'const void *', 'char *', 'size_t'],
  embedder_free: ['void', 'void *'],
  distance: ['int32_t', 'const float *', 'const float *', 'size_t', 'uint32_t', '_Out_ float *'],
  metric_within: ['uint32_t', 'uint32_t', 'float', 'float'],
};

/** Loads libfacenet, and gives its functions. */
export function load(path) {
  const library = koffi.load(path);
  const declared = Object.entries(functions).map(([name, [result, ...parameters]]) => [
    name,
    library.func(`facenet_${name}`, result, parameters.map(parameter)),
  ]);
  return Object.fromEntries(declared);
}

/** The type of a parameter, which may be marked as one that is written to. */
function parameter(type) {
  const [, marker, rest] = /^(_Out_ |_Inout_ )?(.*)$/.exec(type);
  if (marker === '_Out_ ') return koffi.out(rest);
  if (marker === '_Inout_ ') return koffi.inout(rest);
  return type;
}

/** A face of C. */
export function face(pointer) {
  return koffi.decode(pointer, 'facenet_face');
}

/** A copy of `size` bytes of C. */
export function bytes(pointer, size) {
  return koffi.view(pointer, size).slice(0);
}

export const sizeOf = koffi.sizeof;
