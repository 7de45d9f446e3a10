import assert from 'node:assert/strict';
import {mkdirSync, writeFileSync} from 'node:fs';
import {basename, dirname, join} from 'node:path';
import {type ApiMock, startApi} from '../../mocks/api.ts';
import {type Simulator, startSimulator} from '../../mocks/telegram/simulator.ts';
import {HOST, type Machine, makeKey, readyNetwork, sshOptions, startMachine} from './machines.ts';
import {type Play, play} from './playbook.ts';

export const GROUP = -1001234567890;
export const BORIS = 222;
/** The name of the first release, and what comes after it (test/rollout/run.ts makes them). */
export const NEXT = '0.98.0';
export const BROKEN = '0.99.0';

/** Two servers, a Telegram and what the servers watch. */
export interface World {
  readonly work: string;
  readonly archive: string;
  readonly version: string;
  readonly telegram: Simulator;
  /** Of each machine, by its number from 0 on. */
  readonly apis: readonly [ApiMock, ApiMock];
  readonly machines: readonly [Machine, Machine];
  play(...args: readonly string[]): Promise<Play>;
  /** The playbook, which must succeed everywhere. */
  rollOut(...args: readonly string[]): Promise<Play>;
  /** What the bots have written into the group, oldest first. */
  said(): string[];
  /** The first thing that was said since `from` and matches. */
  hear(words: RegExp, from?: number, timeoutMs?: number): Promise<string>;
  stop(): Promise<void>;
}

export async function startWorld(): Promise<World> {
  const {ROLLOUT_WORK: work, ROLLOUT_ARCHIVE: archive} = process.env;
  if (work === undefined || archive === undefined) throw new Error('start this by `npm run test:rollout`');
  readyNetwork();
  const key = makeKey(work);
  const telegram = await startSimulator({host: HOST, limits: false});
  telegram.addUser({id: BORIS, first_name: 'Boris'});
  telegram.addChat({id: GROUP, type: 'supergroup', title: 'Shop operations'});
  const apis = [await startApi({host: HOST, port: 0}), await startApi({host: HOST, port: 0})] as const;
  const machines = await Promise.all([startMachine(work, key, 1), startMachine(work, key, 2)]);
  writeInventory(work, {key, machines, apis, telegram, archive});
  const said = () =>
    telegram
      .messages(GROUP)
      .filter(({byBot}) => byBot)
      .map(({text}) => text);
  const run = (...args: readonly string[]) => play(work, ...args);
  return {
    work,
    archive,
    version: /^vakhta-(.*)-linux-/.exec(basename(archive))?.[1] ?? '',
    telegram,
    apis,
    machines,
    play: run,
    rollOut: async (...args) => {
      const done = await run(...args);
      assert.equal(done.code, 0, done.output);
      return done;
    },
    said,
    hear: (words, from = 0, timeoutMs = 30_000) =>
      telegram.waitFor(
        () =>
          said()
            .slice(from)
            .find((text) => words.test(text)),
        {what: String(words), timeoutMs},
      ),
    stop: async () => {
      await Promise.all([telegram.stop(), ...apis.map((api) => api.stop())]);
    },
  };
}

/** YAML is a superset of JSON, and Ansible knows. */
function writeInventory(
  work: string,
  {key, machines, apis, telegram, archive}: Pick<World, 'machines' | 'apis' | 'telegram' | 'archive'> & {key: string},
): void {
  const checks = {'billing-api': {type: 'http'}, door: {type: 'socket', host: '127.0.0.1', port: 7000}};
  // The first server's unit may do most, the second's least.
  const more = {
    itself: {type: 'terminals', file: 'ips.txt'},
    machine: {
      type: 'system',
      unit: ['ssh.service'],
      process: ['sshd'],
      expect: ['unit_state["ssh.service"] == "active" && process_count["sshd"] > 0 && mem_percent < 100'],
    },
  };
  const vars = {
    ansible_user: 'root',
    ansible_ssh_private_key_file: key,
    ansible_ssh_common_args: `${sshOptions(key).slice(2).join(' ')} -o ControlMaster=auto -o ControlPersist=300s`,
    ansible_python_interpreter: '/usr/bin/python3',
    vakhta_archives: dirname(archive),
    vakhta_secrets: {telegram_token: telegram.token},
    vakhta_ips: ['127.0.0.1 this machine'],
    vakhta_settle: 2,
    // Otherwise a minute, which is long to wait for.
    vakhta_unit: {WatchdogSec: 10},
    vakhta_config: {
      timezone: 'UTC',
      // biome-ignore lint/suspicious/noTemplateCurlyInString: the config's own variable
      telegram: {token: 'file:${CREDENTIALS_DIRECTORY}/telegram_token', api_root: telegram.apiRoot},
      users: {[BORIS]: {name: 'Boris', role: 'operator'}},
      channels: {ops: {type: 'telegram', chat_id: GROUP}},
      defaults: {interval: '1s', timeout: '900ms', fail_after: 2, recover_after: 1},
      alerts: {group_wait: '0s'},
      checks,
    },
  };
  const hosts = Object.fromEntries(
    machines.map(({name, address}, index) => [
      name,
      {
        ansible_host: address,
        vakhta_console: index === 0,
        vakhta_config_host: {
          checks: {'billing-api': {url: `${apis[index]?.url}/health`}, ...(index === 0 && more)},
        },
      },
    ]),
  );
  mkdirSync(join(work, 'home'), {recursive: true});
  writeFileSync(join(work, 'inventory.json'), JSON.stringify({vakhta: {hosts, vars}}, null, 2));
}
