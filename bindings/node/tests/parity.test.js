// The facenet program must say the same: see tests/parity/README.md.
import assert from 'node:assert/strict';
import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';

import { Runtime } from '../index.js';
import { cases, photo, program } from './shared.js';

const { tolerance, pictures, min_face_sizes: sizes, pairs } = cases;
let runtime;
let pipeline;

before(async () => {
  runtime = await Runtime.open();
  pipeline = await runtime.pipeline({ detector: { selection: 'largest' } });
});
after(() => Promise.all([runtime?.close(), pipeline?.close()]));

function near(got, want, by, what) {
  assert.ok(Math.abs(got - want) <= by, `${what}: ${got}, the program says ${want}`);
}

test('detection', async () => {
  assert.ok(sizes.length > 0 && pictures.length > 0);
  for (const minFaceSize of sizes) {
    const detector = await runtime.detector({ minFaceSize });
    const wanted = JSON.parse(program('detect', '--json', '--min-face-size', `${minFaceSize}`, ...pictures.map(photo)));
    for (const [index, name] of pictures.entries()) {
      const faces = await detector.detect(photo(name));
      const { faces: want } = wanted[index];
      assert.ok(faces.length > 0);
      assert.equal(faces.length, want.length, name);
      faces.forEach((face, at) => {
        near(face.score, want[at].score, tolerance, name);
        for (const edge of ['x1', 'y1', 'x2', 'y2']) near(face.rect[edge], want[at].rect[edge], 1000 * tolerance, name);
        assert.equal(face.landmarks.length, 5);
        face.landmarks.forEach((point, number) => {
          near(point.x, want[at].landmarks[number].x, 1000 * tolerance, name);
          near(point.y, want[at].landmarks[number].y, 1000 * tolerance, name);
        });
      });
    }
    await detector.close();
  }
});

test('embedding', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'facenet-'));
  try {
    const path = join(folder, 'faces.npy');
    program('embed', '--quiet', '--output', path, ...pictures.map(photo));
    const file = readFileSync(path);
    assert.equal(file.toString('latin1', 1, 6), 'NUMPY');
    const body = file.subarray(10 + file.readUInt16LE(8));
    assert.equal(body.length, 4 * pipeline.dimension * pictures.length);
    for (const [row, name] of pictures.entries()) {
      const [face] = await pipeline.embed(photo(name));
      assert.equal(face.vector.length, pipeline.dimension);
      face.vector.forEach((value, column) => {
        near(value, body.readFloatLE(4 * (row * pipeline.dimension + column)), tolerance, name);
      });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('comparison', async () => {
  for (const [a, b] of pairs) {
    const wanted = JSON.parse(program('compare', '--json', photo(a), photo(b)));
    const [[one], [other]] = await Promise.all([pipeline.embed(photo(a)), pipeline.embed(photo(b))]);
    const got = await pipeline.compare(one.vector, other.vector);
    near(got.distance, wanted.pairs[0].distance, tolerance, `${a}, ${b}`);
    near(got.threshold, wanted.threshold, tolerance, 'threshold');
    assert.equal(got.same, wanted.pairs[0].same);
    assert.equal(pipeline.fingerprint, wanted.fingerprint);
  }
});
