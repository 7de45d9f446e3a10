import assert from 'node:assert/strict';
import {readFileSync} from 'node:fs';
import test from 'node:test';
import {setFlagsFromString} from 'node:v8';
import {runInNewContext} from 'node:vm';
import {fileCopies, giveBackNowAndThen, openGiveBack} from '../../src/main/give-back.ts';
import {createHandClock} from '../support/hand-clock.ts';

const ROUNDS_MAX = 20;

const residentMb = (what: 'RssAnon' | 'RssFile') =>
  Number(new RegExp(`${what}:\\s+(\\d+) kB`).exec(readFileSync('/proc/self/status', 'utf8'))?.[1]) / 1_024;

test('of all that is mapped, only what is the same as its file is given back', () => {
  const smaps = [
    '00400000-0082e000 r--p 00000000 fe:00 5334793                            /opt/with a blank/node',
    'Rss:                1024 kB',
    'Anonymous:             0 kB',
    '0082e000-03489000 r-xp 0042e000 fe:00 5334793                            /opt/with a blank/node',
    'Anonymous:             0 kB',
    '072a7000-072dc000 r--p 06ea7000 fe:00 5334793                            /opt/with a blank/node',
    'Anonymous:            24 kB',
    '072dc000-07308000 rw-p 06edc000 fe:00 5334793                            /opt/with a blank/node',
    'Anonymous:             0 kB',
    '7f0000000000-7f0000001000 rw-s 00000000 fe:00 77                         /data/history.db-shm',
    'Anonymous:             0 kB',
    '7f0000002000-7f0000003000 r--p 00000000 00:00 0 ',
    'Anonymous:             0 kB',
    '7ffd7a1f0000-7ffd7a1f2000 r-xp 00000000 00:00 0                          [vdso]',
    'Anonymous:             0 kB',
  ].join('\n');
  assert.deepEqual(fileCopies(smaps), [
    {from: 0x400000n, to: 0x82e000n},
    {from: 0x82e000n, to: 0x3489000n},
  ]);
});

test('code that only the start has used is given back once it is over, and what follows runs', async () => {
  const clock = createHandClock();
  const stopping = new AbortController();
  const given = giveBackNowAndThen(clock, stopping.signal);
  const before = residentMb('RssFile');
  await clock.advance(4_999);
  assert.ok(residentMb('RssFile') >= before, 'the start is not over');
  await clock.advance(1);
  const after = residentMb('RssFile');
  assert.ok(after < before / 2, `${before} MB before, ${after} MB after`);
  assert.equal(new Intl.NumberFormat('de').format(1_234.5), '1.234,5');
  stopping.abort();
  await given;
});

test('memory between what is still in use is given back', async () => {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc');
  // Too small for pages of their own, and the last one keeps the heap from shrinking.
  let held: readonly Buffer[] = Array.from({length: 4_000}, () => Buffer.alloc(10_000, 1));
  const before = residentMb('RssAnon');
  held = held.slice(-1);
  // V8 frees them some time after it has found that they are not used.
  for (let round = 0; round < ROUNDS_MAX && residentMb('RssAnon') > before - 20; round++) {
    await collect({execution: 'async'});
    openGiveBack()?.unused();
  }
  const after = residentMb('RssAnon');
  assert.ok(after <= before - 20, `${before} MB before, ${after} MB after, with ${held.length} buffer left`);
});

test('nothing is given back when the program ends first', async () => {
  const clock = createHandClock();
  const stopping = new AbortController();
  const before = residentMb('RssFile');
  const given = giveBackNowAndThen(clock, stopping.signal);
  stopping.abort();
  await given;
  assert.ok(residentMb('RssFile') >= before);
});
