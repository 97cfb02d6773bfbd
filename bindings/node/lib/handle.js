// Ownership of what C has made.
import { invalid } from './failure.js';

const forgotten = new FinalizationRegistry(free);

async function free({ pool, pointers }) {
  for (const [kind, pointer] of Object.entries(pointers)) await pool.run('free', { kind, pointer });
  pool.closed();
}

/** Pointers of C by their kinds, freed when close was called and the last call with them has ended. */
export class Handle {
  #pool;
  #owned;
  // Calls under way, and one more until close.
  #users = 1;
  #freed;
  #closing;

  constructor(pool, pointers) {
    this.#pool = pool;
    this.#owned = { pool, pointers };
    pool.opened();
    forgotten.register(this, this.#owned, this);
  }

  get pool() {
    return this.#pool;
  }

  /** Makes a call with the pointers. */
  async run(name, given) {
    if (this.#closing) throw invalid('used after close');
    this.#users += 1;
    try {
      return await this.#pool.run(name, { ...given, ...this.#owned.pointers });
    } finally {
      this.#release();
    }
  }

  close() {
    if (!this.#closing) {
      this.#closing = new Promise((resolve) => (this.#freed = resolve));
      forgotten.unregister(this);
      this.#release();
    }
    return this.#closing;
  }

  #release() {
    this.#users -= 1;
    if (this.#users === 0) this.#freed(free(this.#owned));
  }
}
