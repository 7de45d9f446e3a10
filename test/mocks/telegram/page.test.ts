import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {after, before, describe, it, type TestContext} from 'node:test';
import {type Browser, chromium} from 'playwright-core';
import {needs} from '../../support/packages.ts';
import {ANNA, BORIS, FORUM, OPS, startBench} from './support.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Short of the runner's own limit, so that the failure names the step. */
const WAIT_MS_MAX = 10_000;
const PHONE = {width: 390, height: 844};

describe('the chat page', needs('chromium'), () => {
  let browser: Browser;
  before(async () => {
    browser = await chromium.launch({executablePath: CHROMIUM, args: ['--no-sandbox']});
  });
  after(() => browser.close());

  /** The page of a fresh simulator, seen by Boris; the test fails of any error in the page. */
  async function open(t: TestContext, options: Parameters<typeof startBench>[1] = {}) {
    const bench = await startBench(t, options);
    const page = await browser.newPage({viewport: PHONE});
    page.setDefaultTimeout(WAIT_MS_MAX);
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    t.after(async () => {
      await page.close();
      assert.deepEqual(errors, []);
    });
    await page.goto(`${bench.sim.url}/?me=${BORIS}`);
    await page.getByText('Nothing here yet').waitFor();
    return {...bench, page};
  }

  it('shows an uploaded file by its name, to be saved', async (t) => {
    const {sim, page} = await open(t);
    const form = new FormData();
    form.append('chat_id', String(OPS));
    form.append('caption', 'the map');
    form.append('document', new File(['{"a": true}'], 'status.json'));
    await fetch(`${sim.apiRoot}/bot${sim.token}/sendDocument`, {method: 'POST', body: form});
    const link = page.getByRole('link', {name: /status\.json/});
    const [download] = await Promise.all([page.waitForEvent('download'), link.click()]);
    assert.equal(download.suggestedFilename(), 'status.json');
    await page.getByText('the map').waitFor();
  });

  it('leaves and takes back reactions, shows the pinned message, and times in the zone of whoever looks', async (t) => {
    const {sim, call, page} = await open(t);
    const noon = Math.floor(Date.UTC(2026, 10, 20, 12) / 1000);
    const text = `<b>1 of 3 down</b>, since <tg-time unix="${noon}" format="T">the other zone</tg-time>\nsecond line`;
    await call('sendMessage', {chat_id: OPS, text, parse_mode: 'HTML'});
    await call('pinChatMessage', {chat_id: OPS, message_id: 1});
    const shown: string = await page.evaluate(
      (ms) => new Date(ms).toLocaleTimeString([], {timeStyle: 'medium', hourCycle: 'h23'}),
      noon * 1000,
    );
    await page.getByRole('article').getByText(shown).waitFor();
    await page.getByRole('button', {name: 'Pinned message'}).getByText('1 of 3 down').waitFor();
    await page.getByRole('button', {name: 'React with 👀'}).click();
    await sim.waitFor(() => sim.messages(OPS)[0]?.reactions?.some(({from}) => from === BORIS));
    await page.getByRole('button', {name: 'Take back 👀'}).click();
    await sim.waitFor(() => sim.messages(OPS)[0]?.reactions === undefined);
  });

  it('sends what a person types, and shows the answer with its formatting and the quoted message', async (t) => {
    const {sim, call, page} = await open(t);
    await page.getByLabel('Message', {exact: true}).fill('/status');
    await page.getByRole('button', {name: 'Send'}).click();
    const said = await sim.waitFor(() => sim.messages(OPS)[0]);
    assert.deepEqual([said.text, said.from.id], ['/status', BORIS]);
    const reply_parameters = {message_id: said.message_id};
    const text = '<b>All <i>fine</i></b>\n<pre>api 4 ms</pre><a href="http://x.y/z">More</a>';
    await call('sendMessage', {chat_id: OPS, text, parse_mode: 'HTML', reply_parameters});
    const answer = page.getByRole('article', {name: /^Vakhta/});
    await answer.waitFor();
    assert.equal(await answer.locator('strong').textContent(), 'All fine');
    assert.equal(await answer.locator('strong em').textContent(), 'fine');
    assert.equal(await answer.locator('pre').textContent(), 'api 4 ms');
    assert.equal(await answer.getByRole('link', {name: 'More'}).getAttribute('href'), 'http://x.y/z');
    assert.equal(await answer.locator('.quoted').textContent(), 'Boris/status');
  });

  it('shows markup that is only text as text', async (t) => {
    const {call, page} = await open(t);
    await call('sendMessage', {chat_id: OPS, text: '<img src=x onerror="throw 1">'});
    await page.getByText('<img src=x').waitFor();
    assert.equal(await page.locator('.messages img').count(), 0);
  });

  it('presses buttons, shows the answer, and the edited card', async (t) => {
    const {sim, call, page} = await open(t);
    const reply_markup = {inline_keyboard: [[{text: 'Acknowledge', callback_data: 'ack'}]]};
    const {message_id} = (await call('sendMessage', {chat_id: OPS, text: 'api is down', reply_markup})).result;
    await page.getByRole('button', {name: 'Acknowledge'}).click();
    const poll = await call('getUpdates', {timeout: 5});
    const query = poll.result[0].callback_query;
    assert.deepEqual([query.data, query.from.id, query.message.message_id], ['ack', BORIS, message_id]);
    await call('answerCallbackQuery', {callback_query_id: query.id, text: 'It is yours'});
    await page.getByRole('status').getByText('It is yours').waitFor();
    await call('editMessageText', {chat_id: OPS, message_id, text: 'api is down, Boris has it'});
    await page.getByText('Boris has it').waitFor();
    await page.getByText(/^edited /).waitFor();
    assert.equal(await page.getByRole('button', {name: 'Acknowledge'}).count(), 0);
    assert.deepEqual(sim.violations, []);
  });

  it('changes the person and the chat', async (t) => {
    const {sim, page} = await open(t);
    sim.say({chat: FORUM, from: BORIS, text: 'in the topic', thread: 7});
    await page.getByLabel('You are').selectOption({label: 'Anna'});
    await page.getByLabel('Chat', {exact: true}).selectOption({label: 'Forum › Alerts'});
    await page.getByText('in the topic').waitFor();
    await page.getByLabel('Message', {exact: true}).fill('so am I');
    await page.keyboard.press('Enter');
    const said = await sim.waitFor(() => sim.messages(FORUM)[1]);
    assert.deepEqual([said.text, said.from.id, said.thread], ['so am I', ANNA, 7]);
  });

  it('keeps the newest message in sight', async (t) => {
    const {call, page} = await open(t);
    for (let sent = 0; sent < 30; sent++) await call('sendMessage', {chat_id: OPS, text: `line ${sent}`});
    const newest = page.getByText('line 29');
    await newest.waitFor();
    const box = await newest.boundingBox();
    assert.ok(box !== null && box.y > 600 && box.y + box.height < PHONE.height, `the newest is at ${box?.y}`);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    assert.equal(width, PHONE.width);
  });

  it('breaks and mends a service, and cuts Telegram off', async (t) => {
    const pressed: string[] = [];
    const service = createServer((request, response) => {
      pressed.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    t.after(() => service.close());
    await once(service, 'listening');
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const breakables = [{name: 'api', break: `${url}/break`, mend: `${url}/mend`}];
    const {sim, page} = await open(t, {breakables});
    await page.getByRole('button', {name: 'Break api'}).click();
    await page.getByRole('button', {name: 'Mend api'}).click();
    await page.getByRole('button', {name: 'Break api'}).waitFor();
    assert.deepEqual(pressed, ['/break', '/mend']);
    await page.getByRole('button', {name: 'Cut off Telegram'}).click();
    await page.getByRole('button', {name: 'Restore Telegram'}).waitFor();
    assert.equal(sim.isOut(), true);
    await page.getByRole('button', {name: 'Restore Telegram'}).click();
    await sim.waitFor(() => !sim.isOut());
  });

  it('offers the commands that the bot has set', async (t) => {
    const {call, page} = await open(t);
    await call('setMyCommands', {commands: [{command: 'status', description: 'What is up'}]});
    await page.getByLabel('Message', {exact: true}).fill('/s');
    await page.getByRole('button', {name: '/status What is up'}).click();
    assert.equal(await page.getByLabel('Message', {exact: true}).inputValue(), '/status ');
  });
});
