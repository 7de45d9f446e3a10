import {readdirSync} from 'node:fs';

/** `npm run bench [-- NAME… --FLAG…]`: runs every bench of this folder (a file with a default export), or the named ones. */
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.ts') && file !== 'index.ts' && file !== 'table.ts')
  .map((file) => file.slice(0, -'.ts'.length));
const flags = process.argv.slice(2).filter((word) => word.startsWith('--'));
const wanted = process.argv.slice(2).filter((word) => !word.startsWith('--'));
const unknown = wanted.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`There is no bench ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exit(2);
}
for (const name of names.filter((name) => wanted.length === 0 || wanted.includes(name))) {
  const {default: bench} = await import(`./${name}.ts`);
  await bench(flags);
}
