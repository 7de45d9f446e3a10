import assert from 'node:assert/strict';
import {appendFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {configFiles, createReloads, stampsOf, summarize, untilChanged} from '../src/reload.ts';
import {checkConfig, configWith, keptLog, newFolder} from './bot/world.ts';
import {createHandClock, settle} from './support/hand-clock.ts';

describe('the summary of a changed configuration', () => {
  const before = configWith({checks: [checkConfig('a'), checkConfig('b')]});
  // what is changed, and how that is told
  const table: [string, Parameters<typeof configWith>[0], string][] = [
    ['nothing', {}, 'nothing changed'],
    ['a new check', {checks: [checkConfig('a'), checkConfig('b'), checkConfig('c')]}, '1 added: c'],
    ['one less', {checks: [checkConfig('a')]}, '1 removed: b'],
    ['a threshold', {checks: [checkConfig('a'), checkConfig('b', {failAfter: 9})]}, '1 changed: b'],
    ['a channel', {channels: new Map()}, 'other settings changed'],
    ['a person', {users: new Map()}, 'other settings changed'],
    // Opened when the program starts, so saying only that it changed would be a promise.
    ['the folder', {dataDir: 'elsewhere'}, 'other settings changed; data_dir at the next start only'],
    [
      'many checks',
      {checks: Array.from({length: 9}, (_, i) => checkConfig(`c${i}`))},
      '9 added: c0, c1, c2, c3, c4 and 4 more; 2 removed: a, b',
    ],
  ];
  for (const [what, changes, summary] of table) {
    test(`with ${what} changed: ${summary}`, () => {
      assert.equal(summarize(before, configWith({checks: before.checks, ...changes})), summary);
    });
  }
});

describe('a file that is watched', () => {
  test('is taken when it has changed and then kept still, not in the middle of being written', async () => {
    const clock = createHandClock();
    const file = join(newFolder(), 'config.yaml');
    writeFileSync(file, 'a');
    let done = false;
    void untilChanged([file], clock, new AbortController().signal).then(() => {
      done = true;
    });
    await clock.advance(10_000);
    assert.equal(done, false);
    appendFileSync(file, 'b');
    await clock.advance(2_000);
    appendFileSync(file, 'c');
    await clock.advance(2_000);
    assert.equal(done, false);
    await clock.advance(2_000);
    assert.equal(done, true);
  });

  test('may be an address list that the config names', () => {
    const till = checkConfig('tills', {kind: 'terminals', options: {file: 'ips.txt'}});
    const files = configFiles(configWith({file: '/etc/vakhta/config.yaml', checks: [till]}));
    assert.deepEqual(files, ['/etc/vakhta/config.yaml', '/etc/vakhta/ips.txt']);
  });
});

describe('a reload', () => {
  const config = configWith();
  const good = {ok: true, config, secrets: [], warnings: []} as const;
  const problem = {file: 'config.yaml', line: 3, col: 5, path: 'checks', message: 'expected a map'};

  test('that finds mistakes is told of, the first five of them, and the next good one is taken', async () => {
    const refused: string[] = [];
    const answers = [{ok: false, problems: Array(7).fill(problem)} as const, good];
    const reloads = createReloads({
      clock: createHandClock(),
      log: keptLog().log,
      load: () => answers.shift() ?? good,
      onRefused: (problems) => refused.push(problems),
      read: new Map(),
    });
    const next = reloads.next(config);
    reloads.request();
    await settle();
    assert.equal(refused[0]?.split('\n').length, 6);
    assert.match(refused[0] ?? '', /^config\.yaml:3:5 checks: expected a map\n[\s\S]*… and 2 more$/);
    reloads.request();
    assert.equal(await next, good);
  });

  test('is not waited for when the program is to stop, before or meanwhile', async () => {
    const make = () =>
      createReloads({
        clock: createHandClock(),
        log: keptLog().log,
        load: () => good,
        onRefused: () => {},
        read: new Map(),
      });
    const early = make();
    early.stop('SIGTERM');
    assert.equal(await early.next(config), undefined);
    const late = make();
    const next = late.next(config);
    late.stop('SIGINT');
    assert.equal(await next, undefined);
  });

  test('follows for what was written while the one before it was under way, to the same file or a new one', async () => {
    const folder = newFolder();
    const [file, ips] = [join(folder, 'config.yaml'), join(folder, 'ips.txt')];
    const writeBoth = (text: string) => [file, ips].map((path) => writeFileSync(path, text));
    writeBoth('one');
    const till = checkConfig('tills', {kind: 'terminals', options: {file: 'ips.txt'}});
    const [before, after] = [configWith({file}), configWith({file, checks: [till]})];
    for (const late of [file, ips]) {
      const clock = createHandClock();
      let loads = 0;
      const load = () => {
        loads++;
        return {...good, config: after};
      };
      const reloads = createReloads({clock, log: keptLog().log, load, onRefused: () => {}, read: new Map()});
      const first = reloads.next(before);
      await clock.advance(2_000);
      writeFileSync(file, `two, then ${late}`);
      await clock.advance(4_000);
      await first;
      writeFileSync(late, `three, in ${late}`);
      void reloads.next(after);
      await clock.advance(10_000);
      assert.equal(loads, 2, late);
    }
  });

  test('follows for what was written while the program started', async () => {
    const clock = createHandClock();
    const file = join(newFolder(), 'config.yaml');
    writeFileSync(file, 'as it was read');
    const read = stampsOf([file]);
    writeFileSync(file, 'as it was when the banner was printed');
    const reloads = createReloads({clock, log: keptLog().log, load: () => good, onRefused: () => {}, read});
    const next = reloads.next(configWith({file}));
    await clock.advance(4_000);
    assert.equal(await next, good);
  });

  test('that finds mistakes is followed by one for what was written meanwhile', async () => {
    const clock = createHandClock();
    const file = join(newFolder(), 'config.yaml');
    writeFileSync(file, 'good');
    let loads = 0;
    const load = () => {
      loads++;
      if (loads > 1) return good;
      writeFileSync(file, 'the mistake is mended before it is told');
      return {ok: false, problems: [problem]} as const;
    };
    const reloads = createReloads({clock, log: keptLog().log, load, onRefused: () => {}, read: new Map()});
    const next = reloads.next(configWith({file}));
    reloads.request();
    await clock.advance(10_000);
    assert.equal(await next, good);
  });

  test('that is asked for while another is under way is not forgotten', async () => {
    const reloads = createReloads({
      clock: createHandClock(),
      log: keptLog().log,
      load: () => good,
      onRefused: () => {},
      read: new Map(),
    });
    reloads.request();
    assert.equal(await reloads.next(config), good);
  });
});
