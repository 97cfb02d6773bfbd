// Options, frames and names of choices in C's terms.
import { invalid } from './failure.js';
import { sizeOf } from './library.js';

/** Names of choices in the order of their numbers, by the beginnings of their names in facenet.h. */
export const choices = {
  PIXEL_FORMAT: ['rgb', 'bgr', 'rgba', 'bgra', 'rgbx', 'bgrx', 'gray8', 'nv12', 'nv21', 'i420', 'yuy2', 'uyvy'],
  COLOR_RANGE: ['default', 'limited', 'full'],
  COLOR_MATRIX: ['default', 'bt601', 'bt709', 'bt2020'],
  SELECTION: ['all', 'largest', 'central', 'most-probable'],
  ROTATIONS: ['none', 'quarter-turns'],
  STANDARDIZATION: ['model', 'per-image', 'fixed', 'symmetric', 'unit', 'raw'],
  EMBEDDER_ALIGNMENT: ['model', 'margin', 'arcface'],
  MIRROR: ['off', 'average', 'concatenate'],
};

const choice = (kind) => (value, what) => {
  const names = choices[kind];
  const number = names.indexOf(value);
  if (number < 0) throw invalid(`${what} is ${JSON.stringify(value)}: it must be one of ${names.join(', ')}`);
  return number;
};

const text = (value, what) => {
  if (typeof value !== 'string' || value.includes('\0')) throw invalid(`${what} is not a text`);
  return value;
};

const number = (value, what) => {
  if (typeof value !== 'number') throw invalid(`${what} is not a number`);
  return value;
};

const whole = (value, what) => {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff) throw invalid(`${what} is not a whole number`);
  return value;
};

const three = (value, what) => {
  if (!Array.isArray(value) || value.length !== 3) throw invalid(`${what} are not three numbers`);
  return value.map((each) => number(each, what));
};

const flag = (value, what) => {
  if (typeof value !== 'boolean') throw invalid(`${what} is neither true nor false`);
  return Number(value);
};

// Names here, names in C, and what checks and converts a value.
const kinds = {
  runtime: {
    provider: ['provider', text],
    library: ['library', text],
    models: ['models', text],
    engineCache: ['engine_cache', text],
    threads: ['threads', whole],
  },
  detector: {
    minFaceSize: ['min_face_size', number],
    minFaceShare: ['min_face_share', number],
    thresholds: ['thresholds', three],
    selection: ['selection', choice('SELECTION')],
    factor: ['factor', number],
    maxFaces: ['max_faces', whole],
    rotations: ['rotations', choice('ROTATIONS')],
  },
  embedder: {
    model: ['model', text],
    standardization: ['standardization', choice('STANDARDIZATION')],
    mirror: ['mirror', choice('MIRROR')],
    batchSize: ['batch_size', whole],
    alignment: ['alignment', choice('EMBEDDER_ALIGNMENT')],
    margin: ['margin', whole],
  },
};

/** Options of C: the defaults of the library, and what was given. */
export function options(c, kind, given = {}) {
  const filled = {};
  c[`${kind}_options_init`](filled, sizeOf(`facenet_${kind}_options`));
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(kinds[kind], name)) throw invalid(`there is no option ${name}`);
    if (value === undefined) continue;
    const [field, convert] = kinds[kind][name];
    filled[field] = convert(value, name);
  }
  return filled;
}

/** A frame of C over bytes of JavaScript. */
export function frame(c, given) {
  const { format, width, height, planes, range = 'default', matrix = 'default', rotation = 0, mirror = false } = given;
  if (!Array.isArray(planes) || planes.length > 4) throw invalid('planes are not a list of four at most');
  const filled = {};
  c.frame_init(filled, sizeOf('facenet_frame'));
  filled.format = choice('PIXEL_FORMAT')(format, 'format');
  filled.width = whole(width, 'width');
  filled.height = whole(height, 'height');
  filled.range = choice('COLOR_RANGE')(range, 'range');
  filled.matrix = choice('COLOR_MATRIX')(matrix, 'matrix');
  filled.rotation = whole(rotation, 'rotation');
  filled.mirror = flag(mirror, 'mirror');
  planes.forEach(({ data, stride }, index) => {
    if (!(data instanceof Uint8Array)) throw invalid(`data of plane ${index} is not a Uint8Array`);
    if (!Number.isSafeInteger(stride)) throw invalid(`stride of plane ${index} is not a whole number`);
    filled.planes[index] = { data, size: data.byteLength, stride };
  });
  return filled;
}

/** A rectangle of C. */
export function rect(given) {
  const { x1, y1, x2, y2 } = given;
  return { x1: number(x1, 'x1'), y1: number(y1, 'y1'), x2: number(x2, 'x2'), y2: number(y2, 'y2') };
}
