import assert from 'node:assert/strict';
import {type TestContext, test} from 'node:test';
import {startSimulator} from '../../mocks/telegram/simulator.ts';
import {vakhta} from '../cli/shell.ts';
import {Vakhta} from '../support/vakhta.ts';

const GROUP = -1001234567890;
const [ANNA, BORIS, STRANGER] = [111, 222, 666];

async function startNew(context: TestContext) {
  const telegram = await startSimulator({limits: false});
  context.after(() => telegram.stop());
  telegram.addUser({id: ANNA, first_name: 'Anna'});
  telegram.addUser({id: BORIS, first_name: 'Boris'});
  telegram.addUser({id: STRANGER, first_name: 'Mallory'});
  telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
  const config = `
data_dir: ./data
telegram: {token: '\${BOT_TOKEN}', api_root: ${telegram.apiRoot}}
channels: {ops: {type: telegram, chat_id: ${GROUP}}}
checks: {api: {type: socket, host: 127.0.0.1, port: 1, interval: 1h, group: shops}}
`;
  const program = new Vakhta(context, {'config.yaml': config}, {BOT_TOKEN: telegram.token});
  const said = (chat: number) => telegram.messages(chat).filter(({byBot}) => byBot);
  const say = async (from: number, text: string) => {
    const before = said(from).length;
    telegram.say({chat: from, from, text});
    return await telegram.waitFor(() => said(from).length > before && said(from).at(-1)?.text, {
      what: `an answer to ${text}`,
    });
  };
  return {telegram, program, said, say};
}

const codeIn = (text: string) => /https:\/\/t\.me\/\w+\?start=([\w-]{22})/.exec(text)?.[1] ?? '';

test('a new server gets its first admin from its own log, and the admin invites the others', async (context) => {
  const {telegram, program, said, say} = await startNew(context);
  await program.start();
  await program.waitFor(() => codeIn(program.output) !== '', 'the code');
  const code = codeIn(program.output);
  assert.match(await say(ANNA, `/start ${code}`), /you are admin now/);
  telegram.say({chat: STRANGER, from: STRANGER, text: `/start ${code}`});
  const invite = codeIn(await say(ANNA, '/invite operator shops'));
  assert.match(await say(BORIS, `/start ${invite}`), /you are operator for shops now/);
  assert.equal(await program.stop(), 0);

  // They are known after a restart, which has no code for anybody.
  const before = program.output.length;
  await program.start();
  assert.match(await say(BORIS, '/silence all 1h'), /Really/);
  assert.equal(codeIn(program.output.slice(before)), '');
  assert.deepEqual(said(STRANGER), []);
  assert.match(await say(BORIS, '/reload'), /^This needs the role admin/);
  const {stdout, code: exit} = await vakhta(['audit'], {cwd: program.folder, env: {BOT_TOKEN: telegram.token}});
  assert.equal(exit, 0);
  const lines = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.map(({userName, order, outcome}) => `${userName}: ${order} ${outcome}`),
    [
      'console: a code for the first admin done',
      'Anna: /start (admin, by console) done',
      'Anna: /invite operator shops done',
      'Boris: /start (operator for shops, by Anna) done',
      'Boris: /reload denied',
    ],
  );
  assert.ok(!stdout.includes(code) && !stdout.includes(invite));
  assert.deepEqual(telegram.violations, []);
  assert.equal(await program.stop(), 0);
});

test('vakhta audit says what is missing where nothing has run', async (context) => {
  const {program} = await startNew(context);
  const {stderr, code} = await vakhta(['audit'], {cwd: program.folder, env: {BOT_TOKEN: '1:x'}});
  assert.match(stderr, /state\.db is not there/);
  assert.equal(code, 2);
});
