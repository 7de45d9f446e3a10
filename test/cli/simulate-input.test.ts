import assert from 'node:assert/strict';
import {writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {createClock} from '../../src/clock.ts';
import {openStore} from '../../src/store/open.ts';
import {folderWith, LAUNCHER, quoted, sh, vakhta} from './shell.ts';
import {API, HEAD, HOUR, MINUTE, marks, NINE, parse, SECOND} from './simulated.ts';

describe('the input of vakhta simulate', {concurrency: 2}, () => {
  const T = '"at": "2026-11-20T09:00:00Z"';

  test('an empty line is skipped, and the last one needs no end', async (context) => {
    const text = `\n${marks('api', 'xx')
      .map((line) => JSON.stringify(line))
      .join('\n\n')}`;
    const cwd = folderWith(context, {'config.yaml': `checks: {api: ${API}}}`, 'a.jsonl': text});
    const {code, stdout} = await vakhta(['simulate', '--observations', 'a.jsonl'], {cwd});
    assert.equal(code, 0);
    assert.equal(parse(stdout)[0]?.kind, 'went_down');
  });

  test('a byte order mark before the first line is no part of it', async (context) => {
    const lines = marks('api', 'xx').map((line) => JSON.stringify(line));
    const cwd = folderWith(context, {
      'config.yaml': `checks: {api: ${API}}}`,
      'a.jsonl': `\uFEFF${lines.join('\r\n')}`,
    });
    const {code, stdout, stderr} = await vakhta(['simulate', '--observations', 'a.jsonl'], {cwd});
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(parse(stdout)[0]?.kind, 'went_down');
  });

  for (const name of ['LE', 'BE']) {
    test(`observations in UTF-16${name} are refused with the cure`, async (context) => {
      const little = Buffer.from(`\uFEFF{${T}, "check": "api", "ok": true}\n`, 'utf16le');
      const bytes = name === 'LE' ? little : little.swap16();
      const cwd = folderWith(context, {'config.yaml': `checks: {api: ${API}}}`, 'a.jsonl': bytes});
      const {code, stdout, stderr} = await vakhta(['simulate', '--observations', 'a.jsonl'], {cwd});
      assert.equal(
        stderr,
        'vakhta: a.jsonl:1 expected the observations as UTF-8 text, found UTF-16; save it as UTF-8\n',
      );
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  const mistakes: [string, RegExp][] = [
    ['down', /^vakhta: a\.jsonl:3 expected one JSON object such as \{"at"/],
    ['[1]', /^vakhta: a\.jsonl:3 expected one JSON object/],
    [
      '{"check": "api", "ok": true}',
      /^vakhta: a\.jsonl:3 at: expected a time with its zone such as .*, got nothing\n$/,
    ],
    ['{"at": "2026-11-20T09:00:00", "check": "api", "ok": true}', /:3 at: expected a time with its zone/],
    [
      '{"at": "+275760-09-13T00:00:00Z", "check": "api", "ok": true}',
      /:3 at: expected a time in the years 1970 to 9999, got "\+275760-09-13T00:00:00Z"\n$/,
    ],
    ['{"at": 5, "check": "api", "ok": true}', /:3 at: expected a time .*, got 5\n$/],
    [
      '{"at": "2026-11-20T08:59:59Z", "check": "api", "ok": true}',
      /:3 at: .* is before the line above it; sort the lines/,
    ],
    [`{${T}, "check": "apy", "ok": true}`, /:3 check: no check is called apy; did you mean api\?\n$/],
    [`{${T}, "ok": true}`, /:3 check: this key is missing: add "check": "api", or "command" for an order\n$/],
    [`{${T}, "check": 5, "ok": true}`, /:3 check: no check is called 5\n$/],
    [`{${T}, "check": "__proto__", "ok": true}`, /:3 check: no check is called __proto__\n$/],
    [`{${T}, "check": "api"}`, /:3 ok: this key is missing: add "ok": true, /],
    [`{${T}, "check": "api", "ok": "true"}`, /:3 ok: expected true or false, got "true"\n$/],
    [`{${T}, "check": "api", "ok": 1}`, /:3 ok: expected true or false, got 1\n$/],
    [
      `{${T}, "check": "api", "ok": true, "inconclusive": true}`,
      /:3 inconclusive: expected true, and no ok beside it\n$/,
    ],
    [`{${T}, "check": "api", "ok": false, "reason": 503}`, /:3 reason: expected a text such as "HTTP 503", got 503\n$/],
    [`{${T}, "check": "api", "ok": false, "raeson": ""}`, /:3 raeson: unknown key; did you mean reason\?\n$/],
    [`{${T}, "check": "api", "target": "a", "ok": true}`, /:3 target: api has no targets; leave the key out\n$/],
    [`{${T}, "check": "tills", "ok": true}`, /:3 target: tills has targets; add the one that this is about\n$/],
    [`{${T}, "check": "tills", "target": "10.0.0.9", "ok": true}`, /:3 target: tills has no target 10\.0\.0\.9/],
    [
      `{${T}, "command": "ack api", "user": 42}`,
      /:3 command: expected a command such as "\/ack api", got "ack api"\n$/,
    ],
    [`{${T}, "command": "/ack api", "user": "42"}`, /:3 user: expected the numeric Telegram id of .*, got "42"\n$/],
    [`{${T}, "command": "/ack api"}`, /:3 user: expected the numeric Telegram id of .*, got nothing\n$/],
  ];
  for (const [line, expected] of mistakes) {
    test(`the line ${line} is refused with its place and the cure`, async (context) => {
      const first = `{${T}, "check": "api", "ok": true}`;
      const config = `checks: {api: ${API}}, tills: {type: terminals, addresses: [10.0.0.1]}}`;
      const cwd = folderWith(context, {'config.yaml': config, 'a.jsonl': `${first}\n\n${line}\n`});
      const {code, stdout, stderr} = await vakhta(['simulate', '--observations', 'a.jsonl'], {cwd});
      assert.match(stderr, expected);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  const misuses: [string[], RegExp][] = [
    [[], /^vakhta: simulate needs either --observations FILE or --history DURATION; see vakhta simulate --help\n$/],
    [['--observations', 'a.jsonl', '--history', '7d'], /^vakhta: simulate needs either/],
    [['--observations', 'b.jsonl'], /^vakhta: --observations: b\.jsonl cannot be read: ENOENT/],
    [['--observations', '.'], /^vakhta: --observations: \. cannot be read: EISDIR/],
    [['--observations', 'a.jsonl'], /^vakhta: there is nothing to simulate/],
    [
      ['--observations', 'a.jsonl', '--until', 'noon'],
      /^vakhta: --until: expected a duration such as 1d, or a time .*, got noon\n$/,
    ],
    [['--observations', 'c.jsonl', '--until', '2026-11-19T00:00:00Z'], /^vakhta: --until: .* is before the last input/],
    [
      ['--observations', 'c.jsonl', '--until', '+275760-09-13T00:00:00Z'],
      /--until: .* a time in the years 1970 to 9999/,
    ],
    [['--observations', 'c.jsonl', '--until', '99999999d'], /--until: expected an end before the year 10000; /],
    [['--history', 'long'], /^vakhta: --history: expected a duration such as 7d, got long\n$/],
    [['--history', '7d'], /^vakhta: .*history\.db is not there: .*data_dir/],
  ];
  for (const [words, expected] of misuses) {
    test(`vakhta simulate ${words.join(' ')} is refused`, async (context) => {
      const seen = `{${T}, "check": "api", "ok": true}\n`;
      const cwd = folderWith(context, {'config.yaml': `checks: {api: ${API}}}`, 'a.jsonl': '\n', 'c.jsonl': seen});
      const {code, stdout, stderr} = await vakhta(['simulate', ...words], {cwd});
      assert.match(stderr, expected);
      assert.deepEqual([code, stdout], [2, '']);
    });
  }

  test('--history replays this server’s own observations against another config, also while they are being written', async (context) => {
    const config = (failAfter: number) =>
      `${HEAD}alerts: {to: [ops]}\nchecks: {api: ${API.replace('fail_after: 2', `fail_after: ${failAfter}`)}}}`;
    const cwd = folderWith(context, {'config.yaml': config(5)});
    const now = Date.now();
    const clock = createClock({now: () => now, monotonic: () => 0, after: () => () => {}});
    const store = openStore({
      dataDir: join(cwd, 'data'),
      clock,
      keepRawMs: 7 * 24 * HOUR,
      keepHistoryMs: 7 * 24 * HOUR,
    });
    context.after(() => store.close());
    const about = {latencyMs: 1, reason: 'HTTP 503'};
    const span = {from: now - 9 * 24 * HOUR, to: now};
    store.history.record([
      ...[0, 1, 2].map((n) => ({
        check: 'api',
        at: now - 8 * 24 * HOUR + n * MINUTE,
        result: 'failed' as const,
        ...about,
      })),
      ...[0, 1, 2].map((n) => ({check: 'api', at: now - HOUR + n * MINUTE, result: 'failed' as const, ...about})),
      {check: 'gone', at: now - HOUR, result: 'failed', ...about},
    ]);
    assert.equal((await store.history.raw({check: 'api', ...span})).length, 6);
    const before = await vakhta(['simulate', '--history', '7d', '--until', '1h'], {cwd});
    assert.deepEqual([before.code, before.stdout], [0, '']);
    assert.match(before.stderr, /^note: .* of gone; that is left out\n$/);
    writeFileSync(join(cwd, 'new.yaml'), config(2));
    const after = await vakhta(['simulate', '--config', 'new.yaml', '--history', '7d'], {cwd});
    const lines = parse(after.stdout);
    assert.deepEqual(
      lines.map(({kind}) => kind),
      ['went_down', 'message'],
    );
    assert.equal(Date.parse(lines[0]?.at ?? ''), now - HOUR + MINUTE);
    const longer = await vakhta(['simulate', '--config', 'new.yaml', '--history', '9d'], {cwd});
    assert.equal(Date.parse(parse(longer.stdout)[0]?.at ?? ''), now - 8 * 24 * HOUR + MINUTE);
  });

  test('a reader that has seen enough ends it without an error', async (context) => {
    const inputs = marks('api', 'xx.'.repeat(20_000), NINE, SECOND).map((line) => `${JSON.stringify(line)}\n`);
    const cwd = folderWith(context, {
      'config.yaml': `checks: {api: ${API}, flapping: false}}`,
      'a.jsonl': inputs.join(''),
    });
    const command = `{ ${quoted(LAUNCHER)} simulate --observations a.jsonl; echo $? > code; } | head -n 1; cat code`;
    const {stdout, stderr} = await sh(command, {cwd});
    assert.match(stdout, /^\{"at":.*"went_down".*\}\n0\n$/);
    assert.equal(stderr, '');
  });
});
