import assert from 'node:assert/strict';
import {once} from 'node:events';
import {createServer} from 'node:http';
import type {AddressInfo} from 'node:net';
import {after, before, describe, it, type TestContext} from 'node:test';
import {type Browser, chromium} from 'playwright-core';
import {needs} from '../../support/packages.ts';
import {ANNA, BORIS, FORUM, GROUP, OPS, startBench} from './support.ts';

const CHROMIUM = '/usr/bin/chromium';
/** Short of the runner's own limit, so that the failure names the step. */
const WAIT_MS_MAX = 10_000;
const PHONE = {width: 390, height: 844};
const WIDE = {width: 1280, height: 800};
/** The smallest PNG: one dot. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

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
    await page.getByRole('option', {name: '/status What is up'}).click();
    assert.equal(await page.getByLabel('Message', {exact: true}).inputValue(), '/status ');
  });

  it('shows each topic of a forum by itself, and how much is new in the others', async (t) => {
    const {sim, call, page} = await open(t);
    await page.getByLabel('Chat', {exact: true}).selectOption({label: 'Forum › General'});
    await call('sendMessage', {chat_id: FORUM, text: 'for everybody'});
    await page.getByText('for everybody').waitFor();
    await call('sendMessage', {chat_id: FORUM, text: 'for the topic', message_thread_id: 7});
    await page.getByRole('button', {name: 'Alerts 1'}).click();
    await page.getByText('for the topic').waitFor();
    assert.equal(await page.getByText('for everybody').count(), 0);
    await page.getByRole('button', {name: 'General', exact: true}).click();
    await page.getByLabel('Message', {exact: true}).fill('to all');
    await page.keyboard.press('Enter');
    const said = await sim.waitFor(() => sim.messages(FORUM).find(({text}) => text === 'to all'));
    assert.equal(said.thread, undefined);
  });

  it('lists the chats beside a wide window, marks the open one and counts what is new', async (t) => {
    const {sim, page} = await open(t);
    await page.setViewportSize(WIDE);
    sim.say({chat: GROUP, from: ANNA, text: 'psst'});
    const list = page.getByRole('navigation', {name: 'Chats'});
    await list.getByRole('button', {name: /^Old group ?psst ?1 new/}).click();
    await page.getByRole('article', {name: /^Anna/}).waitFor();
    assert.match((await list.locator('[aria-current]').textContent()) ?? '', /Old group/);
    assert.equal(await list.locator('.unread').count(), 0);
  });

  it('leads a link to a message to it, in another chat and topic too, and runs no script of a link', async (t) => {
    const {call, page} = await open(t);
    const {message_id} = (await call('sendMessage', {chat_id: FORUM, text: 'the card', message_thread_id: 7})).result;
    const text = `see <a href="https://t.me/c/9876543210/${message_id}">the card there</a>`;
    await call('sendMessage', {chat_id: OPS, text, parse_mode: 'HTML'});
    await page.getByRole('link', {name: 'the card there'}).click();
    await page.locator('.flash').getByText('the card').waitFor();
    assert.equal(await page.getByLabel('Chat', {exact: true}).inputValue(), `${FORUM}/7`);
    const entities = [{type: 'text_link', offset: 0, length: 3, url: 'javascript:alert(1)'}];
    await page.evaluate(
      `import('/text.js').then(({formatted}) => document.body.append(...formatted({text: 'bad', entities: ${JSON.stringify(entities)}}, {})))`,
    );
    assert.equal(await page.getByRole('link', {name: 'bad'}).count(), 0);
  });

  it('folds a long quotation up until it is asked for', async (t) => {
    const {call, page} = await open(t);
    const lines = Array.from({length: 9}, (_, line) => `line ${line}`).join('\n');
    await call('sendMessage', {
      chat_id: OPS,
      text: `<blockquote expandable>${lines}</blockquote>`,
      parse_mode: 'HTML',
    });
    const quote = page.locator('blockquote');
    await page.getByRole('button', {name: 'Show all'}).waitFor();
    const folded = (await quote.boundingBox())?.height ?? 0;
    await page.getByRole('button', {name: 'Show all'}).click();
    await page.getByRole('button', {name: 'Show less'}).waitFor();
    const opened = (await quote.boundingBox())?.height ?? 0;
    assert.ok(opened > folded * 2, `${folded} px folded, ${opened} px open`);
    await call('sendMessage', {chat_id: OPS, text: 'more'});
    await page.getByText('more', {exact: true}).waitFor();
    assert.equal(await page.getByRole('button', {name: 'Show less'}).count(), 1);
  });

  it('shows a photo with its caption and its buttons, and keeps it in sight when it comes', async (t) => {
    const {sim, call, page} = await open(t);
    for (let sent = 0; sent < 20; sent++) await call('sendMessage', {chat_id: OPS, text: `line ${sent}`});
    await page.getByText('line 19').waitFor();
    const form = new FormData();
    form.append('chat_id', String(OPS));
    form.append('caption', '<b>api</b> today');
    form.append('parse_mode', 'HTML');
    form.append('reply_markup', JSON.stringify({inline_keyboard: [[{text: '7 days', callback_data: 'w'}]]}));
    form.append('photo', new File([PIXEL], 'graph.png', {type: 'image/png'}));
    await fetch(`${sim.apiRoot}/bot${sim.token}/sendPhoto`, {method: 'POST', body: form});
    await page.getByRole('img', {name: 'api today'}).waitFor();
    await page.waitForFunction("document.querySelector('.photo').naturalWidth === 1");
    const button = page.getByRole('article').filter({hasText: 'api today'}).getByRole('button', {name: '7 days'});
    await page.waitForFunction('messages.scrollHeight - messages.scrollTop - messages.clientHeight < 2');
    const box = await button.boundingBox();
    assert.ok(box !== null && box.y + box.height < PHONE.height, `the button is at ${box?.y}`);
  });

  it('offers each person what the bot has set for them in this chat', async (t) => {
    const {call, page} = await open(t);
    const set = (command: string, scope: object) =>
      call('setMyCommands', {commands: [{command, description: 'Of a scope'}], scope});
    await set('widest', {type: 'default'});
    await set('group', {type: 'chat', chat_id: OPS});
    await set('own', {type: 'chat_member', chat_id: OPS, user_id: BORIS});
    await set('private', {type: 'all_private_chats'});
    const offered = async () => {
      await page.getByRole('button', {name: 'Commands'}).click();
      return page.getByRole('listbox', {name: 'Commands'}).getByRole('option').allTextContents();
    };
    assert.deepEqual(await offered(), ['/own Of a scope']);
    await page.getByLabel('You are').selectOption({label: 'Anna'});
    assert.deepEqual(await offered(), ['/group Of a scope']);
    await page.getByLabel('Chat', {exact: true}).selectOption(String(ANNA));
    assert.deepEqual(await offered(), ['/private Of a scope']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await page.getByLabel('Message', {exact: true}).inputValue(), '/private ');
  });

  it('breaks a service in the way that is chosen, and says how it is broken', async (t) => {
    const pressed: string[] = [];
    const service = createServer((request, response) => {
      pressed.push(request.url ?? '');
      response.end();
    }).listen(0, '127.0.0.1');
    t.after(() => service.close());
    await once(service, 'listening');
    const url = `http://127.0.0.1:${(service.address() as AddressInfo).port}`;
    const ways = {'503': `${url}/break`, slow: `${url}/slow`};
    const {page} = await open(t, {breakables: [{name: 'api', break: ways, mend: `${url}/mend`}]});
    await page.setViewportSize({width: 360, height: 640});
    await page.getByRole('button', {name: 'Break api: slow'}).click();
    await page.getByText('api: slow').waitFor();
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 360);
    await page.getByRole('button', {name: 'Mend api'}).click();
    await page.getByRole('button', {name: 'Break api: 503'}).waitFor();
    assert.deepEqual(pressed, ['/slow', '/mend']);
  });

  it('keeps the focus on a button while other messages come', async (t) => {
    const {call, page} = await open(t);
    const reply_markup = {inline_keyboard: [[{text: 'Acknowledge', callback_data: 'ack'}]]};
    await call('sendMessage', {chat_id: OPS, text: 'api is down', reply_markup});
    await page.getByRole('button', {name: 'Acknowledge'}).focus();
    await call('sendMessage', {chat_id: OPS, text: 'db is down'});
    await page.getByText('db is down').waitFor();
    assert.equal(await page.evaluate('document.activeElement.textContent'), 'Acknowledge');
  });
});
