// Are the faces of two pictures those of the same person?
//
//     npm install && node compare.js a.jpg b.jpg

import { Runtime } from 'facenet';

async function compare(...paths) {
  const runtime = await Runtime.open();
  const pipeline = await runtime.pipeline({ detector: { selection: 'largest' } });
  const vectors = [];
  for (const path of paths) {
    const [face] = await pipeline.embed(path);
    if (!face) throw new Error(`${path}: no face found`);
    vectors.push(face.vector);
  }
  return pipeline.compare(...vectors);
}

const paths = process.argv.slice(2);
if (paths.length === 2) {
  try {
    const { distance, same } = await compare(...paths);
    console.log(`${distance.toFixed(6)}: ${same ? 'same person' : 'different people'}`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
} else {
  console.error('usage: compare.js A B');
  process.exitCode = 2;
}
