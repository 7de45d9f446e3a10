import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {describeConfig} from '../../src/config/describe.ts';
import {CHECKS, createFolder} from './folder.ts';

const USERS = 'users: {111: {name: Anna, role: admin}, 222: {name: Boris, role: operator}}\n';
const BOT = 'telegram: {token: "1:abc"}\nchannels: {ops: {type: telegram, chat_id: -100}}\n';

describe('rotations', () => {
  test('have their people by name, their times, and the zone of the config unless they name one', (t) => {
    const config = createFolder(t).config(
      `timezone: Asia/Tokyo\n${USERS}${BOT}${CHECKS}oncall:
  primary: {people: [111, 222], handover: weekly monday 09:30, start: 2026-11-02}
  night: {people: [222], handover: daily 21:00, start: 2026-11-03, timezone: UTC}
`,
    );
    const [anna, boris] = [
      {id: 111, name: 'Anna'},
      {id: 222, name: 'Boris'},
    ];
    assert.deepEqual(
      [...config.oncall.values()],
      [
        {name: 'primary', people: [anna, boris], days: 7, startDay: 20_759, minute: 570, zone: 'Asia/Tokyo'},
        {name: 'night', people: [boris], days: 1, startDay: 20_760, minute: 1_260, zone: 'UTC'},
      ],
    );
    assert.ok(describeConfig(config).includes('on call (primary): Anna, Boris in turn'));
  });

  test('are named by escalations, beside channels', (t) => {
    const rotations = `oncall:
  primary: {people: [111], handover: daily 09:00, start: 2026-11-02}
  night: {people: [222], handover: daily 21:00, start: 2026-11-03}
`;
    const steps = '[{after: 1m, to: oncall}, {after: 2m, to: [ops, "oncall:night"]}, {after: 3m, to: ops}]';
    const config = createFolder(t).config(`${USERS}${BOT}${CHECKS}${rotations}alerts: {escalate: ${steps}}\n`);
    assert.deepEqual(config.checks[0]?.alerts.escalate, [
      {afterMs: 60_000, to: ['oncall']},
      {afterMs: 120_000, to: ['ops', 'oncall:night']},
      {afterMs: 180_000, to: ['ops']},
    ]);
  });

  test('leave a channel of that name alone where there are none', (t) => {
    const text = `channels: {oncall: {type: console}}\nalerts: {escalate: [{after: 1m, to: [oncall]}]}\n${CHECKS}`;
    assert.deepEqual(createFolder(t).config(text).alerts.escalate, [{afterMs: 60_000, to: ['oncall']}]);
  });

  test('that are wrong are named, with the cure', (t) => {
    const text = `${USERS}channels: {ops: {type: console}, oncall: {type: console}}
oncall:
  primary:
    people: [111, 333, Anna]
    handover: weekly monday 09:00
    start: 2026-11-03
    timezone: Europe/Moskow
  night: {people: [], handover: monday 9:00, start: 2026-02-30}
alerts: {escalate: [{after: 1m, to: "oncall:nihgt"}, {after: 2m, to: [oncall, oncall]}, {after: 3m, to: onacll}]}
${CHECKS}`;
    assert.deepEqual(createFolder(t).problems(text), [
      'config.yaml:2:34 channels.oncall: expected another name: beside oncall: it means who is on call',
      'config.yaml:5:19 oncall.primary.people[1]: expected the numeric id of one of users, got 333; add it there, or take one of: 111, 222',
      'config.yaml:5:24 oncall.primary.people[2]: expected the numeric id of one of users, got "Anna"',
      'config.yaml:7:12 oncall.primary.start: expected a monday, as in handover, got 2026-11-03, a tuesday; write 2026-11-02',
      'config.yaml:8:15 oncall.primary.timezone: expected the IANA name of a time zone such as Europe/Moscow, got "Europe/Moskow"; did you mean Europe/Moscow?',
      'config.yaml:9:19 oncall.night.people: expected at least one person, got a list',
      'config.yaml:9:33 oncall.night.handover: expected daily 09:00, or weekly monday 09:00, got "monday 9:00"',
      'config.yaml:9:53 oncall.night.start: expected a day such as 2026-11-02, got "2026-02-30"',
      'config.yaml:10:37 alerts.escalate[0].to: expected the name of a rotation, got "nihgt"; did you mean night?',
      'config.yaml:10:79 alerts.escalate[1].to[1]: expected each channel once, found this one twice; remove one',
      'config.yaml:10:105 alerts.escalate[2].to: expected the name of a channel, got "onacll"; did you mean oncall?',
    ]);
  });

  test('that nobody has are asked for, and ones without a bot are warned of', (t) => {
    const folder = createFolder(t);
    assert.deepEqual(folder.problems(`${CHECKS}alerts: {escalate: [{after: 1m, to: oncall}]}\n`), [
      'config.yaml:3:37 alerts.escalate[0].to: expected somebody to be on call; define a rotation under oncall',
    ]);
    const alone = 'oncall: {primary: {people: [111], handover: daily 09:00, start: 2026-11-02}}\n';
    assert.deepEqual(folder.warnings(`${USERS}${alone}${CHECKS}`), [
      'config.yaml:2:1 oncall: without a bot nobody can be called in private: alerts only name who is on call',
    ]);
  });
});
