import assert from 'node:assert/strict';
import {join} from 'node:path';
import {DatabaseSync} from 'node:sqlite';
import {test} from 'node:test';
import {startWorld} from './world.ts';

const ID = '1c9f2b6e-6f0c-4e7e-9f43-0c8b8a1f6d52';
const RID = 'aaaaaaaa-0000-4000-8000-000000000001';
const CHECKS = `  backup: {type: heartbeat}\n  till: {type: heartbeat, id: ${ID}, period: 30s}\n  probe: {type: socket, host: 127.0.0.1, port: 1}\n`;

test('Healthchecks’ forms do what they do there, with every method', async (t) => {
  const {get, pipeline} = await startWorld(t, {checks: CHECKS});
  const status = () => pipeline.statusMap().backup;
  const forms: [string, RequestInit, boolean][] = [
    ['/ping/backup', {}, true],
    ['/ping/backup/fail', {method: 'POST', body: 'no space left'}, false],
    ['/ping/backup/0', {method: 'HEAD'}, true],
    ['/ping/backup/255', {}, false],
    ['/ping/backup/log', {method: 'POST', body: 'a line'}, false],
    ['/ping/backup/start', {}, false],
    [`/ping/backup?rid=${RID}`, {method: 'POST', body: '{}', headers: {'content-type': 'application/json'}}, true],
    ['/ping/backup/1', {method: 'POST', body: 'x', headers: {'content-type': ''}}, false],
  ];
  for (const [path, init, expected] of forms) {
    const answer = await get(path, init);
    assert.equal(answer.status, 200, path);
    assert.equal(answer.headers.get('ping-body-limit'), '10000');
    assert.equal(await answer.text(), init.method === 'HEAD' ? '' : 'OK');
    assert.equal(status(), expected, `after ${path}`);
  }
});

test('a failure is on the disk before the answer is out', async (t) => {
  const {get, folder} = await startWorld(t, {checks: CHECKS});
  await get('/ping/backup/3');
  const sql = new DatabaseSync(join(folder, 'state.db'), {readOnly: true});
  t.after(() => sql.close());
  assert.equal(
    sql.prepare("SELECT last_reason FROM counters WHERE check_name = 'backup'").get()?.last_reason,
    'reported a failure: exit code 3',
  );
  assert.match(
    String(sql.prepare("SELECT memory FROM check_memory WHERE check_name = 'backup'").get()?.memory),
    /exit code 3/,
  );
});

test('a UUID is known in either case, and what is not known is not found, whatever it is', async (t) => {
  const {get} = await startWorld(t, {checks: CHECKS});
  assert.equal((await get(`/ping/${ID.toUpperCase()}/fail`)).status, 200);
  for (const id of ['till', 'probe', 'nothing', ID.slice(1), '%F0%9F%98%80', '__proto__', 'constructor'])
    assert.equal((await get(`/ping/${id}`)).status, 404, id);
});

test('what is wrong in an address is said, also where the id is unknown', async (t) => {
  const {get} = await startWorld(t, {checks: CHECKS});
  for (const path of [
    '/ping/backup/256',
    '/ping/backup/stop',
    '/ping/nobody/-1',
    '/ping/backup?rid=1',
    '/ping/%E0%A4%A',
  ])
    assert.equal((await get(path)).status, 400, path);
});

test('Uptime Kuma’s form is answered as Uptime Kuma answers it', async (t) => {
  const {get, pipeline} = await startWorld(t, {checks: CHECKS});
  const push = async (query: string) => (await get(`/api/push/${ID}${query}`)).json();
  assert.deepEqual(await push('?status=up&msg=OK&ping=41.5'), {ok: true});
  const counter = () =>
    pipeline
      .view()
      .find(({config}) => config.name === 'till')
      ?.state.counters.get('');
  assert.equal(counter()?.status, true);
  assert.equal(counter()?.lastLatencyMs, 41.5);
  assert.deepEqual(await push('?status=down&msg=paper%20jam&ping='), {ok: true});
  assert.equal(counter()?.lastReason, 'reported a failure: paper jam');
  assert.deepEqual(await push(''), {ok: true});
  assert.equal(counter()?.status, true);
  const unknown = await get('/api/push/nobody?status=up');
  assert.equal(unknown.status, 404);
  assert.deepEqual(await unknown.json(), {ok: false, msg: 'Monitor not found or not active.'});
});

test('the first 10,000 bytes of what is sent are kept, of up to a mebibyte', async (t) => {
  const {get} = await startWorld(t, {checks: CHECKS});
  assert.equal((await get('/ping/backup', {method: 'POST', body: 'ä'.repeat(500_000)})).status, 200);
  const {last_report: report} = (await (await get('/api/v1/checks/backup')).json()) as {last_report: {body: string}};
  assert.equal(report.body, 'ä'.repeat(5_000));
  const tooMuch = await get('/ping/backup', {method: 'POST', body: 'x'.repeat(1_100_000)}).catch(() => undefined);
  assert.ok(tooMuch === undefined || tooMuch.status === 413);
});

test('who guesses ids is refused after a while, and a job on this machine that knows its id is not', async (t) => {
  const {get} = await startWorld(t, {checks: CHECKS});
  const seen = new Set<number>();
  for (let i = 0; i < 70; i++) seen.add((await get(`/ping/guess-${i}`)).status);
  assert.deepEqual([...seen], [404, 429]);
  assert.equal((await get('/ping/guess')).headers.get('retry-after'), '1');
  assert.equal((await get('/ping/backup')).status, 200);
});

test('a program that is ending does not say OK to what it cannot keep', async (t) => {
  const {get, pipeline} = await startWorld(t, {checks: CHECKS});
  pipeline.stop();
  assert.equal((await get('/ping/backup')).status, 503);
});
