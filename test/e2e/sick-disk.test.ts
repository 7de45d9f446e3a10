import assert from 'node:assert/strict';
import {execFileSync} from 'node:child_process';
import {mkdirSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {describe, test} from 'node:test';
import {needs} from '../support/packages.ts';
import {
  assertNoViolations,
  BORIS,
  configWith,
  GROUP,
  mountSmallDisk,
  program,
  said,
  startBrokenApi,
  startTelegram,
  waitForWords,
  watching,
} from './sick-world.ts';

describe('a sick disk, under the real program', {concurrency: 8}, () => {
  for (const file of ['state.db', 'history.db']) {
    test(`a damaged ${file} is set aside, one message says so, and the checks go on`, async (context) => {
      const telegram = await startTelegram(context);
      const api = await startBrokenApi(context);
      const vakhta = program(context, telegram, configWith(telegram, {checks: watching(`${api.url}/health`)}));
      const data = join(vakhta.folder, 'data');
      mkdirSync(data);
      writeFileSync(join(data, file), Buffer.alloc(40_000, 'no database '));
      await vakhta.start();
      await waitForWords(telegram, /billing-api is down/);
      const notice = await waitForWords(telegram, /damaged/);
      assert.match(notice, new RegExp(file.replace('.', '\\.')));
      assert.match(notice, /set aside as .*\.damaged-\d{8}T\d{6}Z/);
      assert.ok(readdirSync(data).some((name) => name.startsWith(`${file}.damaged-`)));
      await vakhta.waitFor(() => api.served() >= 3, 'three runs of the check');
      assert.equal(said(telegram).filter((text) => /damaged/.test(text)).length, 1);
      assert.equal(await vakhta.stop(), 0);
      await vakhta.start();
      api.mend();
      await waitForWords(telegram, /is back after/);
      assert.equal(said(telegram).filter((text) => /damaged/.test(text)).length, 1);
      assertNoViolations(telegram);
    });
  }

  test(
    'in a read-only folder the alert arrives, and one message says that state is in memory',
    needs.root,
    async (context) => {
      const telegram = await startTelegram(context);
      const api = await startBrokenApi(context);
      const data = mountSmallDisk(context);
      const keys = {checks: watching(`${api.url}/health`), top: `data_dir: ${data}`};
      const vakhta = program(context, telegram, configWith(telegram, keys));
      execFileSync('/bin/mount', ['-o', 'remount,ro', data]);
      await vakhta.start();
      await waitForWords(telegram, /billing-api is down/);
      await waitForWords(telegram, /going on in memory/);
      api.mend();
      await waitForWords(telegram, /is back after/);
      assert.equal(said(telegram).filter((text) => /going on in memory/.test(text)).length, 1);
      assert.equal(await vakhta.stop(), 0);
      assertNoViolations(telegram);
    },
  );

  test('where data_dir is a file the alert arrives all the same', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching(`${api.url}/health`)}));
    writeFileSync(join(vakhta.folder, 'data'), 'a file');
    await vakhta.start();
    await waitForWords(telegram, /billing-api is down/);
    await waitForWords(telegram, /going on in memory/);
    assert.equal(await vakhta.stop(), 0);
    assert.ok(statSync(join(vakhta.folder, 'data')).isFile());
  });

  test('a second program on the same folder ends with exit code 2 and names the cure', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    const config = configWith(telegram, {checks: watching(`${api.url}/health`), top: 'log_status_every: 60s'});
    const first = program(context, telegram, config);
    await first.start();
    const shared = join(first.folder, 'data');
    const second = program(
      context,
      telegram,
      config.replace('log_status_every', `data_dir: ${shared}\nlog_status_every`),
    );
    await assert.rejects(
      second.start(),
      /has ended\n.*in use by another vakhta: stop that one first, or give this one a data_dir/s,
    );
    assert.equal(await second.stop(), 2);
    await waitForWords(telegram, /billing-api is down/);
    assert.equal(await first.stop(), 0);
  });

  test('a data_dir that is deleted under it loses no alert and no state', async (context) => {
    const telegram = await startTelegram(context);
    const api = await startBrokenApi(context);
    api.mend();
    const vakhta = program(context, telegram, configWith(telegram, {checks: watching(`${api.url}/health`)}));
    await vakhta.start();
    await vakhta.waitFor(() => api.served() >= 2, 'two runs of the check');
    rmSync(join(vakhta.folder, 'data'), {recursive: true});
    api.break();
    await waitForWords(telegram, /billing-api is down/);
    telegram.say({chat: GROUP, from: BORIS, text: '/ack billing-api'});
    await waitForWords(telegram, /Acknowledged by Boris/);
    assert.equal(said(telegram).filter((text) => /it was deleted.*going on in memory/s.test(text)).length, 1);
    // At its end, and once a minute, the program tries to write everything again.
    assert.equal(await vakhta.stop(), 0, vakhta.output.slice(-2_000));
    await vakhta.start();
    api.mend();
    await waitForWords(telegram, /is back after/);
    const cards = said(telegram).filter((text) => /billing-api (is down|recovered after)/.test(text));
    assert.equal(cards.length, 1, cards.join('\n\n'));
    assertNoViolations(telegram);
  });
});
