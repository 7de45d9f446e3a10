import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, type TestContext, test} from 'node:test';
import {stripVTControlCharacters} from 'node:util';
import {startApi} from '../../mocks/api.ts';
import {newFolder} from '../bot/world.ts';
import {needs} from '../support/packages.ts';

const LAUNCHER = join(import.meta.dirname, '../../bin/vakhta');
const CTRL_C = '\u0003';
const CTRL_D = '\u0004';

/** The real program with somebody at its terminal. */
interface Seat {
  /** What this run has written, without the terminal's control sequences. */
  readonly screen: () => string;
  readonly type: (text: string) => void;
  readonly sees: (what: RegExp) => Promise<void>;
  /** Resolves with the exit code and how long the end took. */
  readonly leave: (key: string) => Promise<{code: number | null; tookMs: number}>;
}

async function sitDown(context: TestContext, folder: string): Promise<Seat> {
  const environment = {
    ...process.env,
    TERM: 'xterm',
    TELEGRAM_BOT_TOKEN: '',
    TELEGRAM_CHAT_ID: '',
    TELEGRAM_ADMIN_ID: '',
  };
  const child = spawn('script', ['-qec', `sh ${LAUNCHER} run`, '/dev/null'], {cwd: folder, env: environment});
  context.after(() => end(child));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (output += data));
  // The prompt is drawn over by the next line.
  const screen = () => stripVTControlCharacters(output).replace(/^.*\r(?!\n)/gm, '');
  const sees = async (what: RegExp) => {
    const deadline = performance.now() + 15_000;
    while (!what.test(screen())) {
      if (performance.now() > deadline || child.exitCode !== null) assert.fail(`${what} is not on\n${screen()}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const leave: Seat['leave'] = async (key) => {
    const exited = once(child, 'exit');
    const from = performance.now();
    child.stdin.write(key);
    await exited;
    return {code: child.exitCode, tookMs: performance.now() - from};
  };
  const type = (text: string) => void child.stdin.write(text);
  await sees(/Ctrl-C ends it/);
  return {screen, sees, type, leave};
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  await exited;
}

async function watching(context: TestContext) {
  const api = await startApi({port: 0});
  const folder = newFolder();
  context.after(() => api.stop());
  const config = `
data_dir: ./data
timezone: UTC
channels: {desk: {type: console}}
alerts: {to: [desk]}
defaults: {interval: 1s, timeout: 900ms, fail_after: 2, recover_after: 2}
checks:
  billing-api: {type: http, url: '${api.url}/health'}
`;
  writeFileSync(join(folder, 'config.yaml'), config);
  return {api, folder};
}

describe('at the console', needs('script'), () => {
  test('it is watched, ordered and left, and after a restart it knows everything', async (context) => {
    const {api, folder} = await watching(context);
    const seat = await sitDown(context, folder);
    const banner = seat.screen().trim().split(/\r*\n/).slice(0, 3);
    assert.match(banner[0] ?? '', /^Vakhta \S+ on \S+ watches 1 checks? of config\.yaml: billing-api/);
    assert.match(banner[1] ?? '', /^It writes to data\/ .*log (goes )?to data\/vakhta\.log/);
    assert.match(banner[2] ?? '', /^Type \/status.*Ctrl-C ends it\./);

    api.break();
    await seat.sees(/🔴 billing-api is down/);
    await seat.sees(/HTTP 503/);
    seat.type('/status\r');
    await seat.sees(/🔴 1 of 1 check down/);
    seat.type('/ack billing-api looking into it\r');
    await seat.sees(/Acknowledged: billing-api/);
    await seat.sees(/Acknowledged by console at [\d:]+: looking into it/);
    const {code, tookMs} = await seat.leave(CTRL_C);
    assert.equal(code, 0);
    assert.ok(tookMs < 2_000, `the end took ${Math.round(tookMs)} ms`);
    assert.equal(seat.screen().match(/🔴 billing-api is down/g)?.length, 1);

    const again = await sitDown(context, folder);
    again.type('/status\r');
    await again.sees(/🟠 billing-api · HTTP 503 · since [\d:]+ · 👤 console/);
    assert.doesNotMatch(again.screen(), /billing-api is down/);
    api.mend();
    await again.sees(/🟢 billing-api is back after/);
    again.type('/status\r');
    await again.sees(/The one check is fine/);
    assert.equal(again.screen().match(/is back after/g)?.length, 1);
    assert.equal((await again.leave(CTRL_D)).code, 0);
  });

  test('what is being typed survives news', async (context) => {
    const {api, folder} = await watching(context);
    const seat = await sitDown(context, folder);
    seat.type('nonsense\r');
    await seat.sees(/There is no command \/nonsense/);
    seat.type('/vers');
    await seat.sees(/> \/vers/);
    api.break();
    await seat.sees(/billing-api is down[\s\S]*> \/vers/);
    seat.type('ion\r');
    await seat.sees(/Vakhta \d[\w.]* · .* · Node/);
    assert.equal((await seat.leave(CTRL_C)).code, 0);
  });

  test('a check is looked at, run and silenced, everything only after a yes', async (context) => {
    const {folder} = await watching(context);
    const seat = await sitDown(context, folder);
    seat.type('/run bill\r');
    await seat.sees(/Running billing-api …[\s\S]*🟢 billing-api · \d+ ms/);
    seat.type('/check billing-api\r');
    await seat.sees(/Fine since [\s\S]*▁.* ms, mean \d+ ms/);
    seat.type('/history billing-api\r');
    await seat.sees(/Available 24 h: 100% \(\d+ of \d+ runs?\)[\s\S]*No incidents/);
    seat.type('/log 1\r');
    await seat.sees(/\d\d:\d\d:\d\d info \w+/);
    seat.type('/silence all 2h\r');
    await seat.sees(/Really \/silence all 2h[\s\S]*Type yes within 1m/);
    seat.type('no\r');
    await seat.sees(/Nothing was done/);
    seat.type('yes\r');
    await seat.sees(/There is no command \/yes/);
    assert.doesNotMatch(seat.screen(), /Silenced: all/);
    seat.type('/silence all 2h\r');
    seat.type('yes\r');
    await seat.sees(/Silenced: all \(1 check\)/);
    assert.equal((await seat.leave(CTRL_C)).code, 0);
  });
});
