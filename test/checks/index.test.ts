import assert from 'node:assert/strict';
import {readdirSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {kinds, prepareCheck} from '../../src/checks/index.ts';
import {createHandClock} from './hand-clock.ts';
import {serveHttp} from './servers.ts';

test('every file of src/checks/ with a default export is a kind', () => {
  const folder = join(import.meta.dirname, '../../src/checks');
  const isKind = (file: string) => /^export default kind;$/m.test(readFileSync(join(folder, file), 'utf8'));
  const files = readdirSync(folder).filter(isKind);
  assert.deepEqual([...kinds.keys()].sort(), files.map((file) => file.replace(/\.ts$/, '')).sort());
  assert.ok(kinds.has('http') && kinds.has('custom'));
  for (const [name, kind] of kinds) {
    assert.equal(kind.name, name);
    assert.match(kind.example, new RegExp(`^[\\w-]+:\\n  type: ${name}\\n`));
  }
});

test('an observation carries the name of the check and the time at which the run began', async (t) => {
  const url = await serveHttp(t, (_, response) => response.end());
  const clock = createHandClock();
  const options = kinds.get('http')?.options.parse({url});
  const spec = {name: 'api', kind: 'http', options, timeoutMs: 1_000, attempts: 1, retryDelayMs: 0};
  const run = prepareCheck(spec, {clock});
  assert.deepEqual(await run(new AbortController().signal), [
    {check: 'api', at: clock.now(), result: 'ok', reason: '', latencyMs: 0},
  ]);
  assert.equal(clock.waiting(), 0);
});

test('a run under an aborted signal does nothing', async () => {
  const options = kinds.get('http')?.options.parse({url: 'http://127.0.0.1:1'});
  const spec = {name: 'api', kind: 'http', options, timeoutMs: 1_000, attempts: 1, retryDelayMs: 0};
  assert.deepEqual(await prepareCheck(spec, {clock: createHandClock()})(AbortSignal.abort()), []);
});

test('the host of a check is where its options lead to, if they lead anywhere', () => {
  const hostOf = (kind: string, given: Record<string, unknown>) => {
    const options = kinds.get(kind)?.options.parse(given);
    const spec = {name: 'it', kind, options, timeoutMs: 1_000, attempts: 1, retryDelayMs: 0};
    return prepareCheck(spec, {clock: createHandClock()}).host;
  };
  const place = {host: 'till.example', port: 7};
  assert.equal(hostOf('http', {url: 'https://till.example:8443/health?x=1'}), 'till.example');
  for (const kind of ['socket', 'tls']) assert.equal(hostOf(kind, place), 'till.example');
  assert.equal(hostOf('udp', {...place, send: 'x'}), 'till.example');
  for (const kind of ['postgres', 'mysql', 'mssql']) assert.equal(hostOf(kind, {...place, user: 'u'}), 'till.example');
  assert.equal(hostOf('terminals', {addresses: ['127.0.0.1']}), undefined);
});

test('a kind that does not exist is a bug', () => {
  const spec = {name: 'api', kind: 'htp', options: {}, timeoutMs: 1_000, attempts: 1, retryDelayMs: 0};
  assert.throws(() => prepareCheck(spec, {clock: createHandClock()}), /no such kind of check: htp/);
});
