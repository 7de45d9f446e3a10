import assert from 'node:assert/strict';
import {appendFileSync, existsSync, readFileSync} from 'node:fs';
import {join} from 'node:path';
import {test} from 'node:test';
import {Vakhta} from '../support/vakhta.ts';

const DEFAULTS = 'defaults: {interval: 1s, timeout: 900ms, fail_after: 1, recover_after: 1}\n';

test('a line that comes into a log while the program is down is told after the start, once', async (t) => {
  const config = `${DEFAULTS}log_status_every: 1s\nchecks:\n  shop: {type: log, file: app.log, match: ERROR}\n`;
  const vakhta = new Vakhta(t, {'config.yaml': config, 'app.log': 'ERROR old\n'});
  const started = async () => {
    const statuses = () => vakhta.output.split('"shop":true').length;
    const before = statuses();
    await vakhta.start();
    await vakhta.waitFor(() => statuses() > before + 2, 'two statuses');
  };
  await started();
  await vakhta.kill();
  assert.doesNotMatch(vakhta.output, /ERROR old/);
  appendFileSync(join(vakhta.folder, 'app.log'), 'ERROR meanwhile\n');
  await vakhta.start();
  await vakhta.waitFor(() => vakhta.output.includes('a matching line: ERROR meanwhile'), 'the alert');
  await vakhta.waitFor(() => vakhta.output.includes('shop is back'), 'the recovery');
  await vakhta.stop();
  await started();
  await vakhta.stop();
  assert.equal(vakhta.output.split('shop is down').length, 2);
});

test('what escapes from a custom check does not end the program, and its log lines are in the log', async (t) => {
  const check = `import {defineCheck, failed, z} from 'vakhta/check';
export default defineCheck({options: z.strictObject({}), async run({log}) {
  log('looked at it');
  setTimeout(() => { throw new Error('nobody awaited this'); });
  return failed('it is so');
}});`;
  const config = `${DEFAULTS}checks:\n  mine: {type: custom, module: mine.ts}\n`;
  const vakhta = new Vakhta(t, {'config.yaml': config, 'mine.ts': check});
  await vakhta.start();
  const strays = () => vakhta.output.split('a custom check let an exception escape').length - 1;
  await vakhta.waitFor(() => strays() >= 3, 'three runs');
  assert.match(vakhta.output, /"check":"mine","msg":"looked at it"/);
  assert.match(vakhta.output, /mine is down/);
  assert.equal(await vakhta.stop(), 0);
});

test('at shutdown a plugin is ended with all that it started', async (t) => {
  const config = `${DEFAULTS}checks:\n  slow: {type: plugin, shell: true, cwd: ., timeout: 60s, command: 'sleep 300 & echo $! > pid; wait'}\n`;
  const vakhta = new Vakhta(t, {'config.yaml': config});
  await vakhta.start();
  const file = join(vakhta.folder, 'pid');
  await vakhta.waitFor(() => existsSync(file) && readFileSync(file, 'utf8') !== '', 'the plugin');
  const pid = Number(readFileSync(file, 'utf8'));
  assert.equal(lives(pid), true);
  assert.equal(await vakhta.stop(), 0);
  assert.equal(lives(pid), false);
});

/** Whether a process is there, and no zombie that waits for somebody to notice its end. */
function lives(pid: number): boolean {
  const stat = `/proc/${pid}/stat`;
  return existsSync(stat) && !/\) [ZX] /.test(readFileSync(stat, 'utf8'));
}
