import assert from 'node:assert/strict';
import {describe, test} from 'node:test';
import {plainText, TEXT_UNITS_MAX} from '../../../src/bot/messages/html.ts';
import {type Reader, render} from '../../../src/bot/messages/render.ts';
import type {Recovery, RecoveryRun, RunOutcome} from '../../../src/state/recovery-vocabulary.ts';
import type {Incident, Message} from '../../../src/state/vocabulary.ts';
import {START} from '../../support/hand-clock.ts';
import {checkConfig, configWith, readerOf, recoveryConfig} from '../world.ts';

const config = configWith({checks: [checkConfig('api', {backoffFactor: 1.5, recovery: recoveryConfig()})]});
const reader: Reader = {...readerOf(config), nextCheckAt: () => START + 105_000};

const running: RecoveryRun = {
  ...{id: 4, check: 'api', incident: 1, attempt: 2, of: 5, host: 'DC3', command: 'systemctl restart shop'},
  startedAt: START,
};

function ended(outcome: Partial<RunOutcome>): RecoveryRun {
  return {...running, outcome: {status: 'failed', endedAt: START + 3_000, output: '', ...outcome}};
}

function incident(recovery: Partial<Recovery>, changes: Partial<Incident> = {}): Incident {
  const whole = {check: 'api', attempts: 2, of: 5, ...recovery};
  return {
    ...{id: 1, check: 'api', openedAt: START, reason: 'HTTP 503', errors: 3, cards: [1], recovery: whole},
    ...changes,
  };
}

function card(...incidents: Incident[]): Message {
  const open = incidents.filter(({closedAt}) => closedAt === undefined).length;
  const about = {incidents, total: incidents.length, open, missed: []};
  return {kind: 'card', channel: 'ops', reason: 'first', card: 1, ...about};
}

function lines(message: Message, now = START + 60_000): string[] {
  const text = plainText(render(message, reader, now));
  assert.ok(text.length <= TEXT_UNITS_MAX);
  return text.split('\n');
}

describe('the card of an incident with a recovery', () => {
  const rows: [string, RecoveryRun, string[]][] = [
    ['runs', running, ['🔧 Recovery attempt 2 of 5: running']],
    [
      'was ordered',
      {...running, by: {id: 111, name: 'Anna'}},
      ['🔧 Recovery attempt 2 of 5 (ordered by Anna): running'],
    ],
    ['failed', ended({exitCode: 1}), ['🔧 Recovery attempt 2 of 5: exit code 1 after 3s']],
    ['was ended by a signal', ended({signal: 'TERM'}), ['🔧 Recovery attempt 2 of 5: ended by SIGTERM after 3s']],
    ['hung', ended({status: 'timed_out'}), ['🔧 Recovery attempt 2 of 5: told to stop after 3s']],
    [
      'did not start',
      ended({status: 'not_started', reason: 'connection refused'}),
      ['🔧 Recovery attempt 2 of 5: it did not start: connection refused'],
    ],
    [
      'was lost',
      ended({status: 'unknown', reason: 'vakhta ended meanwhile'}),
      ['🔧 Recovery attempt 2 of 5: outcome unknown: vakhta ended meanwhile'],
    ],
    ['is a dry run', ended({status: 'dry_run'}), ['🔧 Recovery attempt 2 of 5: not run, as dry_run is on']],
  ];
  for (const [what, run, expected] of rows) {
    test(`that ${what}`, () => {
      const found = lines(card(incident({run})));
      assert.deepEqual(found.slice(3, 5), [...expected, 'DC3: systemctl restart shop']);
      assert.equal(found.at(-1), 'Next check at 06:14:45, in 45s');
    });
  }

  test('shows the last lines of what the command said, as text', () => {
    const output = `${Array.from({length: 9}, (_, index) => `line ${index}`).join('\n')}\n<b>&\n`;
    const html = render(card(incident({run: ended({exitCode: 1, output})})), reader, START);
    assert.match(html, /<pre>line 5\nline 6\nline 7\nline 8\n&lt;b&gt;&amp;<\/pre>/);
  });

  test('stays one message, whatever the command and its output', () => {
    const run = {...ended({exitCode: 1, output: '𝒳'.repeat(2_000)}), command: 'x\n'.repeat(2_000)};
    assert.equal(lines(card(incident({run}))).length < 12, true);
  });

  test('says why nothing runs, and what would run if somebody approved', () => {
    assert.deepEqual(lines(card(incident({waits: 'approval', attempts: 0}))).slice(3, 5), [
      '⏸ The recovery waits for an admin to approve it: /recover NAME',
      'DC3: systemctl restart shop',
    ]);
    assert.match(lines(card(incident({waits: 'breaker', run: ended({exitCode: 1})}))).join('\n'), /reset closes it/);
  });

  test('says nothing of a command that an earlier incident began', () => {
    const text = lines(card(incident({run: {...running, incident: 9}}))).join('\n');
    assert.doesNotMatch(text, /attempt/);
  });

  test('says nothing of the next check once its time has passed', () => {
    assert.doesNotMatch(lines(card(incident({run: running})), START + 200_000).join('\n'), /Next check/);
  });
});

describe('what rings', () => {
  const over = {closedAt: START + 420_000};
  const brief = (kind: 'recovery' | 'reminder', incidents: readonly Incident[]): Message => {
    const reason = kind === 'recovery' ? 'recovered' : 'repeat';
    return {kind, channel: 'ops', reason, card: 1, incidents, more: 0};
  };

  test('when it is over: how many attempts it took', () => {
    assert.deepEqual(lines(brief('recovery', [incident({run: ended({exitCode: 0})}, over)])), [
      '🟢 api is back after 7m, with 2 recovery attempts · shop-7',
    ]);
    const once = {...ended({exitCode: 0}), attempt: 1};
    assert.match(lines(brief('recovery', [incident({run: once}, over)]))[0] ?? '', /with 1 recovery attempt ·/);
    assert.match(lines(brief('recovery', [incident({}, over)]))[0] ?? '', /^🟢 api is back after 7m · shop-7$/);
  });

  test("when it is not over: the attempt's number, the last command and the next check", () => {
    assert.deepEqual(lines(brief('reminder', [incident({run: ended({exitCode: 1, output: 'no\n'})})])), [
      '⏰ api is still down, for 1m · shop-7',
      'HTTP 503',
      '🔧 Recovery attempt 2 of 5: exit code 1 after 3s',
      'DC3: systemctl restart shop',
      'Next check at 06:14:45, in 45s',
    ]);
  });
});

test('a card of several counts the attempts of each', () => {
  const other = incident({}, {id: 2, check: 'other'});
  const text = lines(card(incident({run: running}), other)).join('\n');
  assert.match(text, /api HTTP 503, since 06:13:00 · 🔧 2\/5\n/);
  assert.match(text, /other HTTP 503, since 06:13:00$/);
});
