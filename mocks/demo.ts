import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {parseArgs} from 'node:util';
import {type Mocks, startMocks} from './index.ts';
import {writePast} from './past.ts';
import {isMain} from './start.ts';
import {type Simulator, startSimulator} from './telegram/simulator.ts';

interface Demo {
  readonly simulator: Simulator;
  readonly mocks: Mocks;
  /** The bot's process; its output goes to ours. */
  readonly bot: ChildProcess;
  /** Ends the bot (SIGTERM, and SIGKILL after 3 s) and the rest, and removes the temporary data. */
  stop(): Promise<void>;
}

/** The chats that mocks/demo.yaml names; the second is a forum. */
const DEMO_CHAT = -1001234567890;
const DEMO_FORUM = -1002345678901;
const GRACE_MS = 3000;

/** Starts the mocks on free ports (`npm start` may have taken the usual ones), the simulator with its people, and the bot. */
async function startDemo(port: number): Promise<Demo> {
  const mocks = await startMocks({apiPort: 0, port: 0, terminalPort: 0});
  const breakables = breakablesOf(mocks);
  const simulator = await startSimulator({port, breakables}).catch(() => startSimulator({breakables}));
  populate(simulator);
  const data = mkdtempSync(join(tmpdir(), 'vakhta-demo-'));
  writePast(data, Date.now());
  const bot = startBot({simulator, mocks, data});
  const stop = async () => {
    await endBot(bot);
    await Promise.all([simulator.stop(), mocks.stop()]);
    rmSync(data, {recursive: true, force: true});
  };
  return {simulator, mocks, bot, stop};
}

function breakablesOf({api}: Mocks) {
  const services = [
    {name: 'atto-socket', path: '/socket'},
    {name: 'till 1', path: '/terminals/127.0.0.1'},
    {name: 'till 2', path: '/terminals/127.0.0.2'},
  ];
  const ways = {'503': `${api.url}/break`, slow: `${api.url}/slow`, silent: `${api.url}/silent`};
  return [
    {name: 'billing-api', break: ways, mend: `${api.url}/mend`},
    ...services.map(({name, path}) => ({name, break: `${api.url}${path}/break`, mend: `${api.url}${path}/mend`})),
  ];
}

function populate(simulator: Simulator): void {
  simulator.addUser({id: 111, first_name: 'Anna', username: 'anna'});
  simulator.addUser({id: 222, first_name: 'Boris', username: 'boris'});
  simulator.addUser({id: 333, first_name: 'Clara'});
  simulator.addUser({id: 666, first_name: 'Dora', username: 'stranger'});
  simulator.addChat({id: DEMO_CHAT, type: 'supergroup', title: 'Shop operations'});
  const topics = [{id: 4, name: 'Tills'}];
  simulator.addChat({id: DEMO_FORUM, type: 'supergroup', title: 'Branch offices', topics});
}

function startBot({simulator, mocks, data}: Pick<Demo, 'simulator' | 'mocks'> & {data: string}): ChildProcess {
  const root = join(import.meta.dirname, '..');
  const env = {
    ...process.env,
    VAKHTA_DEMO_API_ROOT: simulator.apiRoot,
    VAKHTA_DEMO_TOKEN: simulator.token,
    VAKHTA_DEMO_DATA: data,
    VAKHTA_DEMO_BILLING: mocks.api.url,
    VAKHTA_DEMO_SOCKET_PORT: String(mocks.socket.port),
    VAKHTA_DEMO_TERMINAL_PORT: String(mocks.socket.terminalPort),
  };
  const command = [join(root, 'bin', 'vakhta'), 'run', '--config', join(root, 'mocks', 'demo.yaml')];
  // Its own process group keeps the terminal's Ctrl-C from reaching it: it is ended in order, before the simulator.
  return spawn('sh', command, {cwd: root, env, stdio: ['ignore', 'inherit', 'inherit'], detached: true});
}

async function endBot(bot: ChildProcess): Promise<void> {
  if (bot.exitCode !== null || bot.signalCode !== null) return;
  const ended = once(bot, 'exit');
  bot.kill('SIGTERM');
  const impatience = setTimeout(() => bot.kill('SIGKILL'), GRACE_MS);
  await ended;
  clearTimeout(impatience);
}

function banner({simulator, mocks}: Demo): string {
  return [
    '',
    `  The chat:    ${simulator.url}`,
    '  You can be:  Anna (admin), Boris (operator), Clara (viewer) or Dora (a stranger). Type /status.',
    `  Break it:    with the buttons above the chat, or: curl -X POST ${mocks.api.url}/break`,
    `  Mend it:     likewise, or: curl -X POST ${mocks.api.url}/mend`,
    '  Stop:        Ctrl-C',
    '',
    '',
  ].join('\n');
}

async function main(): Promise<void> {
  const {values} = parseArgs({options: {port: {type: 'string', default: '8090'}}});
  const signalled = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]).then(() => 0);
  const demo = await startDemo(Number(values.port));
  process.stdout.write(banner(demo));
  const died = once(demo.bot, 'exit').then(([code]) => (code === 0 ? 0 : 1));
  process.exitCode = await Promise.race([signalled, died]);
  await demo.stop();
}

if (isMain(import.meta)) await main();
