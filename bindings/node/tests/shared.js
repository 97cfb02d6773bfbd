import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../../', import.meta.url);

export const cases = JSON.parse(readFileSync(new URL('tests/parity/cases.json', root), 'utf8'));

export const photo = (name) => new URL(`examples/photos/${name}`, root).pathname;

/** What the facenet program prints that was installed with the library, or that of PATH. */
export function program(...args) {
  const prefix = execFileSync('pkg-config', ['--variable=prefix', 'facenet'], { encoding: 'utf8' }).trim();
  const installed = join(prefix, 'bin', 'facenet');
  return execFileSync(existsSync(installed) ? installed : 'facenet', args, { encoding: 'utf8' });
}
