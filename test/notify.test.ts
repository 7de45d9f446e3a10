import assert from 'node:assert/strict';
import {randomBytes} from 'node:crypto';
import {closeSync, mkdtempSync, rmSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {type TestContext, test} from 'node:test';
import {openDatagrams} from '../src/notify/socket.ts';
import {createNotify} from '../src/notify.ts';
import {configWith, keptLog} from './bot/world.ts';
import {createHandClock} from './support/hand-clock.ts';

const WATCHDOG_MS = 60_000;
const MESSAGE_BYTES_MAX = 4_096;
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;

/** What systemd's side of NOTIFY_SOCKET is: a datagram socket of Unix, bound to a name. `read` takes what has arrived. */
function listen(context: TestContext, name: string): () => string[] {
  const ffi = process.getBuiltinModule('node:ffi');
  assert.ok(ffi);
  const {functions} = ffi.dlopen('libc.so.6', {
    socket: {arguments: ['i32', 'i32', 'i32'], return: 'i32'},
    bind: {arguments: ['i32', 'buffer', 'u32'], return: 'i32'},
    recv: {arguments: ['i32', 'buffer', 'u64', 'i32'], return: 'i64'},
  });
  const fd = functions.socket(AF_UNIX, SOCK_DGRAM, 0);
  const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(name)]);
  assert.equal(functions.bind(fd, address, address.length), 0);
  context.after(() => closeSync(fd));
  const read = () => {
    const into = Buffer.alloc(MESSAGE_BYTES_MAX);
    const length = Number(functions.recv(fd, into, BigInt(into.length), MSG_DONTWAIT));
    return length < 0 ? undefined : into.toString('utf8', 0, length);
  };
  return () => {
    const found: string[] = [];
    for (let message = read(); message !== undefined; message = read()) found.push(message);
    return found;
  };
}

function start(context: TestContext) {
  const folder = mkdtempSync(join(tmpdir(), 'vakhta-notify-'));
  context.after(() => rmSync(folder, {recursive: true}));
  const path = join(folder, 'notify');
  const heard = listen(context, `${path}\0`);
  const file = join(folder, 'config.yaml');
  writeFileSync(file, 'checks: {}\n');
  const clock = createHandClock();
  const {log, lines} = keptLog();
  const env = {NOTIFY_SOCKET: path, WATCHDOG_USEC: String(WATCHDOG_MS * 1_000)};
  const told: string[] = [];
  const store = {announced: () => undefined, commit: () => ({queued: 0})};
  const pipeline = {notice: (code: string, detail: string) => void told.push(`${code}: ${detail}`)};
  const make = (its: NodeJS.ProcessEnv = env) =>
    createNotify({env: its, pipeline, store, clock, log, version: '0.2.0', server: 'till-1'});
  return {clock, lines, make, heard, told, config: configWith({file})};
}

const never = new Promise<void>(() => {});

test('systemd hears READY when the first checks have run, and what is in force', async (context) => {
  const {make, heard, clock, config} = start(context);
  const notify = make();
  const {promise: ran, resolve} = Promise.withResolvers<void>();
  notify.begun({config, ran, lagMs: () => 0});
  await clock.advance(1_000);
  assert.deepEqual(heard(), []);
  resolve();
  await clock.advance(0);
  const [ready = '', ...more] = heard();
  assert.match(ready, /^READY=1\nSTATUS=0\.2\.0 on till-1: \d+ checks?, .*config\.yaml sha256 [0-9a-f]{12}$/);
  assert.deepEqual(more, []);
  notify.ended(false);
  assert.deepEqual(heard(), ['STOPPING=1']);
});

test('a first check that takes too long does not keep the service from being ready', async (context) => {
  const {make, heard, clock, config} = start(context);
  const notify = make();
  notify.begun({config, ran: never, lagMs: () => 0});
  await clock.advance(59_000);
  assert.deepEqual(heard(), ['WATCHDOG=1']);
  await clock.advance(1_000);
  assert.match(heard().join(), /READY=1/);
});

test('one that is stopped before it is ready does not say that it is', async (context) => {
  const {make, heard, clock, config} = start(context);
  const notify = make();
  notify.begun({config, ran: never, lagMs: () => 0});
  notify.ended(false);
  await clock.advance(120_000);
  assert.deepEqual(heard(), ['STOPPING=1']);
});

test('a reload is announced and over when the configuration is in force', async (context) => {
  const {make, heard, told, clock, config} = start(context);
  const notify = make();
  notify.begun({config, ran: Promise.resolve(), lagMs: () => 0});
  await clock.advance(0);
  heard();
  notify.refused('config.yaml:1:1 checks: expected …');
  assert.deepEqual(told, ['config_refused: config.yaml:1:1 checks: expected …']);
  notify.ended(true);
  notify.begun({config, ran: never, lagMs: () => 0});
  const [refused = '', reloading, ready = ''] = heard();
  assert.match(refused, /^STATUS=.*mistakes/);
  assert.equal(reloading, 'RELOADING=1');
  assert.match(ready, /^READY=1/);
});

test('the watchdog hears twice in its time, and nothing while the scheduler stands still', async (context) => {
  const {make, heard, clock, config} = start(context);
  const notify = make();
  let lag = 0;
  notify.begun({config, ran: never, lagMs: () => lag});
  await clock.advance(WATCHDOG_MS / 2);
  assert.deepEqual(heard(), ['WATCHDOG=1']);
  lag = 31_000;
  await clock.advance(10 * WATCHDOG_MS);
  assert.doesNotMatch(heard().join(), /WATCHDOG/);
  lag = 0;
  await clock.advance(1_000);
  assert.deepEqual(heard(), ['WATCHDOG=1']);
  notify.ended(false);
  await clock.advance(WATCHDOG_MS);
  assert.deepEqual([heard(), clock.waiting()], [['STOPPING=1'], 0], 'nothing keeps the program from ending');
});

test('outside of systemd nothing is sent; where nobody listens, the log says so', async (context) => {
  const {make, heard, clock, config, lines} = start(context);
  const outside = make({});
  outside.begun({config, ran: Promise.resolve(), lagMs: () => 0});
  outside.ended(false);
  await clock.advance(WATCHDOG_MS);
  assert.deepEqual([heard(), lines.length], [[], 0]);
  const deaf = make({NOTIFY_SOCKET: '/no/such/socket'});
  deaf.ended(true);
  assert.match(JSON.stringify(lines[0]), /nobody listens at \/no\/such\/socket.*systemd could not be told/);
});

test('an abstract name is reached, and one that is too long is not cut', (context) => {
  const name = `vakhta-${randomBytes(8).toString('hex')}`;
  const heard = listen(context, `\0${name}`);
  openDatagrams(`@${name}`)('READY=1');
  assert.deepEqual(heard(), ['READY=1']);
  assert.throws(() => openDatagrams(`/${'x'.repeat(108)}`), /too long/);
});

test('a listener that takes nothing does not hold the program up', (context) => {
  const name = `vakhta-${randomBytes(8).toString('hex')}`;
  listen(context, `\0${name}`);
  const send = openDatagrams(`@${name}`);
  assert.throws(() => {
    for (let sent = 0; sent < 10_000; sent++) send('WATCHDOG=1');
  }, /EAGAIN/);
});
