import assert from 'node:assert/strict';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import type {CheckConfig} from '../../src/config/config.ts';
import {describeConfig} from '../../src/config/describe.ts';
import {loadConfig} from '../../src/config/load.ts';
import {CHECKS, createFolder} from './folder.ts';

const CHANNELS = 'channels: {ops: {type: console}, lead: {type: console}, desk: {type: console}}\n';

test('a config of one check has every default filled in', (t) => {
  const folder = createFolder(t);
  const {checks, ...config} = folder.config(CHECKS);
  const {options: _, ...check} = checks[0] ?? assert.fail();
  assert.deepEqual(check, {
    name: 'api',
    kind: 'http',
    intervalMs: 60_000,
    skipInFirstMs: 0,
    timeoutMs: 10_000,
    attempts: 1,
    retryDelayMs: 6_000,
    failAfter: 3,
    recoverAfter: 2,
    alertWhen: {kind: 'count', count: 1},
    targets: [],
    alerts: {to: ['console'], missed: 'digest', groupWaitMs: 10_000, escalate: []},
    urgent: false,
    dependsOn: [],
    flapping: true,
    backoffFactor: 1,
    maxIntervalMs: 300_000,
    isLocal: false,
  });
  assert.equal(config.dataDir, join(folder.path, 'data'));
  assert.equal(config.timezone, new Intl.DateTimeFormat().resolvedOptions().timeZone);
  assert.equal(config.mocks, false);
  assert.equal(config.messageType, 'both');
  assert.deepEqual(
    [config.logStatusEveryMs, config.keepRawMs, config.keepHistoryMs],
    [60_000, 604_800_000, 34_560_000_000],
  );
});

test('a check may have times of the calendar instead of an interval, and a pause at the start', (t) => {
  const folder = createFolder(t);
  const nightly = "  nightly: {type: http, url: http://h/, at: '0 3 * * *', timeout: 2m, skip_in_first: 0s}\n";
  const config = folder.config(`defaults: {interval: 5m, skip_in_first: 60s}\n${CHECKS}${nightly}`);
  assert.deepEqual(
    config.checks.map(({at, skipInFirstMs}) => [at, skipInFirstMs]),
    [
      [undefined, 60_000],
      ['0 3 * * *', 0],
    ],
  );
  assert.match(describeConfig(config)[0] ?? '', /^2 checks \(2 http\), every 5m, 1 at times of their own$/);
});

test('so many checks run at once, of all hosts and of one', (t) => {
  const folder = createFolder(t);
  const {concurrency, concurrencyPerHost} = folder.config(CHECKS);
  assert.deepEqual([concurrency, concurrencyPerHost], [256, 16]);
  const given = folder.config(`concurrency: 10\nconcurrency_per_host: 0\n${CHECKS}`);
  assert.deepEqual([given.concurrency, given.concurrencyPerHost], [10, 0]);
});

test('a check overrides defaults, and defaults override what is built in', (t) => {
  const folder = createFolder(t);
  const text = `defaults: {interval: 5m, fail_after: 5}\n${CHECKS}  slow: {type: http, url: http://h/, interval: 1h, group: shops, comment: Call Anna., urgent: true}\n`;
  const [api, slow] = folder.config(text).checks;
  assert.deepEqual([api?.intervalMs, api?.failAfter, api?.recoverAfter], [300_000, 5, 2]);
  assert.deepEqual([slow?.intervalMs, slow?.failAfter, slow?.recoverAfter], [3_600_000, 5, 2]);
  assert.deepEqual([slow?.group, slow?.comment, slow?.urgent], ['shops', 'Call Anna.', true]);
});

test('alerts of a check override those of the config key by key', (t) => {
  const folder = createFolder(t);
  const text = `${CHANNELS}alerts: {to: [ops, desk], fallback: desk, missed: drop}
checks:
  plain: {type: http, url: http://h/}
  other: {type: http, url: http://h/, alerts: {to: [lead]}}
  third: {type: http, url: http://h/, alerts: {missed: digest, fallback: lead}}
`;
  const config = folder.config(text);
  const alerts = (name: string): CheckConfig['alerts'] | undefined =>
    config.checks.find((check) => check.name === name)?.alerts;
  const rest = {groupWaitMs: 10_000, escalate: []};
  assert.deepEqual(alerts('plain'), {to: ['ops', 'desk'], fallback: 'desk', missed: 'drop', ...rest});
  assert.deepEqual(alerts('other'), {to: ['lead'], fallback: 'desk', missed: 'drop', ...rest});
  assert.deepEqual(alerts('third'), {to: ['ops', 'desk'], fallback: 'lead', missed: 'digest', ...rest});
  assert.deepEqual(config.alerts, alerts('plain'));
});

test('without alerts.to every channel is told', (t) => {
  assert.deepEqual(createFolder(t).config(`${CHANNELS}${CHECKS}`).alerts.to, ['ops', 'lead', 'desk']);
});

test('a server that takes no orders may name the one that does, and no other may', (t) => {
  const folder = createFolder(t);
  const channels = `channels: {ops: {type: telegram, chat_id: -1}}\n${CHECKS}`;
  const config = folder.config(`telegram: {token: "1:abcdef", commands: false, console: till-1}\n${channels}`);
  assert.equal(config.telegram?.console, 'till-1');
  const problems = folder.problems(`telegram: {token: "1:abcdef", console: till-1}\n${channels}`);
  assert.match(problems.join(), /telegram\.console: expected only beside commands: false/);
});

test('a board, protected content and low severity are off unless the config says otherwise', (t) => {
  const text = (on: boolean) => `
telegram: {token: file:token, board: ${on}}
channels: {ops: {type: telegram, chat_id: -1, protect_content: ${on}}}
checks:
  api: {type: http, url: 'http://127.0.0.1/', severity: ${on ? 'low' : 'normal'}}
`;
  const folder = createFolder(t);
  folder.write('token', '1:abc');
  const found = [true, false].map((on) => {
    const config = folder.config(text(on));
    const ops = config.channels.get('ops');
    return [config.telegram?.board, ops?.type === 'telegram' && ops.protectContent, config.checks[0]?.severity];
  });
  assert.deepEqual(found, [
    [true, true, 'low'],
    [undefined, undefined, undefined],
  ]);
});

test('channels and users come out under their names and numbers', (t) => {
  const folder = createFolder(t);
  const text = `telegram: {token: "1:abcdef", commands: false}
users: {111: {name: Anna, role: admin}}
channels: {ops: {type: telegram, chat_id: -1001234567890, thread_id: 7}, desk: {type: console}}
${CHECKS}`;
  const config = folder.config(text);
  assert.deepEqual(config.telegram, {
    token: '1:abcdef',
    apiRoot: 'https://api.telegram.org',
    proxies: [],
    commands: false,
  });
  assert.deepEqual(config.users.get(111), {id: 111, name: 'Anna', role: 'admin'});
  assert.deepEqual(config.channels.get('ops'), {
    name: 'ops',
    type: 'telegram',
    chatId: -1_001_234_567_890,
    threadId: 7,
  });
  assert.deepEqual(config.channels.get('desk'), {name: 'desk', type: 'console'});
});

test('a role may hold for groups of checks, which have to be there', (t) => {
  const folder = createFolder(t);
  const text = (groups: string) =>
    `users: {222: {name: Boris, role: operator, groups: ${groups}}}\nchecks: {api: {type: http, url: http://a/, group: shops}}\n`;
  assert.deepEqual(folder.config(text('[shops]')).users.get(222)?.groups, ['shops']);
  assert.deepEqual(folder.problems(text('[shop, tills, shops, shops]')), [
    'config.yaml:1:53 users.222.groups[0]: expected the name of a group, got "shop"; did you mean shops?',
    'config.yaml:1:59 users.222.groups[1]: expected the name of a group, got "tills"; define it under a check, as its group, or take one of: shops',
    'config.yaml:1:73 users.222.groups[3]: expected each group once, found this one twice; remove one',
  ]);
  assert.deepEqual(folder.problems(text('[]')), [
    'config.yaml:1:52 users.222.groups: expected at least one group, got a list',
  ]);
});

test('the targets of a check come from the list beside the config, wherever the program was started', (t) => {
  const folder = createFolder(t);
  folder.write('ips.txt', '127.0.0.1 till 1\n10.0.0.0/30\n');
  const [check] = folder.config('checks:\n  t: {type: terminals, file: ips.txt, alert_when: 10%}\n').checks;
  assert.deepEqual(check?.targets, [
    {address: '127.0.0.1', label: 'till 1'},
    {address: '10.0.0.1'},
    {address: '10.0.0.2'},
  ]);
  assert.deepEqual(check?.alertWhen, {kind: 'percent', percent: 10});
});

test('an anchor is one block for several checks, also merged with <<', (t) => {
  const folder = createFolder(t);
  const text = `checks:
  a: &base {type: http, url: http://h/, interval: 5m}
  b: *base
  c: {<<: *base, interval: 1m}
`;
  assert.deepEqual(
    folder.config(text).checks.map(({intervalMs}) => intervalMs),
    [300_000, 300_000, 60_000],
  );
  const found = folder.problems(text.replace('interval: 5m', 'interval: ten'));
  assert.deepEqual(
    found.map((line) => line.slice(0, 33)),
    ['config.yaml:2:51 checks.a.interva', 'config.yaml:2:51 checks.b.interva'],
  );
});

test('a window is found by its name, and Local in it is the config’s own zone', (t) => {
  const text = `timezone: Asia/Tokyo
alerts: {window: office hours}
time_intervals: [{name: office hours, time_intervals: [{location: Local}]}]
${CHECKS}`;
  const config = createFolder(t).config(text);
  assert.equal(config.checks[0]?.alerts.window, 'office hours');
  assert.match(JSON.stringify(config.windows.get('office hours')), /Asia\/Tokyo/);
});

test('a loaded config cannot be changed', (t) => {
  const folder = createFolder(t);
  folder.write('ips.txt', '127.0.0.1\n');
  const config = folder.config(`${CHANNELS}${CHECKS}  t: {type: terminals, file: ips.txt}\n`);
  const frozen: unknown[] = [
    config,
    config.alerts,
    config.alerts.to,
    config.checks,
    ...config.checks,
    ...config.channels.values(),
  ];
  for (const check of config.checks) frozen.push(check.options, check.targets, ...check.targets, check.alerts);
  for (const part of frozen) assert.ok(Object.isFrozen(part));
  const channels = config.channels as Map<string, unknown>;
  assert.throws(() => channels.set('x', {}), TypeError);
  assert.throws(() => channels.clear(), TypeError);
  assert.equal(channels.size, 3);
});

test('attempts that may outlast the interval are a warning', (t) => {
  const folder = createFolder(t);
  const text = `defaults: {timeout: 10s}\n${CHECKS}  b: {type: http, url: http://h/, interval: 20s, attempts: 2}\n`;
  assert.deepEqual(folder.warnings(text), [
    'config.yaml:4:3 checks.b: its attempts may take 26s, longer than its interval of 20s; runs will then be late',
  ]);
});

describe('checks that nobody can ever hear of are warned of', () => {
  const shut = '2025-12-31T23:59Z';
  const WINDOWS = 'timezone: UTC\ntime_intervals: [{name: old, time_intervals: [{years: ["2024:2025"]}]}]\n';
  const WORDS =
    'old does not open in the next five years: no one is told of a failure; only checks with urgent: true are heard';

  test('a window that never opens again: once for the one of all checks, and where a check names it', (t) => {
    const folder = createFolder(t);
    const common = `${WINDOWS}alerts: {window: old}\n${CHECKS}  b: {type: http, url: http://h/}\n`;
    assert.deepEqual(folder.warnings(common), [`config.yaml:3:18 alerts.window: ${WORDS}`]);
    const own = `${WINDOWS}checks:\n  b: {type: http, url: http://h/, alerts: {window: old}}\n`;
    assert.deepEqual(folder.warnings(own), [`config.yaml:4:52 checks.b.alerts.window: ${WORDS}`]);
  });

  test('but not while it is open, where it opens later, and of checks that are urgent', (t) => {
    const folder = createFolder(t);
    const common = `${WINDOWS}alerts: {window: old}\n`;
    assert.deepEqual(folder.warnings(`${common}${CHECKS}`, {}, Date.parse(shut)), []);
    assert.deepEqual(folder.warnings(`${common}${CHECKS}`, {}, Date.parse('2023-01-01T00:00Z')), []);
    assert.deepEqual(folder.warnings(`${common}checks:\n  b: {type: http, url: http://h/, urgent: true}\n`), []);
  });

  test('more targets that must be down than there are', (t) => {
    const folder = createFolder(t);
    const tills = (when: string | number) =>
      folder.warnings(`checks:\n  t: {type: terminals, addresses: [10.0.0.1, 10.0.0.2], alert_when: ${when}}\n`);
    assert.deepEqual(tills(3), [
      'config.yaml:2:69 checks.t.alert_when: 3 targets must be down, and there are only 2: this check can never be down',
    ]);
    for (const when of ['any', 2, '100%', '1%']) assert.deepEqual(tills(when), []);
  });
});

test('a message_type that mutes everybody is a warning', (t) => {
  const folder = createFolder(t);
  assert.match(
    folder.warnings(`message_type: telegram\n${CHECKS}`)[0] ?? '',
    /^config\.yaml:1:15 message_type: telegram mutes every channel/,
  );
  assert.deepEqual(folder.warnings(`message_type: console\n${CHECKS}`), []);
});

test('a channel of Telegram without a bot is refused', (t) => {
  assert.deepEqual(createFolder(t).problems(`channels:\n  ops: {type: telegram, chat_id: 5}\n${CHECKS}`), [
    'config.yaml:2:3 channels.ops: a channel of type telegram needs a bot: add telegram: with its token',
  ]);
});

test('the description of a config names its parts and no secret', (t) => {
  const folder = createFolder(t);
  const config = folder.config(
    `telegram: {token: "1:SECRET"}\nusers: {5: {name: Anna, role: admin}}\n${CHANNELS}timezone: Europe/Moscow\n${CHECKS}`,
  );
  assert.deepEqual(describeConfig(config), [
    '1 check (1 http), every 1m',
    '3 channels: ops (console), lead (console), desk (console); alerts go to ops, lead, desk',
    '1 user: Anna (admin)',
    `data in ${folder.path}/data, times in Europe/Moscow`,
  ]);
});

test('a config of 10,000 checks loads', (t) => {
  const folder = createFolder(t);
  const check = (name: string) =>
    `  ${name}:\n    type: http\n    url: http://127.0.0.1:8081/health\n    expect: ['status == 200']\n    group: shops\n`;
  const text = `checks:\n${Array.from({length: 10_000}, (_, index) => check(`api-${index}`)).join('')}`;
  const began = performance.now();
  assert.equal(folder.config(text).checks.length, 10_000);
  t.diagnostic(`${Math.round(performance.now() - began)} ms`);
});

test('more than 20,000 checks are refused', (t) => {
  const text = `checks:\n${Array.from({length: 20_001}, (_, index) => `  a${index}: 1\n`).join('')}`;
  assert.deepEqual(createFolder(t).problems(text), [
    'config.yaml:2:3 checks: expected at most 20000 checks, got 20001',
  ]);
});

test('the config that comes with the program is all right', () => {
  const file = join(import.meta.dirname, '../../config.yaml');
  const loaded = loadConfig(file, {}, 0);
  assert.ok(loaded.ok);
  assert.deepEqual(loaded.warnings, []);
  assert.deepEqual(
    loaded.config.checks.map(({name, kind, targets}) => [name, kind, targets.length]),
    [
      ['billing-api', 'http', 0],
      ['atto-socket', 'socket', 0],
      ['terminals', 'terminals', 3],
    ],
  );
  assert.equal(loaded.config.mocks, true);
});
