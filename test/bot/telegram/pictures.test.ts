import assert from 'node:assert/strict';
import {test} from 'node:test';
import {createPainter} from '../../../src/bot/pictures/painter.ts';
import {systemClock} from '../../../src/clock.ts';
import {decode} from '../pictures/decode.ts';
import {CLARA, checkConfig, GROUP} from '../world.ts';
import {startChat} from './chat.ts';

test('pictures come as photos with a caption, and their buttons bring the next ones', async (context) => {
  // The picture is drawn in real time, while the bot's own stands still.
  const painter = createPainter({clock: systemClock});
  context.after(() => painter.close());
  const targets = [{address: '192.0.2.1'}, {address: '192.0.2.2'}];
  const checks = [checkConfig('billing-api'), checkConfig('tills', {targets})];
  const {telegram, said, until, listen, breaks, recovers} = await startChat(context, {checks}, {painter});
  await breaks();
  await recovers();
  await listen();
  const photos = () => said().filter(({file}) => file?.as === 'photo');
  for (const [index, order] of ['/graph billing-api', '/report day', '/terminals tills grid'].entries()) {
    telegram.say({chat: GROUP, from: CLARA, text: order});
    await until(() => photos().length === index + 1, `the picture of ${order}`);
  }
  const captions = photos().map(({text}) => text);
  assert.match(captions[0] ?? '', /^billing-api · shop-7 · 24 h\nMean 5/);
  assert.match(captions[1] ?? '', /^The last 24 hours · shop-7\nAvailable [\s\S]*check +% +# +longest\nbilling-api/);
  assert.match(captions[2] ?? '', /tills/);
  for (const {message_id} of photos()) {
    const bytes = telegram.file(GROUP, message_id)?.bytes;
    assert.ok(bytes && bytes.length < 60_000);
    assert.equal(decode(bytes).width, 1_080);
  }
  const [first] = photos();
  const week = first?.reply_markup?.inline_keyboard.flat().find(({text}) => text === '7 days');
  const data = String(week?.callback_data);
  telegram.press({chat: GROUP, from: CLARA, message_id: first?.message_id ?? 0, data});
  await until(() => photos().length === 4, 'the picture of a week');
  assert.match(photos()[3]?.text ?? '', /^billing-api · shop-7 · 7 days/);
});
