import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';

import { FacenetError, Runtime } from '../index.js';
import { photo } from './shared.js';

let runtime;
let detector;
let pipeline;

before(async () => {
  runtime = await Runtime.open({ threads: 1, parallel: 4 });
  detector = await runtime.detector();
  pipeline = await runtime.pipeline({ detector: { selection: 'largest' } });
});
after(() => Promise.all([runtime, detector, pipeline].map((handle) => handle?.close())));

const failsWith = (code) => (error) => {
  assert.ok(error instanceof FacenetError, `${error}`);
  assert.equal(error.code, code, error.message);
  return true;
};

test('eight calls at once say what one alone says', async () => {
  const names = ['obama.jpg', 'obama2.jpg', 'biden.jpg', 'astronaut.png'];
  const alone = [];
  for (const name of names) alone.push(await pipeline.embed(photo(name)));
  const together = await Promise.all([...names, ...names].map((name) => pipeline.embed(photo(name))));
  assert.deepEqual(together, [...alone, ...alone]);
});

test('messages belong to their calls', async () => {
  const missing = Array.from({ length: 20 }, (_, index) => `missing-${index}.jpg`);
  await Promise.all(
    missing.map((name) =>
      assert.rejects(detector.detect(name), (error) => failsWith('NotFound')(error) && error.message.includes(name)),
    ),
  );
});

test('files, their bytes and pixels are the same picture', async () => {
  const path = photo('biden.jpg');
  const wanted = await detector.detect(path);
  assert.deepEqual(await detector.detect(readFileSync(path)), wanted);

  const { width, height, data } = await runtime.pixels(path);
  assert.equal(data.length, 3 * width * height);
  const frame = (format, stride, fill) => {
    const memory = new Uint8Array(new SharedArrayBuffer(Math.abs(stride) * height));
    for (let y = 0; y < height; y += 1) {
      for (let x = 0; x < width; x += 1) fill(memory, y, x, data.subarray(3 * (y * width + x)));
    }
    return { format, width, height, planes: [{ data: memory, stride }] };
  };
  const pixels = {
    rgb: { format: 'rgb', width, height, planes: [{ data, stride: 3 * width }] },
    'bgra, padded': frame('bgra', 4 * width + 12, (to, y, x, [r, g, b]) => to.set([b, g, r, 0], y * (4 * width + 12) + 4 * x)),
    'from the bottom up': frame('rgb', -3 * width, (to, y, x, [r, g, b]) =>
      to.set([r, g, b], 3 * ((height - 1 - y) * width + x)),
    ),
  };
  for (const [what, picture] of Object.entries(pixels)) {
    assert.deepEqual(await detector.detect(picture), wanted, what);
    assert.deepEqual((await runtime.pixels(picture)).data, data, what);
  }
  const turned = await runtime.pixels({ ...pixels.rgb, rotation: 180, mirror: true });
  assert.deepEqual(turned.data.subarray(0, 3 * width), data.subarray(3 * width * (height - 1)));
});

test('a part of a picture', async () => {
  const [{ rect }] = await pipeline.embed(photo('obama2.jpg'));
  const region = { x1: rect.x1 - 150, y1: rect.y1 - 150, x2: rect.x2 + 150, y2: rect.y2 + 150 };
  const [found] = await pipeline.embed(photo('obama2.jpg'), { region });
  assert.ok(Math.abs(found.rect.x1 - rect.x1) < 20);
});

test('what cannot be is refused', async () => {
  const data = new Uint8Array(300);
  const frame = { format: 'rgb', width: 10, height: 10, planes: [{ data, stride: 30 }] };
  const refused = {
    InvalidArgument: [
      undefined,
      null,
      7,
      'a\0b',
      { ...frame, format: 'cmyk' },
      { ...frame, width: -1 },
      { ...frame, height: 2 ** 40 },
      { ...frame, planes: 'none' },
      { ...frame, planes: [{ data: 'text', stride: 30 }] },
      { ...frame, rotation: 45 },
      () => {},
    ],
    FrameInvalid: [
      { ...frame, planes: [] },
      { ...frame, height: 11 },
      { ...frame, planes: [{ data, stride: 29 }] },
      { ...frame, width: 0 },
    ],
    ImageDecode: [readFileSync(photo('astronaut.png')).subarray(0, 1000), new Uint8Array(0)],
  };
  for (const [code, pictures] of Object.entries(refused)) {
    for (const picture of pictures) await assert.rejects(detector.detect(picture), failsWith(code));
  }
  await assert.rejects(runtime.detector({ minFaceSise: 20 }), failsWith('InvalidArgument'));
  await assert.rejects(runtime.detector({ minFaceSize: NaN }), failsWith('InvalidArgument'));
  await assert.rejects(runtime.pipeline({ embedder: { model: 'none.onnx' } }), failsWith('NotFound'));
  await assert.rejects(pipeline.compare(new Float32Array(3), new Float32Array(3)), failsWith('DimensionMismatch'));
  await assert.rejects(Runtime.open({ provider: 'abacus' }), failsWith('InvalidArgument'));
  await assert.rejects(Runtime.open({ libfacenet: '/no/such/library' }), failsWith('Internal'));
});

test('close waits for calls, and is final', async () => {
  const other = await runtime.detector();
  const calls = [1, 2, 3].map(() => other.detect(photo('astronaut.png')));
  await Promise.all([other.close(), other.close()]);
  assert.equal((await Promise.all(calls)).length, 3);
  await assert.rejects(other.detect(photo('astronaut.png')), failsWith('InvalidArgument'));
});
