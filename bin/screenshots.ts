/**
 * Takes docs/demo-phone.png and docs/demo-wide.png: plays a short story in the demo's chat page and photographs it. Needs
 * Chromium; run it again when what the bot says has changed: `node bin/screenshots.ts`.
 */
import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {statSync} from 'node:fs';
import {join} from 'node:path';
import {type Browser, type BrowserContextOptions, chromium, type Locator, type Page} from 'playwright-core';

const ROOT = join(import.meta.dirname, '..');
const BYTES_MAX = 200_000;
const CHROMIUM = '/usr/bin/chromium';
/** The demo's checks need three failures 2 s apart. */
const WAIT_MS_MAX = 30_000;
/** A phone of ordinary size; more dots a pixel keep the letters sharp. */
const PHONE = {viewport: {width: 390, height: 780}, deviceScaleFactor: 1.4, colorScheme: 'light'} as const;
const HEIGHT_MAX = 1040;
const GAP = 2;
const WIDE = {viewport: {width: 1280, height: 800}, deviceScaleFactor: 1, colorScheme: 'light'} as const;
const [ANNA, BORIS] = [111, 222];
/** A plain ground needs half the bytes of a gradient, and nothing is to be caught in the middle of a movement. */
const STILL = 'body {background: var(--ground) !important} #messages {scroll-behavior: auto !important}';
/** The switches that break things are the demo's, and no part of a phone's chat. */
const NO_STRIP = '#strip {display: none !important} #messages {font-size: 15px}';

const demo = spawn(process.execPath, [join(ROOT, 'mocks/demo.ts'), '--port', '0'], {stdio: ['ignore', 'pipe', 'pipe']});
const browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']});
try {
  const address = await addressOf(demo);
  const phone = await open(browser, `${address}/?me=${BORIS}`, PHONE);
  await tell(phone);
  await phone.addStyleTag({content: NO_STRIP});
  await stretch(phone);
  await photograph(phone, 'docs/demo-phone.png');
  const wide = await open(browser, `${address}/?me=${ANNA}`, WIDE);
  await tellMore(wide);
  await photograph(wide, 'docs/demo-wide.png');
} finally {
  await browser.close();
  demo.kill('SIGTERM');
  if (demo.exitCode === null) await once(demo, 'exit');
}

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

async function open(browser: Browser, address: string, options: BrowserContextOptions): Promise<Page> {
  const page = await browser.newPage(options);
  page.setDefaultTimeout(WAIT_MS_MAX);
  await page.goto(address);
  return page;
}

/** Phones differ in height: on this one the card is the first thing in sight. */
async function stretch(page: Page): Promise<void> {
  await page.evaluate('messages.scrollTop = messages.scrollHeight');
  const [card, log] = await Promise.all(
    [articles(page).filter({hasText: 'is down'}).first(), page.getByRole('log')].map((one) => one.boundingBox()),
  );
  const missing = Math.ceil((log?.y ?? 0) + GAP - (card?.y ?? 0));
  await page.setViewportSize({...PHONE.viewport, height: Math.min(PHONE.viewport.height + missing, HEIGHT_MAX)});
}

async function photograph(page: Page, file: string): Promise<void> {
  const path = join(ROOT, file);
  await page.addStyleTag({content: STILL});
  await page.evaluate('document.activeElement.blur(); messages.scrollTop = messages.scrollHeight');
  await page.locator('.toast.shown').waitFor({state: 'detached'});
  await page.screenshot({path, animations: 'disabled'});
  const {size} = statSync(path);
  if (size > BYTES_MAX) throw new Error(`${path} has ${size} bytes, ${BYTES_MAX} at most`);
  console.log(`${path}: ${size} bytes`);
}

/** An incident that Boris acknowledges, and the picture that he asks for. */
async function tell(page: Page): Promise<void> {
  // The board comes first, so that it is not in the midst of the story.
  await page.getByRole('button', {name: 'Pinned message'}).waitFor();
  await page.getByRole('button', {name: 'Break billing-api: 503'}).click();
  const card = articles(page).filter({hasText: 'billing-api is down'}).first();
  await card.getByRole('button', {name: 'Acknowledge'}).click();
  await card.filter({hasText: 'Acknowledged by Boris'}).waitFor();
  await say(page, '/graph billing-api');
  await drawn(page);
  // The board says so a little later.
  await page.getByRole('button', {name: 'Pinned message'}).filter({hasText: '1 of 3'}).waitFor();
}

/** The recovery, and another incident, which a topic of the forum hears of too. */
async function tellMore(page: Page): Promise<void> {
  await page.getByRole('button', {name: 'Mend billing-api'}).click();
  await articles(page).filter({hasText: 'is back after'}).first().waitFor();
  await page.getByRole('button', {name: 'Break till 2'}).click();
  await articles(page).filter({hasText: 'terminals is down'}).first().waitFor();
  await say(page, '/status');
  const isAnswer = page.locator('.quoted').filter({hasText: '/status'});
  await articles(page).filter({hasText: '1 of 3 checks down', has: isAnswer}).waitFor();
  await page.getByRole('button', {name: 'Pinned message'}).filter({hasText: '1 of 3'}).waitFor();
}

function articles(page: Page): Locator {
  return page.getByRole('article', {name: /^Vakhta/});
}

async function say(page: Page, text: string): Promise<void> {
  await page.getByLabel('Message', {exact: true}).fill(text);
  await page.getByRole('button', {name: 'Send'}).click();
}

/** A picture comes after its message. */
async function drawn(page: Page): Promise<void> {
  await page.locator('.photo').first().waitFor();
  await page.waitForFunction("document.querySelector('.photo').naturalWidth > 0");
}
