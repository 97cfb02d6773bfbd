// A thread that makes the calls. Each is made from beginning to end on one thread, as the message of a failure belongs to it.
import { parentPort, workerData } from 'node:worker_threads';

import * as args from './arguments.js';
import { FacenetError, invalid } from './failure.js';
import { ABI_VERSION, bytes, face, load, sizeOf } from './library.js';

let c;

function library() {
  if (!c) {
    const loaded = load(workerData.path);
    if (loaded.abi_version() !== ABI_VERSION) {
      throw new FacenetError(6, 'Unsupported', `libfacenet ${loaded.version()} has another ABI version than ${ABI_VERSION}`);
    }
    c = loaded;
  }
  return c;
}

function check(status) {
  if (status === 0) return;
  const buffer = Buffer.alloc(Number(c.last_error(null, 0)) + 1);
  c.last_error(buffer, buffer.length);
  throw new FacenetError(status, c.status_name(status), buffer.toString('utf8', 0, buffer.length - 1));
}

/** What a function writes to its last argument. */
function made(call, ...given) {
  const out = [null];
  check(call(...given, out));
  return out[0];
}

/** Opens a picture, and closes it after `use` of its frame. */
function withFrame(picture, use) {
  if (picture && typeof picture === 'object' && !(picture instanceof Uint8Array)) return use(args.frame(c, picture));
  let image;
  if (typeof picture === 'string') {
    if (picture.includes('\0')) throw invalid('the path has a zero in it');
    image = made(c.image_open, picture);
  } else if (picture instanceof Uint8Array) {
    image = made(c.image_decode, picture, picture.byteLength);
  } else {
    throw invalid('a picture is a path, the bytes of a file, or a frame');
  }
  try {
    const frame = args.frame(c, { format: 'rgb', width: 0, height: 0, planes: [] });
    check(c.image_frame(image, frame));
    return use(frame);
  } finally {
    c.image_free(image);
  }
}

/** Width, height and pixels of a picture of C. */
function pixels(image) {
  const [width, height] = [c.image_width(image), c.image_height(image)];
  return { width, height, data: new Uint8Array(bytes(c.image_data(image), 3 * width * height)) };
}

const calls = {
  runtime: ({ options }) => made(c.runtime_new, args.options(c, 'runtime', options)),

  info: ({ runtime }) => {
    let buffer = Buffer.alloc(0);
    for (;;) {
      const needed = [0];
      check(c.runtime_info(runtime, buffer, buffer.length, needed));
      const size = Number(needed[0]);
      if (size < buffer.length) return JSON.parse(buffer.toString('utf8', 0, size));
      buffer = Buffer.alloc(size + 1);
    }
  },

  detector: ({ runtime, options }) => made(c.detector_new, runtime, args.options(c, 'detector', options)),

  pipeline: ({ runtime, options }) => {
    const detecting = args.options(c, 'detector', options.detector);
    const embedding = args.options(c, 'embedder', options.embedder);
    const pipeline = made(c.pipeline_new, runtime, detecting, embedding);
    const embedder = made(c.pipeline_embedder, pipeline);
    const digits = Buffer.alloc(33);
    check(c.embedder_fingerprint(embedder, digits, digits.length));
    return {
      pointers: { pipeline, embedder },
      model: { dimension: Number(c.embedder_dimension(embedder)), fingerprint: digits.toString('latin1', 0, 32) },
    };
  },

  pixels: ({ picture }) =>
    withFrame(picture, (frame) => {
      const image = made(c.image_from_frame, frame);
      try {
        return pixels(image);
      } finally {
        c.image_free(image);
      }
    }),

  detect: ({ detector, picture, region }) =>
    withFrame(picture, (frame) => {
      const found = region
        ? made(c.detector_detect_in, detector, frame, args.rect(region))
        : made(c.detector_detect, detector, frame);
      try {
        return Array.from({ length: Number(c.faces_count(found)) }, (_, index) => face(c.faces_get(found, index)));
      } finally {
        c.faces_free(found);
      }
    }),

  embed: ({ pipeline, dimension, picture, region }) =>
    withFrame(picture, (frame) => {
      const found = region
        ? made(c.pipeline_process_in, pipeline, frame, args.rect(region))
        : made(c.pipeline_process, pipeline, frame);
      try {
        return Array.from({ length: Number(c.embedded_faces_count(found)) }, (_, index) => ({
          ...face(c.embedded_faces_face(found, index)),
          crop: pixels(c.embedded_faces_crop(found, index)),
          vector: new Float32Array(bytes(c.embedded_faces_embedding(found, index), 4 * dimension)),
        }));
      } finally {
        c.embedded_faces_free(found);
      }
    }),

  compare: ({ embedder, dimension, a, b }) => {
    for (const vector of [a, b]) {
      if (!(vector instanceof Float32Array) || vector.length !== dimension) {
        throw new FacenetError(401, 'DimensionMismatch', `a vector is a Float32Array of ${dimension} values`);
      }
    }
    const threshold = {
      struct_size: sizeOf('facenet_threshold'),
      distance: 0,
      reserved: 0,
      false_match_rate: 0,
      false_non_match_rate: 0,
    };
    check(c.embedder_threshold(embedder, 0, threshold));
    const metric = c.embedder_metric(embedder);
    const distance = made(c.distance, a, b, dimension, metric);
    return {
      distance,
      threshold: threshold.distance,
      falseMatchRate: threshold.false_match_rate,
      falseNonMatchRate: threshold.false_non_match_rate,
      same: c.metric_within(metric, distance, threshold.distance) === 1,
    };
  },

  free: ({ kind, pointer }) => c[`${kind}_free`](pointer),
};

/** The memory of a result, which is handed over and not copied. */
function memory(value) {
  if (ArrayBuffer.isView(value)) return [value.buffer];
  if (value && typeof value === 'object') return Object.values(value).flatMap(memory);
  return [];
}

parentPort.on('message', ({ name, given }) => {
  try {
    library();
    const result = calls[name](given);
    parentPort.postMessage({ result }, memory(result));
  } catch (error) {
    const { status = 5, code = 'Internal', message } = error;
    parentPort.postMessage({ failure: { status, code, message } });
  }
});
