import assert from 'node:assert/strict';
import {join} from 'node:path';
import {test} from 'node:test';
import {z} from 'zod';
import {marked, resolvePaths} from '../../src/config/marks.ts';
import {createFolder} from './folder.ts';

test('a path of a check starts at the folder of config.yaml, an absolute one stays', (t) => {
  const folder = createFolder(t);
  const text = `checks:
  a: {type: plugin, command: 'true', cwd: plugins}
  b: {type: plugin, command: 'true', cwd: /opt/plugins}
  c: {type: plugin, command: 'true'}
`;
  const cwds = folder.config(text).checks.map(({options}) => (options as {cwd?: string}).cwd);
  assert.deepEqual(cwds, [join(folder.path, 'plugins'), '/opt/plugins', undefined]);
});

test('paths are found in lists and maps, and what is no text is left to the schema', () => {
  const path = z.string().meta({path: true});
  const schema = z.strictObject({
    list: z.array(z.union([path, z.strictObject({path})])),
    map: z.record(z.string(), path.optional()),
    other: z.string(),
  });
  const input = {list: ['a', {path: 'b', not: 'c'}, 5, null], map: {x: 'd', y: ''}, other: 'e'};
  assert.deepEqual(resolvePaths(input, marked(schema, 'path'), '/etc/vakhta/config.yaml'), {
    list: ['/etc/vakhta/a', {path: '/etc/vakhta/b', not: 'c'}, 5, null],
    map: {x: '/etc/vakhta/d', y: ''},
    other: 'e',
  });
  assert.deepEqual(resolvePaths({list: 'a'}, marked(schema, 'path'), 'config.yaml'), {list: 'a'});
});
