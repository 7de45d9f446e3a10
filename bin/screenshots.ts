/**
 * Takes docs/demo-phone.png: plays a short story in the demo's chat page and photographs it. Needs Chromium; run it again when
 * what the bot says has changed: `node bin/screenshots.ts`.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {statSync} from 'node:fs';
import {join} from 'node:path';
import {chromium, type Page} from 'playwright-core';

const ROOT = join(import.meta.dirname, '..');
const PICTURE = join(ROOT, 'docs/demo-phone.png');
const BYTES_MAX = 300_000;
const CHROMIUM = '/usr/bin/chromium';
/** The demo's checks need three failures 2 s apart. */
const WAIT_MS_MAX = 30_000;
/** A phone of ordinary size; two dots a pixel keep the letters sharp. */
const PHONE = {viewport: {width: 390, height: 844}, deviceScaleFactor: 2, colorScheme: 'light'} as const;
const BORIS = 222;

const demo = spawn(process.execPath, [join(ROOT, 'mocks/demo.ts'), '--port', '0'], {stdio: ['ignore', 'pipe', 'pipe']});
try {
  await photograph(await addressOf(demo));
} finally {
  demo.kill('SIGTERM');
  if (demo.exitCode === null) await once(demo, 'exit');
}
const {size} = statSync(PICTURE);
if (size > BYTES_MAX) throw new Error(`${PICTURE} has ${size} bytes, ${BYTES_MAX} at most`);
console.log(`${PICTURE}: ${size} bytes`);

function addressOf({stdout, stderr}: ChildProcess): Promise<string> {
  let output = '';
  return new Promise((resolve, reject) => {
    const add = (data: Buffer) => {
      output += data;
      const found = /The chat: +(\S+)/.exec(output)?.[1];
      if (found !== undefined) resolve(found);
    };
    stdout?.on('data', add).once('end', () => reject(new Error(`the demo did not start:\n${output}`)));
    stderr?.on('data', add);
  });
}

async function photograph(address: string): Promise<void> {
  const browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']});
  try {
    const page = await browser.newPage(PHONE);
    page.setDefaultTimeout(WAIT_MS_MAX);
    await page.goto(`${address}/?me=${BORIS}`);
    await tell(page);
    // The switches that break things are the demo's, and no part of a chat.
    await page.addStyleTag({
      content:
        '#strip, .reactions {display: none !important} #messages {scroll-behavior: auto !important; font-size: 15px}',
    });
    await page.evaluate('document.activeElement.blur(); messages.scrollTop = messages.scrollHeight');
    await page.screenshot({path: PICTURE, animations: 'disabled'});
  } finally {
    await browser.close();
  }
}

/** One incident from its card to its recovery, another one that is still open, and a look at everything. */
async function tell(page: Page): Promise<void> {
  const bot = page.getByRole('article', {name: /^Vakhta/});
  await page.getByRole('button', {name: 'Break billing-api'}).click();
  const card = bot.filter({hasText: 'billing-api is down'});
  await card.getByRole('button', {name: 'Acknowledge'}).click();
  await card.filter({hasText: 'Acknowledged by Boris'}).waitFor();
  await page.getByRole('button', {name: 'Mend billing-api'}).click();
  await bot.filter({hasText: 'is back after'}).waitFor();
  await page.getByRole('button', {name: 'Break till 2'}).click();
  await bot.filter({hasText: 'terminals is down'}).waitFor();
  await page.getByLabel('Message', {exact: true}).fill('/status');
  await page.getByRole('button', {name: 'Send'}).click();
  await bot.filter({hasText: '1 of 3 checks down'}).last().waitFor();
  // The board says so too, a little later.
  await page.getByRole('button', {name: 'Pinned message'}).filter({hasText: '1 of 3'}).waitFor();
}
