// Options, frames and names of choices in C's terms.
import { invalid } from './failure.js';
import { sizeOf } from './library.js';

const formats = ['rgb', 'bgr', 'rgba', 'bgra', 'rgbx', 'bgrx', 'gray8', 'nv12', 'nv21', 'i420', 'yuy2'];
const ranges = ['default', 'limited', 'full'];
const matrices = ['default', 'bt601', 'bt709', 'bt2020'];
const selections = ['all', 'largest', 'central', 'most-probable'];
const standardizations = ['model', 'per-image', 'fixed', 'symmetric', 'unit', 'raw'];
const mirrors = ['off', 'average', 'concatenate'];

/** The number of a choice: its place in the list, which is that of facenet.h. */
const choice = (names) => (value, what) => {
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
    selection: ['selection', choice(selections)],
    factor: ['factor', number],
    maxFaces: ['max_faces', whole],
  },
  embedder: {
    model: ['model', text],
    standardization: ['standardization', choice(standardizations)],
    mirror: ['mirror', choice(mirrors)],
    batchSize: ['batch_size', whole],
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
  filled.format = choice(formats)(format, 'format');
  filled.width = whole(width, 'width');
  filled.height = whole(height, 'height');
  filled.range = choice(ranges)(range, 'range');
  filled.matrix = choice(matrices)(matrix, 'matrix');
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
