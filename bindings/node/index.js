import { availableParallelism } from 'node:os';

import { invalid } from './lib/failure.js';
import { Handle } from './lib/handle.js';
import { Pool } from './lib/pool.js';

export { FacenetError } from './lib/failure.js';

export class Runtime {
  #handle;

  constructor(handle) {
    this.#handle = handle;
  }

  static async open({ parallel = Math.min(4, availableParallelism()), libfacenet, ...options } = {}) {
    if (!Number.isInteger(parallel) || parallel < 1) throw invalid('parallel is not a number of threads');
    const pool = new Pool(parallel, libfacenet ?? process.env.FACENET_LIBRARY ?? 'libfacenet.so.0');
    try {
      return new Runtime(new Handle(pool, { runtime: await pool.run('runtime', { options }) }));
    } finally {
      pool.endIfUnused();
    }
  }

  info() {
    return this.#handle.run('info');
  }

  async detector(options) {
    const detector = await this.#handle.run('detector', { options });
    return new Detector(new Handle(this.#handle.pool, { detector }));
  }

  async pipeline({ detector, embedder } = {}) {
    const { pool } = this.#handle;
    const { model, pointers } = await this.#handle.run('pipeline', { options: { detector, embedder } });
    return new Pipeline(new Handle(pool, pointers), model);
  }

  pixels(picture) {
    return this.#handle.run('pixels', { picture });
  }

  close() {
    return this.#handle.close();
  }
}

class Detector {
  #handle;

  constructor(handle) {
    this.#handle = handle;
  }

  detect(picture, { region } = {}) {
    return this.#handle.run('detect', { picture, region });
  }

  close() {
    return this.#handle.close();
  }
}

class Pipeline {
  #handle;

  constructor(handle, { dimension, fingerprint }) {
    this.#handle = handle;
    this.dimension = dimension;
    this.fingerprint = fingerprint;
    Object.freeze(this);
  }

  embed(picture, { region } = {}) {
    return this.#handle.run('embed', { picture, region, dimension: this.dimension });
  }

  compare(a, b) {
    return this.#handle.run('compare', { a, b, dimension: this.dimension });
  }

  close() {
    return this.#handle.close();
  }
}
