import assert from 'node:assert/strict';
import {test} from 'node:test';
import type {CheckConfig} from '../../src/config/config.ts';
import {describeConfig} from '../../src/config/describe.ts';
import {CHECK, CHECKS, createFolder} from './folder.ts';

const CHANNELS = 'channels: {ops: {type: console}, lead: {type: console}, boss: {type: console}}\n';
const WINDOWS = 'time_intervals: [{name: nights, time_intervals: [{weekdays: [monday]}]}]\n';
const http = (name: string, more = '') => `  ${name}: {type: http, url: http://h/${more}}\n`;

test('without a word about them, news are gathered for 10 s, nobody is reminded and nothing is escalated', (t) => {
  const {alerts, guard, maintenance} = createFolder(t).config(CHECKS);
  assert.deepEqual(alerts, {to: ['console'], missed: 'digest', groupWaitMs: 10_000, escalate: []});
  assert.deepEqual([guard, maintenance], [[], []]);
});

test('a check overrides gathering, reminders and escalation one by one', (t) => {
  const text = `${CHANNELS}alerts: {to: [ops], group_wait: 30s, repeat_every: 20m, escalate: [{after: 15m, to: [lead]}, {after: 1h, to: [boss, lead]}]}
checks:
${http('plain')}${http('eager', ', alerts: {group_wait: 0s}')}${http('quiet', ', alerts: {repeat_every: off}')}${http('calm', ', alerts: {repeat_every: false, escalate: []}')}${http('loud', ', alerts: {repeat_every: 1m}')}`;
  const config = createFolder(t).config(text);
  const alerts = (name: string): Partial<CheckConfig['alerts']> =>
    config.checks.find((check) => check.name === name)?.alerts ?? {};
  const escalate = [
    {afterMs: 900_000, to: ['lead']},
    {afterMs: 3_600_000, to: ['boss', 'lead']},
  ];
  const common = {to: ['ops'], missed: 'digest', groupWaitMs: 30_000, repeatEveryMs: 1_200_000, escalate} as const;
  assert.deepEqual(alerts('plain'), common);
  assert.deepEqual(alerts('eager'), {...common, groupWaitMs: 0});
  const {repeatEveryMs: _, ...unrepeated} = common;
  assert.deepEqual(alerts('quiet'), unrepeated);
  assert.deepEqual(alerts('calm'), {...unrepeated, escalate: []});
  assert.deepEqual(alerts('loud'), {...common, repeatEveryMs: 60_000});
});

test('parents, flapping and backoff have their defaults, their common values and their own', (t) => {
  const folder = createFolder(t);
  const trust = (text: string) =>
    folder
      .config(text)
      .checks.map(({dependsOn, flapping, backoffFactor, maxIntervalMs, isLocal}) => [
        dependsOn,
        flapping,
        backoffFactor,
        maxIntervalMs,
        isLocal,
      ]);
  assert.deepEqual(trust(CHECKS), [[[], true, 1, 300_000, false]]);
  const own = http('b', ', depends_on: [api], flapping: false, backoff_factor: 2, max_interval: 1h');
  assert.deepEqual(trust(`defaults: {backoff_factor: 1.5, max_interval: 10m}\n${CHECKS}${own}`), [
    [[], true, 1.5, 600_000, false],
    [['api'], false, 2, 3_600_000, false],
  ]);
});

test('a maintenance is a window, or a time with a duration, of any selection of checks', (t) => {
  const text = `${WINDOWS}maintenance:
  - {checks: all, window: nights}
  - {checks: api, at: '0 3 * * 0', for: 2h}
  - {checks: [api, 'a*', 'group:shops'], at: '*/30 0-5 1,15 jan-jun mon', for: 90s}
${CHECKS}${http('till', ', group: shops')}`;
  const config = createFolder(t).config(text);
  assert.deepEqual(config.maintenance, [
    {kind: 'window', checks: [{kind: 'all'}], window: 'nights'},
    {kind: 'cron', checks: [{kind: 'check', name: 'api'}], at: '0 3 * * 0', forMs: 7_200_000},
    {
      kind: 'cron',
      checks: [
        {kind: 'check', name: 'api'},
        {kind: 'glob', glob: 'a*'},
        {kind: 'group', group: 'shops'},
      ],
      at: '*/30 0-5 1,15 jan-jun mon',
      forMs: 90_000,
    },
  ]);
  assert.ok(Object.isFrozen(config.maintenance[0]?.checks));
});

test('mistakes about reminders, parents, guards and maintenance come at once, each at its place', (t) => {
  const text = `${CHANNELS}alerts:
  group_wait: 2h
  repeat_every: 30s
  escalate:
    - {after: 15m, to: [leed]}
    - {after: 15, to: [lead, lead]}
    - {after: 10m, to: []}
guard: [gateway, api, apj, api]
maintenance:
  - {checks: bpi, window: night}
  - {checks: [group:shop, 'x*', all], at: '0 3 * * 0'}
  - {checks: all, window: nights, for: 2h}
  - {checks: all}
  - {at: '0 25 * * 0', for: 2}
  - {checks: all, for: 1h}
${WINDOWS}defaults: {backoff_factor: 0.5}
checks:
  api:
    type: http
    url: http://h/
    group: shops
    depends_on: [router, 5]
    backoff_factor: 11
    alerts: {repeat_every: on, escalate: {}}
  router: {type: http, url: http://h/, flapping: maybe, max_interval: 0s}
`;
  assert.deepEqual(createFolder(t).problems(text), [
    'config.yaml:3:15 alerts.group_wait: expected a duration such as 10s between 0s and 1h, got "2h"',
    'config.yaml:4:17 alerts.repeat_every: expected off or a duration such as 20m between 1m and 30d, got "30s"',
    'config.yaml:6:25 alerts.escalate[0].to[0]: expected the name of a channel, got "leed"; did you mean lead?',
    'config.yaml:7:15 alerts.escalate[1].after: expected a duration such as 15m, got 15 without a unit; write 15s',
    'config.yaml:7:30 alerts.escalate[1].to[1]: expected each channel once, found this one twice; remove one',
    'config.yaml:8:15 alerts.escalate[2].after: expected a longer time than in the step before; put it in order',
    'config.yaml:8:24 alerts.escalate[2].to: expected at least one channel, got a list',
    'config.yaml:9:9 guard[0]: expected the name of a check, got "gateway"; define it under checks, or take one of: api, router',
    'config.yaml:9:23 guard[2]: expected the name of a check, got "apj"; did you mean api?',
    'config.yaml:9:28 guard[3]: expected each check once, found this one twice; remove one',
    'config.yaml:11:14 maintenance[0].checks: expected the name of a check, got "bpi"; did you mean api?',
    'config.yaml:11:27 maintenance[0].window: expected the name of a window, got "night"; did you mean nights?',
    'config.yaml:12:5 maintenance[1]: expected at and for, found no for; add how long it takes, such as for: 2h',
    'config.yaml:12:15 maintenance[1].checks[0]: expected group: and the name of a group, got "group:shop"; did you mean shops?',
    `config.yaml:12:27 maintenance[1].checks[1]: expected a glob that means at least one check, got "x*"; change it, or take one of: api, router`,
    'config.yaml:13:5 maintenance[2]: expected either window, or at and for, found both; remove one',
    'config.yaml:14:5 maintenance[3]: expected window, or at and for, found neither; add the name of one of time_intervals',
    'config.yaml:15:5 maintenance[4].checks: this key is missing: add checks',
    'config.yaml:15:10 maintenance[4].at: expected a cron expression of five fields such as 0 3 * * 0, got "0 25 * * 0"; its hour is wrong',
    'config.yaml:15:29 maintenance[4].for: expected a duration such as 2h, got 2 without a unit; write 2s',
    "config.yaml:16:5 maintenance[5]: expected at and for, found no at; add when it begins, such as at: '0 3 * * 0'",
    'config.yaml:18:28 defaults.backoff_factor: expected at least 1, got 0.5',
    'config.yaml:24:17 checks.api.depends_on: expected none, as a guard proves the network by itself; remove them, or it from guard',
    'config.yaml:24:26 checks.api.depends_on[1]: expected a text, got 5',
    'config.yaml:25:21 checks.api.backoff_factor: expected at most 10, got 11',
    'config.yaml:26:28 checks.api.alerts.repeat_every: expected off or a duration such as 20m, got "on"',
    'config.yaml:26:42 checks.api.alerts.escalate: expected a list, got a map',
    'config.yaml:27:50 checks.router.flapping: expected true or false, got "maybe"',
    'config.yaml:27:71 checks.router.max_interval: expected a duration such as 300s between 1s and 30d, got "0s"',
  ]);
});

test('a circle of parents is named where it closes, and so is a check that depends on itself', (t) => {
  const text = `checks:
${http('a', ', depends_on: [b, d]')}${http('b', ', depends_on: [c]')}${http('c', ', depends_on: [d, a]')}${http('d')}${http('e', ', depends_on: [e, a]')}`;
  assert.deepEqual(createFolder(t).problems(text), [
    'config.yaml:4:51 checks.c.depends_on[1]: expected no circle, found a → b → c → a; remove one of these',
    'config.yaml:6:48 checks.e.depends_on[0]: expected other checks, got this one itself; remove it',
  ]);
});

test('a diamond of parents is no circle', (t) => {
  const text = `checks:\n${http('a', ', depends_on: [b, c]')}${http('b', ', depends_on: [d]')}${http('c', ', depends_on: [d]')}${http('d')}`;
  assert.deepEqual(createFolder(t).problems(text), []);
});

test('a circle through 20,000 checks is one short problem', (t) => {
  const last = 19_999;
  const body = Array.from({length: last + 1}, (_, n) => http(`c${n}`, `, depends_on: [c${n === last ? 0 : n + 1}]`));
  assert.deepEqual(createFolder(t).problems(`checks:\n${body.join('')}`), [
    'config.yaml:20001:53 checks.c19999.depends_on[0]: expected no circle, found c0 → c1 → c2 → c3 → c4 → c5 → c6 → c7 → … → c0; remove one of these',
  ]);
});

test('a cron expression has five fields and a time that comes', (t) => {
  const folder = createFolder(t);
  const at = (cron: string) => folder.problems(`maintenance: [{checks: all, for: 1h, at: '${cron}'}]\n${CHECKS}`);
  const place = 'config.yaml:1:42 maintenance[0].at';
  for (const fine of ['0 3 * * 0', '0  3 * * 7', '*/5 * * * *', '0 0 29 2 *', '0 0 L * *', '1,2-9/3 0 1 jan mon-fri'])
    assert.deepEqual(at(fine), [], fine);
  const words = 'write minute, hour, day of the month, month, day of the week';
  for (const [cron, cure] of [
    ['', words],
    ['* * * *', words],
    ['0 * * * * *', words],
    ['@daily', words],
    ['60 * * * *', 'its minute is wrong'],
    ['0 0 0 * *', 'its day of the month is wrong'],
    ['0 0 1 13 *', 'its month is wrong'],
    ['0 0 * * 8', 'its day of the week is wrong'],
    ['0 0 * * x', 'its day of the week is wrong'],
    ['0 0 31 2 *', 'this time never comes'],
    ['0 0 31 2,4 *', 'this time never comes'],
  ] as const)
    assert.deepEqual(at(cron), [
      `${place}: expected a cron expression of five fields such as 0 3 * * 0, got "${cron}"; ${cure}`,
    ]);
});

test('a largest interval below the usual one is a warning where the interval should grow', (t) => {
  const folder = createFolder(t);
  const slow = (more: string) => folder.warnings(`${CHECKS}${http('b', `, interval: 10m${more}`)}`);
  assert.deepEqual(slow(''), []);
  assert.deepEqual(slow(', backoff_factor: 2, max_interval: 10m'), []);
  assert.deepEqual(slow(', backoff_factor: 2'), [
    'config.yaml:3:3 checks.b: its max_interval of 5m is shorter than its interval of 10m; backoff_factor does nothing then',
  ]);
});

test('without any checks, names of checks are not called wrong as well', (t) => {
  const found = createFolder(t).problems('guard: [api]\nmaintenance: [{checks: api, at: "0 3 * * 0", for: 1h}]\n');
  assert.equal(found.length, 1, found.join('\n'));
  assert.match(found[0] ?? '', /checks: this key is missing/);
});

test('the description of a config tells of its guard and its maintenance', (t) => {
  const text = `guard: [api]\nmaintenance: [{checks: all, at: '0 3 * * 0', for: 1h}]\n${CHECKS}`;
  assert.deepEqual(describeConfig(createFolder(t).config(text)).slice(3, 5), [
    'guarded by api',
    '1 planned maintenance',
  ]);
});

test('ten thousand parents that are no checks are found quickly (printed)', (t) => {
  const body = Array.from({length: 10_000}, (_, n) => http(`check-${n}`, `, depends_on: [chekc-${n}]`));
  const began = performance.now();
  assert.equal(createFolder(t).problems(`checks:\n${CHECK}${body.join('')}`).length, 101);
  t.diagnostic(`${Math.round(performance.now() - began)} ms`);
});
