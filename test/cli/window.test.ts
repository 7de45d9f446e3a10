import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {folderWith, vakhta} from './shell.ts';

const CONFIG = `
checks:
  api: {type: http, url: 'http://127.0.0.1:1/'}
time_intervals:
  - name: working-hours
    time_intervals:
      - weekdays: ['monday:friday']
        times: [{start_time: '08:00', end_time: '20:00'}]
        location: Europe/Moscow
`;

describe('vakhta window', {concurrency: 2}, () => {
  const rows: [string, object][] = [
    ['1970-01-01T00:00:00Z', {open: false, since: '1969-12-31T17:00:00Z', until: '1970-01-01T05:00:00Z'}],
    ['9999-12-31T23:59:59Z', {open: false, since: '9999-12-31T17:00:00Z', until: '+010000-01-03T05:00:00Z'}],
    // A Friday: 08:00 in Moscow is 05:00 in UTC. The start is inclusive, the end is not.
    ['2026-11-20T08:00:00+03:00', {open: true, since: '2026-11-20T05:00:00Z', until: '2026-11-20T17:00:00Z'}],
    ['2026-11-20T19:59:59Z', {open: false, since: '2026-11-20T17:00:00Z', until: '2026-11-23T05:00:00Z'}],
  ];
  for (const [at, expected] of rows) {
    test(`at ${at} it prints whether it is open, since when and until when`, async (context) => {
      const cwd = folderWith(context, {'config.yaml': CONFIG});
      const {code, stdout, stderr} = await vakhta(['window', 'working-hours', '--at', at], {cwd});
      assert.deepEqual([code, stderr], [0, '']);
      assert.deepEqual(JSON.parse(stdout), expected);
    });
  }

  test('without --at it is about now', async (context) => {
    const {code, stdout} = await vakhta(['window', 'working-hours'], {
      cwd: folderWith(context, {'config.yaml': CONFIG}),
    });
    assert.equal(code, 0);
    const {open, since, until} = JSON.parse(stdout);
    assert.equal(typeof open, 'boolean');
    assert.ok(Date.parse(since) <= Date.now() && Date.now() < Date.parse(until));
  });

  const mistakes: [string[], RegExp][] = [
    [['nights'], /^vakhta: .* window .*working-hours\), got nights\n$/],
    [[], /^vakhta: .* window .*working-hours\), got nothing\n$/],
    [['working-hours', '--at', 'noon'], /^vakhta: --at: expected a time with its zone such as .*, got noon\n$/],
    [['working-hours', '--at', '2026-11-20T09:00:00'], /^vakhta: --at: expected a time with its zone/],
    [
      ['working-hours', '--at', '+275760-09-13T00:00:00Z'],
      /^vakhta: --at: expected a time in the years 1970 to 9999, got \+275760-09-13T00:00:00Z\n$/,
    ],
    [['working-hours', '--at', '1969-12-31T23:59:59Z'], /^vakhta: --at: expected a time in the years 1970 to 9999/],
    [['working-hours', '--at', '10000-01-01T00:00:00Z'], /^vakhta: --at: expected a time /],
  ];
  for (const [words, expected] of mistakes) {
    test(`vakhta window ${words.join(' ')} is refused`, async (context) => {
      const cwd = folderWith(context, {'config.yaml': CONFIG});
      const {code, stdout, stderr} = await vakhta(['window', ...words], {cwd});
      assert.match(stderr, expected);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }
});
