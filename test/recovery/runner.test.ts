import assert from 'node:assert/strict';
import {describe, type TestContext, test} from 'node:test';
import {cronStretch} from '../../src/calendar.ts';
import type {Config, RecoveryConfig} from '../../src/config/config.ts';
import {Pipeline} from '../../src/pipeline.ts';
import type {Ending, RunUse} from '../../src/recovery/run.ts';
import {createRunner} from '../../src/recovery/runner.ts';
import {
  ANNA,
  checkConfig,
  configWith,
  failed,
  keptLog,
  newFolder,
  ok,
  recoveryConfig,
  rowsOf,
  storeIn,
} from '../bot/world.ts';
import {createHandClock, type HandClock, settle} from '../support/hand-clock.ts';

interface Command extends RunUse {
  readonly end: (ending?: Partial<Ending>) => Promise<void>;
}

/** A pipeline with a real store and the real runner, whose commands end when the test says so. */
function start(
  t: TestContext,
  recovery: Partial<RecoveryConfig> = {},
  {dataDir = newFolder(), clock = createHandClock()}: {dataDir?: string; clock?: HandClock} = {},
) {
  const checks = [checkConfig('SRV4', {recovery: recoveryConfig(recovery)})];
  const config: Config = configWith({checks});
  const store = storeIn(t, dataDir, clock);
  const {log, lines} = keptLog();
  const commands: Command[] = [];
  /** What stands in the tables when a command starts. */
  const found: unknown[] = [];
  const runner = createRunner({
    ...{clock, log, config: () => config, redact: (text: string) => text.replaceAll('hunter2', '[redacted]')},
    onEnded: (run) => pipeline.recoveryEnded(run),
    command: (_what, use) => {
      found.push(rowsOf(dataDir, 'SELECT id, ended_at FROM recovery_runs ORDER BY id'));
      found.push(rowsOf(dataDir, 'SELECT order_text, outcome FROM audit ORDER BY id'));
      return new Promise((resolve) => {
        const end: Command['end'] = async (ending) => {
          resolve({status: 'done', exitCode: 0, output: '', ...ending});
          await settle();
        };
        commands.push({...use, end});
      });
    },
  });
  const pipeline: Pipeline = new Pipeline({
    ...{config, clock, store, log, cron: cronStretch, onQueued: () => {}, onRun: (run) => runner.start(run)},
  });
  pipeline.start();
  const runs = async (marks: string) => {
    for (const mark of marks) {
      await clock.advance(1_000);
      pipeline.observe([mark === 'x' ? failed('SRV4', clock.now()) : ok('SRV4', clock.now())]);
      await clock.advance(10);
    }
  };
  const executed = () => lines.filter(({msg}) => msg === 'COMMAND_EXECUTED');
  const recoveryOf = () => pipeline.view()[0]?.incident?.recovery;
  return {clock, store, pipeline, runner, runs, commands, found, executed, recoveryOf, dataDir};
}

describe('the runner', () => {
  test('starts a command when its run and its audit entry are on the disk, and not before', async (t) => {
    const {runs, commands, found} = start(t);
    await runs('xx');
    assert.equal(commands.length, 0);
    await runs('x');
    assert.equal(commands.length, 1);
    assert.deepEqual(found, [
      [{id: 1, ended_at: null}],
      [{order_text: 'recovery DC3:SRV4, attempt 1 of 3: systemctl restart shop', outcome: 'started'}],
    ]);
  });

  test('tells the log, the audit table and the card how it ended', async (t) => {
    const {runs, commands, executed, recoveryOf, clock, dataDir} = start(t);
    await runs('xxx');
    await clock.advance(3_000);
    await commands[0]?.end({status: 'failed', exitCode: 1, output: 'key hunter2\u001b[1m is\r\nwrong\n'});
    const [line] = executed();
    assert.equal(line?.level, 40);
    const {event, timestamp, pair, host, command, output, status, exitCode, durationMs} = {...line};
    assert.deepEqual(
      {event, timestamp, pair, host, command, output, status, exitCode, durationMs},
      {
        ...{event: 'COMMAND_EXECUTED', timestamp: '2026-11-20T06:13:03.022Z', pair: 'DC3:SRV4', host: 'DC3'},
        ...{command: 'systemctl restart shop', output: 'key [redacted] [1m is\nwrong', status: 'failed', exitCode: 1},
        durationMs: line?.durationMs,
      },
    );
    assert.ok(Number(durationMs) >= 3_000 && Number(durationMs) < 3_100);
    assert.equal(recoveryOf()?.run?.outcome?.output, 'key [redacted] [1m is\nwrong');
    const audit = rowsOf(dataDir, 'SELECT user_name, outcome FROM audit ORDER BY id');
    assert.deepEqual(audit, [
      {user_name: 'vakhta', outcome: 'started'},
      {user_name: 'vakhta', outcome: 'failed, exit code 1'},
    ]);
  });

  test('in a dry run says what would run, and runs nothing', async (t) => {
    const {runs, commands, executed, recoveryOf} = start(t, {dryRun: true});
    await runs('xxx');
    await settle();
    assert.equal(commands.length, 0);
    assert.deepEqual([executed()[0]?.status, recoveryOf()?.run?.outcome?.status], ['dry_run', 'dry_run']);
  });

  test('breaks a command off at its timeout, and does not wait for one that does not listen', async (t) => {
    const {runs, commands, recoveryOf, clock} = start(t, {timeoutMs: 5_000});
    await runs('xxx');
    await clock.advance(5_000);
    assert.ok(commands[0]?.signal.aborted);
    await clock.advance(1_000);
    assert.deepEqual(recoveryOf()?.run?.outcome?.reason, 'it does not let go');
  });

  test('at the end of the program knows no outcome, and says so', async (t) => {
    const {runs, commands, runner, recoveryOf} = start(t);
    await runs('xxx');
    const stopped = runner.stop();
    assert.ok(commands[0]?.signal.aborted);
    await commands[0]?.end({status: 'unknown', reason: 'stopped'});
    await stopped;
    assert.equal(recoveryOf()?.run?.outcome?.status, 'unknown');
  });
});

describe('after a crash in the middle of a command', () => {
  test('its outcome is unknown, on the card and in the audit table, and it is not run again', async (t) => {
    const first = start(t);
    await first.runs('xxx');
    // A crash ends nothing properly: the file is as it was left.
    await first.store.close();
    // The dead one's timers stay behind with its clock.
    const [dataDir, clock] = [first.dataDir, createHandClock(first.clock.now())];
    const second = start(t, {}, {dataDir, clock});
    assert.equal(second.commands.length, 0);
    const {run, attempts} = second.recoveryOf() ?? {};
    assert.deepEqual(
      [attempts, run?.attempt, run?.outcome?.status, run?.outcome?.reason],
      [...[1, 1, 'unknown', 'vakhta ended meanwhile']],
    );
    const audit = rowsOf(dataDir, 'SELECT outcome FROM audit ORDER BY id');
    assert.deepEqual(audit, [{outcome: 'started'}, {outcome: 'unknown, vakhta ended meanwhile'}]);
    await second.runs('xxxxx');
    assert.equal(second.commands.length, 0, 'the next attempt rests as after any other');
    await clock.advance(60_000);
    await second.runs('x');
    assert.equal(second.recoveryOf()?.run?.attempt, 2);
    assert.equal(second.commands.length, 1);
  });

  test('once more: what is known to be unknown is not reported again', async (t) => {
    const first = start(t);
    await first.runs('xxx');
    await first.store.close();
    const [dataDir, clock] = [first.dataDir, createHandClock(first.clock.now())];
    await start(t, {}, {dataDir, clock}).store.close();
    const third = start(t, {}, {dataDir, clock});
    assert.equal(rowsOf(dataDir, 'SELECT * FROM audit').length, 2);
    assert.equal(third.store.load().openRuns.length, 0);
  });
});

test('an order by an admin is in the audit table by name, and so is what it runs', async (t) => {
  const {runs, pipeline, clock, dataDir} = start(t, {approve: true});
  await runs('xxx');
  const by = {id: ANNA, name: 'Anna'};
  pipeline.order({events: [{kind: 'recovery_ordered', check: 'SRV4', at: clock.now(), by}]});
  assert.deepEqual(rowsOf(dataDir, 'SELECT user_id, user_name, outcome FROM audit'), [
    {user_id: ANNA, user_name: 'Anna', outcome: 'started'},
  ]);
});

test('the next check is known, with the interval that it backs off to', async (t) => {
  const {runs, pipeline, clock} = start(t);
  assert.equal(pipeline.nextCheckAt('SRV4'), undefined);
  await runs('x');
  assert.equal(pipeline.nextCheckAt('SRV4'), clock.now() - 10 + 60_000);
});
