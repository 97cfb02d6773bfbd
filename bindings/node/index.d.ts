/**
 * Face detection, alignment, embedding and comparison. Every call is made on a thread of its own and gives a promise, which is
 * rejected with a FacenetError. Handles may be used by any number of calls at once.
 */

/** A call that failed: the message says what was wrong with which input, and what to do. */
export class FacenetError extends Error {
  /** Number of the kind of failure, as in facenet.h. */
  readonly status: number;
  /** Its name, such as "NotFound", "ImageDecode" or "FrameInvalid". */
  readonly code: string;
}

export interface RuntimeOptions {
  /** Calls that run at once, each on a thread; as many as there are cores, 4 at most. */
  parallel?: number;
  /** Path of libfacenet; the environment variable FACENET_LIBRARY, else libfacenet.so.0 where the system looks for it. */
  libfacenet?: string;
  /** What runs the networks: "cpu", "cuda", "cuda:1", "tensorrt", "tensorrt:1" or "auto"; "cpu". */
  provider?: string;
  /** The ONNX Runtime library, or the folder it lies in; looked for by default. */
  library?: string;
  /** The folder with the models that ship with the library; looked for by default. */
  models?: string;
  /** The folder where TensorRT keeps its engines. */
  engineCache?: string;
  /** Threads that work on one call, 1 to 1024; 0, the default, for one a core. */
  threads?: number;
}

export interface DetectorOptions {
  /** Smallest face that is looked for, in pixels; 20. */
  minFaceSize?: number;
  /** The same as a share of the shorter side of the picture, above 0 up to 1; 0 to use pixels. */
  minFaceShare?: number;
  /** Probabilities that a face must reach in each of the three networks; 0.6, 0.7, 0.7. */
  thresholds?: [number, number, number];
  /** Which faces are given back; all. */
  selection?: 'all' | 'largest' | 'central' | 'most-probable';
  /** Ratio of neighbouring sizes in the image pyramid; 0.709. */
  factor?: number;
  /** Most faces to give back; 0 for all. */
  maxFaces?: number;
  /** "quarter-turns" also searches the picture turned by 90, 180 and 270 degrees, in four times the time. */
  rotations?: 'none' | 'quarter-turns';
}

export interface EmbedderOptions {
  /** Model file; the one that ships by default. */
  model?: string;
  standardization?: 'model' | 'per-image' | 'fixed' | 'symmetric' | 'unit' | 'raw';
  mirror?: 'off' | 'average' | 'concatenate';
  /** Most pictures in one run of the network; 16. */
  batchSize?: number;
  /** How the crops were cut out; it becomes part of the fingerprint. */
  alignment?: 'model' | 'margin' | 'arcface';
  /** For alignment "margin": pixels by which the box was made wider and higher; 32. */
  margin?: number;
}

export interface Plane {
  /** From the byte with the lowest address. */
  data: Uint8Array;
  /** Bytes from the start of a row to that of the row below; negative if rows are stored from the bottom up. */
  stride: number;
}

/** Pixels as a camera or decoder gives them. */
export interface Frame {
  format: 'rgb' | 'bgr' | 'rgba' | 'bgra' | 'rgbx' | 'bgrx' | 'gray8' | 'nv12' | 'nv21' | 'i420' | 'yuy2' | 'uyvy';
  width: number;
  height: number;
  /** As many as the format has. */
  planes: Plane[];
  /** Values of YUV; "default" is limited. */
  range?: 'default' | 'limited' | 'full';
  /** Of YUV; "default" is BT.601 up to a height of 576, BT.709 above. */
  matrix?: 'default' | 'bt601' | 'bt709' | 'bt2020';
  /** Degrees by which the pixels must be turned clockwise to stand upright. */
  rotation?: 0 | 90 | 180 | 270;
  /** Whether the upright picture is then to be mirrored left to right. */
  mirror?: boolean;
}

/** The path of an image file, the bytes of one (a Buffer), or pixels. */
export type Picture = string | Uint8Array | Frame;

/** In pixels of the stored picture, x to the right, y down. */
export interface Rect {
  x1: number;
  y1: number;
  x2: number;
  y2: number;
}

export interface Point {
  x: number;
  y: number;
}

export interface Face {
  /** May reach past the edges of the picture. */
  rect: Rect;
  /** Probability that this is a face, 0 to 1. */
  score: number;
  /** Left eye, right eye, nose, left and right corner of the mouth, as they lie in the picture. */
  landmarks: [Point, Point, Point, Point, Point];
}

/** Red, green, blue; 3 * width bytes a row, without padding. */
export interface Pixels {
  width: number;
  height: number;
  data: Uint8Array;
}

export interface EmbeddedFace extends Face {
  /** The face as the network saw it. */
  crop: Pixels;
  /** Of length one. */
  vector: Float32Array;
}

export interface Comparison {
  /** In the metric of the model. */
  distance: number;
  /** The default of the model, with the error rates it was measured to have. */
  threshold: number;
  falseMatchRate: number;
  falseNonMatchRate: number;
  /** Whether both are taken for the same person. */
  same: boolean;
}

/** Where to look for faces. */
export interface Where {
  /** A part of the picture; the whole by default. Results are in the coordinates of the whole. */
  region?: Rect;
}

/** A loaded ONNX Runtime. */
export class Runtime {
  private constructor();
  static open(options?: RuntimeOptions): Promise<Runtime>;
  /** What it runs on: library, version, provider, threads, models. */
  info(): Promise<Record<string, unknown>>;
  detector(options?: DetectorOptions): Promise<Detector>;
  pipeline(options?: { detector?: DetectorOptions; embedder?: EmbedderOptions }): Promise<Pipeline>;
  /** The upright pixels of a picture. */
  pixels(picture: Picture): Promise<Pixels>;
  /** Gives the memory back when the calls under way have ended. What was made from it stays. */
  close(): Promise<void>;
}

/** Finds faces and their landmarks. */
export interface Detector {
  detect(picture: Picture, where?: Where): Promise<Face[]>;
  /** Gives the memory back when the calls under way have ended. */
  close(): Promise<void>;
}

/** Finds, aligns and embeds faces. */
export interface Pipeline {
  /** Values of a vector. */
  readonly dimension: number;
  /** Of model and preprocessing. Vectors of different fingerprints cannot be compared: keep it beside those you store. */
  readonly fingerprint: string;
  embed(picture: Picture, where?: Where): Promise<EmbeddedFace[]>;
  /** Decides whether two vectors of this pipeline are of the same person. */
  compare(a: Float32Array, b: Float32Array): Promise<Comparison>;
  /** Gives the memory back when the calls under way have ended. */
  close(): Promise<void>;
}
