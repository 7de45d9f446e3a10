import assert from 'node:assert/strict';
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {join} from 'node:path';
import {it, type TestContext} from 'node:test';
import {chromium, type Page} from 'playwright-core';
import {needs} from '../support/packages.ts';

const DEMO = join(import.meta.dirname, '../../mocks/demo.ts');
/** The demo's checks run every 2 s and are down after three failures; the machine may be busy. */
const WAIT_MS_MAX = 30_000;

interface Demo {
  readonly process: ChildProcess;
  readonly url: string;
  output(): string;
}

async function startDemo(t: TestContext): Promise<Demo> {
  const demo = spawn(process.execPath, [DEMO, '--port', '0'], {stdio: ['ignore', 'pipe', 'pipe']});
  let output = '';
  const url = new Promise<string>((resolve, reject) => {
    const add = (data: Buffer) => {
      output += data;
      const found = /The chat: +(\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    demo.stdout.on('data', add);
    demo.stderr.on('data', add);
    demo.once('exit', () => reject(new Error(`the demo ended:\n${output}`)));
  });
  t.after(async () => {
    if (demo.exitCode !== null || demo.signalCode !== null) return;
    demo.kill('SIGTERM');
    await once(demo, 'exit');
  });
  return {process: demo, url: await url, output: () => output};
}

async function openAs(page: Page, url: string, id: number): Promise<void> {
  await page.goto(`${url}/?me=${id}`);
  await page
    .getByRole('button', {name: 'Break billing-api: 503'})
    .or(page.getByRole('button', {name: 'Mend billing-api'}))
    .waitFor();
}

async function type(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', {exact: true}).fill(text);
  await page.getByRole('button', {name: 'Send'}).click();
}

it(
  'the demo shows an alert, its acknowledgement and the recovery on its page, and ends with Ctrl-C',
  needs('chromium'),
  async (t) => {
    const demo = await startDemo(t);
    const browser = await chromium.launch({executablePath: '/usr/bin/chromium', args: ['--no-sandbox']});
    t.after(() => browser.close());
    const page = await browser.newPage({viewport: {width: 390, height: 844}});
    page.setDefaultTimeout(WAIT_MS_MAX);
    const bot = page.getByRole('article', {name: /^Vakhta/});
    await openAs(page, demo.url, 222);

    await type(page, '/status');
    await bot.filter({hasText: 'billing-api'}).first().waitFor();
    await page.getByRole('button', {name: 'Break billing-api: 503'}).click();
    const card = bot.filter({hasText: /billing-api is down/});
    await card.waitFor();
    await card.getByRole('button', {name: /Acknowledge/}).click();
    await card
      .filter({hasText: 'Boris'})
      .getByText(/^edited /)
      .waitFor();
    await page.getByRole('button', {name: 'Mend billing-api'}).click();
    await bot.filter({hasText: 'is back after'}).waitFor();
    assert.equal(await bot.filter({hasText: 'is back after'}).count(), 1);

    const before = await bot.count();
    await openAs(page, demo.url, 666);
    await type(page, '/status');
    await page.getByRole('article', {name: /^Dora/}).waitFor();
    await openAs(page, demo.url, 333);
    await type(page, '/whoami');
    await bot.filter({hasText: 'Clara'}).waitFor();
    assert.equal(await bot.count(), before + 1, 'the stranger got an answer');
    assert.deepEqual(await (await fetch(`${demo.url}/_sim/violations`)).json(), []);

    demo.process.kill('SIGINT');
    const [code] = await once(demo.process, 'exit');
    assert.equal(code, 0, demo.output());
  },
);
