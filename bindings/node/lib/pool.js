// Threads that make calls, one at a time each.
import { Worker } from 'node:worker_threads';

import { FacenetError } from './failure.js';

export class Pool {
  #path;
  #size;
  #workers = [];
  #idle = [];
  #waiting = [];
  // Handles that are open: the threads end with the last.
  #handles = 0;

  constructor(size, path) {
    this.#size = size;
    this.#path = path;
  }

  /** Makes a call of worker.js on the next thread that is idle. */
  run(name, given) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ name, given, resolve, reject });
      this.#next();
    });
  }

  opened() {
    this.#handles += 1;
  }

  closed() {
    this.#handles -= 1;
    this.endIfUnused();
  }

  endIfUnused() {
    if (this.#handles > 0) return;
    for (const worker of this.#workers) worker.terminate();
    this.#workers = [];
    this.#idle = [];
  }

  #next() {
    if (this.#waiting.length === 0) return;
    if (this.#idle.length === 0 && this.#workers.length < this.#size) this.#start();
    const worker = this.#idle.pop();
    if (!worker) return;
    worker.task = this.#waiting.shift();
    // The process lives as long as a call is under way, and no longer.
    worker.ref();
    try {
      worker.postMessage({ name: worker.task.name, given: worker.task.given });
    } catch (error) {
      this.#answer(worker, { failure: { status: 1, code: 'InvalidArgument', message: error.message } });
    }
  }

  #answer(worker, { result, failure }) {
    const { resolve, reject } = worker.task;
    worker.task = undefined;
    worker.unref();
    this.#idle.push(worker);
    if (failure) reject(new FacenetError(failure.status, failure.code, failure.message));
    else resolve(result);
    this.#next();
  }

  #start() {
    const worker = new Worker(new URL('./worker.js', import.meta.url), { workerData: { path: this.#path } });
    worker.unref();
    worker.on('message', (message) => this.#answer(worker, message));
    worker.on('error', (error) => {
      this.#workers = this.#workers.filter((other) => other !== worker);
      worker.task?.reject(error);
      this.#next();
    });
    this.#workers.push(worker);
    this.#idle.push(worker);
  }
}
