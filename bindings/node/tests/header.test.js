// What is declared here is what facenet.h declares.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';

import { choices } from '../lib/arguments.js';
import { ABI_VERSION, functions, structs } from '../lib/library.js';

const header = readFileSync(new URL('../../../include/facenet.h', import.meta.url), 'utf8').replace(/\/\*[^]*?\*\//g, '');

const constant = (name) => Number(new RegExp(`#define FACENET_${name} (\\d+)`).exec(header)?.[1] ?? NaN);

/** The type that a typedef of the header stands for. */
const base = (name) => new RegExp(`typedef (\\w+) ${name};`).exec(header)?.[1] ?? name;

/** A type without what makes no difference to a call: names of handles, const, direction. */
function plain(type) {
  const bare = type
    .replace(/\b(struct|const|_Out_|_Inout_)\b/g, '')
    .replace(/facenet_(status|metric|selection|standardization|mirror|pixel_format|color_range|color_matrix|memory)\b/, base)
    .replace('ptrdiff_t', 'intptr_t')
    .replace(/\s+/g, '');
  const handle = /^(facenet_(runtime|image|detector|pipeline|embedder|faces|embedded_faces)|facenet_face|uint8_t|float|void)(\*+)$/;
  return bare.replace(handle, (_, name, __, stars) => `void${stars}`);
}

test('functions', () => {
  for (const [name, [result, ...parameters]] of Object.entries(functions)) {
    const [, declared, list] = new RegExp(`^([^;#\\n]*?\\**)facenet_${name}\\(([^)]*)\\);`, 'm').exec(header) ?? [];
    assert.ok(declared, `facenet_${name} is not in the header`);
    assert.equal(plain(declared), plain(result), `what facenet_${name} returns`);
    const wanted = list === 'void' ? [] : list.split(',').map((each) => plain(each.replace(/\w+\s*$/, '')));
    assert.deepEqual(parameters.map(plain), wanted, `parameters of facenet_${name}`);
  }
});

test('structs', () => {
  for (const [name, fields] of Object.entries(structs)) {
    const [, body] = new RegExp(`struct ${name} \\{([^}]*)\\}`).exec(header) ?? [];
    assert.ok(body, `${name} is not in the header`);
    const wanted = body
      .split(';')
      .map((each) => /^([^]*?)(\w+)(\[\w+\])?\s*$/.exec(each.replace('FACENET_MAX_PLANES', constant('MAX_PLANES')).trim()))
      .filter(Boolean)
      .map(([, type, field, count = '']) => [field, plain(type) + count]);
    assert.deepEqual(Object.entries(fields).map(([field, type]) => [field, plain(type)]), wanted, name);
  }
});

test('numbers', () => {
  assert.equal(ABI_VERSION, constant('ABI_VERSION'));
  for (const [kind, names] of Object.entries(choices)) {
    names.forEach((name, number) => {
      assert.equal(constant(`${kind}_${name.toUpperCase().replace('-', '_')}`), number, `${kind} ${name}`);
    });
  }
});
